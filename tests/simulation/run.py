"""One seed, one run: a world, uploads, faults for a while, then peace and the judge."""

import random
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from processor.planner import PART_BYTES
from tests.simulation.evidence import Broken, Evidence, expect
from tests.simulation.faults import ChanceFaults
from tests.simulation.files import Uploads
from tests.simulation.function import Limits, Weather
from tests.simulation.recount import Judge
from tests.simulation.summary import Summary
from tests.simulation.trace import Trace
from tests.simulation.world import KEY_ARN, World

PROGRAM: Final = "python -m tests.simulation"
ROUNDS_MAX: Final = 4
"""Redrives and sweeps after which every file must be done, once faults have stopped."""


@dataclass
class Verdict:
    """What became of a run.

    Args:
        replay: The command that runs it again.
        broken: The promise that did not hold, or None.
        trace: What happened.
        summary: What was reached.
    """

    replay: str
    broken: Broken | None
    trace: Trace
    summary: Summary

    def text(self) -> str:
        """For a person: each step, what broke, and how to see it again."""
        return (
            f"{self.trace.text()}\n\n{self.broken or 'all promises held'}\n\nreplay: {self.replay}"
        )


def simulate(seed: int) -> Verdict:
    """Runs one seed. The same seed gives the same steps, always."""
    chance = random.Random(seed)
    storm = chance.choice((0.0, 0.02, 0.05, 0.1, 0.2, 0.35))
    until_seconds = chance.choice((100.0, 600.0, 3000.0))
    faults = ChanceFaults(chance, storm, chance.choice((0.0, 0.3, 1.0)), until_seconds)
    limits = Limits(
        concurrency=chance.choice((1, 2, 10)),
        time_limit_seconds=chance.choice((900.0, 900.0, 60.0)),
        twice=chance.choice((0.0, 0.1, 0.5)),
        late_seconds=chance.choice((0.1, 5.0, 300.0)),
    )
    latency_seconds = chance.choice((0.01, 0.2, 3.0))
    lost, left = chance.choice((0.0, 0.0, 0.2)), chance.choice((0.0, 0.0, 0.1))
    part_bytes = chance.choice((PART_BYTES, 1000, 400, 150))
    weather = Weather(limits, latency_seconds, lost, left, part_bytes)
    world = World(chance, faults, weather)
    world.happen(f"faults at {storm:.0%} of the calls until {until_seconds:.0f} s; {weather}")
    plan_uploads(world, until_seconds)
    plan_mishaps(world, until_seconds)
    return judged(f"{PROGRAM} --seed {seed} --trace", world, until_seconds)


def plan_uploads(world: World, until_seconds: float) -> None:
    """A few uploads, at once or one after the other."""
    chance = world.chance
    uploads = Uploads(chance, chance.choice((2, 6, 6, 6, 30, 90)))
    spread = chance.choice((0.0, 0.5, until_seconds))
    for _ in range(chance.randint(1, 4)):
        upload = uploads.next()
        world.schedule.after(chance.uniform(0, spread), partial(world.upload, upload))


def plan_mishaps(world: World, until_seconds: float) -> None:
    """What people do meanwhile: delete, rotate, disable the key."""
    chance, schedule = world.chance, world.schedule
    mishaps = []
    if chance.random() < 0.15:
        mishaps.append(lambda: _delete_one(world))
    if chance.random() < 0.2:
        mishaps.append(world.rotate)
    if chance.random() < 0.1:
        mishaps.append(lambda: _disable_key(world))
    for mishap in mishaps:
        moment = chance.uniform(0, until_seconds) * chance.choice((0.001, 0.02, 1.0))
        schedule.after(moment, mishap)


def _delete_one(world: World) -> None:
    names = sorted(world.files.keys() - world.deleted)
    if names:
        world.delete(world.chance.choice(names), for_good=world.chance.random() < 0.5)


def _disable_key(world: World) -> None:
    world.happen("the key is disabled")
    world.account.keys.disabled.add(KEY_ARN)

    def enable() -> None:
        world.happen("the key is enabled")
        world.account.keys.disabled.discard(KEY_ARN)

    world.schedule.after(world.chance.uniform(1, 200), enable)


def judged(replay: str, world: World, until_seconds: float) -> Verdict:
    """Lets a world come to rest, and judges it; then delivers all again, and judges that."""
    broken = None
    try:
        world.schedule.run()
        world.schedule.run(until_seconds)
        world.calm()
        settle(world)
        evidence = world.evidence()
        judge = Judge(evidence)
        judge.check()
        if judge.has_older_token:
            world.summary.reached("a token under a key of before")
        check_stable(world, evidence)
    except Broken as error:
        broken = error
    world.summary.runs += 1
    return Verdict(replay, broken, world.trace, world.summary)


def settle(world: World) -> None:
    """Redrives and sweeps until nothing is to do any more."""
    for _ in range(ROUNDS_MAX):
        world.sweep()
        world.redrive()
        world.schedule.run()
        if not world.function.failed and world.files.keys() <= world.receipts().keys():
            return


def check_stable(world: World, judged_evidence: Evidence) -> None:
    """Every event once more, in another order, changes nothing that was decided."""
    before = decided(judged_evidence)
    names = sorted(world.files)
    world.chance.shuffle(names)
    for name in names:
        world.function.send(world.event_of(name))
    world.schedule.run()
    evidence = world.evidence()
    after = decided(evidence)
    for what, was in before.items():
        # A file that nobody had told of may have its first receipt now; that is judged below.
        now = {name: after[what][name] for name in was if name in after[what]}
        expect(4, f"{what} stay as they are", was, now)
    if evidence != judged_evidence:
        Judge(evidence).check()


def decided(evidence: Evidence) -> dict[str, dict[Any, Any]]:
    """What no further delivery may change."""
    return {
        "receipts": dict(evidence.receipts),
        "items": {(item["transactionId"], item["timestamp"]): item for item in evidence.items},
        "quarantine objects": dict(evidence.objects),
    }
