"""What each alarm looks at, and how soon it rings."""

import pytest

from tests.support.template import stack

FUNCTION = {"FunctionName": "transaction-processor-dev"}
# Alarms on what services and the processor measure; the others count events of the trail.
MEASURED = {
    "ConflictsAlarm": (
        "TransactionProcessing",
        "conflict",
        {"service": "transaction-processor-dev", "environment": "dev"},
        "Sum",
    ),
    "DeadLetterErrorsAlarm": ("AWS/Lambda", "DeadLetterErrors", FUNCTION, "Sum"),
    "FilesWithoutReceiptAlarm": (
        "TransactionProcessing",
        "swept",
        {"service": "transaction-processor-dev", "environment": "dev"},
        "Sum",
    ),
    "FailedEventsAlarm": (
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": "failed-events-dev"},
        "Maximum",
    ),
    "FunctionErrorsAlarm": ("AWS/Lambda", "Errors", FUNCTION, "Sum"),
    "FunctionThrottlesAlarm": ("AWS/Lambda", "Throttles", FUNCTION, "Sum"),
}


@pytest.mark.parametrize("name", MEASURED)
def test_alarm_looks_at_its_metric_of_this_stack(name: str) -> None:
    alarm = stack().properties(name)

    looks_at = (
        alarm["Namespace"],
        alarm["MetricName"],
        {one["Name"]: one["Value"] for one in alarm["Dimensions"]},
        alarm["Statistic"],
    )

    assert looks_at == MEASURED[name]


def test_every_alarm_rings_within_five_minutes_and_the_sweeps_within_an_hour() -> None:
    for name, alarm in stack().of_type("AWS::CloudWatch::Alarm").items():
        period_s = 3600 if name == "FilesWithoutReceiptAlarm" else 300
        assert (alarm["Period"], alarm["EvaluationPeriods"]) == (period_s, 1), name


def test_alarm_on_the_trail_adds_up_every_event_and_knows_none_from_no_data() -> None:
    filters = stack().of_type("AWS::Logs::MetricFilter")

    for logical_id, metric_filter in filters.items():
        [metric] = metric_filter["MetricTransformations"]
        alarm = stack().properties(logical_id.replace("Filter", "Alarm"))
        assert (metric["MetricValue"], metric["DefaultValue"]) == ("1", 0), logical_id
        # A metric of a filter has no dimensions; an alarm with some would look at nothing.
        assert alarm["Statistic"] == "Sum", logical_id
        assert "Dimensions" not in alarm, logical_id


def test_every_alarm_is_on_a_metric_or_on_the_trail() -> None:
    alarms = stack().of_type("AWS::CloudWatch::Alarm").keys()
    filters = stack().of_type("AWS::Logs::MetricFilter").keys()

    assert alarms == MEASURED.keys() | {one.replace("Filter", "Alarm") for one in filters}
