"""An SQS client on standard queues in memory."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tests.simulation.border import Border
from tests.simulation.services.clock import Clock
from tests.simulation.services.errors import accept, reply, service_error

_MESSAGES_MAX: Final = 10
_BYTES_MAX: Final = 1024 * 1024


@dataclass
class Message:
    """A message.

    Args:
        visible_at: Until then no one receives it.
        receipt_handle: Of the last receipt; it alone is sure to delete the message.
    """

    message_id: str
    body: str
    sent_at: datetime
    visible_at: datetime
    attributes: dict[str, Any] = field(default_factory=dict)
    receives: int = 0
    receipt_handle: str | None = None


@dataclass
class Queue:
    """A queue, its messages in the order of sending."""

    url: str
    visibility_timeout: timedelta = timedelta(seconds=30)
    messages: list[Message] = field(default_factory=list)


class SqsStore:
    """All queues.

    Args:
        clock: The simulated time.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.queues: dict[str, Queue] = {}
        self._numbered = 0

    def create_queue(self, url: str, visibility_seconds: int = 30) -> Queue:
        """Adds an empty queue."""
        self.queues[url] = Queue(url, timedelta(seconds=visibility_seconds))
        return self.queues[url]

    def send(self, url: str, body: str, attributes: dict[str, Any] | None = None) -> Message:
        """Adds a message, as Lambda does when it gives up on an event."""
        now = self.clock()
        message = Message(f"message-{self.number():08}", body, now, now, dict(attributes or {}))
        self.queues[url].messages.append(message)
        return message

    def number(self) -> int:
        """Another one every time."""
        self._numbered += 1
        return self._numbered


class SqsClient:
    """The calls of a boto3 SQS client that a redrive needs.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/

    Args:
        store: Shared by all clients.
        border: Of this client.
    """

    def __init__(self, store: SqsStore, border: Border) -> None:
        self._store = store
        self._border = border

    def _call(
        self,
        operation: str,
        parameters: dict[str, Any],
        execute: Callable[[Queue, dict[str, Any]], dict[str, Any]],
    ) -> dict[str, Any]:
        def on_queue() -> dict[str, Any]:
            queue = self._store.queues.get(parameters["QueueUrl"])
            if queue is None:
                raise service_error(
                    operation,
                    "AWS.SimpleQueueService.NonExistentQueue",
                    "The specified queue does not exist.",
                )
            return execute(queue, parameters)

        return self._border.call("sqs", operation, parameters, on_queue)

    def send_message(self, **parameters: Any) -> dict[str, Any]:
        """Up to 1 MiB of text."""
        accept("SendMessage", parameters, ("QueueUrl", "MessageBody"), ("MessageAttributes",))
        return self._call("SendMessage", parameters, self._send)

    def receive_message(self, **parameters: Any) -> dict[str, Any]:
        """Up to 10 messages, which then are hidden for a while. It never waits."""
        optional = (
            *("MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds"),
            *("MessageSystemAttributeNames", "MessageAttributeNames"),
        )
        accept("ReceiveMessage", parameters, ("QueueUrl",), optional)
        return self._call("ReceiveMessage", parameters, self._receive)

    def delete_message(self, **parameters: Any) -> dict[str, Any]:
        """Safe to call again; an older receipt's handle deletes nothing."""
        accept("DeleteMessage", parameters, ("QueueUrl", "ReceiptHandle"))
        return self._call("DeleteMessage", parameters, self._delete)

    def get_queue_attributes(self, **parameters: Any) -> dict[str, Any]:
        """The counts of messages, exact here."""
        accept("GetQueueAttributes", parameters, ("QueueUrl", "AttributeNames"))
        return self._call("GetQueueAttributes", parameters, self._attributes)

    def _send(self, queue: Queue, parameters: dict[str, Any]) -> dict[str, Any]:
        body = parameters["MessageBody"]
        if not 1 <= len(body.encode()) <= _BYTES_MAX:
            raise service_error(
                "SendMessage", "InvalidParameterValue", "Message must be between 1 and 1048576."
            )
        message = self._store.send(queue.url, body, parameters.get("MessageAttributes"))
        return reply(MessageId=message.message_id, MD5OfMessageBody=_md5(body))

    def _receive(self, queue: Queue, parameters: dict[str, Any]) -> dict[str, Any]:
        now = self._store.clock()
        most = parameters.get("MaxNumberOfMessages", 1)
        if not 1 <= most <= _MESSAGES_MAX:
            raise service_error(
                "ReceiveMessage", "InvalidParameterValue", "Must be between 1 and 10, if provided."
            )
        hidden = queue.visibility_timeout
        if "VisibilityTimeout" in parameters:
            hidden = timedelta(seconds=parameters["VisibilityTimeout"])
        received = [one for one in queue.messages if one.visible_at <= now][:most]
        for message in received:
            message.receives += 1
            message.visible_at = now + hidden
            message.receipt_handle = f"{message.message_id}/{self._store.number()}"
        return reply(Messages=[_received(message) for message in received] or None)

    def _delete(self, queue: Queue, parameters: dict[str, Any]) -> dict[str, Any]:
        handle = parameters["ReceiptHandle"]
        queue.messages[:] = [one for one in queue.messages if one.receipt_handle != handle]
        return reply()

    def _attributes(self, queue: Queue, parameters: dict[str, Any]) -> dict[str, Any]:
        now = self._store.clock()
        visible = sum(message.visible_at <= now for message in queue.messages)
        counts = {
            "ApproximateNumberOfMessages": str(visible),
            "ApproximateNumberOfMessagesNotVisible": str(len(queue.messages) - visible),
        }
        names = parameters["AttributeNames"]
        return reply(
            Attributes={
                name: count for name, count in counts.items() if name in names or "All" in names
            }
        )


def _received(message: Message) -> dict[str, Any]:
    """All of its attributes, asked for or not."""
    return {
        "MessageId": message.message_id,
        "ReceiptHandle": message.receipt_handle,
        "Body": message.body,
        "MD5OfBody": _md5(message.body),
        "MessageAttributes": dict(message.attributes),
        "Attributes": {
            "ApproximateReceiveCount": str(message.receives),
            "SentTimestamp": str(int(message.sent_at.timestamp() * 1000)),
        },
    }


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
