"""Every crash point of some files, one by one and in pairs: nothing is left to chance."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.simulation.faults import EVERYWHERE, POSSIBLE, Fault, ScriptedFaults
from tests.simulation.run import PROGRAM, Verdict, judged
from tests.simulation.scenarios import CSV_PARTS, SCENARIOS, SMALL, Scenario

type Script = dict[tuple[int, int], Fault]
"""(delivery, number of the call in it) -> fault."""

CRASHES: Final = (Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.LOST_REPLY)
DONE_UNHEARD: Final = (Fault.KILL_AFTER, Fault.LOST_REPLY)
WRITES: Final = frozenset(
    {
        *("s3.PutObject", "dynamodb.PutItem", "dynamodb.UpdateItem"),
        *("dynamodb.BatchExecuteStatement", "dynamodb.TransactWriteItems"),
    }
)


def run_script(scenario: Scenario, script: Script) -> tuple[Verdict, ScriptedFaults]:
    """Runs a scenario with faults at these calls."""
    faults = ScriptedFaults(script)
    written = ",".join(
        f"{delivery}.{number}={fault.name}" for (delivery, number), fault in script.items()
    )
    replay = f"{PROGRAM} --script {scenario.name}:{written} --trace"
    return judged(replay, scenario.world(faults), 0.0), faults


def parse_script(text: str) -> tuple[Scenario, Script]:
    """Reads what a verdict's command writes: `small:1.4=KILL_AFTER,2.3=LOST_REPLY`."""
    name, _, faults = text.partition(":")
    script: Script = {}
    for one in filter(None, faults.split(",")):
        place, _, fault = one.partition("=")
        delivery, _, number = place.partition(".")
        script[int(delivery), int(number)] = Fault[fault]
    return SCENARIOS[name], script


def scripts(scenario: Scenario, *, in_full: bool) -> Iterator[Script]:
    """What is tried of a scenario.

    Args:
        scenario: It.
        in_full: Whether all pairs of a large file are tried, which takes minutes. Else those of the
            planned CSV file alone, in deliveries one after the other.
    """
    yield {}
    yield from singles(scenario)
    if scenario is SMALL:
        yield from pairs(scenario)
    elif in_full or scenario is CSV_PARTS:
        yield from pairs_of_writes(scenario, in_full=in_full)


def singles(scenario: Scenario) -> Iterator[Script]:
    """Each possible fault at each call of each delivery, until all is done."""
    for delivery, sites in calls_of(scenario, {}).items():
        for number, site in enumerate(sites, 1):
            for fault in dict.fromkeys(POSSIBLE.get(site, EVERYWHERE)):
                yield {(delivery, number): fault}


def pairs(scenario: Scenario) -> Iterator[Script]:
    """Each pair of crashes in the first delivery and the second, which may be a sweep."""
    _, calm = run_script(scenario, {})
    for first in range(1, len(calm.calls[1]) + 1):
        for fault in CRASHES:
            _, after = run_script(scenario, {(1, first): fault})
            for second in range(1, len(after.calls[2]) + 1):
                for other in CRASHES:
                    yield {(1, first): fault, (2, second): other}


def pairs_of_writes(scenario: Scenario, *, in_full: bool) -> Iterator[Script]:
    """Each pair of writes that were done, and whose reply nobody heard.

    An invocation that is killed between two writes leaves what one leaves that is killed right
    behind the first of them: reads leave nothing.

    Args:
        scenario: It.
        in_full: Whether the second one is in any later delivery, instead of the next one.
    """
    for first in _writes(calls_of(scenario, {})):
        for fault in DONE_UNHEARD:
            for second in _writes(calls_of(scenario, {first: fault})):
                distance = second[0] - first[0]
                if distance == 1 or (in_full and distance > 1):
                    for other in DONE_UNHEARD:
                        yield {first: fault, second: other}


def calls_of(scenario: Scenario, script: Script) -> Mapping[int, Sequence[str]]:
    """Delivery -> the sites of its calls, up to where the file is done or nobody tries again."""
    faults = ScriptedFaults(script)
    scenario.world(faults).schedule.run()
    return faults.calls


def _writes(calls: Mapping[int, Sequence[str]]) -> Iterator[tuple[int, int]]:
    for delivery, sites in calls.items():
        for number, site in enumerate(sites, 1):
            if site in WRITES:
                yield delivery, number
