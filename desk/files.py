"""Uploaded files and how far each is: what bucket, ledger and receipts say of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from desk.reading import Json, Results, read_receipt
from processor.backoff import Backoff
from processor.domain.entries import FileEntry
from processor.domain.file import ObjectVersion
from processor.ledger_ports import FileLedger
from processor.sweep import why_without_receipt

READERS: Final = 16
"""Receipts that are read at once."""

_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """An object version in TransactionDataBucket.

    Args:
        version: Its name, with its version id.
        size_bytes: Its size.
        uploaded_at: When S3 took it. UTC.
    """

    version: ObjectVersion
    size_bytes: int
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class FileState:
    """What became of a file so far.

    Args:
        file: The file.
        entry: Its entry in FileLedgerTable; None if it was never begun.
        receipt: Its receipt; None if it has none.
    """

    file: UploadedFile
    entry: FileEntry | None
    receipt: Json | None

    @property
    def status(self) -> str:
        """The receipt's status, or `no receipt`."""
        return str(self.receipt["status"]) if self.receipt else NO_RECEIPT

    @property
    def waits_for(self) -> str:
        """What is missing for a receipt; empty if there is one."""
        return "" if self.receipt else why_without_receipt(self.entry) or "the receipt is gone"


NO_RECEIPT: Final = "no receipt"


class Listing(Protocol):
    """TransactionDataBucket, as a reader has it."""

    def versions(self, prefix: str) -> Iterator[UploadedFile]:
        """All versions of all keys with a prefix, by key, each key's newest one first.

        Raises:
            ServiceUnavailable, ServiceRefused: They cannot be listed now, or may not.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileReading:
    """Where the state of files is read. Each may raise ServiceUnavailable or ServiceRefused.

    Args:
        listing: TransactionDataBucket.
        ledger: FileLedgerTable.
        results: TransactionResultsBucket.
        patience: For calls that must be tried again.
    """

    listing: Listing
    ledger: FileLedger
    results: Results
    patience: Backoff

    def uploaded(
        self, prefix: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> list[UploadedFile]:
        """Files uploaded from `since` on and before `until`, the last one first."""
        found = [
            one
            for one in self.listing.versions(prefix)
            if (since is None or one.uploaded_at >= since)
            and (until is None or one.uploaded_at < until)
        ]
        return sorted(found, key=lambda one: (one.uploaded_at, one.version.key), reverse=True)

    def states(
        self, files: Sequence[UploadedFile], done: Callable[[int], None] = lambda _: None
    ) -> Iterator[FileState]:
        """The state of each file, in order, read as far ahead as one page of the ledger.

        Args:
            files: The files.
            done: Is told how many more are read.
        """
        with ThreadPoolExecutor(READERS) as pool:
            for page in _pages(files):
                ids = [file.version.file_id for file in page]
                entries = self.patience.call(self.ledger.entries, ids)
                receipts = pool.map(self._receipt, (file.version for file in page))
                for file, receipt in zip(page, receipts, strict=True):
                    done(1)
                    yield FileState(file, entries.get(file.version.file_id), receipt)

    def _receipt(self, version: ObjectVersion) -> Json | None:
        return read_receipt(self.results, version, self.patience)


def _pages(files: Sequence[UploadedFile]) -> Iterable[Sequence[UploadedFile]]:
    for begin in range(0, len(files), _PAGE):
        yield files[begin : begin + _PAGE]
