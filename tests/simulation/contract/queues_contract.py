"""What an SQS client must do, by the API reference.

Needs the fixtures `client` and `queue`: the address of an empty standard queue that hides for long
what was received.
"""

from typing import Any

import pytest

from tests.simulation.contract.answers import refusal

COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


class QueuesContract:
    """SendMessage, ReceiveMessage, DeleteMessage, GetQueueAttributes."""

    def receive(self, client: Any, queue: str, **parameters: Any) -> list[dict[str, Any]]:
        """Up to 10 messages, and how often each was received."""
        answer = client.receive_message(
            QueueUrl=queue,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
            **parameters,
        )
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found

    def test_a_received_message_is_hidden_and_counted(self, client: Any, queue: str) -> None:
        sent = client.send_message(QueueUrl=queue, MessageBody="event ü")

        (message,) = self.receive(client, queue)

        assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "event ü")
        assert message["MD5OfBody"] == sent["MD5OfMessageBody"]
        assert self.receive(client, queue) == []
        counts = client.get_queue_attributes(QueueUrl=queue, AttributeNames=COUNTS)["Attributes"]
        assert counts == dict(zip(COUNTS, ["0", "1"], strict=True))

    def test_a_message_that_is_not_hidden_comes_again(self, client: Any, queue: str) -> None:
        client.send_message(QueueUrl=queue, MessageBody="event")
        (first,) = self.receive(client, queue, VisibilityTimeout=0)

        (again,) = self.receive(client, queue)

        assert again["MessageId"] == first["MessageId"]
        assert again["ReceiptHandle"] != first["ReceiptHandle"]
        assert again["Attributes"]["ApproximateReceiveCount"] == "2"

    def test_a_deleted_message_does_not_come_back(self, client: Any, queue: str) -> None:
        for body in ("a", "b"):
            client.send_message(QueueUrl=queue, MessageBody=body)
        received = self.receive(client, queue, VisibilityTimeout=0)
        (handle,) = [one["ReceiptHandle"] for one in received if one["Body"] == "a"]

        client.delete_message(QueueUrl=queue, ReceiptHandle=handle)

        assert [message["Body"] for message in self.receive(client, queue)] == ["b"]

    def test_a_message_may_be_deleted_again(self, client: Any, queue: str) -> None:
        """Source: https://aws.amazon.com/sqs/faqs/ ("on a previously deleted message")."""
        client.send_message(QueueUrl=queue, MessageBody="event")
        (message,) = self.receive(client, queue)

        for _ in range(2):
            client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

        assert self.receive(client, queue, VisibilityTimeout=0) == []

    @pytest.mark.parametrize("count", [0, 11])
    def test_one_to_ten_messages_are_received(self, client: Any, queue: str, count: int) -> None:
        refused = refusal(client.receive_message, QueueUrl=queue, MaxNumberOfMessages=count)

        assert refused == ("InvalidParameterValue", 400)

    def test_a_queue_that_is_not_there_is_told(self, client: Any, queue: str) -> None:
        refused = refusal(client.receive_message, QueueUrl=f"{queue}-absent")

        assert refused == ("AWS.SimpleQueueService.NonExistentQueue", 400)
