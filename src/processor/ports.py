"""What the pipeline needs of the world. Adapters and the tests' fakes obey the same contracts.

Every method may raise ServiceUnavailable or ServiceRefused. Every method is safe to call again
after any of them, and after a call whose reply was lost.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Final, NamedTuple, Protocol

from processor.domain.card import TokenizationKey
from processor.domain.entries import FileEntry, PartResult
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.task import Task
from processor.domain.transaction import Identity, Transaction


class Row(NamedTuple):
    """A valid record on its way to the table.

    Args:
        transaction: The transaction.
        fingerprint: SHA-256 of its canonical content, hexadecimal.
        record_number: Its number in the file.
    """

    transaction: Transaction
    fingerprint: str
    record_number: int


class StoredItem(NamedTuple):
    """What the table holds under an identity: the content's fingerprint, and who stored it.

    Args:
        fingerprint: SHA-256 of its canonical content.
        bucket: Bucket of the file that it came from.
        key: Key of that file.
        version: Version of that file.
        record_number: Which record of it.
        token_key_id: Id of the key of its card's token, which is part of the content; None if it
            has no card.
    """

    fingerprint: str
    bucket: str
    key: str
    version: str
    record_number: int
    token_key_id: str | None = None


class InsertAnswer(Enum):
    """What the table says to one row, if not what holds its identity."""

    INSERTED = auto()
    EXISTS = auto()
    """The identity is taken; by what, only reading back tells."""
    TRY_AGAIN = auto()
    """Not known to be written: throttled, failed, or the reply was lost."""
    INVALID = auto()
    """The table cannot hold this item, ever."""


class InsertUnderway(Protocol):
    """An insert that was asked for, and whose answers are fetched later or not at all."""

    def answers(self) -> list[InsertAnswer | StoredItem]:
        """Waits for the answers, one a row; to be called once.

        A stored item is the one that holds the row's identity.
        """
        ...

    def abandon(self) -> None:
        """Says that nobody will ask for the answers. The rows may be stored for all that."""
        ...


class PutAnswer(NamedTuple):
    """Whether the object was created by this call, and if so, as which version."""

    created: bool
    version_id: str | None = None


class ListedVersions(NamedTuple):
    """Some object versions of TransactionDataBucket, in the order of its listing.

    Args:
        versions: Each with the time of its upload, aware.
        after: Key and version id behind which the listing goes on; None at its end.
    """

    versions: Sequence[tuple[ObjectVersion, datetime]]
    after: tuple[str, str] | None


NULL_VERSION_ID: Final = "null"
"""What S3 calls the version of an object that has no id.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
"""


def behind(version: ObjectVersion) -> tuple[str, str]:
    """Where a listing goes on behind a version of it, be it the last one of its page or not.

    S3 takes the key and id of any version for markers, and gives those behind it. By the words of
    its reference the version itself may come once more, which every reader must bear.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
    """
    return version.key, version.version_id or NULL_VERSION_ID


class SourceFiles(Protocol):
    """TransactionDataBucket, read only."""

    def describe(self, version: ObjectVersion) -> SourceFile:
        """Asks what S3 knows of a version, and pins the current one if none was named.

        Raises:
            ObjectGone: There is no such version.
            ObjectChanged: No version was named, and the object is not the one of the event.
        """
        ...

    def read(self, source: SourceFile, byte_offset: int, length_max: int) -> bytes:
        """Reads from an offset: at least one byte, and up to length_max.

        A shorter answer is legal, as when a connection breaks half-way: go on behind it.

        Raises:
            ObjectGone: The version does not exist any more.
            ObjectChanged: An unversioned object was overwritten.
        """
        ...

    def list_versions(self, bucket: str, after: tuple[str, str] | None) -> ListedVersions:
        """Lists up to 1000 object versions, those of before an overwrite or a deletion among them.

        Args:
            bucket: TransactionDataBucket.
            after: Where to go on: a page's `after`, or `behind` a version; None for the beginning.
        """
        ...


class TransactionTable(Protocol):
    """TransactionMetadataTable: items are put there once, and never change."""

    def insert(
        self, rows: Sequence[Row], source: SourceFile, processed_at: datetime
    ) -> InsertUnderway:
        """Begins to put rows whose identity is not taken; whatever fails, the answers tell of it.

        Args:
            rows: At most ROWS_MAX, of different identities.
            source: The file they come from, kept with each.
            processed_at: Kept with each.
        """
        ...

    def find(self, identities: Sequence[Identity]) -> Mapping[Identity, StoredItem]:
        """Reads at most ROWS_MAX items, strongly consistent.

        An absent one was not found, or not read this time.
        """
        ...


ROWS_MAX: Final = 25
"""Statements in one BatchExecuteStatement.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
"""


class ResultsBucket(Protocol):
    """TransactionResultsBucket: receipts, quarantine, and the queue of tasks."""

    def put_if_absent(self, key: str, body: bytes, content_type: str) -> PutAnswer:
        """Puts an object unless its key exists; `created` is False then, whatever it holds."""
        ...

    def put(self, key: str, body: bytes, content_type: str) -> str | None:
        """Puts an object, as a new version if the key exists; the id of that version."""
        ...

    def get(self, key: str) -> tuple[bytes, str | None]:
        """Reads an object that is known to exist, and the id of the version that was read."""
        ...


class TokenizationKeys(Protocol):
    """The keys under which card numbers become tokens: the current one, and those before it."""

    @property
    def current_id(self) -> str:
        """Id of the key for files that are seen for the first time."""
        ...

    def key(self, key_id: str) -> TokenizationKey:
        """The key of an id, whenever it was the current one.

        Raises:
            ConfigurationInvalid: The configuration does not hold it, not even read again.
        """
        ...


class Clock(Protocol):
    """Time, injected so that tests and simulations rule it."""

    def now(self) -> datetime:
        """The time of day, UTC and aware. For the record only: no verdict depends on it."""
        ...

    def sleep(self, seconds: float) -> None: ...

    def remaining_seconds(self) -> float:
        """Until the invocation is killed."""
        ...


class Telemetry(Protocol):
    """Logs and metrics. Never given a value of a record."""

    def file_started(self, entry: FileEntry) -> None: ...

    def part_done(self, result: PartResult) -> None:
        """This delivery recorded the result of a part or a segment; told at most once for each."""
        ...

    def file_done(self, receipt: Mapping[str, object], entry: FileEntry) -> None:
        """This delivery wrote the file's receipt; told at most once a file."""
        ...

    def file_seen_again(self, entry: FileEntry) -> None:
        """The file's receipt was there before, and stands."""
        ...

    def task_queued(self, task: Task, *, again: bool) -> None:
        """Work was handed on to another invocation; again, if it may have been handed on before."""
        ...

    def swept(self, version: ObjectVersion, why: str, *, started: bool) -> None:
        """The sweep found a file without receipt.

        Args:
            version: The file.
            why: What is missing, in words.
            started: Whether it was started again.
        """
        ...

    def retrying(self, what: str, attempt: int, count: int) -> None:
        """Something is tried again after a back-off."""
        ...
