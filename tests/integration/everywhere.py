"""All that a stack holds or has said, as texts to be searched."""

import json

from boto3.dynamodb.types import TypeDeserializer

from tests.integration.deployed import Stack, client

TABLES = ("TransactionMetadataTableName", "FileLedgerTableName")


def everything(stack: Stack) -> dict[str, str]:
    """By place. All but the uploaded files, which are the evidence and hold what they hold."""
    return logs() | objects(stack) | items(stack) | messages(stack) | metrics()


def logs() -> dict[str, str]:
    """Every line of every log group."""
    channels = {}
    for page in client("logs").get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            pages = (
                client("logs")
                .get_paginator("filter_log_events")
                .paginate(logGroupName=group["logGroupName"])
            )
            lines = [event["message"] for page in pages for event in page["events"]]
            channels[f"log {group['logGroupName']}"] = "\n".join(lines)
    return channels


def objects(stack: Stack) -> dict[str, str]:
    """Every version of every object of the results bucket, with its key and headers."""
    s3, bucket = client("s3"), stack.outputs["TransactionResultsBucketName"]
    channels = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for listed in page.get("Versions", ()):
            answer = s3.get_object(Bucket=bucket, Key=listed["Key"], VersionId=listed["VersionId"])
            body = answer.pop("Body").read().decode()
            channels[f"object {listed['Key']} {listed['VersionId']}"] = f"{answer} {body}"
    return channels


def items(stack: Stack) -> dict[str, str]:
    """Every item of both tables."""
    deserialize = TypeDeserializer().deserialize
    channels = {}
    for name in TABLES:
        pages = (
            client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=stack.outputs[name], ConsistentRead=True)
        )
        found = [
            json.dumps(
                {member: deserialize(value) for member, value in item.items()},
                default=str,
                ensure_ascii=False,
            )
            for page in pages
            for item in page["Items"]
        ]
        channels[f"table {name}"] = "\n".join(found)
    return channels


def messages(stack: Stack) -> dict[str, str]:
    """Failed events that are waiting; they stay where they are."""
    sqs, url = client("sqs"), stack.outputs["FailedEventsQueueUrl"]
    found = []
    while received := sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        VisibilityTimeout=2,
    ).get("Messages"):
        found += [json.dumps(message) for message in received]
    return {"failed events": "\n".join(found)}


def metrics() -> dict[str, str]:
    """Names and dimensions of every metric."""
    pages = client("cloudwatch").get_paginator("list_metrics").paginate()
    return {"metrics": "\n".join(str(one) for page in pages for one in page["Metrics"])}
