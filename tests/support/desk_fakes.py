"""The buckets as an operator has them, over the files and results of a World."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from desk.errors import DeskError
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
