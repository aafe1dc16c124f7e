"""Queues and invocations in memory, as a redrive meets them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulation.border import PassThrough
from tests.simulation.contract.answers import refusal
from tests.simulation.services.invocations import Invocation, LambdaClient, LambdaStore
from tests.simulation.services.sqs import SqsClient, SqsStore

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/failed"
COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sqs(clock: Clock) -> SqsClient:
    store = SqsStore(clock)
    store.create_queue(URL, visibility_seconds=60)
    return SqsClient(store, PassThrough())


def test_a_received_message_is_hidden_until_its_time_is_over(sqs: SqsClient, clock: Clock) -> None:
    sqs.send_message(QueueUrl=URL, MessageBody="event")
    (first,) = sqs.receive_message(QueueUrl=URL)["Messages"]
    counts = sqs.get_queue_attributes(QueueUrl=URL, AttributeNames=COUNTS)["Attributes"]

    hidden = sqs.receive_message(QueueUrl=URL)
    clock.now += timedelta(seconds=60)
    (again,) = sqs.receive_message(QueueUrl=URL)["Messages"]

    assert "Messages" not in hidden
    assert list(counts.values()) == ["0", "1"]
    assert (again["MessageId"], again["Body"]) == (first["MessageId"], "event")
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    assert again["ReceiptHandle"] != first["ReceiptHandle"]


def test_a_deleted_message_does_not_come_back(sqs: SqsClient, clock: Clock) -> None:
    for body in ("a", "b"):
        sqs.send_message(QueueUrl=URL, MessageBody=body)
    a, _ = sqs.receive_message(QueueUrl=URL, MaxNumberOfMessages=10)["Messages"]

    sqs.delete_message(QueueUrl=URL, ReceiptHandle=a["ReceiptHandle"])
    clock.now += timedelta(seconds=60)

    left = sqs.receive_message(QueueUrl=URL, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in left] == ["b"]


def test_a_queue_that_is_not_there_is_told(sqs: SqsClient) -> None:
    refused = refusal(sqs.receive_message, QueueUrl="https://other")

    assert refused == ("AWS.SimpleQueueService.NonExistentQueue", 400)


def test_an_event_is_taken_for_a_function_that_exists() -> None:
    store = LambdaStore("processor")
    client = LambdaClient(store, PassThrough())

    taken = client.invoke(FunctionName="processor", InvocationType="Event", Payload=b'{"a": 1}')
    refused = refusal(client.invoke, FunctionName="other", InvocationType="Event")

    assert taken["StatusCode"] == 202
    assert refused == ("ResourceNotFoundException", 404)
    assert store.invocations == [Invocation("processor", b'{"a": 1}')]
