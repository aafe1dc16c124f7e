"""What FileLedgerTable keeps of a file: its entry, its plan, and what became of its parts."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from processor.domain.control_totals import Outcome, Totals
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.position import Position
from processor.domain.reject import Reason

PARTS_MAX: Final = 10_000
"""Parts a file is planned in at most: a larger file has larger parts.

Reading all their results, and listing their quarantine in one receipt, stays a matter of seconds.
"""

NOT_PLANNED: Final = 0
"""Number of parts of a file whose plan is not complete yet."""


class Fault(NamedTuple):
    """Where and why a file, or a part of it, could not be read on.

    Args:
        reason: Why.
        byte_offset: Where the unreadable part begins; in the decompressed file for gzip.
        record_number: Number of the record that could not be read.
        field: The known column that is missing or there twice, or the kind of sensitive
            authentication data; None where that is not the reason.
    """

    reason: Reason
    byte_offset: int
    record_number: int
    field: str | None = None


class ListedReject(NamedTuple):
    """One of the first records that went to quarantine."""

    record_number: int
    byte_offset: int
    outcome: Outcome
    reason: Reason
    field: str | None


class QuarantineObject(NamedTuple):
    """One object of JSON lines in quarantine. Its key follows from file, part and place.

    A part keeps all of them in one ledger item of 400 KB: 3,000 objects, or 24 GB of lines.
    """

    version_id: str | None
    sha256: str
    line_count: int


class FileEntry(NamedTuple):
    """A file in FileLedgerTable, put there once, before its first record is read.

    Args:
        object_version: Its name.
        source: What S3 said of it; None if it was gone.
        parts_total: Parts it is processed in; NOT_PLANNED until its plan is complete.
        parts_done: Parts that are recorded to their end.
        registered_at: When it was first seen; the receipt's start. UTC, RFC 3339.
        deliveries: How often its event was delivered, this time included.
        token_key_id: Id of the key that its card numbers' tokens are made with, by every attempt.
            None in entries of files that were finished before card numbers had tokens.
        results_count: Results recorded: one a part, or more where parts were handed on.
        parts_counted: Planned parts whose records were counted after they had been planned.
        has_receipt: Whether its receipt is known to be written.
    """

    object_version: ObjectVersion
    source: SourceFile | None
    parts_total: int
    parts_done: int
    registered_at: str
    deliveries: int = 1
    token_key_id: str | None = None
    results_count: int = 0
    parts_counted: int = 0
    has_receipt: bool = False

    @property
    def is_planned(self) -> bool:
        return self.parts_total != NOT_PLANNED

    @property
    def finished(self) -> bool:
        return self.is_planned and self.parts_done >= self.parts_total


class PlannedPart(NamedTuple):
    """A part of a large file, as the plan has it. Decided once, by whoever puts it there first.

    Args:
        part_number: From 1, in the order of the file.
        begin: Offset of its first byte, where a record begins.
        end: Offset behind its last byte.
        record_count: Records in it; None until they are counted.
    """

    part_number: int
    begin: int
    end: int
    record_count: int | None = None


@dataclass(slots=True)
class PartResult:
    """What became of one part, or of a segment of one; recorded once in FileLedgerTable.

    Args:
        part_number: From 1, in the order of the file.
        format: "csv", "ndjson", "json" or "unknown", each also "+gzip"; None if nothing was read.
        totals: Counts and sums.
        fault: Where it broke; None if it was read to the end.
        first_rejects: At most FIRST_REJECTS_MAX, in the order of the file.
        quarantine: Objects of rejected and conflicting records, in the order of the file.
        recorded_at: When it was done. UTC, RFC 3339.
        software: Name and version of the software that decided.
        segment: From 1: a part that is handed on when time runs short has more than one.
        remainder: Where the next segment of the part begins; None if this was the last.
    """

    part_number: int
    format: str | None = None
    totals: Totals = field(default_factory=Totals)
    fault: Fault | None = None
    first_rejects: list[ListedReject] = field(default_factory=list)
    quarantine: list[QuarantineObject] = field(default_factory=list)
    recorded_at: str = ""
    software: str = ""
    segment: int = 1
    remainder: Position | None = None
