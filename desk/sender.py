"""Uploads by the SDK's own transfer manager: in parts, tried again, each part with its checksum."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from desk.errors import DeskError
from desk.submit import SUBMISSION
from processor.adapters.aws import error_code, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_REFUSED = frozenset({"403", "AccessDenied"})
_PART_BYTES = 16 * 1024 * 1024
"""Of an upload in parts; the SDK makes them larger where a file would need more than 10,000."""


class S3Sender:
    """TransactionDataBucket; see Sender. Every upload names its encryption, as the bucket demands.

    Args:
        client: An S3 client.
        bucket: The bucket.
        encryption_key_arn: EncryptionKey.
    """

    def __init__(self, client: "S3Client", bucket: str, encryption_key_arn: str) -> None:
        self._client = client
        self._bucket = bucket
        self._encryption = {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": encryption_key_arn,
            "ChecksumAlgorithm": "SHA256",
        }

    def send(
        self, file: Path, key: str, metadata: dict[str, str], sent: Callable[[int], None]
    ) -> str | None:
        """See Sender."""
        arguments: dict[str, Any] = {**self._encryption, "Metadata": metadata}
        config = TransferConfig(multipart_chunksize=_PART_BYTES, multipart_threshold=_PART_BYTES)
        with translated_errors("PutObject"):
            try:
                self._client.upload_file(
                    str(file),
                    self._bucket,
                    key,
                    ExtraArgs=arguments,
                    Callback=sent,
                    Config=config,
                )
            except S3UploadFailedError as error:
                # The SDK wraps what S3 answered, and names the local file in the message.
                if isinstance(error.__context__, ClientError):
                    raise error.__context__ from error
                raise DeskError("the upload failed") from error
        return self._version_id(key, metadata)

    def _version_id(self, key: str, metadata: dict[str, str]) -> str | None:
        """The id of what was just uploaded: the SDK keeps S3's answer, which has it, to itself.

        The current version of the key, mostly; another upload may have come meanwhile.
        """
        with translated_errors("HeadObject"):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key)
                if _is_own(head["Metadata"], metadata):
                    return head.get("VersionId")
                pages = self._client.get_paginator("list_object_versions")
                for page in pages.paginate(Bucket=self._bucket, Prefix=key):
                    for listed in page.get("Versions", []):
                        if listed["Key"] != key:
                            continue
                        version_id = listed["VersionId"]
                        found = self._client.head_object(
                            Bucket=self._bucket, Key=key, VersionId=version_id
                        )
                        if _is_own(found["Metadata"], metadata):
                            return version_id
            except ClientError as error:
                if error_code(error) not in _REFUSED:
                    raise
        return None


def _is_own(found: dict[str, str], metadata: dict[str, str]) -> bool:
    return found.get(SUBMISSION) == metadata[SUBMISSION]
