"""The way of a file as its sender sees it: upload, wait, read the receipt and what it points to."""

import hashlib
import io
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from processor.domain.file import ObjectVersion
from tests.integration.deployed import Json, Stack, client, is_embedded

RECEIPT_SECONDS_MAX = 60.0 if is_embedded() else 600.0
"""An account may deliver an event a minute late, and may try it twice more.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

CLOCK_SKEW_SECONDS_MAX = 60
POLL_SECONDS = 0.1 if is_embedded() else 1.0


@dataclass(frozen=True)
class Sent:
    """A file on its way: the object version, and the bytes as sent."""

    version: ObjectVersion
    body: bytes

    @property
    def receipt_key(self) -> str:
        """Where its receipt will lie. Written out here, as a reader of the documents would."""
        return f"receipts/{self.version.key}/{self.version.version_id}.json"


@dataclass(frozen=True)
class Answer:
    """What a synchronous invocation of the function answers."""

    failed: bool
    document: Json


class Desk:
    """Where files are handed in and receipts handed out.

    Args:
        stack: The stack under test.
        sender: S3 client that uploads.
        prefix: Begins every key, so that runs never meet.
    """

    def __init__(self, stack: Stack, sender: Any, prefix: str) -> None:
        self.stack = stack
        self.prefix = prefix
        self._sender = sender
        self._began_at_ms = int((time.time() - CLOCK_SKEW_SECONDS_MAX) * 1000)
        self._data = stack.outputs["TransactionDataBucketName"]
        self._results = stack.outputs["TransactionResultsBucketName"]

    def send(self, key: str, body: bytes, **headers: str) -> Sent:
        """Uploads a file as a sender is told to, with its encryption named."""
        answer = self._sender.put_object(
            Bucket=self._data,
            Key=self.prefix + key,
            Body=body,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.stack.outputs["EncryptionKeyArn"],
            **headers,
        )
        version = ObjectVersion(
            self._data,
            self.prefix + key,
            answer["VersionId"],
            answer["ETag"].strip('"'),
            len(body),
        )
        return Sent(version, body)

    def send_in_parts(self, key: str, body: bytes) -> Sent:
        """Uploads a file as the SDKs upload large ones: in parts of 5 MiB, S3's least."""
        least = 5 * 1024 * 1024
        self._sender.upload_fileobj(
            io.BytesIO(body),
            self._data,
            self.prefix + key,
            ExtraArgs={
                "ServerSideEncryption": "aws:kms",
                "SSEKMSKeyId": self.stack.outputs["EncryptionKeyArn"],
            },
            Config=TransferConfig(multipart_threshold=least, multipart_chunksize=least),
        )
        # Whoever sends may not read; this asks as the tests' own session.
        head = client("s3").head_object(Bucket=self._data, Key=self.prefix + key)
        etag = head["ETag"].strip('"')
        version = ObjectVersion(
            self._data, self.prefix + key, head["VersionId"], etag, head["ContentLength"]
        )
        return Sent(version, body)

    def has_receipt(self, sent: Sent) -> bool:
        """Whether the file's receipt is there."""
        listed = client("s3").list_objects_v2(Bucket=self._results, Prefix=sent.receipt_key)
        return bool(listed["KeyCount"])

    def receipt(self, sent: Sent) -> Json:
        """Waits for a file's receipt; fails with the function's own log if none comes."""
        body = wait_for(lambda: self._receipt_or_none(sent))
        if body is None:
            lines = "\n".join(self.log_of(sent)) or "nothing"
            raise AssertionError(f"no receipt at {sent.receipt_key}; the function logged:\n{lines}")
        receipt: Json = json.loads(body)
        return receipt

    def receipts(self, files: dict[str, Sent]) -> dict[str, Json]:
        """Waits for the receipts of files that were all sent before."""
        return {name: self.receipt(sent) for name, sent in files.items()}

    def receipt_versions(self, sent: Sent) -> list[Json]:
        """Every version that the receipt's key ever had."""
        found: list[Json] = client("s3").list_object_versions(
            Bucket=self._results, Prefix=sent.receipt_key
        )["Versions"]
        return found

    def quarantine(self, receipt: Json) -> list[Json]:
        """All lines that a receipt's quarantine points to, each object checked against its hash."""
        lines: list[Json] = []
        for listed in (receipt["quarantine"] or {"objects": []})["objects"]:
            body = (
                client("s3")
                .get_object(
                    Bucket=receipt["quarantine"]["bucket"],
                    Key=listed["key"],
                    VersionId=listed["versionId"],
                )["Body"]
                .read()
            )
            assert hashlib.sha256(body).hexdigest() == listed["sha256"]
            assert len(body.splitlines()) == listed["lineCount"]
            lines += [json.loads(line) for line in body.splitlines()]
        return lines

    def items(self, transaction_ids: Iterable[str]) -> list[Json]:
        """What the table holds under transaction ids, whatever file it came from."""
        found: list[Json] = []
        for transaction_id in transaction_ids:
            found += self._read(
                "query",
                KeyConditionExpression="transactionId = :id",
                ExpressionAttributeValues={":id": {"S": transaction_id}},
            )
        return found

    def items_by_file(self, files: Iterable[Sent]) -> dict[str, list[Json]]:
        """What the table holds of files, by their version ids: one scan, of everything there is."""
        found: dict[str, list[Json]] = {sent.version.version: [] for sent in files}
        for item in self._read(
            "scan",
            FilterExpression="begins_with(#key, :prefix)",
            ExpressionAttributeNames={"#key": "key"},
            ExpressionAttributeValues={":prefix": {"S": self.prefix}},
        ):
            if item["versionId"] in found:
                found[item["versionId"]].append(item)
        return found

    def _read(self, operation: str, **parameters: Any) -> list[Json]:
        deserialize = TypeDeserializer().deserialize
        pages = (
            client("dynamodb")
            .get_paginator(operation)
            .paginate(
                TableName=self.stack.outputs["TransactionMetadataTableName"],
                ConsistentRead=True,
                **parameters,
            )
        )
        return [
            {name: deserialize(value) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
        ]

    def invoke(self, event: object) -> Answer:
        """Invokes the function with an event, and waits for its answer."""
        answer = client("lambda").invoke(
            FunctionName=self.stack.outputs["TransactionProcessorFunctionArn"],
            Payload=json.dumps(event).encode(),
        )
        document = json.loads(answer["Payload"].read())
        return Answer("FunctionError" in answer, document)

    def log_of(self, sent: Sent) -> list[str]:
        """The lines that the function logged of a file."""
        return [line for line in self.log() if sent.version.file_id in line]

    def log(self) -> list[str]:
        """Every line that the function logged since this run began."""
        pages = (
            client("logs")
            .get_paginator("filter_log_events")
            .paginate(
                logGroupName=self.stack.outputs["LambdaLogGroupName"],
                startTime=self._began_at_ms,
            )
        )
        return [event["message"] for page in pages for event in page["events"]]

    def _receipt_or_none(self, sent: Sent) -> bytes | None:
        try:
            body: bytes = (
                client("s3").get_object(Bucket=self._results, Key=sent.receipt_key)["Body"].read()
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None
        return body


def wait_for[T](ask: Callable[[], T | None], seconds_max: float = RECEIPT_SECONDS_MAX) -> T | None:
    """Asks again and again until there is an answer; None when the time is over."""
    end = time.monotonic() + seconds_max
    while (answer := ask()) is None and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
    return answer
