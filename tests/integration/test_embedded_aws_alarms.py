"""That alarms ring here as on AWS, only sooner: metrics arrive, and the topic is told.

They say nothing of AWS itself. Other tests may have rung an alarm just before, so each one looks at
the metric behind its alarm as well.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.alarms import (
    SECONDS_MAX,
    alarm,
    counted_in,
    rings,
    sum_of,
    trail_events,
)
from tests.integration.delivery import Desk, wait_for
from tests.integration.deployed import Json, Stack, client
from tests.integration.files import as_csv, transaction
from tests.support.unique import unique_letters

pytestmark = pytest.mark.usefixtures("embedded")


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
