"""Marked files that are processed in several parts, and their events, delivered to the end."""

import gzip
from collections.abc import Callable, Mapping
from typing import Final

from processor.domain.file import ObjectVersion
from tests.support.emitted import Emitted
from tests.support.fakes import RESULTS
from tests.support.faults import Faults, Killed
from tests.support.leaks import deliver
from tests.support.marked import CARDS, MARKS, grouped
from tests.support.marked_files import BAD, as_csv, as_json, as_ndjson, marked
from tests.support.parts_world import PartsWorld

CARD_IN_KEY: Final = grouped(CARDS["card in a key"], "-")

PART_BYTES: Final = 1200
"""Two or three records."""


def _records(count: int) -> list[dict[str, object]]:
    """Stored ones, and in each part a duplicate, a conflict and two rejects."""
    each: tuple[dict[str, object], ...] = (
        {},
        {"transactionId": BAD},
        {"transactionId": BAD},
        {"transactionId": BAD, "description": f"{BAD} other"},
        {"amount": BAD},
    )
    return [
        marked(**{"transactionId": f"{MARKS['transactionId']}{number}", **each[number % len(each)]})
        for number in range(count)
    ]


FEW: Final = _records(10)
MANY: Final = _records(60)
"""More than are processed before the time is looked at."""


def _zipped(*records: Mapping[str, object]) -> bytes:
    return gzip.compress(as_csv(*records), mtime=0)


FORMATS: Final[dict[str, Callable[..., bytes]]] = {
    "csv": as_csv,
    "ndjson": as_ndjson,
    "json": as_json,
    "csv.gz": _zipped,
}
DIVISIBLE: Final = ("csv", "ndjson")


def arrive(
    ending: str, records: list[dict[str, object]] | None = None, part_bytes: int = PART_BYTES
) -> tuple[PartsWorld, ObjectVersion]:
    """A file with a card number in its key lies in a world, and its event is on its way."""
    world = PartsWorld(part_bytes=part_bytes)
    body = FORMATS[ending](*(records or FEW))
    return world, world.files.upload(body, f"in/{CARD_IN_KEY}.{ending}")


def task(key: str) -> ObjectVersion:
    """What the event of a task names."""
    return ObjectVersion(RESULTS, key)


def to_the_end(world: PartsWorld, *versions: ObjectVersion) -> list[Emitted]:
    """Delivers the event of files, and those of all tasks that follow.

    Whatever failed or was killed is delivered again, once the faults are over, as Lambda does.
    """
    runs: list[Emitted] = []
    waiting = list(versions)
    while waiting:
        version = waiting.pop(0)
        runs.append(deliver(world, version))
        if runs[-1].error:
            world.set_faults(Faults())
            runs.append(deliver(world, version))
        waiting += [task(key) for key in world.queue.events]
        world.queue.events.clear()
    return runs


def was_killed(runs: list[Emitted]) -> bool:
    """Whether some invocation ended by a kill."""
    return any(Killed.__name__ in run.error for run in runs)
