"""How fast a planner looks through a file: MB of file a second of its processor's time."""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from processor.formats.csv import Header
from processor.formats.cuts import csv_cuts, ndjson_count
from processor.planner import PART_BYTES
from processor.reading import RANGE_BYTES_MAX

_BYTES: Final = 32 * 1024 * 1024
_RUNS: Final = 5
_FIELDS: Final = (
    "TX-2026-%09d", "2026-02-28T19:00:08.268-05:00", "3348.00", "USD", "ACC-006334", "transfer",
    "Contoso Energy", "Order, with a note", "INV-88889320", "a channel that has a longer name",
)  # fmt: skip  # Read in rows, as written.
_NOTE: Final = 7

#: What each form is to reach.
GOALS: Final = {
    "plain CSV": 600,
    "CSV, line ends in quotes": 200,
    "CSV, all fields quoted": 200,
    "CSV, a stray quote a record": 40,
    "NDJSON, counting": None,
}


def _line(form: str) -> str:
    """One record of a form, with a place for a number."""
    fields = list(_FIELDS)
    match form:
        case "plain CSV":
            fields[_NOTE] = "Order with a note"
        case "CSV, line ends in quotes":
            fields[_NOTE] = '"Order, with a note\nof two lines"'
        case "CSV, all fields quoted":
            fields = [f'"{field}"' for field in fields]
        case "CSV, a stray quote a record":
            fields[_NOTE] = 'Order of a 5" pipe'
        case _:
            pairs = (f'"field{at}":"{field}"' for at, field in enumerate(fields))
            return "{" + ",".join(pairs) + "}\n"
    return ",".join(fields) + "\n"


def data_of(form: str, size: int = _BYTES) -> bytes:
    """A file's bytes behind its header, about `size` of them."""
    line = _line(form)
    return "".join(line % number for number in range(size // len(line))).encode()


def measure() -> Iterator[tuple[str, dict[str, Any]]]:
    """Form -> `mbPerSecond`, the median of some runs, with the `fastest` and the `slowest`."""
    for form, goal in GOALS.items():
        data = data_of(form)
        chunks = [data[at : at + RANGE_BYTES_MAX] for at in range(0, len(data), RANGE_BYTES_MAX)]
        speeds = [
            len(data) / 1e6 / _seconds(partial(records_in, form, chunks)) for _ in range(_RUNS)
        ]
        yield (
            form,
            {
                "mbPerSecond": round(statistics.median(speeds)),
                "fastest": round(max(speeds)),
                "slowest": round(min(speeds)),
                "goal": goal,
            },
        )


def records_in(form: str, chunks: list[bytes]) -> int:
    """Records of the file, as the planner counts them."""
    if form.startswith("NDJSON"):
        return ndjson_count(chunks)
    header = Header(tuple(f"field{at}" for at in range(len(_FIELDS))))
    cuts = csv_cuts(chunks, 0, header, lambda begin: begin + PART_BYTES)
    return sum(cut.record_count or 0 for cut in cuts)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
