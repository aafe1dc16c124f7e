"""Every crash point of a small file, one by one and in pairs: nothing is left to chance."""

import random
from collections.abc import Iterator
from typing import Final

from tests.simulation.faults import Fault, ScriptedFaults
from tests.simulation.files import Upload
from tests.simulation.function import Weather
from tests.simulation.run import PROGRAM, Verdict, judged
from tests.simulation.world import World

type Script = dict[tuple[int, int], Fault]

SINGLE: Final = tuple(Fault)
PAIRED: Final = (Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.LOST_REPLY)

UPLOADS: Final = (
    Upload(
        "in/small.csv",
        b"transactionId,timestamp,amount,currency,merchant,note,cardNumber\n"
        b"T1,2026-02-01T08:00:00Z,10.50,EUR,Baker,n,4111111111111111\n"
        b"T2,2026-02-01T08:00:00Z,1200,JPY,Baker,,\n"
        b"T1,2026-02-01T08:00:00Z,10.50,EUR,Baker,n,4111111111111111\n"
        b"T2,2026-02-01T08:00:00Z,7,JPY,Baker,,\n"
        b"T3,2026-02-01T08:00:00Z,abc,EUR,Baker,,\n",
        "text/csv",
    ),
)
"""A record of each outcome, and a card number."""


def world_of(faults: ScriptedFaults) -> World:
    """A calm world with the small file in it."""
    world = World(random.Random(0), faults, Weather())
    for upload in UPLOADS:
        world.upload(upload)
    return world


def run_script(script: Script) -> tuple[Verdict, ScriptedFaults]:
    """Runs the small file with faults at these calls."""
    faults = ScriptedFaults(script)
    written = ",".join(
        f"{delivery}.{number}={fault.name}" for (delivery, number), fault in script.items()
    )
    replay = f"{PROGRAM} --script {written} --trace"
    return judged(replay, world_of(faults), 0.0), faults


def parse_script(text: str) -> Script:
    """Reads what a verdict's command writes: `1.4=KILL_AFTER,2.3=LOST_REPLY`."""
    script: Script = {}
    for one in filter(None, text.split(",")):
        place, _, name = one.partition("=")
        delivery, _, number = place.partition(".")
        script[int(delivery), int(number)] = Fault[name]
    return script


def singles() -> Iterator[Script]:
    """Each fault at each call of the first delivery."""
    _, faults = run_script({})
    for number in range(1, len(faults.calls[1]) + 1):
        for fault in SINGLE:
            yield {(1, number): fault}


def pairs() -> Iterator[Script]:
    """Each pair of crashes, the second one in the second delivery."""
    _, faults = run_script({})
    for first in range(1, len(faults.calls[1]) + 1):
        for fault in PAIRED:
            _, after = run_script({(1, first): fault})
            for second in range(1, len(after.calls[2]) + 1):
                for other in PAIRED:
                    yield {(1, first): fault, (2, second): other}
