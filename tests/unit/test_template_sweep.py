"""The sweep for files without a receipt, and that what starts itself cannot do so for ever."""

import json

import pytest

from tests.support.template import ACCOUNT, REGION, stack, translated

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:transaction-processor-dev"


@pytest.mark.parametrize("minutes", [60, 1440])
def test_sweep_starts_the_function_and_tells_it_how_old(minutes: int) -> None:
    rule = stack(SweepOlderThanMinutes=str(minutes)).properties("SweepRule")

    [target] = rule["Targets"]

    assert target["Arn"] == FUNCTION
    assert json.loads(target["Input"]) == {"sweep": {"olderThanMinutes": minutes}}
    assert stack().properties("SweepPermission")["SourceArn"] == (
        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/transaction-sweep-dev"
    )


@pytest.mark.parametrize("schedule", ["rate(1 hour)", "cron(0 6 ? * MON-FRI *)"])
def test_sweep_runs_when_it_is_told_to(schedule: str) -> None:
    rule = stack(SweepSchedule=schedule).properties("SweepRule")

    assert (rule["State"], rule["ScheduleExpression"]) == ("ENABLED", schedule)


def test_sweep_that_is_off_stays_and_does_not_run() -> None:
    # Taken out of the stack it would be retained, and go on.
    rule = stack(SweepSchedule="off").properties("SweepRule")

    assert rule["State"] == "DISABLED"
    # EventBridge takes no rule without a schedule or a pattern.
    assert rule["ScheduleExpression"] == "rate(1 day)"
    for name in ("SweepRule", "SweepPermission"):
        assert "Condition" not in translated()["Resources"][name]


def test_sweep_that_does_not_arrive_is_tried_until_the_next_one() -> None:
    [target] = stack().properties("SweepRule")["Targets"]

    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10}


def test_lambda_stops_endless_loops() -> None:
    for name, function in stack().of_type("AWS::Lambda::Function").items():
        assert function.get("RecursiveLoop", "Terminate") == "Terminate", name
