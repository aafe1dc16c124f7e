"""The time that a file of one size takes, by parts, by workers and by AWS's latency."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.any_size import dispatch, files
from benchmarks.loopback import Loopback

_FILE_MB: Final = 4
LATENCIES_MS: Final = (5, 20)
#: Parts of the file, and processes that work at once.
SPREADS: Final = ((1, 1), (2, 1), (2, 2), (4, 1), (4, 2), (4, 4), (8, 4))


def measure(
    loopback: Loopback, folder: Path, say: Callable[[str], None], file_mb: int = _FILE_MB
) -> Iterator[dict[str, Any]]:
    """Brings one file to its receipt in each of the ways, by workers that ran before."""
    path = folder / "curve.csv"
    totals = files.write_ordinary(path, file_mb, "csv")
    for latency in LATENCIES_MS:
        loopback.set_latency(latency)
        for parts, workers in SPREADS:
            loopback.reset()
            loopback.change_settings(part_bytes=-(-totals.size_bytes // parts))
            served = loopback.serve_file(path, path.name)
            with dispatch.workers(loopback, workers) as pool:
                run = dispatch.process(loopback, pool, served)
            counters = loopback.counters()
            row = {
                "latencyMs": latency,
                "parts": parts,
                "workers": workers,
                "bytes": totals.size_bytes,
                "records": totals.records,
                "seconds": run.seconds,
                "recordsPerSecond": totals.records / run.seconds,
                "processorMicrosecondsPerRecord": 1e6
                * sum(one.processor_seconds for one in run.invocations)
                / totals.records,
                "writeUnits": counters["writeUnits"],
                "stored": run.receipt["outcomes"]["stored"],
                "requests": counters["requests"],
            }
            say(
                f"{parts} parts, {workers} workers, {latency} ms: {run.seconds:.1f} s, "
                f"{row['recordsPerSecond']:,.0f} records/s"
            )
            yield row
    loopback.set_latency(0)
    path.unlink()
