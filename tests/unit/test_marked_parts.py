"""Files in several parts tell no value: planned, counted, handed on, killed and refused midway.

Each has a card number in its key, which is shown masked.
"""

import pytest

from processor.backoff import HAND_OVER_SECONDS
from tests.support.faults import Faults
from tests.support.leaks import findings, told
from tests.support.marked import MARKS
from tests.support.marked_files import BAD, marked
from tests.support.marked_parts import (
    DIVISIBLE,
    FORMATS,
    MANY,
    PART_BYTES,
    arrive,
    to_the_end,
    was_killed,
)
from tests.support.quoting import raising_where

WHOLE = 1024 * 1024


def _calls(ending: str) -> list[str]:
    world, version = arrive(ending)
    faults = world.set_faults(Faults())
    world.process_to_the_end(version)
    return faults.calls


CALLS = {ending: _calls(ending) for ending in DIVISIBLE}
NAMES = [*(("ndjson", name) for name in sorted(set(CALLS["ndjson"]))), ("csv", "read")]
"""Every call that parts make; only the planning of CSV reads on its own account."""


LONG = [
    *(marked(transactionId=f"{MARKS['transactionId']}{number}") for number in range(300)),
    *[marked(amount=BAD)] * 600,
]
"""More rows than are in flight at once, and more rejects in a row than wait."""


def _first_and_last(calls: list[str]) -> list[int]:
    """The numbers of the first and the last call of each name."""
    last = {name: number for number, name in enumerate(calls)}
    return sorted({*(calls.index(name) for name in calls), *last.values()})


@pytest.mark.parametrize("ending", DIVISIBLE)
def test_no_part_tells_a_value(ending: str) -> None:
    world, version = arrive(ending)

    runs = to_the_end(world, version, version)

    receipt = world.receipt(version)
    assert receipt["parts"] >= 3
    assert min(receipt["outcomes"].values()) > 0
    assert "underway" in runs[0].answer
    assert findings(world, *runs) == []


@pytest.mark.parametrize("part_bytes", [WHOLE, PART_BYTES])
@pytest.mark.parametrize("ending", FORMATS)
def test_no_hand_over_tells_a_value(ending: str, part_bytes: int) -> None:
    world, version = arrive(ending, MANY, part_bytes)
    world.clock.remaining = HAND_OVER_SECONDS - 1

    runs = to_the_end(world, version)

    is_planned = part_bytes == PART_BYTES and ending in DIVISIBLE
    assert any("/plan-" in key for key in world.results.objects) is is_planned
    assert is_planned or len(world.ledger.results(version.file_id)) > 1
    assert world.receipt(version)["outcomes"]["read"] == len(MANY)
    assert findings(world, *runs) == []


@pytest.mark.parametrize("ending", DIVISIBLE)
def test_no_kill_among_the_parts_and_no_repair_tells_a_value(ending: str) -> None:
    for number in _first_and_last(CALLS[ending]):
        world, version = arrive(ending)
        world.set_faults(Faults(kill_after=number))

        runs = to_the_end(world, version)

        assert was_killed(runs)
        assert version.receipt_key in world.results.objects
        assert findings(world, *runs) == []


@pytest.mark.parametrize(
    ("moment", "kind"),
    [("before", "throttled"), ("before", "of the service"), ("after", "unforeseen")],
)
@pytest.mark.parametrize(("ending", "name"), NAMES)
def test_no_failing_call_among_the_parts_tells_a_value(
    ending: str, name: str, moment: str, kind: str
) -> None:
    world, version = arrive(ending)
    fail = raising_where(lambda called, _: called == name, kind)
    world.set_faults(Faults(before=fail) if moment == "before" else Faults(after=fail))

    runs = to_the_end(world, version)

    assert any("EventFailed" in run.error for run in runs)
    assert version.receipt_key in world.results.objects
    assert findings(world, *runs) == []


def test_no_long_file_tells_a_value() -> None:
    world, version = arrive("csv", LONG, 8 * WHOLE)

    runs = to_the_end(world, version)

    assert world.receipt(version)["outcomes"]["read"] == len(LONG)
    assert told(*runs) == []


def test_no_second_planner_tells_a_value() -> None:
    world, version = arrive("csv", MANY)

    def cut_elsewhere(name: str, _: int) -> None:
        if name == "add":
            world.set_faults(Faults())
            world.part_bytes = 2 * PART_BYTES
            world.pipeline().process(version)

    world.set_faults(Faults(before=cut_elsewhere))

    runs = to_the_end(world, version)

    assert world.receipt(version)["outcomes"]["read"] == len(MANY)
    assert findings(world, *runs) == []
