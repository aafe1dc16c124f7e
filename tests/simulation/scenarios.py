"""Files whose every crash point is tried, and the calm worlds that they are uploaded to."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from processor.backoff import HAND_OVER_SECONDS
from tests.simulation.faults import Faults
from tests.simulation.files import Upload
from tests.simulation.function import Limits, Weather
from tests.simulation.world import World


@dataclass(frozen=True)
class Scenario:
    """What is run again and again, each time with faults at other calls: a script is one run.

    Args:
        name: As a command names it.
        uploads: What is there from the beginning.
        weather: Makes the world's weather.
    """

    name: str
    uploads: tuple[Upload, ...]
    weather: Callable[[], Weather] = Weather

    def world(self, faults: Faults) -> World:
        """A world with the uploads in it."""
        world = World(random.Random(0), faults, self.weather())
        for upload in self.uploads:
            world.upload(upload)
        return world


_HEADER: Final = b"transactionId,timestamp,amount,currency,merchant,note,cardNumber\n"
_ROWS: Final = (
    b"T1,2026-02-01T08:00:00Z,10.50,EUR,Baker,n,4111111111111111\n",
    b"T2,2026-02-01T08:00:00Z,1200,JPY,Baker,,\n",
    b"T1,2026-02-01T08:00:00Z,10.50,EUR,Baker,n,4111111111111111\n",
    b"T2,2026-02-01T08:00:00Z,7,JPY,Baker,,\n",
    b"T3,2026-02-01T08:00:00Z,abc,EUR,Baker,,\n",
)
"""A record of each outcome, and a card number."""

_SPANNING: Final = tuple(
    f'S{number},2026-02-01T08:00:00Z,{number},JPY,"Line\nbreak\n,""and""\nmore\n",n,\n'.encode()
    for number in range(4)
)
"""Line ends within quotes, of which most are the first behind some offset."""

_LINES: Final = tuple(
    f'{{"transactionId": "{name}", "timestamp": "2026-02-01T08:00:00Z", "amount": "{amount}", '
    f'"currency": "JPY"}}\n'.encode()
    for name, amount in (
        *(("T1", "1"), ("T2", "2"), ("T3", "a"), ("T1", "1"), ("T2", "7")),
        *(("T4", "4"), ("T4", "4"), ("T3", "3"), ("T5", "a")),
    )
)

_LONG: Final = tuple(
    f"L{number},2026-02-01T08:00:00Z,{number},JPY,,,\n".encode() for number in range(50)
)


def _short_of_time() -> Weather:
    """Each time that an invocation looks at its time, it is short."""
    return Weather(Limits(time_limit_seconds=HAND_OVER_SECONDS))


SMALL: Final = Scenario("small", (Upload("in/small.csv", _HEADER + b"".join(_ROWS), "text/csv"),))
"""A file in one part."""

CSV_PARTS: Final = Scenario(
    "csv-parts",
    (Upload("in/large.csv", _HEADER + b"".join((*_ROWS[:3], *_SPANNING, *_ROWS)), "text/csv"),),
    lambda: Weather(part_bytes=190),
)
"""A file in four parts, with records of each outcome in two of them."""

NDJSON_PARTS: Final = Scenario(
    "ndjson-parts",
    (Upload("in/large.ndjson", b"".join(_LINES), "application/x-ndjson"),),
    lambda: Weather(part_bytes=300),
)
"""A file in three parts that are counted first."""

HANDED_ON: Final = Scenario(
    "handed-on",
    (Upload("in/long.csv", _HEADER + b"".join((*_ROWS, *_LONG, *_ROWS)), "text/csv"),),
    _short_of_time,
)
"""A file in one part, whose remainder is handed on twice."""

SCENARIOS: Final = {one.name: one for one in (SMALL, CSV_PARTS, NDJSON_PARTS, HANDED_ON)}
