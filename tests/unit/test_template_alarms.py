"""What each alarm looks at, and how soon it rings."""

import pytest

from processor.backoff import HAND_OVER_SECONDS, TIME_RESERVE_SECONDS
from tests.support.template import Json, stack

FUNCTION = {"FunctionName": "transaction-processor-dev"}
PROCESSOR = {"service": "transaction-processor-dev", "environment": "dev"}
TRANSACTIONS = {"TableName": "transaction-metadata-dev"}
LEDGER = {"TableName": "file-ledger-dev"}
# Alarms on what services and the processor measure; the others count events of the trail.
MEASURED = {
    "BrokenFilesAlarm": ("TransactionProcessing", "broken", PROCESSOR, "Sum"),
    "ConflictsAlarm": ("TransactionProcessing", "conflict", PROCESSOR, "Sum"),
    "DeadLetterErrorsAlarm": ("AWS/Lambda", "DeadLetterErrors", FUNCTION, "Sum"),
    "DurationAlarm": ("AWS/Lambda", "Duration", FUNCTION, "Maximum"),
    "FileLedgerReadThrottlesAlarm": ("AWS/DynamoDB", "ReadThrottleEvents", LEDGER, "Sum"),
    "FileLedgerWriteThrottlesAlarm": ("AWS/DynamoDB", "WriteThrottleEvents", LEDGER, "Sum"),
    "FilesWithoutReceiptAlarm": ("TransactionProcessing", "swept", PROCESSOR, "Sum"),
    "FailedEventsAlarm": (
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": "failed-events-dev"},
        "Maximum",
    ),
    "FunctionErrorsAlarm": ("AWS/Lambda", "Errors", FUNCTION, "Sum"),
    "FunctionThrottlesAlarm": ("AWS/Lambda", "Throttles", FUNCTION, "Sum"),
    "RejectRateAlarm": ("TransactionProcessing", "rejectedPercent", PROCESSOR, "Maximum"),
    "TransactionTableReadThrottlesAlarm": (
        *("AWS/DynamoDB", "ReadThrottleEvents"),
        *(TRANSACTIONS, "Sum"),
    ),
    "TransactionTableWriteThrottlesAlarm": (
        *("AWS/DynamoDB", "WriteThrottleEvents"),
        *(TRANSACTIONS, "Sum"),
    ),
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


def test_every_alarm_rings_within_five_minutes_but_the_sweeps_and_those_on_what_lasts() -> None:
    for name, alarm in stack().of_type("AWS::CloudWatch::Alarm").items():
        period_s = 3600 if name == "FilesWithoutReceiptAlarm" else 300
        periods = (3, 6) if alarm["Namespace"] == "AWS/DynamoDB" else (None, 1)
        assert alarm["Period"] == period_s, name
        assert (alarm.get("DatapointsToAlarm"), alarm["EvaluationPeriods"]) == periods, name


def test_every_alarm_rings_at_the_first_event_but_those_on_a_measure() -> None:
    thresholds = {
        name: alarm["Threshold"]
        for name, alarm in stack(RejectRatePercent="7").of_type("AWS::CloudWatch::Alarm").items()
        if alarm["Threshold"] != 1
    }

    assert thresholds == {"DurationAlarm": 855_000, "RejectRateAlarm": "7"}


def test_duration_rings_between_handing_on_and_the_limit() -> None:
    limit_s = stack().properties("TransactionProcessorFunction")["Timeout"]
    threshold_ms = stack().properties("DurationAlarm")["Threshold"]

    assert limit_s - HAND_OVER_SECONDS < threshold_ms / 1000 < limit_s
    assert threshold_ms == 1000 * (limit_s - TIME_RESERVE_SECONDS)


def alarm_of(metric_filter: Json) -> str:
    """Logical id of the alarm on what a filter counts: its metric, with another ending."""
    [metric] = metric_filter["MetricTransformations"]
    return str(metric["MetricName"]).removesuffix("Count") + "Alarm"


def test_alarm_on_the_trail_adds_up_every_event_and_knows_none_from_no_data() -> None:
    filters = stack().of_type("AWS::Logs::MetricFilter")

    for logical_id, metric_filter in filters.items():
        [metric] = metric_filter["MetricTransformations"]
        alarm = stack().properties(alarm_of(metric_filter))
        assert (metric["MetricValue"], metric["DefaultValue"]) == ("1", 0), logical_id
        # A metric of a filter has no dimensions; an alarm with some would look at nothing.
        assert alarm["Statistic"] == "Sum", logical_id
        assert "Dimensions" not in alarm, logical_id


def test_every_alarm_is_on_a_metric_or_on_the_trail() -> None:
    alarms = stack().of_type("AWS::CloudWatch::Alarm").keys()
    filters = stack().of_type("AWS::Logs::MetricFilter").values()

    assert alarms == MEASURED.keys() | {alarm_of(one) for one in filters}
