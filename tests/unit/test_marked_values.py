"""No value of a record leaves the pipeline but into the table and the quarantine, whatever happens.

The whole of what a run emits is searched: log lines, metrics, errors with their causes, the answer,
and what the pipeline writes. Only these may hold a value, and nothing else may:

    table item                  the transaction itself
    quarantine, member `raw`    the record as it came
    sums                        amounts added up; over one record that is its amount
"""

import pytest

from processor.domain.reject import Reason
from tests.support.faults import Faults, Killed
from tests.support.leaks import deliver, findings
from tests.support.marked import MARKS
from tests.support.marked_files import BAD, CASES, FORMATS, SOME_OF_EVERYTHING, Case
from tests.support.quoting import KINDS, raising_where


@pytest.mark.parametrize("reason", Reason)
def test_no_reason_tells_a_value(reason: Reason) -> None:
    world, version = CASES[reason].arrive()

    run = deliver(world, version)

    receipt = world.receipt(version)
    reasons = set(receipt["reasons"]) | {(receipt["fault"] or {}).get("reason")}
    assert reason.value in reasons
    assert reason.value in run.output
    assert findings(world, run) == []


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_tells_a_value(name: str) -> None:
    world, version = FORMATS[name].arrive()

    run = deliver(world, version)

    assert world.receipt(version)["outcomes"]["stored"] >= 1
    assert findings(world, run) == []


def test_no_outcome_and_no_second_delivery_tells_a_value() -> None:
    world, version = Case(SOME_OF_EVERYTHING).arrive()
    again = world.files.upload(SOME_OF_EVERYTHING, "in/again.csv")

    runs = [deliver(world, version), deliver(world, version, again)]

    assert "file done" in runs[0].output
    assert "DUPLICATE_DELIVERY" in runs[1].output
    assert min(world.receipt(again)["outcomes"][name] for name in ("duplicate", "conflict")) > 0
    assert findings(world, *runs) == []


def test_the_values_went_where_they_belong() -> None:
    # Otherwise there was nothing to be found, and the tests around this one show nothing.
    world, version = Case(SOME_OF_EVERYTHING).arrive()

    deliver(world, version)

    stored = "\n".join(repr(row.transaction) for row, _, _ in world.table.items.values())
    raw = "\n".join(line["raw"] for line in world.quarantine(world.receipt(version)))
    names = ("transactionId", "timestamp", "accountId", "type", "reference", "column name")
    assert [name for name in names if MARKS[name] not in stored] == []
    assert BAD in raw


def _calls() -> list[str]:
    world, version = Case(SOME_OF_EVERYTHING).arrive()
    faults = world.set_faults(Faults())
    world.process(version)
    return faults.calls


CALLS = _calls()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(len(CALLS)))
def test_no_failing_call_tells_a_value(number: int, moment: str, kind: str) -> None:
    world, version = Case(SOME_OF_EVERYTHING).arrive()
    fail = raising_where(lambda _, call: call == number, kind)
    world.set_faults(Faults(before=fail) if moment == "before" else Faults(after=fail))

    run = deliver(world, version)

    assert ("EventFailed" in run.error) is ("file failed" in run.output)
    assert "trying again" in run.output or "file failed" in run.output
    assert findings(world, run) == []


def test_every_call_of_the_pipeline_is_among_those_that_fail() -> None:
    of_files = {"describe", "read", "insert", "find", "put_if_absent"}

    of_ledger = {"register", "load", "record_part", "mark_receipt", "pin_key"}

    assert set(CALLS) == of_files | of_ledger


@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
@pytest.mark.parametrize("number", range(len(CALLS)))
def test_no_kill_and_no_repair_tells_a_value(number: int, moment: str) -> None:
    world, version = Case(SOME_OF_EVERYTHING).arrive()
    is_before = moment == "kill_before"
    world.set_faults(Faults(kill_before=number) if is_before else Faults(kill_after=number))

    killed = deliver(world, version)
    world.set_faults(Faults())
    repaired = deliver(world, version)

    assert Killed.__name__ in killed.error
    assert version.receipt_key in world.results.objects
    assert findings(world, killed, repaired) == []
