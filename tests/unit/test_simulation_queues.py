"""Queues and invocations in memory, as a redrive meets them; queues held to moto as well."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulation.border import PassThrough
from tests.simulation.contract.answers import refusal
from tests.simulation.contract.moto_clients import moto_client
from tests.simulation.contract.queues_contract import COUNTS, QueuesContract
from tests.simulation.services.invocations import Invocation, LambdaClient, LambdaStore
from tests.simulation.services.sqs import SqsClient, SqsStore
from tests.support.unique import unique_letters

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/failed"


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


class TestInMemory(QueuesContract):
    @pytest.fixture
    def client(self, sqs: SqsClient) -> SqsClient:
        return sqs

    @pytest.fixture
    def queue(self) -> str:
        return URL


@pytest.fixture(scope="module")
def sqs_of_moto() -> Iterator[Any]:
    with moto_client("sqs") as client:
        yield client


class TestMoto(QueuesContract):
    @pytest.fixture
    def client(self, sqs_of_moto: Any) -> Any:
        return sqs_of_moto

    @pytest.fixture
    def queue(self, client: Any) -> str:
        url: str = client.create_queue(QueueName=unique_letters())["QueueUrl"]
        return url


def test_an_event_is_taken_for_a_function_that_exists() -> None:
    store = LambdaStore("processor")
    client = LambdaClient(store, PassThrough())

    taken = client.invoke(FunctionName="processor", InvocationType="Event", Payload=b'{"a": 1}')
    refused = refusal(client.invoke, FunctionName="other", InvocationType="Event")

    assert taken["StatusCode"] == 202
    assert refused == ("ResourceNotFoundException", 404)
    assert store.invocations == [Invocation("processor", b'{"a": 1}')]
