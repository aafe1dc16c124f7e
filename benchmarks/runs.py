"""One way of storing transactions on one file: run, verified by what arrived, and counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.loopback import Loopback, Served
from benchmarks.running import SUBJECT, Report, running
from benchmarks.serving.names import TRANSACTIONS
from benchmarks.transactions import Contents, ControlTotals, write

WARM_UP: Final = Contents(200, seed=9999)
"""A file before the one that is measured, so that clients and connections are there."""

WHOLE_FILE: Final = 1024**3
"""The largest part there is: a whole file in one worker."""

_SUFFIXES: Final = {"csv": ".csv", "ndjson": ".ndjson", "json": ".json"}


@dataclass(frozen=True)
class Run:
    """What one file took.

    Args:
        rows: Records in it.
        seconds: Wall time.
        processor_seconds: Of the process.
        memory_after_imports: Bytes.
        peak_memory: Bytes.
        requests: Operation -> how many.
        write_units: Of DynamoDB.
        read_units: The same.
    """

    rows: int
    seconds: float
    processor_seconds: float
    memory_after_imports: int
    peak_memory: int
    requests: dict[str, int]
    write_units: int
    read_units: int

    @property
    def rows_a_second(self) -> float:
        """By wall time."""
        return self.rows / self.seconds

    @property
    def microseconds_a_row(self) -> float:
        """Of processor time."""
        return self.processor_seconds / self.rows * 1e6

    @property
    def memory_over_imports(self) -> int:
        """Bytes."""
        return self.peak_memory - self.memory_after_imports


class Files:
    """Generated files in a directory, each written once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._written: dict[Contents, tuple[Path, ControlTotals]] = {}

    def get(self, contents: Contents) -> tuple[Path, ControlTotals]:
        """The file and what is in it."""
        if contents not in self._written:
            name = f"{len(self._written)}{_SUFFIXES[contents.form]}"
            path = self._directory / (name + (".gz" if contents.gzipped else ""))
            self._written[contents] = path, write(path, contents)
        return self._written[contents]

    def serve(self, loopback: Loopback, contents: Contents, folder: str = "partner") -> Served:
        """Makes it an object."""
        path, _ = self.get(contents)
        return loopback.serve_file(path, f"{folder}/{path.name}")

    def forget(self, contents: Contents) -> None:
        """Deletes it, where it is large."""
        self.get(contents)[0].unlink()
        del self._written[contents]


def once(loopback: Loopback, files: Files, module: str, contents: Contents) -> Run:
    """A fresh process, a fresh table. Raises AssertionError if other rows arrived than should."""
    return _run(loopback, files, module, contents, again=False)[0]


def twice(loopback: Loopback, files: Files, contents: Contents) -> tuple[Run, Run]:
    """The function on a file, and on the same one under another key: all duplicates."""
    first, second = _run(loopback, files, SUBJECT, contents, again=True)
    return first, second


def _run(
    loopback: Loopback, files: Files, module: str, contents: Contents, *, again: bool
) -> Sequence[Run]:
    loopback.reset()
    loopback.change_settings(part_bytes=WHOLE_FILE)
    warm_up = files.serve(loopback, WARM_UP)
    served = files.serve(loopback, contents)
    totals = files.get(contents)[1]
    with running(loopback, module) as program:
        program.handle(warm_up)
        runs = [_counted(loopback, totals, lambda: program.handle(served), "stored", module)]
        if again:
            copy = files.serve(loopback, contents, "again")
            runs.append(
                _counted(loopback, totals, lambda: program.handle(copy), "duplicate", module)
            )
    verify(loopback, files.get(WARM_UP)[1], totals)
    return runs


def _counted(
    loopback: Loopback, totals: ControlTotals, handle: Any, outcome: str, module: str
) -> Run:
    before = loopback.counters()
    report: Report = handle()
    after = loopback.counters()
    if module == SUBJECT:
        _verify_answer(report.answer, totals, outcome)
    called = Counter(after["requests"])
    called.subtract(before["requests"])
    return Run(
        totals.records,
        report.seconds,
        report.processor_seconds,
        report.memory_after_imports,
        report.peak_memory,
        {name: count for name, count in called.items() if count},
        after["writeUnits"] - before["writeUnits"],
        after["readUnits"] - before["readUnits"],
    )


def _verify_answer(answer: Any, totals: ControlTotals, outcome: str) -> None:
    """The receipt's totals are those that the generator meant."""
    (file,) = answer["files"]
    outcomes = dict.fromkeys(("stored", "duplicate", "conflict"), 0)
    expected = {"read": totals.records, **outcomes, "rejected": totals.rejected}
    expected[outcome] = totals.valid
    if file["outcomes"] != expected:
        raise AssertionError(f"the receipt says {file['outcomes']}, the file has {expected}")
    sums = {currency: values[outcome] for currency, values in file["sums"].items()}
    if sums != totals.sums:
        raise AssertionError(f"the receipt says {sums}, the file has {totals.sums}")


def verify(loopback: Loopback, *written: ControlTotals) -> None:
    """Raises AssertionError unless the table holds exactly what these files hold."""
    table = loopback.table(TRANSACTIONS)
    expected: dict[str, Decimal] = {}
    for totals in written:
        for currency, amount in totals.sums.items():
            expected[currency] = expected.get(currency, Decimal(0)) + Decimal(amount)
    count = sum(totals.valid for totals in written)
    sums = {currency: Decimal(amount) for currency, amount in table["sums"].items()}
    if (table["count"], sums) != (count, expected):
        raise AssertionError(f"the table holds {table}, the files {count} and {expected}")


def middle(runs: Sequence[Run]) -> Run:
    """The medians of several runs of the same."""
    first = runs[0]
    return Run(
        first.rows,
        median(run.seconds for run in runs),
        median(run.processor_seconds for run in runs),
        round(median(run.memory_after_imports for run in runs)),
        round(median(run.peak_memory for run in runs)),
        first.requests,
        first.write_units,
        first.read_units,
    )
