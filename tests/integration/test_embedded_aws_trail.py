"""That the trail of the embedded AWS tells who did what, and that its filters count it.

They say nothing of AWS itself: the events are made after CloudTrail's documentation.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.alarms import counted_in, trail_events
from tests.integration.deployed import Json, Stack, client
from tests.support.unique import unique_letters

pytestmark = pytest.mark.usefixtures("embedded")


def test_a_refused_call_rings_and_counts_as_what_it_asked_for(stack: Stack) -> None:
    kms, since = client("kms"), time.time()

    # The filter on keys does not ask whether anything was done, as on AWS.
    with (
        counted_in(stack, "RefusedCallsAlarm"),
        counted_in(stack, "KeyDisabledAlarm"),
        pytest.raises(ClientError, match="AccessDenied"),
    ):
        kms.schedule_key_deletion(KeyId=stack.outputs["EncryptionKeyArn"])

    (event,) = trail_events(stack, "{ $.errorCode EXISTS }", since)
    assert event["eventName"] == "ScheduleKeyDeletion"
    assert event["userIdentity"]["userName"] == "tester"
    assert event["errorCode"] == "AccessDenied"


def test_a_file_without_the_headers_is_in_the_trail_as_a_refused_data_event(
    stack: Stack, sender: Any
) -> None:
    since, key = time.time(), f"refused-{unique_letters()}.csv"

    with counted_in(stack, "RefusedCallsAlarm"), pytest.raises(ClientError, match="AccessDenied"):
        sender.put_object(Bucket=stack.outputs["TransactionDataBucketName"], Key=key, Body=b"")

    (event,) = trail_events(stack, '{ $.errorCode = "AccessDenied*" }', since)
    assert (event["eventName"], event["eventCategory"]) == ("PutObject", "Data")
    assert event["requestParameters"]["key"] == key


@pytest.mark.parametrize(
    ("logical_id", "service", "operation", "parameters"),
    [
        (
            "BucketPolicyChangeAlarm",
            "s3",
            "put_bucket_policy",
            lambda stack: {
                "Bucket": stack.outputs["TransactionDataBucketName"],
                "Policy": client("s3").get_bucket_policy(
                    Bucket=stack.outputs["TransactionDataBucketName"]
                )["Policy"],
            },
        ),
        (
            "KeyPolicyChangeAlarm",
            "kms",
            "put_key_policy",
            lambda stack: {
                "KeyId": stack.outputs["EncryptionKeyArn"],
                "PolicyName": "default",
                "Policy": client("kms").get_key_policy(
                    KeyId=stack.outputs["EncryptionKeyArn"], PolicyName="default"
                )["Policy"],
            },
        ),
        (
            "SafeguardChangeAlarm",
            "cloudwatch",
            "disable_alarm_actions",
            lambda stack: {"AlarmNames": []},
        ),
        (
            "AccessChangeAlarm",
            "lambda",
            "update_function_configuration",
            lambda stack: {
                "FunctionName": stack.outputs["TransactionProcessorFunctionName"],
                "Description": "",
            },
        ),
    ],
)
def test_a_change_rings(
    stack: Stack,
    logical_id: str,
    service: str,
    operation: str,
    parameters: Callable[[Stack], Json],
) -> None:
    asked = parameters(stack)

    with counted_in(stack, logical_id):
        getattr(client(service, "deployer"), operation)(**asked)


def test_the_trail_records_its_own_end_and_nothing_until_it_begins_again(stack: Stack) -> None:
    trail, name, since = (
        client("cloudtrail", "deployer"),
        stack.outputs["CloudTrailName"],
        time.time(),
    )

    with counted_in(stack, "TrailChangeAlarm", least=2):
        try:
            trail.stop_logging(Name=name)
            client("kms").describe_key(KeyId=stack.outputs["EncryptionKeyArn"])
        finally:
            trail.start_logging(Name=name)

    pattern = "{ $.eventName = *Logging || $.eventName = DescribeKey }"
    names = [event["eventName"] for event in trail_events(stack, pattern, since)]
    assert names == ["StopLogging", "StartLogging"]


def test_a_filter_that_is_not_understood_is_refused(stack: Stack) -> None:
    logs, group = client("logs", "deployer"), stack.resources["TrailLogGroup"]

    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.put_metric_filter(
            logGroupName=group,
            filterName="embedded-aws",
            filterPattern="{ $.size > 1 }",
            metricTransformations=[{"metricName": "a", "metricNamespace": "a", "metricValue": "1"}],
        )
