"""What keeps failing is kept: after two more tries, the event itself, ready to be sent again."""

import json

import pytest

from processor.domain.file import ObjectVersion
from tests.integration.delivery import Desk, Sent, wait_for
from tests.integration.deployed import Json, Stack, client
from tests.support.events import s3_event

pytestmark = pytest.mark.usefixtures("embedded")


def take_message(stack: Stack, key: str) -> Json | None:
    """Takes the failed event that names a key off the queue; leaves all others."""
    sqs, queue_url = client("sqs"), stack.outputs["FailedEventsQueueUrl"]
    received = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        VisibilityTimeout=1,
    )
    for message in received.get("Messages", []):
        if key in message["Body"]:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            found: Json = message
            return found
    return None


@pytest.mark.usefixtures("refusals_meant")
def test_a_failing_event_is_tried_three_times_and_kept_once_with_itself_as_the_body(
    stack: Stack, desk: Desk, run: str
) -> None:
    version = ObjectVersion(
        stack.outputs["CloudTrailLogsBucketName"], f"given-up-{run}.csv", "v1", "0" * 32, 1
    )
    event = s3_event(version)

    client("lambda").invoke(
        FunctionName=stack.outputs["TransactionProcessorFunctionName"],
        InvocationType="Event",
        Payload=json.dumps(event).encode(),
    )
    message = wait_for(lambda: take_message(stack, version.key))

    assert message is not None
    assert json.loads(message["Body"]) == event
    attributes = {name: each["StringValue"] for name, each in message["MessageAttributes"].items()}
    assert set(attributes) == {"RequestID", "ErrorCode", "ErrorMessage"}
    assert version.key in attributes["ErrorMessage"]
    failures = [line for line in desk.log_of(Sent(version, b"")) if '"file failed"' in line]
    # Lambda may run an event more often than it must, and says so.
    assert len(failures) >= 3
    assert take_message(stack, version.key) is None
