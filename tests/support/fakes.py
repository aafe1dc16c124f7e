"""In-memory services behind the pipeline's ports, held to the real adapters by contracts.py."""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from processor.domain.card import TokenizationKey
from processor.domain.entries import FileEntry, PartResult
from processor.domain.file import ObjectVersion, ReplayOf, SourceFile
from processor.domain.task import Task
from processor.domain.transaction import Identity
from processor.errors import ConfigurationInvalid, ObjectChanged, ObjectGone
from processor.ports import ROWS_MAX, InsertAnswer, ListedVersions, PutAnswer, Row, StoredItem
from tests.support.faults import Faults, border

BUCKET = "transaction-data"
RESULTS = "transaction-results"


@dataclass
class InMemoryFiles:
    """A bucket that keeps versions, or does not."""

    faults: Faults = field(default_factory=Faults)
    versioned: bool = True
    read_bytes_max: int | None = None
    page_size: int = 1000
    uploaded_at: datetime = datetime(2026, 3, 1, tzinfo=UTC)
    reads: list[tuple[int, int]] = field(default_factory=list)
    objects: dict[tuple[str, str, str | None], bytes] = field(default_factory=dict)
    current: dict[tuple[str, str], str | None] = field(default_factory=dict)
    replays: dict[ObjectVersion, tuple[ReplayOf | None, bool]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def upload(self, body: bytes, key: str = "file.csv", bucket: str = BUCKET) -> ObjectVersion:
        """What the event of this upload names."""
        version_id = f"v{next(self._numbers)}" if self.versioned else None
        self.objects[bucket, key, version_id] = body
        self.current[bucket, key] = version_id
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return ObjectVersion(bucket, key, version_id, etag, len(body))

    def delete(self, version: ObjectVersion) -> None:
        """Deletes the version for good."""
        self.objects.pop((version.bucket, version.key, version.version_id), None)

    def _body(self, version: ObjectVersion) -> tuple[str | None, bytes]:
        version_id = version.version_id or self.current.get((version.bucket, version.key))
        body = self.objects.get((version.bucket, version.key, version_id))
        if body is None:
            raise ObjectGone("gone")
        return version_id, body

    @border
    def describe(self, version: ObjectVersion) -> SourceFile:
        version_id, body = self._body(version)
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        if version.version_id is None and version.etag not in (None, etag):
            raise ObjectChanged("changed")
        pinned = ObjectVersion(version.bucket, version.key, version_id, etag, len(body))
        return SourceFile(
            *(pinned, len(body), etag, "text/csv", "aws:kms", "2026-03-01T00:00:00Z"),
            *self.replays.get(pinned, (None, False)),
        )

    @border
    def list_versions(self, bucket: str, after: tuple[str, str] | None) -> ListedVersions:
        names = sorted(
            (key, version_id or "null") for name, key, version_id in self.objects if name == bucket
        )
        page = [name for name in names if after is None or name > after][: self.page_size]
        versions = []
        for key, version_id in page:
            version = ObjectVersion(bucket, key, None if version_id == "null" else version_id)
            body = self.objects[bucket, key, version.version_id]
            etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
            listed = replace(version, etag=etag, size_bytes=len(body))
            versions.append((listed, self.uploaded_at))
        return ListedVersions(versions, page[-1] if page and page[-1] != names[-1] else None)

    @border
    def read(self, source: SourceFile, byte_offset: int, length_max: int) -> bytes:
        _, body = self._body(source.object_version)
        if hashlib.md5(body, usedforsecurity=False).hexdigest() != source.etag:
            raise ObjectChanged("changed")
        self.reads.append((byte_offset, length_max))
        length = min(length_max, self.read_bytes_max or length_max)
        return body[byte_offset : byte_offset + length]


@dataclass
class Inserted:
    """An insert that has happened, or not, before anybody asked for its answers."""

    told: list[InsertAnswer | StoredItem]
    error: Exception | None = None
    is_abandoned: bool = False

    def answers(self) -> list[InsertAnswer | StoredItem]:
        if self.error:
            raise self.error
        return self.told

    def abandon(self) -> None:
        self.is_abandoned = True


@dataclass
class InMemoryTable:
    """The table.

    Args:
        refuse: Answers that rows of an id get before they are written, one a call.
        unread: Ids that reading back leaves out, one set a call.
        batches: Ids of every call.
        tells_items: Whether an answer tells what holds the identity, or leaves it to reading back.
    """

    faults: Faults = field(default_factory=Faults)
    items: dict[Identity, tuple[Row, SourceFile, datetime]] = field(default_factory=dict)
    refuse: dict[str, list[InsertAnswer]] = field(default_factory=dict)
    unread: list[set[str]] = field(default_factory=list)
    batches: list[list[str]] = field(default_factory=list)
    tells_items: bool = False

    def insert(self, rows: Sequence[Row], source: SourceFile, processed_at: datetime) -> "Inserted":
        try:
            return Inserted(self._insert(rows, source, processed_at))
        except Exception as error:  # noqa: BLE001  Whatever is planned comes with the answers.
            return Inserted([], error)

    @border
    def _insert(
        self, rows: Sequence[Row], source: SourceFile, processed_at: datetime
    ) -> list[InsertAnswer | StoredItem]:
        identities = [row.transaction.identity for row in rows]
        assert len(set(identities)) == len(identities) <= ROWS_MAX
        self.batches.append([identity.transaction_id for identity in identities])
        return [self._insert_one(row, source, processed_at) for row in rows]

    def _insert_one(
        self, row: Row, source: SourceFile, processed_at: datetime
    ) -> InsertAnswer | StoredItem:
        refusals = self.refuse.get(row.transaction.transaction_id)
        if refusals:
            return refusals.pop(0)
        if row.transaction.identity in self.items:
            told = self.stored(row.transaction.identity)
            return told if self.tells_items else InsertAnswer.EXISTS
        self.items[row.transaction.identity] = (row, source, processed_at)
        return InsertAnswer.INSERTED

    @border
    def find(self, identities: Sequence[Identity]) -> Mapping[Identity, StoredItem]:
        unread = self.unread.pop(0) if self.unread else set()
        return {
            identity: self.stored(identity)
            for identity in identities
            if identity in self.items and identity.transaction_id not in unread
        }

    def stored(self, identity: Identity) -> StoredItem:
        """What is there under an identity."""
        row, source, _ = self.items[identity]
        version = source.object_version
        card = row.transaction.card
        return StoredItem(
            row.fingerprint,
            version.bucket,
            version.key,
            version.version,
            row.record_number,
            card.key_id if card else None,
        )


@dataclass
class InMemoryResults:
    """The results bucket, with all versions of every key."""

    faults: Faults = field(default_factory=Faults)
    objects: dict[str, list[bytes]] = field(default_factory=dict)

    @border
    def put_if_absent(self, key: str, body: bytes, content_type: str) -> PutAnswer:
        if key in self.objects:
            return PutAnswer(created=False)
        self.objects[key] = [body]
        return PutAnswer(created=True, version_id="1")

    @border
    def put(self, key: str, body: bytes, content_type: str) -> str | None:
        self.objects.setdefault(key, []).append(body)
        return str(len(self.objects[key]))

    @border
    def get(self, key: str) -> tuple[bytes, str | None]:
        versions = self.objects[key]
        return versions[-1], str(len(versions))


@dataclass
class InMemoryKeys:
    """Tokenization keys, each made of its id, so that two worlds give the same tokens."""

    current_id: str = "k1"
    known: set[str] = field(default_factory=lambda: {"k1"})
    asked: list[str] = field(default_factory=list)

    def key(self, key_id: str) -> TokenizationKey:
        self.asked.append(key_id)
        if key_id not in self.known:
            raise ConfigurationInvalid(f"the secret holds no tokenisation key {key_id}")
        return TokenizationKey(key_id, f"a key of the tests, at least 32 long: {key_id}".encode())

    def rotate(self, key_id: str) -> None:
        """Makes another key the current one; those before it stay known."""
        self.current_id = key_id
        self.known.add(key_id)


@dataclass
class FakeClock:
    """Time that passes only by sleeping, and a little at each look."""

    moment: datetime = datetime(2026, 3, 2, tzinfo=UTC)
    remaining: float = 900.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.remaining -= seconds

    def remaining_seconds(self) -> float:
        return self.remaining


@dataclass
class RecordingTelemetry:
    """Remembers what it was told."""

    events: list[tuple[str, Any]] = field(default_factory=list)

    def file_started(self, entry: FileEntry) -> None:
        self.events.append(("file_started", entry))

    def part_done(self, result: PartResult) -> None:
        self.events.append(("part_done", result))

    def task_queued(self, task: Task, *, again: bool) -> None:
        self.events.append(("task_queued", (task, again)))

    def swept(self, version: ObjectVersion, why: str, *, started: bool) -> None:
        self.events.append(("swept", (version, why, started)))

    def file_done(self, receipt: Mapping[str, object], entry: FileEntry) -> None:
        self.events.append(("file_done", receipt))

    def file_seen_again(self, entry: FileEntry) -> None:
        self.events.append(("file_seen_again", entry))

    def retrying(self, what: str, attempt: int, count: int) -> None:
        self.events.append(("retrying", (what, attempt, count)))

    def names(self) -> list[str]:
        """What kinds of events there were."""
        return [name for name, _ in self.events]
