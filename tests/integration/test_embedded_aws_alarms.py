"""That alarms ring here as on AWS, only sooner: metrics arrive, the trail tells, the topic is told.

They say nothing of AWS itself. Other tests may have rung an alarm just before, so each one looks at
the metric behind its alarm as well.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.delivery import Desk, wait_for
from tests.integration.deployed import Json, Stack, client
from tests.integration.files import as_csv, transaction
from tests.support.unique import unique_letters

pytestmark = pytest.mark.usefixtures("embedded")

SECONDS_MAX = 30.0
WINDOW_SECONDS = 600


def alarm(stack: Stack, logical_id: str) -> Json:
    """An alarm of the stack as it is now."""
    name = stack.resources[logical_id]
    (found,) = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    described: Json = found
    return described


def rings(stack: Stack, logical_id: str) -> bool:
    """Whether an alarm rings, soon."""

    def ask() -> bool | None:
        return alarm(stack, logical_id)["StateValue"] == "ALARM" or None

    return bool(wait_for(ask, SECONDS_MAX))


def sum_of(namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> float:
    """What a metric comes to in the last minutes."""
    answer = client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "one",
                "MetricStat": {
                    "Metric": {
                        "Namespace": namespace,
                        "MetricName": name,
                        "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
                    },
                    "Period": 60,
                    "Stat": statistic,
                },
            }
        ],
        StartTime=time.time() - WINDOW_SECONDS,
        EndTime=time.time() + 1,
    )
    return float(sum(answer["MetricDataResults"][0]["Values"]))


@contextmanager
def counted_in(stack: Stack, logical_id: str, least: float = 1) -> Iterator[None]:
    """Checks that what is done meanwhile raises the metric of an alarm, and that it rings."""
    described = alarm(stack, logical_id)
    dimensions = {each["Name"]: each["Value"] for each in described["Dimensions"]}

    def count() -> float:
        return sum_of(described["Namespace"], described["MetricName"], **dimensions)

    before = count()
    yield
    assert wait_for(lambda: count() >= before + least or None, SECONDS_MAX)
    assert rings(stack, logical_id)


def trail_events(stack: Stack, pattern: str, since: float) -> list[Json]:
    """The trail's events that match a pattern, since a time in seconds."""
    pages = (
        client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=stack.resources["TrailLogGroup"],
            filterPattern=pattern,
            startTime=int(since * 1000),
        )
    )
    return [json.loads(event["message"]) for page in pages for event in page["events"]]


def from_topic(stack: Stack, queue_arn: str) -> str:
    """A queue's policy that lets the alarms' topic send to it."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": stack.resources["AlarmTopic"]}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def told(stack: Stack) -> Iterator[Callable[[], Json | None]]:
    """What the alarms' topic tells a subscriber, one message a call."""
    queues, topics = client("sqs", "deployer"), client("sns", "deployer")
    url = queues.create_queue(QueueName=f"told-{unique_letters()}")["QueueUrl"]
    attributes = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": from_topic(stack, arn)})
    subscription = topics.subscribe(
        TopicArn=stack.resources["AlarmTopic"],
        Protocol="sqs",
        Endpoint=arn,
    )["SubscriptionArn"]

    def receive() -> Json | None:
        for message in queues.receive_message(QueueUrl=url).get("Messages", []):
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found: Json = json.loads(json.loads(message["Body"])["Message"])
            return found
        return None

    yield receive
    topics.unsubscribe(SubscriptionArn=subscription)
    queues.delete_queue(QueueUrl=url)


def test_a_conflict_rings_and_the_topic_is_told(
    stack: Stack, desk: Desk, run: str, told: Callable[[], Json | None]
) -> None:
    name = stack.resources["ConflictsAlarm"]
    first = transaction(f"{run}-rings", 1)
    # By hand, so that it rings anew even if other tests' conflicts are still in its period.
    client("cloudwatch", "deployer").set_alarm_state(
        AlarmName=name, StateValue="OK", StateReason="a test begins"
    )
    assert alarm(stack, "ConflictsAlarm")["StateReason"] == "a test begins"

    with counted_in(stack, "ConflictsAlarm"):
        sent = desk.send("rings.csv", as_csv([first, first | {"amount": "77.77"}]))
        assert desk.receipt(sent)["outcomes"]["conflict"] == 1

    def asked() -> Json | None:
        message = told()
        return message if message and message["AlarmName"] == name else None

    message = wait_for(asked, SECONDS_MAX)
    assert message is not None
    assert (message["OldStateValue"], message["NewStateValue"]) == ("OK", "ALARM")
    history = client("cloudwatch").describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert "Alarm updated from OK to ALARM" in [item["HistorySummary"] for item in history]


@pytest.mark.usefixtures("refusals_meant")
def test_a_failed_event_rings_for_the_queue_and_for_the_error(stack: Stack, run: str) -> None:
    queue_url = stack.outputs["FailedEventsQueueUrl"]
    function = stack.outputs["TransactionProcessorFunctionName"]

    with counted_in(stack, "FunctionErrorsAlarm", least=3):
        client("lambda").invoke(
            FunctionName=function, InvocationType="Event", Payload=json.dumps({"from": run})
        )
        assert rings(stack, "FailedEventsAlarm")

    queue = {"QueueName": queue_url.rpartition("/")[2]}
    assert sum_of("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", **queue) >= 1
    assert sum_of("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", **queue) > 0
    invoked = [
        sum_of("AWS/Lambda", name, FunctionName=function) for name in ("Invocations", "Duration")
    ]
    assert invoked[0] >= 3
    assert invoked[1] > 0
    taken = wait_for(lambda: _taken(queue_url, run))
    assert taken == {"from": run}


def _taken(queue_url: str, words: str) -> Json | None:
    sqs: Any = client("sqs")
    received = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=1)
    for message in received.get("Messages", []):
        if words in message["Body"]:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            event: Json = json.loads(message["Body"])
            return event
    return None


def test_a_disabled_key_rings_and_the_trail_names_who_did_it(stack: Stack) -> None:
    kms, key = client("kms", "deployer"), stack.outputs["EncryptionKeyArn"]
    since = time.time()

    with counted_in(stack, "KeyDisabledAlarm"):
        try:
            kms.disable_key(KeyId=key)
        finally:
            kms.enable_key(KeyId=key)

    (event,) = trail_events(stack, "{ $.eventName = DisableKey }", since)
    assert event["userIdentity"]["userName"] == "deployer"
    assert event["requestParameters"] == {"keyId": key}
    assert event["eventSource"] == "kms.amazonaws.com"
    assert "errorCode" not in event


def test_a_refused_call_rings_and_counts_as_what_it_asked_for(stack: Stack) -> None:
    kms, since = client("kms"), time.time()
    disabled = sum_of(alarm(stack, "KeyDisabledAlarm")["Namespace"], "KeyDisabledCount")

    with (
        counted_in(stack, "RefusedCallsAlarm"),
        pytest.raises(ClientError, match="AccessDenied"),
    ):
        kms.schedule_key_deletion(KeyId=stack.outputs["EncryptionKeyArn"])

    (event,) = trail_events(stack, "{ $.errorCode EXISTS }", since)
    assert event["eventName"] == "ScheduleKeyDeletion"
    assert event["userIdentity"]["userName"] == "tester"
    assert event["errorCode"] == "AccessDenied"
    # The filter does not ask whether it was done, as on AWS.
    namespace = alarm(stack, "KeyDisabledAlarm")["Namespace"]
    assert sum_of(namespace, "KeyDisabledCount") == disabled + 1


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


def test_a_table_with_a_maximum_throttles_until_it_is_taken_back(
    stack: Stack, desk: Desk, run: str
) -> None:
    tables, name = client("dynamodb", "deployer"), stack.outputs["TransactionMetadataTableName"]
    body = as_csv(transaction(f"{run}-throttled", number) for number in range(60))

    def throttled() -> float:
        return sum_of("AWS/DynamoDB", "WriteThrottleEvents", TableName=name)

    before = throttled()
    tables.update_table(TableName=name, OnDemandThroughput={"MaxWriteRequestUnits": 1})
    try:
        sent = desk.send("throttled.csv", body)
        assert wait_for(lambda: throttled() > before or None, SECONDS_MAX)
        assert not desk.has_receipt(sent)
    finally:
        tables.update_table(TableName=name, OnDemandThroughput={"MaxWriteRequestUnits": -1})

    assert desk.receipt(sent)["outcomes"]["stored"] == 60
    assert sum_of("AWS/DynamoDB", "ReadThrottleEvents", TableName=name) == 0


def test_single_calls_and_transactions_are_throttled_too(stack: Stack, run: str) -> None:
    tables = client("dynamodb", "deployer")
    name = f"throttled-{unique_letters()}"
    # An account takes no maximum of 0; here nothing passes then, in whatever second it comes.
    tables.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        OnDemandThroughput={"MaxReadRequestUnits": 0, "MaxWriteRequestUnits": 0},
    )
    key = {"id": {"S": run}}
    put = {"Put": {"TableName": name, "Item": key}}
    insert = {"Statement": f"INSERT INTO \"{name}\" VALUE {{'id': '{run}'}}"}
    try:
        with pytest.raises(ClientError, match="ThrottlingException"):
            tables.put_item(TableName=name, Item=key)
        with pytest.raises(ClientError, match="ThrottlingException"):
            tables.get_item(TableName=name, Key=key)
        with pytest.raises(ClientError, match=r"TransactionCanceled.*\[ThrottlingError\]"):
            tables.transact_write_items(TransactItems=[put])
        (answer,) = tables.batch_execute_statement(Statements=[insert])["Responses"]
        assert answer["Error"]["Code"] == "ThrottlingError"
    finally:
        tables.delete_table(TableName=name)

    # The SDK tries again what is throttled.
    assert sum_of("AWS/DynamoDB", "WriteThrottleEvents", TableName=name) >= 3
    assert sum_of("AWS/DynamoDB", "ReadThrottleEvents", TableName=name) >= 1
