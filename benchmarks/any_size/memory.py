"""Peak memory of single invocations by the size of the file, and each receipt counted twice."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.any_size import dispatch, files
from benchmarks.any_size.recount import differences
from benchmarks.loopback import ROOT, Loopback
from processor.planner import PART_BYTES
from processor.settings import PART_BYTES_MAX

FORMS: Final[tuple[Literal["csv", "ndjson"], ...]] = ("csv", "ndjson")
WAYS: Final = {"one long part": PART_BYTES_MAX, "parts of 32 MiB": PART_BYTES}
_WORKERS: Final = 2

type Say = Callable[[str], None]
type Row = dict[str, Any]


def measure(
    loopback: Loopback, folder: Path, sizes_mb: Sequence[int], say: Say, *, ordinary: bool
) -> Iterator[Row]:
    """Brings files to their receipts, each invocation in a process that ran no other.

    Args:
        loopback: AWS.
        folder: For the files, one at a time.
        sizes_mb: Sizes of the files in megabytes, up to what one part may be.
        say: Is told how far it is.
        ordinary: Whether records are of about 170 bytes, which takes thirty times as long, and not
            as `files.write_long` makes them.
    """
    for form in FORMS:
        for size_mb in sizes_mb:
            path = folder / f"any-size.{form}"
            say(f"{form}, {size_mb} MB: writing the file")
            (files.write_ordinary if ordinary else files.write_long)(path, size_mb, form)
            for way, part_bytes in WAYS.items():
                say(f"{form}, {size_mb} MB: {way}")
                what = {"form": form, "megabytes": size_mb, "way": way}
                yield what | counted_twice(loopback, path, part_bytes, say)
            path.unlink()


def counted_twice(loopback: Loopback, path: Path, part_bytes: int, say: Say) -> Row:
    """Brings a file to its receipt, and compares that with a separate computation.

    Returns:
        What it took, and in `differences` in what the two are not equal.
    """
    loopback.reset()
    loopback.change_settings(part_bytes=part_bytes)
    served = loopback.serve_file(path, path.name)
    recount = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.any_size.recount", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    try:
        with dispatch.workers(loopback, _WORKERS, are_fresh=True) as pool:
            run = dispatch.process(
                loopback,
                pool,
                served,
                lambda one, left: say(f"{one.task} took {one.seconds:.0f} s, {left} are left"),
            )
        counted = json.loads(recount.communicate()[0])
    finally:
        recount.kill()
    say(f"receipt after {run.seconds:.0f} s")
    stored = loopback.table("transactions")
    return {
        "bytes": served.size,
        "records": run.receipt["outcomes"]["read"],
        "receipt": {
            "outcomes": run.receipt["outcomes"],
            "computed": run.receipt["controlTotals"]["computed"],
        },
        "recount": counted,
        "differences": differences(run.receipt, counted) + _table_differences(stored, counted),
        "seconds": round(run.seconds, 1),
        "processorSeconds": round(sum(one.processor_seconds for one in run.invocations), 1),
        "invocations": len(run.invocations),
        "floorBytes": max(one.floor_bytes for one in run.invocations),
        "peakBytes": {
            kind: run.peak_bytes(kind) for kind in sorted({one.kind for one in run.invocations})
        },
        "counters": loopback.counters(),
    }


def _table_differences(stored: Any, counted: Row) -> list[str]:
    """What the table holds against the count: for each item a stored record, and none else."""
    if stored["count"] == counted["outcomes"]["stored"]:
        return []
    return [f"table: {stored['count']} items, {counted['outcomes']['stored']} records to be stored"]


def grown_bytes(rows: Sequence[Row], form: str, way: str) -> int:
    """How much more the largest file's hungriest invocation took than the smallest file's."""
    peaks = [
        (row["megabytes"], max(row["peakBytes"].values()))
        for row in rows
        if (row["form"], row["way"]) == (form, way)
    ]
    peaks.sort()
    return int(peaks[-1][1]) - int(peaks[0][1])
