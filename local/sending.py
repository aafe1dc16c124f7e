"""Uploading a file as a partner would, and waiting for its receipt."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.progress import Progress
from local.session import Session

#: The function's own time limit, and its two retries.
RECEIPT_TIMEOUT_S = 2700.0
POLL_DELAY_S = 0.2


class NoReceiptError(Exception):
    """Raised when a file ends in the dead letters, or in nothing; the message holds the log."""


@dataclass(frozen=True)
class Upload:
    """An object version that was uploaded."""

    bucket: str
    key: str
    version_id: str


def upload(session: Session, file: Path, key: str) -> Upload:
    """Upload a file as the sender: encryption named, SHA-256 sent along and checked by S3."""
    bucket = session.stack.outputs["TransactionDataBucketName"]
    sender = session.client("s3", session.sender)
    sender.upload_file(
        str(file),
        bucket,
        key,
        ExtraArgs={
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": session.stack.outputs["EncryptionKeyArn"],
            "ChecksumAlgorithm": "SHA256",
        },
    )
    # The sender may not read; who waits for the receipt asks as the tester.
    head = session.client("s3", session.tester).head_object(Bucket=bucket, Key=key)
    return Upload(bucket, key, head["VersionId"])


def await_receipt(session: Session, sent: Upload, progress: Progress) -> dict[str, Any]:
    """Wait until the receipt of an object version is there, and answer it.

    Raises:
        NoReceiptError: the event was given up, or nothing came within RECEIPT_TIMEOUT_S.
    """
    reader = session.client("s3", session.tester)
    bucket = session.stack.outputs["TransactionResultsBucketName"]
    key = receipt_key(sent)
    started = time.monotonic()
    looked_for_failure_at = started
    while time.monotonic() - started < RECEIPT_TIMEOUT_S:
        try:
            body = reader.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
                raise
        else:
            receipt: dict[str, Any] = json.loads(body)
            return receipt
        if time.monotonic() - looked_for_failure_at > 1:
            looked_for_failure_at = time.monotonic()
            progress.note(f"{time.monotonic() - started:.0f} s, {_stored_count(session)} stored")
            if _failed_event_count(session):
                raise NoReceiptError(f"the event was given up. Log:\n{_log_tail(session)}")
        time.sleep(POLL_DELAY_S)
    raise NoReceiptError(f"no receipt after {RECEIPT_TIMEOUT_S:.0f} s. Log:\n{_log_tail(session)}")


def receipt_key(sent: Upload) -> str:
    """Where the receipt of an object version lies in the results bucket."""
    return f"receipts/{sent.key}/{sent.version_id}.json"


def _stored_count(session: Session) -> int:
    table = session.stack.outputs["TransactionMetadataTableName"]
    found = session.client("dynamodb", session.tester).describe_table(TableName=table)
    count: int = found["Table"]["ItemCount"]
    return count


def _failed_event_count(session: Session) -> int:
    queue = session.client("sqs", session.tester).get_queue_attributes(
        QueueUrl=session.stack.outputs["FailedEventsQueueUrl"],
        AttributeNames=["ApproximateNumberOfMessages"],
    )
    return int(queue["Attributes"]["ApproximateNumberOfMessages"])


def _log_tail(session: Session) -> str:
    group = session.stack.outputs["LambdaLogGroupName"]
    logs = session.client("logs", session.tester)
    events = logs.filter_log_events(logGroupName=group)["events"]
    return "\n".join(event["message"] for event in events[-40:])
