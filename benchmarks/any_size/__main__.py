"""Measures and counts files of any size: `make bench-size`, or this with `PYTHONPATH=src`.

Results go to results.json beside this file as they come, and into docs/performance.md. The exit
code is 1 if a receipt differs from the separate count, or if memory grows with the file.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.any_size import curve, memory, report, scan
from benchmarks.loopback import ROOT, started
from local.prepare import Environment

RESULTS: Final = Path(__file__).with_name("results.json")
DOCUMENT: Final = ROOT / "docs" / "performance.md"
MEASURES: Final = ("scan", "curve", "memory")
SIZES_MB: Final = (10, 100, 1000)
#: Of the server, which is faster there.
ENVIRONMENT: Final = Environment(
    ROOT / ".venv-bench",
    (ROOT / "benchmarks" / "requirements.txt", ROOT / "src" / "requirements.txt"),
)


def main(arguments: Sequence[str]) -> int:
    """Answers 1 if a promise is broken, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.any_size", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"of: {', '.join(MEASURES)}")
    parser.add_argument("--sizes-mb", type=int, nargs="+", default=SIZES_MB, metavar="MB")
    parser.add_argument(
        "--ordinary", action="store_true", help="memory by records of 170 bytes; takes hours"
    )
    parser.add_argument("--report", action="store_true", help="of what was measured before, only")
    given = parser.parse_args(arguments)
    unknown = set(given.measures) - set(MEASURES)
    if unknown:
        parser.error(f"no measure is named {', '.join(sorted(unknown))}")
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if not given.report:
        if code := ENVIRONMENT.prepare():
            return code
        for name in MEASURES:
            if name in (given.measures or MEASURES):
                _measure(name, results, given.sizes_mb, ordinary=given.ordinary)
        DOCUMENT.write_text(report.within(_document(), report.section(results)))
    print(report.section(results))
    broken = report.broken(results)
    for promise in broken:
        print(f"BROKEN: {promise}")
    return 1 if broken else 0


def _measure(
    name: str, results: dict[str, Any], sizes_mb: Sequence[int], *, ordinary: bool
) -> None:
    """Fills one of the results, and writes what there is of them after each step."""
    kept: Any = {} if name == "scan" else []
    results[name] = kept
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    load = round(os.getloadavg()[0], 1)
    results.setdefault("measured", {})[name] = {"on": today, "load": load, "cores": os.cpu_count()}
    if name == "scan":
        for form, speed in scan.measure():
            _say(f"planner, {form}: {speed['mbPerSecond']} MB/s")
            kept[form] = speed
            _write(results)
        return
    python = str(ENVIRONMENT.python)
    with (
        tempfile.TemporaryDirectory(prefix="any-size-") as folder,
        started(python=python) as loopback,
    ):
        if name == "curve":
            rows = curve.measure(loopback, Path(folder), _say)
        else:
            rows = memory.measure(loopback, Path(folder), sizes_mb, _say, ordinary=ordinary)
        for row in rows:
            kept.append(row)
            _write(results)


def _write(results: dict[str, Any]) -> None:
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


def _document() -> str:
    return DOCUMENT.read_text() if DOCUMENT.exists() else "# Performance\n"


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
