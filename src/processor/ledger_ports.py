"""What the pipeline needs of FileLedgerTable; the rules of ports.py hold here too."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Protocol

from processor.domain.entries import FileEntry, PartResult, PlannedPart


class RecordAnswer(Enum):
    """What became of a part's result."""

    RECORDED = auto()
    RECORDED_BEFORE = auto()
    """By another delivery: that result stands."""
    DELIVERED_AGAIN = auto()
    """The file's event was delivered again, and only a sole delivery may record this."""


class FileLedger(Protocol):
    """FileLedgerTable: what became of every file and part. All reads are strongly consistent."""

    def register(self, entry: FileEntry) -> FileEntry:
        """Puts the file's entry if it has none, and counts the delivery.

        What the entry has stays; facts that it lacks are added. A finished file's entry is closed:
        nothing is added, and nothing counted.

        Returns:
            The entry as it is in the ledger then. After a lost reply it counts one delivery too
            many: that is the safe side, since the caller then takes another one for possible.
        """
        ...

    def entry(self, file_id: str) -> FileEntry | None:
        """Reads a file's entry; None if it was never registered."""
        ...

    def entries(self, file_ids: Sequence[str]) -> Mapping[str, FileEntry]:
        """Reads the entries of up to 1000 files, those that there are."""
        ...

    def part(self, file_id: str, part_number: int, segment: int) -> PartResult | None:
        """Reads the result of a part's segment; None if it is not recorded."""
        ...

    def load(self, file_id: str) -> tuple[FileEntry, list[PartResult]]:
        """Reads a registered file and all results recorded so far, in the order of the file."""
        ...

    def mark_receipt(self, file_id: str) -> None:
        """Keeps that a registered file's receipt is written."""
        ...

    def record_part(
        self, file_id: str, result: PartResult, sole_deliveries: int | None = None
    ) -> RecordAnswer:
        """Records the result of a part's segment and adds it to its file's counters, in one
        transaction, once. The last segment of a part counts as the part.

        Args:
            file_id: A registered file.
            result: The result.
            sole_deliveries: Record only if this many deliveries have been counted; None to record
                in any case.
        """
        ...

    def pin_key(self, key_id: str, check_value: str) -> str:
        """Keeps what a tokenisation key of this id is recognised by, if nothing is kept yet.

        Returns:
            What is kept then: of another key if this id once meant another one.
        """
        ...


class PlanLedger(Protocol):
    """FileLedgerTable: the parts that large files are planned in."""

    def plan(self, file_id: str) -> list[PlannedPart]:
        """Reads all parts planned so far, in order, strongly consistent."""
        ...

    def add(self, file_id: str, part: PlannedPart) -> PlannedPart:
        """Puts a part into the plan, unless one of its number is there.

        Returns:
            The one that is there then: another planner may have put it, and cut elsewhere.
        """
        ...

    def close(self, file_id: str, parts_total: int) -> int:
        """Completes the plan of a registered file, unless it is complete.

        Returns:
            The number of parts that the plan has then.
        """
        ...

    def count(self, file_id: str, part_number: int, record_count: int) -> None:
        """Keeps how many records a planned part has, and counts the part as counted, once."""
        ...
