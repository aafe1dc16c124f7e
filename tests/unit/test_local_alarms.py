"""When alarms of the embedded AWS ring, and what their metrics are made of."""

import json
from typing import Any
from uuid import uuid4

import pytest
from ministack.services import cloudwatch

from local.emulator import metrics
from local.emulator.alarms import evaluate, judge
from local.emulator.embedded_metrics import embedded
from local.emulator.metrics import Metric

NOW = 1_000_000.0
PERIOD = 300


def alarm(**changed: Any) -> dict[str, Any]:
    return {
        "AlarmName": "any",
        "Statistic": "Sum",
        "Period": PERIOD,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        **changed,
    }


def points(*values_by_age: tuple[float, float]) -> list[dict[str, Any]]:
    return [
        {"Timestamp": NOW - age, "Value": value, "Unit": "Count"} for age, value in values_by_age
    ]


def state(described: dict[str, Any], *values_by_age: tuple[float, float]) -> str | None:
    found = judge(described, points(*values_by_age), NOW)
    return found[0] if found else None


def test_alarm_rings_at_once_and_is_over_when_its_period_is() -> None:
    assert state(alarm(), (0, 1)) == "ALARM"
    assert state(alarm(), (PERIOD - 1, 1)) == "ALARM"
    assert state(alarm(), (PERIOD, 1)) == "OK"


def test_point_of_the_very_next_moment_belongs_to_the_newest_period() -> None:
    assert state(alarm(EvaluationPeriods=2), (-0.5, 1), (PERIOD + 10, 1)) == "ALARM"


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Sum", "ALARM"), ("Maximum", "OK"), ("SampleCount", "OK"), ("Average", "OK")],
)
def test_statistic_decides(statistic: str, expected: str) -> None:
    described = alarm(Statistic=statistic, Threshold=3.0)

    assert state(described, (10, 1), (20, 2)) == expected


@pytest.mark.parametrize(
    ("comparison", "states"),
    [
        ("GreaterThanOrEqualToThreshold", ["OK", "ALARM", "ALARM"]),
        ("GreaterThanThreshold", ["OK", "OK", "ALARM"]),
        ("LessThanOrEqualToThreshold", ["ALARM", "ALARM", "OK"]),
        ("LessThanThreshold", ["ALARM", "OK", "OK"]),
    ],
)
def test_comparison_decides(comparison: str, states: list[str]) -> None:
    described = alarm(ComparisonOperator=comparison)

    assert [state(described, (1, value)) for value in (0, 1, 2)] == states


def test_comparison_that_is_not_known_leaves_the_alarm_as_it_is() -> None:
    assert state(alarm(ComparisonOperator="GreaterThanUpperThreshold"), (1, 5)) is None


@pytest.mark.parametrize(
    ("treatment", "nothing", "one_of_three"),
    [
        ("notBreaching", "OK", "OK"),
        ("breaching", "ALARM", "ALARM"),
        ("missing", "INSUFFICIENT_DATA", "ALARM"),
        ("ignore", None, None),
    ],
)
def test_missing_data_counts_as_the_alarm_says(
    treatment: str, nothing: str | None, one_of_three: str | None
) -> None:
    described = alarm(TreatMissingData=treatment, EvaluationPeriods=3)

    assert (state(described), state(described, (10, 1))) == (nothing, one_of_three)


def test_as_many_periods_as_asked_for_must_breach() -> None:
    two_of_three = alarm(EvaluationPeriods=3, DatapointsToAlarm=2)

    assert state(two_of_three, (10, 1)) == "OK"
    assert state(two_of_three, (10, 1), (20, 1)) == "OK"
    assert state(two_of_three, (10, 1), (2 * PERIOD + 10, 1)) == "ALARM"
    assert state(alarm(EvaluationPeriods=2), (10, 1), (PERIOD + 10, 0)) == "OK"


def test_unit_of_an_alarm_leaves_other_units_out() -> None:
    assert state(alarm(Unit="Bytes"), (10, 1)) == "OK"
    assert state(alarm(Unit="Count"), (10, 1)) == "ALARM"


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """An alarm that MiniStack keeps, on a metric with a dimension; nothing was measured yet."""
    for store in ("_metrics", "_alarm_history"):
        monkeypatch.setattr(cloudwatch, store, {})
    kept = {"Namespace": "A", "MetricName": "m", "Dimensions": [{"Name": "d", "Value": "x"}]}
    return alarm(StateValue="OK", AlarmArn=f"arn:{uuid4()}", **kept)


def states_at(described: dict[str, Any], *ages: float) -> list[str]:
    found = []
    for age in ages:
        evaluate(described, NOW + age)
        found.append(described["StateValue"])
    return found


def test_alarm_that_nothing_happened_to_is_over_in_time(rung: dict[str, Any]) -> None:
    metrics.put(Metric("A", "m", {"d": "x"}), 1, NOW)

    assert states_at(rung, 0, 1, PERIOD - 1, PERIOD, PERIOD + 1) == ["ALARM"] * 3 + ["OK"] * 2


def test_point_and_sample_that_came_since_are_seen(rung: dict[str, Any]) -> None:
    metric = Metric("A", "m", {"d": "x"})
    seen = states_at(rung, 0)
    metrics.measure(metric, 0.0, NOW)
    seen += states_at(rung, 1)
    metrics.measure(metric, 1.0, NOW + 2)
    seen += states_at(rung, 2)

    assert seen == ["OK", "OK", "ALARM"]
    assert [point["_stat"] for point in metrics.points(metric)] == [
        {"SampleCount": 2.0, "Sum": 1.0, "Minimum": 0.0, "Maximum": 1.0}
    ]


def test_state_that_somebody_else_gave_is_judged_anew(rung: dict[str, Any]) -> None:
    metrics.put(Metric("A", "m", {"d": "x"}), 1, NOW)
    states_at(rung, 0)

    rung["StateValue"] = "OK"

    assert states_at(rung, 1) == ["ALARM"]


def test_metric_of_another_dimension_or_none_rings_nothing(rung: dict[str, Any]) -> None:
    metrics.put(Metric("A", "m", {"d": "y"}), 1, NOW)
    metrics.put(Metric("A", "m"), 1, NOW)

    assert states_at(rung, 0) == ["OK"]


def line(**changed: Any) -> str:
    directive = {
        "Namespace": "TransactionProcessing",
        "Dimensions": [["service", "environment"]],
        "Metrics": [{"Name": "conflict", "Unit": "Count"}, {"Name": "fileSize", "Unit": "Bytes"}],
    }
    document = {
        "_aws": {"Timestamp": 1_000, "CloudWatchMetrics": [directive]},
        "service": "processor",
        "environment": "dev",
        "conflict": [1, 2.5],
        "fileSize": 7,
        **changed,
    }
    return json.dumps(document)


def test_embedded_metrics_have_their_dimensions_unit_values_and_time() -> None:
    dimensions = {"service": "processor", "environment": "dev"}
    conflict = Metric("TransactionProcessing", "conflict", dimensions)
    size = Metric("TransactionProcessing", "fileSize", dimensions, "Bytes")

    assert embedded(line()) == [(conflict, 1.0, 1.0), (conflict, 2.5, 1.0), (size, 7.0, 1.0)]


def test_each_set_of_dimensions_is_a_metric_of_its_own() -> None:
    metadata = json.loads(line())["_aws"]
    metadata["CloudWatchMetrics"][0] |= {
        "Dimensions": [["service"], []],
        "Metrics": [{"Name": "fileSize"}],
    }

    found = [metric.dimensions for metric, _, _ in embedded(line(_aws=metadata))]

    assert found == [{"service": "processor"}, {}]


@pytest.mark.parametrize(
    "message",
    [
        "START RequestId: 1",
        '{"level": "INFO", "message": "\\"CloudWatchMetrics\\""}',
        '{"CloudWatchMetrics": broken',
        line(fileSize="7"),
        line(service=None).replace('"service": null, ', ""),
        line(_aws={"CloudWatchMetrics": []}),
    ],
)
def test_line_without_whole_metrics_has_none(message: str) -> None:
    assert embedded(message) == []
