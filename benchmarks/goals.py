"""What the function is to reach, and whether it did."""

from dataclasses import dataclass
from typing import Any, Final

MEMORY_MAX: Final = 64 * 1024 * 1024
GROWTH_MAX: Final = 8 * 1024 * 1024
"""Bytes by which memory may differ between a small and a large file and is still called flat."""

SMALL_FILE_BYTES: Final = 10_000_000
DOLLARS_MAX: Final = 0.66

type Json = Any


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal.

    Args:
        name: What is compared with what.
        at_least: Whether the value must be `limit` or more; else `limit` or less.
        limit: See there.
        value: What was measured; None if it was not.
        unit: Of both: "x", "MiB" or "$".
    """

    name: str
    at_least: bool
    limit: float
    value: float | None
    unit: str

    @property
    def is_reached(self) -> bool:
        """Whether it was. What was not measured is not reached."""
        if self.value is None:
            return False
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def judged(results: Json) -> list[Goal]:
    """Every goal, reached or not."""
    return [*_speeds(results["runs"]), *_memory(results["sizes"]), *_others(results)]


def _least(name: str, limit: float, value: float) -> Goal:
    return Goal(name, at_least=True, limit=limit, value=value, unit="x")


def _most(name: str, limit: float, value: float | None, unit: str = "x") -> Goal:
    return Goal(name, at_least=False, limit=limit, value=value, unit=unit)


def _speeds(runs: Json) -> list[Goal]:
    rate = {name: run["rowsASecond"] for name, run in runs.items()}
    processor = {name: run["microsecondsARow"] for name, run in runs.items()}
    csv, used = rate["CSV"], processor["CSV"]
    return [
        _least("rows/s, to batch_writer", 8, csv / rate["batch_writer"]),
        _least("rows/s, to the tutorial", 100, csv / rate["tutorial"]),
        _most("processor time a row, to batch_writer", 1 / 3, used / processor["batch_writer"]),
        _most("processor time a row, to raw sockets", 2.7, used / processor["raw_socket"]),
        *(
            _most(f"time of {name}, to CSV", 1.3, csv / rate[name])
            for name in ("NDJSON", "gzip", "JSON array")
        ),
        _least("rows/s of all duplicates, to all new", 0.5, rate["CSV, all duplicates"] / csv),
        _most("time with 5 % rejects, to none", 1.15, csv / rate["5 % rejects"]),
    ]


def _memory(sizes: Json) -> list[Goal]:
    most = max(one["memoryOverImports"] for one in sizes)
    compared = sorted(
        (one for one in sizes if one["bytes"] >= SMALL_FILE_BYTES), key=lambda one: one["bytes"]
    )
    name, growth = "growth of memory from a file of 10 MB to one of 1 GB", None
    if len(compared) > 1:
        small, large = compared[0], compared[-1]
        name = (
            f"growth of memory from a file of {small['bytes'] / 1e6:,.0f} MB to one of "
            f"{large['bytes'] / 1e6:,.0f} MB"
        )
        growth = (large["memoryOverImports"] - small["memoryOverImports"]) / 2**20
    return [
        _most("memory over imports", MEMORY_MAX / 2**20, most / 2**20, "MiB"),
        _most(name, GROWTH_MAX / 2**20, growth, "MiB"),
    ]


def _others(results: Json) -> list[Goal]:
    seconds = results["coldStarts"]
    dollars = results["runs"]["CSV"]["dollarsAMillion"]["total"]
    return [
        _most(
            "cold start, to boto3 with two clients", 1.15, seconds["function"] / seconds["boto3"]
        ),
        _most("cost of a million transactions", DOLLARS_MAX, dollars, "$"),
    ]
