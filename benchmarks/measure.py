"""Everything that `make bench` measures, in the order in which it does.

Runs in the benchmarks' own environment; `python -m benchmarks` makes that and starts this.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks import cold_start, server_speed, workers
from benchmarks.charts import draw
from benchmarks.costs import cost_of
from benchmarks.goals import judged
from benchmarks.loopback import Loopback, started
from benchmarks.report import RESULTS, print_tables, write_document
from benchmarks.running import SUBJECT
from benchmarks.runs import WARM_UP, WHOLE_FILE, Files, Run, middle, once, twice, verify
from benchmarks.transactions import Contents

LATENCY_MS: Final = 5.0
CALIBRATION: Final = Contents(2_000)
RUN_SECONDS: Final = 3.0
ROWS_MIN: Final = 2_000
ROWS_MAX: Final = 50_000
"""A file is as long as the function takes RUN_SECONDS for, within these."""

PEERS: Final = {
    "raw_socket": 1,
    "batch_writer": 1,
    "awswrangler_put": 1,
    "tutorial": 25,
    "powertools_idempotency": 50,
}
"""Peer -> how many times shorter its file is: of slow ones a few rows tell as much."""

ROUNDS: Final = 5
ROUNDS_SECONDS: Final = 240.0
"""No round is begun that would end later, but for the first."""

SIZES: Final = (10_000, 65_000, 200_000, 1_000_000)
SIZES_LONG: Final = (10_000, 65_000, 1_000_000, 10_000_000)
SIZES_SECONDS: Final = 100.0
LATENCIES_MS: Final = (0.0, 5.0, 20.0)
WORKERS: Final = (1, 2)
PARTS: Final = 4
COLD_STARTS: Final = 5

type Json = Any


class Measures:
    """One run of `make bench`.

    Args:
        loopback: The server.
        files: Where generated files are.

    Attributes:
        csv: The file of most measures, after `calibrate`.
    """

    def __init__(self, loopback: Loopback, files: Files) -> None:
        self._loopback = loopback
        self._files = files
        self.csv = CALIBRATION

    def calibrate(self) -> None:
        """Finds how long the file is to be."""
        self._loopback.set_latency(LATENCY_MS)
        run = self._once("calibration", SUBJECT, CALIBRATION)
        rows = round(run.rows_a_second * RUN_SECONDS, -3)
        self.csv = Contents(int(min(max(rows, ROWS_MIN), ROWS_MAX)))

    def rounds(self) -> tuple[dict[str, Run], int]:
        """Function and peers, one after the other, again and again: medians, and how often."""
        runs: dict[str, list[Run]] = defaultdict(list)
        begun = time.monotonic()
        self._loopback.set_latency(LATENCY_MS)
        for number in range(1, ROUNDS + 1):
            print(f"\nRound {number}")
            round_begun = time.monotonic()
            for name, run in self._round():
                runs[name].append(run)
            now = time.monotonic()
            if now - begun + (now - round_begun) > ROUNDS_SECONDS:
                break
        return {name: middle(several) for name, several in runs.items()}, number

    def _round(self) -> Iterator[tuple[str, Run]]:
        with _progress("function, CSV, and the same again") as tell:
            first, again = twice(self._loopback, self._files, self.csv)
            tell(f"{_rate(first)}, {_rate(again)}")
        yield "CSV", first
        yield "CSV, all duplicates", again
        forms = {
            "NDJSON": replace(self.csv, form="ndjson"),
            "gzip": replace(self.csv, gzipped=True),
            "JSON array": replace(self.csv, form="json"),
            "5 % rejects": replace(self.csv, reject_share=0.05),
        }
        for name, contents in forms.items():
            yield name, self._once(f"function, {name}", SUBJECT, contents)
        for name, times in PEERS.items():
            contents = replace(self.csv, rows=self.csv.rows // times)
            yield name, self._once(name, f"benchmarks.peers.{name}", contents)

    def _once(self, what: str, module: str, contents: Contents) -> Run:
        with _progress(what) as tell:
            run = once(self._loopback, self._files, module, contents)
            tell(_rate(run))
        return run

    def latencies(self) -> list[Json]:
        """Rows a second by the server's latency."""
        measured = []
        for latency_ms in LATENCIES_MS:
            self._loopback.set_latency(latency_ms)
            rates = {"latencyMs": latency_ms}
            for name, module in (
                ("function", SUBJECT),
                ("batch_writer", "benchmarks.peers.batch_writer"),
            ):
                what = f"{name}, {latency_ms:g} ms"
                contents = replace(self.csv, rows=self.csv.rows // 2)
                rates[name] = self._once(what, module, contents).rows_a_second
            measured.append(rates)
        return measured

    def workers(self) -> list[Json]:
        """Rows a second by how many workers there are, of a file in PARTS parts."""
        measured = []
        self._loopback.set_latency(LATENCY_MS)
        contents = replace(self.csv, rows=2 * self.csv.rows)
        totals = self._files.get(contents)[1]
        for count in WORKERS:
            with _progress(f"function, {count} workers") as tell:
                self._loopback.reset()
                self._loopback.change_settings(part_bytes=-(-totals.size_bytes // PARTS))
                served = self._files.serve(self._loopback, contents)
                warm_up = self._files.serve(self._loopback, WARM_UP)
                done = workers.process(self._loopback, served, warm_up, count)
                verify(self._loopback, self._files.get(WARM_UP)[1], totals)
                rate = totals.records / done.seconds
                tell(f"{rate:,.0f} rows/s")
            measured.append({"workers": count, "rowsASecond": rate})
        return measured

    def sizes(self, *, is_long: bool) -> list[Json]:
        """Rows a second and memory by size, without latency; as far as time allows, unless long."""
        measured: list[Json] = []
        self._loopback.set_latency(0)
        begun = time.monotonic()
        for rows in SIZES_LONG if is_long else SIZES:
            left = SIZES_SECONDS - (time.monotonic() - begun)
            if measured and not is_long and rows / measured[-1]["rowsASecond"] > left:
                break
            contents = Contents(rows, seed=3)
            with _progress(f"function, {rows:,} rows") as tell:
                self._loopback.reset()
                self._loopback.change_settings(part_bytes=WHOLE_FILE)
                totals = self._files.get(contents)[1]
                served = self._files.serve(self._loopback, contents)
                warm_up = self._files.serve(self._loopback, WARM_UP)
                done = workers.process(self._loopback, served, warm_up, 1)
                verify(self._loopback, self._files.get(WARM_UP)[1], totals)
                rate = rows / done.seconds
                tell(f"{rate:,.0f} rows/s, {done.memory_over_imports / 2**20:.0f} MiB")
            measured.append(
                {
                    "rows": rows,
                    "bytes": totals.size_bytes,
                    "rowsASecond": rate,
                    "memoryOverImports": done.memory_over_imports,
                }
            )
            self._files.forget(contents)
        return measured

    def cold_starts(self) -> dict[str, float]:
        """Seconds by what starts."""
        self._loopback.set_latency(0)
        with _progress("cold starts") as tell:
            served = self._files.serve(self._loopback, WARM_UP)
            seconds = cold_start.measure(self._loopback, served, COLD_STARTS)
            tell(", ".join(f"{name} {one * 1000:,.0f} ms" for name, one in seconds.items()))
        return seconds


def _rate(run: Run) -> str:
    return f"{run.rows_a_second:,.0f} rows/s, {run.microseconds_a_row:,.0f} µs of processor a row"


@contextmanager
def _progress(what: str) -> Iterator[Any]:
    print(f"  {what:38}", end=" ", flush=True)
    yield print


def machine() -> Json:
    """Where it was measured."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "loadBefore": os.getloadavg()[0],
    }


def measure(*, is_long: bool) -> Json:
    """Everything, as results.json has it."""
    results: Json = {"machine": machine(), "latencyMs": LATENCY_MS}
    with tempfile.TemporaryDirectory() as directory, started() as loopback:
        measures = Measures(loopback, Files(Path(directory)))
        with _progress("the server itself") as tell:
            speed = server_speed.measure(loopback)
            tell(f"{speed.requests:,.0f} requests/s, {speed.rows:,.0f} rows/s")
        results["server"] = asdict(speed)
        measures.calibrate()
        runs, rounds = measures.rounds()
        results["rounds"] = rounds
        results["rows"] = measures.csv.rows
        results["runs"] = {name: _document(run) for name, run in runs.items()}
        print("\nGrowth")
        results["latencies"] = measures.latencies()
        results["workers"] = measures.workers()
        results["sizes"] = measures.sizes(is_long=is_long)
        results["longSizes"] = _long_sizes(results) if is_long else _known_long_sizes()
        results["coldStarts"] = measures.cold_starts()
    results["goals"] = [asdict(goal) for goal in judged(results)]
    return results


def _long_sizes(results: Json) -> Json:
    return {"date": results["machine"]["date"], "sizes": results["sizes"]}


def _known_long_sizes() -> Json:
    """The sizes of the last long run: nobody measures them each time."""
    return json.loads(RESULTS.read_text())["longSizes"]


def _document(run: Run) -> Json:
    cost = cost_of(run)
    return asdict(run) | {
        "rowsASecond": run.rows_a_second,
        "microsecondsARow": run.microseconds_a_row,
        "memoryOverImports": run.memory_over_imports,
        "dollarsAMillion": asdict(cost) | {"total": cost.total, "totalArm64": cost.total_arm64},
    }


def main() -> None:
    """Measures, prints, and writes results.json, the document and the charts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="files of up to 10 million rows")
    parser.add_argument("--report", action="store_true", help="from results.json, measure nothing")
    given = parser.parse_args()
    begun = time.monotonic()
    if given.report:
        results = json.loads(RESULTS.read_text())
        results["goals"] = [asdict(goal) for goal in judged(results)]
    else:
        results = measure(is_long=given.long)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print_tables(results)
    write_document(results)
    draw(results)
    print(f"\n{time.monotonic() - begun:.0f} s; {RESULTS.relative_to(Path.cwd())} has it all.")


if __name__ == "__main__":
    main()
