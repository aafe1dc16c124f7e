"""Buckets and queue as an operator has them; the buckets hold what a World does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from desk.errors import DeskError
from desk.redrive import Message
from desk.replay import Upload
from processor.domain.file import ObjectVersion
from processor.domain.replay import replay_of_metadata
from tests.support.fakes import BUCKET
from tests.support.faults import Faults, border
from tests.support.world import World


@dataclass
class WorldUploads:
    """See Uploads. Metadata becomes what the function reads from it."""

    world: World
    faults: Faults = field(default_factory=Faults)
    metadata: dict[ObjectVersion, Mapping[str, str]] = field(default_factory=dict)
    uploaded: list[ObjectVersion] = field(default_factory=list)

    @border
    def look(self, key: str, version_id: str | None) -> Upload:
        files = self.world.files
        version_id = version_id or files.current.get((BUCKET, key))
        if (BUCKET, key, version_id) not in files.objects:
            raise DeskError("there is no such version")
        body = files.objects[BUCKET, key, version_id]
        found = {(one.key, one.version_id): said for one, said in self.metadata.items()}
        version = ObjectVersion(BUCKET, key, version_id)
        return Upload(version, len(body), found.get((key, version_id), {}))

    @border
    def copy(self, upload: Upload, metadata: Mapping[str, str]) -> str | None:
        version = upload.version
        body = self.world.files.objects[BUCKET, version.key, version.version_id]
        return self._add(version.key, body, metadata)

    @border
    def put_if_absent(self, key: str, body: BinaryIO, metadata: Mapping[str, str]) -> str | None:
        if (BUCKET, key) in self.world.files.current:
            return None
        return self._add(key, body.read(), metadata)

    def _add(self, key: str, body: bytes, metadata: Mapping[str, str]) -> str | None:
        version = self.world.files.upload(body, key)
        self.metadata[version] = metadata
        self.world.files.replays[version] = (replay_of_metadata(metadata, key), False)
        self.uploaded.append(version)
        return version.version_id


@dataclass
class WorldResults:
    """See Results."""

    world: World
    faults: Faults = field(default_factory=Faults)

    @border
    def read(self, key: str, version_id: str | None = None) -> bytes | None:
        versions = self.world.results.objects.get(key, [])
        number = int(version_id) if version_id else len(versions)
        return versions[number - 1] if 0 < number <= len(versions) else None


@dataclass
class InMemoryQueue:
    """A queue that gives at most two messages at a time, and those it hid again on demand."""

    faults: Faults = field(default_factory=Faults)
    messages: dict[str, Message] = field(default_factory=dict)
    hides: bool = True
    _hidden: set[str] = field(default_factory=set)

    def add(self, *events: object, attributes: dict[str, str] | None = None) -> None:
        for event in events:
            name = f"m{len(self.messages) + 1}"
            body = event if isinstance(event, str) else json.dumps(event)
            self.messages[name] = Message(name, f"handle of {name}", body, attributes or {})

    def show_again(self) -> None:
        self._hidden.clear()

    @border
    def count(self) -> int:
        return len(self.messages)

    @border
    def receive(self) -> list[Message]:
        visible = [one for name, one in self.messages.items() if name not in self._hidden][:2]
        if self.hides:
            self._hidden |= {one.message_id for one in visible}
        return visible

    @border
    def delete(self, message: Message) -> None:
        del self.messages[message.message_id]

    @border
    def show(self, message: Message) -> None:
        self._hidden.discard(message.message_id)
