"""Where the function's processor time goes: by area, and the functions that take most of it.

    .venv-bench/bin/python -m benchmarks.profiled [FILE]

FILE keeps the whole profile, for `pstats`. Times of a profile are longer than true ones, of short
functions most: shares say more.
"""

import argparse
import pstats
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.loopback import started
from benchmarks.running import SUBJECT, running
from benchmarks.runs import WARM_UP, WHOLE_FILE, Files
from benchmarks.transactions import Contents

ROWS: Final = 20_000
_LATENCY_MS: Final = 5
_SHOWN: Final = 12

AREAS: Final[Mapping[str, str]] = {
    "botocore/auth": "signing",
    "processor/adapters/signing": "signing",
    "site-packages/botocore": "the SDK",
    "site-packages/boto3": "the SDK",
    "site-packages/urllib3": "HTTP",
    "http/client": "HTTP",
    "/email/": "HTTP",
    "processor/formats": "reading records",
    "processor/domain": "rules, canonical content, totals",
    "processor/adapters": "making requests, reading replies",
    "processor/": "part, store, pipeline",
}
"""Part of a path -> area; the first that fits."""

OTHER: Final = "other"


def main() -> None:
    """Is the program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(given.file or Path(folder) / "profile")
        measure(path, Path(folder))
        stats: Any = pstats.Stats(str(path))
        for line in lines(stats.stats):
            sys.stdout.write(f"{line}\n")


def measure(path: Path, folder: Path) -> None:
    """Has a file of ROWS processed, behind a short one that opens connections."""
    with started(_LATENCY_MS) as loopback:
        files = Files(folder)
        loopback.reset()
        loopback.change_settings(part_bytes=WHOLE_FILE)
        served = [files.serve(loopback, one) for one in (WARM_UP, Contents(ROWS))]
        with running(loopback, SUBJECT, "--profile", str(path)) as program:
            for one in served:
                program.handle(one)


def lines(profile: Mapping[Any, Any]) -> Iterator[str]:
    """Areas and functions, as a table."""
    total = sum(own for _, _, own, _, _ in profile.values())
    for area, seconds in by_area(profile).most_common():
        yield f"{area:36}{seconds / total:7.1%}"
    yield ""
    slowest = sorted(profile.items(), key=lambda one: -one[1][2])[:_SHOWN]
    for (path, line, name), (_, calls, own, _, _) in slowest:
        where = f"{Path(path).name}:{line} {name}" if line else name
        yield f"{where:60}{calls / ROWS:6.1f} calls a row{own / total:7.1%}"


def by_area(profile: Mapping[Any, Any]) -> Counter[str]:
    """Seconds by area. What is built in, or the standard library's, is its callers'."""
    seconds: Counter[str] = Counter()
    for (path, _, _), (_, _, own, _, callers) in profile.items():
        area = area_of(path)
        if area != OTHER:
            seconds[area] += own
            continue
        untold = own
        for (caller, _, _), (_, _, of_caller, _) in callers.items():
            seconds[area_of(caller)] += of_caller
            untold -= of_caller
        seconds[OTHER] += max(untold, 0.0)
    return seconds


def area_of(path: str) -> str:
    """Whose code lies there."""
    return next((area for part, area in AREAS.items() if part in path), OTHER)


if __name__ == "__main__":
    main()
