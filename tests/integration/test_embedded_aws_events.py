"""That events start functions here as on AWS: by a prefix, by a rule, and with permission only.

They say nothing of AWS itself. The function takes none of these events, so that each one which
reached it ends in the queue of failed events, as it came.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.delivery import wait_for
from tests.integration.deployed import Json, Stack, client
from tests.support.unique import unique_letters

pytestmark = pytest.mark.usefixtures("embedded", "refusals_meant")

PREFIX = "work/"
SOURCE = "embedded.aws"


@pytest.fixture
def another_bucket(stack: Stack) -> Iterator[str]:
    """A bucket that is not the stack's, and notifies the stack's function of what has a prefix."""
    s3, name = client("s3", "deployer"), f"embedded-aws-{unique_letters()}"
    filtered = {"Key": {"FilterRules": [{"Name": "prefix", "Value": PREFIX}]}}
    started = {
        "LambdaFunctionArn": stack.outputs["TransactionProcessorFunctionArn"],
        "Events": ["s3:ObjectCreated:*"],
        "Filter": filtered,
    }
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [started]}
    )
    yield name
    for one in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=one["Key"])
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def rules(stack: Stack) -> Iterator[list[str]]:
    """Two rules that start the function; it lets the second one do so."""
    events, functions = client("events", "deployer"), client("lambda", "deployer")
    function = stack.outputs["TransactionProcessorFunctionArn"]
    names = [f"embedded-aws-{unique_letters()}" for _ in range(2)]
    for name in names:
        rule = events.put_rule(Name=name, EventPattern=json.dumps({"source": [SOURCE]}))
        target = {"Id": "function", "Arn": function, "Input": json.dumps({"from": name})}
        events.put_targets(Rule=name, Targets=[target])
    functions.add_permission(
        FunctionName=function,
        StatementId=names[1],
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule["RuleArn"],
    )
    yield names
    functions.remove_permission(FunctionName=function, StatementId=names[1])
    for name in names:
        events.remove_targets(Rule=name, Ids=["function"])
        events.delete_rule(Name=name)


def taken(stack: Stack, words: str) -> Json | None:
    """The failed event that holds some words, taken off the queue; None if none does."""
    sqs, queue_url = client("sqs"), stack.outputs["FailedEventsQueueUrl"]
    received: Any = sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=1
    )
    for message in received.get("Messages", []):
        if words in message["Body"]:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            event: Json = json.loads(message["Body"])
            return event
    return None


def test_an_object_starts_the_function_by_its_prefix_only(
    stack: Stack, another_bucket: str
) -> None:
    s3 = client("s3", "deployer")

    s3.put_object(Bucket=another_bucket, Key=f"else/{PREFIX}a.json", Body=b"{}")
    s3.put_object(Bucket=another_bucket, Key=f"{PREFIX}b.json", Body=b"{}")

    event = wait_for(lambda: taken(stack, another_bucket))
    assert event is not None
    assert [one["s3"]["object"]["key"] for one in event["Records"]] == [f"{PREFIX}b.json"]
    assert taken(stack, another_bucket) is None


def test_a_rule_starts_the_function_with_its_permission_only(
    stack: Stack, rules: list[str]
) -> None:
    refused, permitted = rules

    client("events", "deployer").put_events(
        Entries=[{"Source": SOURCE, "DetailType": "any", "Detail": "{}"}]
    )

    assert wait_for(lambda: taken(stack, permitted)) == {"from": permitted}
    assert taken(stack, refused) is None
