"""On paper: what a hundred million records take, from quotas, prices and what was measured here."""

import math
from dataclasses import dataclass
from typing import Final

from processor.planner import PART_BYTES
from processor.reading import HEAD_BYTES, RANGE_BYTES_MAX

RECORDS: Final = 100_000_000
RECORD_BYTES: Final = 170

TABLE_WRITES_PER_SECOND: Final = 40_000
NEW_TABLE_WRITES_PER_SECOND: Final = 4_000
CONCURRENCY: Final = 1_000
S3_BYTES_PER_SECOND: Final = 85_000_000
INVOCATION_SECONDS: Final = 900
MEMORY_GB: Final = 1769 / 1024

DOLLARS_PER_WRITE_UNIT: Final = 0.625 / 1e6
DOLLARS_PER_GB_SECOND: Final = 0.0000166667
DOLLARS_PER_INVOCATION: Final = 0.20 / 1e6
DOLLARS_PER_GET: Final = 0.0004 / 1000
DOLLARS_PER_PUT: Final = 0.005 / 1000

# A part costs the ledger, in one transaction at two units each, its result and the file's counters,
# and, if it was planned, its plan; a file its entry, and the mark that it has a receipt.
_UNITS_PER_PART: Final = 2 * 2
_UNITS_PER_FILE: Final = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """What the arithmetic takes from measurements.

    Args:
        records_per_second: Of one worker.
        scan_bytes_per_second: Of a planner's own work.
    """

    records_per_second: float
    scan_bytes_per_second: float


@dataclass(frozen=True, slots=True)
class Case:
    """Records in files, taken by some invocations at once.

    Args:
        files: How many, all of one size.
        workers: Invocations at once.
        measured: See there.
    """

    files: int
    workers: int
    measured: Measured

    @property
    def bytes(self) -> int:
        """Of all files."""
        return RECORDS * RECORD_BYTES

    @property
    def parts(self) -> int:
        """Of all files; a file that is no larger than a part is one."""
        return self.files * math.ceil(self.bytes / self.files / PART_BYTES)

    @property
    def is_planned(self) -> bool:
        """Whether files have several parts."""
        return self.parts > self.files

    @property
    def planning_seconds(self) -> float:
        """Until the last part of a file is planned; the first ones are being processed by then."""
        if not self.is_planned:
            return 0.0
        slowest = min(self.measured.scan_bytes_per_second, S3_BYTES_PER_SECOND)
        return self.bytes / self.files / slowest

    @property
    def wanted_per_second(self) -> float:
        """Records that the workers could store if the table took them."""
        return self.workers * self.measured.records_per_second

    @property
    def records_per_second(self) -> float:
        """Records that are stored, at one write unit each."""
        return min(self.wanted_per_second, TABLE_WRITES_PER_SECOND)

    @property
    def seconds(self) -> float:
        """Until the last receipt."""
        return max(RECORDS / self.records_per_second, self.planning_seconds)

    @property
    def seconds_of_part(self) -> float:
        """What one part takes, waiting for the table included."""
        return RECORDS / self.parts / (self.records_per_second / self.workers)

    @property
    def invocations(self) -> int:
        """A part that takes longer than an invocation may is handed on."""
        segments = math.ceil(self.seconds_of_part / INVOCATION_SECONDS)
        planners = math.ceil(self.planning_seconds / INVOCATION_SECONDS) * self.files
        return planners + self.parts * segments

    @property
    def lambda_seconds(self) -> float:
        """Billed: also a worker that waits for the table is."""
        return RECORDS / self.records_per_second * self.workers + self.planning_seconds * self.files

    @property
    def write_units(self) -> int:
        """One a record, and the ledger's."""
        planned = self.parts if self.is_planned else 0
        return RECORDS + self.parts * _UNITS_PER_PART + planned + self.files * _UNITS_PER_FILE

    @property
    def get_requests(self) -> int:
        """Ranges; a planned file is read by the planner and by its parts, each after its header."""
        ranges = math.ceil(self.bytes / self.files / RANGE_BYTES_MAX) * self.files
        heads = self.parts * math.ceil(HEAD_BYTES / RANGE_BYTES_MAX)
        return (2 * ranges + 2 * heads if self.is_planned else ranges) + self.files

    @property
    def put_requests(self) -> int:
        """A task a part, what was rejected of it, and receipts."""
        return (self.invocations if self.is_planned else 0) + self.parts + self.files

    @property
    def dollars(self) -> dict[str, float]:
        """By what it is paid for."""
        return {
            "writes": self.write_units * DOLLARS_PER_WRITE_UNIT,
            "Lambda": self.lambda_seconds * MEMORY_GB * DOLLARS_PER_GB_SECOND
            + self.invocations * DOLLARS_PER_INVOCATION,
            "S3": self.get_requests * DOLLARS_PER_GET + self.put_requests * DOLLARS_PER_PUT,
        }


def cases(measured: Measured) -> list[Case]:
    """One file and ten thousand; each with all workers that start by themselves, and with as many
    as the table can feed, which `ReservedConcurrency` sets."""
    enough = math.ceil(TABLE_WRITES_PER_SECOND / measured.records_per_second)
    all_cases = []
    for files in (1, 10_000):
        unlimited = Case(files, 1, measured)
        started = min(CONCURRENCY, unlimited.parts)
        all_cases += [Case(files, started, measured), Case(files, min(enough, started), measured)]
    return all_cases
