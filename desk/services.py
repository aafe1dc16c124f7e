"""The services behind the desk's ports; what else calls AWS looks at the stack itself."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from urllib3.exceptions import HTTPError

from desk.errors import DeskError
from desk.files import UploadedFile
from desk.redrive import Message
from desk.replay import PUT_BYTES_MAX, Upload
from processor.adapters.aws import error_code, translated_errors
from processor.domain.file import ObjectVersion
from processor.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

HIDDEN_SECONDS: Final = 300
"""How long messages that were received stay hidden: enough for ten slow invocations. What is not
sent shows again then, if whoever received it died."""

RECEIVE_WAIT_SECONDS: Final = 2
"""Long enough that all of SQS's servers are asked: an empty answer means an empty queue.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
sqs-short-and-long-polling.html
"""

_MESSAGES_MAX: Final = 10
_ACCEPTED: Final = 202
_PART_BYTES: Final = 1024 * 1024 * 1024
"""Of a copy in parts: 10,000 of them are more than the largest object."""

_HEADERS: Final = (
    *("ContentType", "ContentEncoding", "ContentDisposition", "ContentLanguage", "CacheControl"),
)
_GONE: Final = frozenset({"404", "NoSuchKey", "NoSuchVersion", "405", "MethodNotAllowed"})
_TAKEN: Final = frozenset({"412", "PreconditionFailed"})


class SqsFailedEvents:
    """FailedEventsQueue; see FailedEvents."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def receive(self) -> Sequence[Message]:
        with translated_errors("ReceiveMessage"):
            answer = self._client.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=_MESSAGES_MAX,
                MessageAttributeNames=["All"],
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=RECEIVE_WAIT_SECONDS,
            )
        return [
            Message(
                message["MessageId"],
                message["ReceiptHandle"],
                message["Body"],
                {
                    name: attribute.get("StringValue", "")
                    for name, attribute in message.get("MessageAttributes", {}).items()
                },
            )
            for message in answer.get("Messages", [])
        ]

    def show(self, message: Message) -> None:
        with translated_errors("ChangeMessageVisibility"):
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=message.receipt_handle, VisibilityTimeout=0
            )

    def count(self) -> int:
        """About how many events wait in the queue.

        Raises:
            ServiceUnavailable, ServiceRefused: It cannot be asked now, or may not.
        """
        with translated_errors("GetQueueAttributes"):
            answer = self._client.get_queue_attributes(
                QueueUrl=self._queue_url, AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def delete(self, message: Message) -> None:
        with translated_errors("DeleteMessage"):
            self._client.delete_message(
                QueueUrl=self._queue_url, ReceiptHandle=message.receipt_handle
            )


class LambdaProcessor:
    """TransactionProcessorFunction; see Processor."""

    def __init__(self, client: "LambdaClient", function_name: str) -> None:
        self._client = client
        self._function_name = function_name

    def start(self, event: bytes) -> None:
        with translated_errors("Invoke"):
            answer = self._client.invoke(
                FunctionName=self._function_name, InvocationType="Event", Payload=event
            )
        if answer["StatusCode"] != _ACCEPTED:
            raise ServiceUnavailable(f"Invoke: status {answer['StatusCode']}")

    def answer(self, event: Mapping[str, Any]) -> Any:
        """Invokes the function and waits for its answer, which it gives as parsed JSON.

        Raises:
            DeskError: The function failed; the message is its own, without values of records.
            ServiceUnavailable, ServiceRefused: It cannot be invoked now, or may not.
        """
        with translated_errors("Invoke"):
            answer = self._client.invoke(
                FunctionName=self._function_name, Payload=json.dumps(event).encode()
            )
            document = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise DeskError(f"{document.get('errorType')}: {document.get('errorMessage')}")
        return document


class S3Listing:
    """TransactionDataBucket; see Listing."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def versions(self, prefix: str) -> Iterator[UploadedFile]:
        """See Listing. Delete markers are no files; what they hide is."""
        pages = self._client.get_paginator("list_object_versions")
        with translated_errors("ListObjectVersions"):
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for one in page.get("Versions", []):
                    version_id = one["VersionId"] if one["VersionId"] != "null" else None
                    etag = one["ETag"].strip('"')
                    version = ObjectVersion(self._bucket, one["Key"], version_id, etag, one["Size"])
                    yield UploadedFile(version, one["Size"], one["LastModified"])


class S3Results:
    """TransactionResultsBucket; see Results."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, key: str, version_id: str | None = None) -> bytes | None:
        version: dict[str, Any] = {"VersionId": version_id} if version_id else {}
        with translated_errors("GetObject"):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, **version)
                return answer["Body"].read()
            except ClientError as error:
                if error_code(error) in _GONE:
                    return None
                raise
            except (HTTPError, OSError) as error:
                raise ServiceUnavailable(f"GetObject: {type(error).__name__}") from error


class S3Uploads:
    """TransactionDataBucket; see Uploads. Every upload names its encryption, as the bucket demands.

    Args:
        client: An S3 client.
        bucket: The bucket.
        encryption_key_arn: EncryptionKey.
        copy_bytes_max: What one CopyObject takes; more is copied in parts.
    """

    def __init__(
        self,
        client: "S3Client",
        bucket: str,
        encryption_key_arn: str,
        copy_bytes_max: int = PUT_BYTES_MAX,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._encryption: dict[str, Any] = {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": encryption_key_arn,
        }
        self._copy_bytes_max = copy_bytes_max

    def look(self, key: str, version_id: str | None) -> Upload:
        named: dict[str, Any] = {"VersionId": version_id} if version_id else {}
        with translated_errors("HeadObject"):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key, **named)
            except ClientError as error:
                if error_code(error) not in _GONE:
                    raise
                version = ObjectVersion(self._bucket, key, version_id)
                which = f"version {version_id} of" if version_id else "file"
                raise DeskError(
                    f"there is no {which} {version.key_shown} in {self._bucket}"
                ) from error
        found_id = head.get("VersionId")
        if found_id in (None, "null"):
            raise DeskError(f"s3://{self._bucket} keeps no versions: nothing can be named by one")
        headers: dict[str, Any] = dict(head)
        return Upload(
            ObjectVersion(self._bucket, key, found_id),
            head["ContentLength"],
            head["Metadata"],
            {name: headers[name] for name in _HEADERS if headers.get(name)},
        )

    def copy(self, upload: Upload, metadata: Mapping[str, str]) -> str | None:
        key = upload.version.key
        source: Any = {
            "Bucket": self._bucket,
            "Key": key,
            "VersionId": upload.version.version_id,
        }
        arguments: dict[str, Any] = {
            **upload.headers,
            **self._encryption,
            "Metadata": dict(metadata),
            "MetadataDirective": "REPLACE",
        }
        with translated_errors("CopyObject"):
            if upload.size_bytes <= self._copy_bytes_max:
                answer = self._client.copy_object(
                    Bucket=self._bucket, Key=key, CopySource=source, **arguments
                )
                return answer["VersionId"]
            # Answers nothing, so that the new version is looked for.
            self._client.copy(
                source,
                self._bucket,
                key,
                ExtraArgs=arguments,
                Config=TransferConfig(
                    multipart_threshold=self._copy_bytes_max, multipart_chunksize=_PART_BYTES
                ),
            )
        current = self.look(key, None)
        return current.version.version_id if current.metadata == dict(metadata) else None

    def put_if_absent(self, key: str, body: BinaryIO, metadata: Mapping[str, str]) -> str | None:
        with translated_errors("PutObject"):
            try:
                answer = self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=body,
                    Metadata=dict(metadata),
                    IfNoneMatch="*",
                    ChecksumAlgorithm="SHA256",
                    **self._encryption,
                )
            except ClientError as error:
                if error_code(error) in _TAKEN:
                    return None
                if error_code(error) in ("409", "ConditionalRequestConflict"):
                    raise ServiceUnavailable("PutObject: ConditionalRequestConflict") from error
                raise
        return answer["VersionId"]
