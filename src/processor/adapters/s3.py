"""The two buckets behind the pipeline's ports."""

import base64
import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError
from urllib3.exceptions import HTTPError

from processor.adapters.aws import error_code, translated_errors
from processor.domain.file import ObjectVersion, ReplayOf, SourceFile
from processor.domain.masking import mask
from processor.domain.replay import ReplayUnreadable, replay_of_metadata
from processor.errors import ObjectChanged, ObjectGone, ServiceUnavailable
from processor.ports import NULL_VERSION_ID, ListedVersions, PutAnswer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

_GONE_CODES: Final = frozenset({"404", "NoSuchKey", "NoSuchVersion", "405", "MethodNotAllowed"})
"""405 is the answer to reading a delete marker by its version id."""

_CHANGED_CODES: Final = frozenset({"412", "PreconditionFailed"})
_READ_BYTES: Final = 64 * 1024
READ_SECONDS_MAX: Final = 20.0
"""How long a connection may trickle before what came is given back, so that time is looked at.

It is looked at after each _READ_BYTES. Of a connection that is slower than that and yet never
silent for READ_SECONDS, Lambda's time limit is the end, and the event comes again."""


class S3SourceFiles:
    """TransactionDataBucket by HeadObject and ranged GetObject of the pinned version.

    Args:
        client: An S3 client.
        monotonic: Seconds that never go back.
    """

    def __init__(self, client: "S3Client", monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._monotonic = monotonic

    def describe(self, version: ObjectVersion) -> SourceFile:
        """See SourceFiles. An event without version id means the version that is current now."""
        with translated_errors("HeadObject"):
            try:
                head = self._client.head_object(
                    Bucket=version.bucket, Key=version.key, **_version_parameter(version)
                )
            except ClientError as error:
                raise _as_gone(error, version) from error
        etag = head["ETag"].strip('"')
        if version.version_id is None and version.etag not in (None, etag):
            raise ObjectChanged("the object is not the one of the event")
        version_id = version.version_id or _version_id(head.get("VersionId"))
        return SourceFile(
            ObjectVersion(version.bucket, version.key, version_id, etag, head["ContentLength"]),
            head["ContentLength"],
            etag,
            # Whatever the sender declares: kept with each transaction, so no card number either.
            mask(head.get("ContentType", ""))[0],
            head.get("ServerSideEncryption", "none"),
            head["LastModified"]
            .astimezone(UTC)
            .isoformat(timespec="seconds")
            .replace("+00:00", "Z"),
            *_replay_of(head, version.key),
        )

    def read(self, source: SourceFile, byte_offset: int, length_max: int) -> bytes:
        """See SourceFiles. What came before a connection broke is returned, to 64 KiB."""
        version = source.object_version
        last = byte_offset + length_max - 1
        received: list[bytes] = []
        give_back_at = self._monotonic() + READ_SECONDS_MAX
        with translated_errors("GetObject"):
            try:
                body = self._client.get_object(
                    Bucket=version.bucket,
                    Key=version.key,
                    Range=f"bytes={byte_offset}-{last}",
                    IfMatch=f'"{source.etag}"',
                    **_version_parameter(version),
                )["Body"]
            except ClientError as error:
                raise _as_gone(error, version) from error
            try:
                while chunk := body.read(_READ_BYTES):
                    received.append(chunk)
                    if self._monotonic() > give_back_at:
                        break
            except (BotoCoreError, HTTPError, OSError) as error:
                # Broken off, what came is good; with a wrong checksum, none of it is.
                if not received or isinstance(error, FlexibleChecksumError):
                    raise ServiceUnavailable(f"GetObject: {type(error).__name__}") from error
            finally:
                body.close()
        data = b"".join(received)
        if not data or len(data) > length_max:
            raise ServiceUnavailable(f"GetObject: {len(data)} bytes for a range of {length_max}")
        return data

    def list_versions(self, bucket: str, after: tuple[str, str] | None) -> ListedVersions:
        """See SourceFiles. Delete markers are no files; what they hide is."""
        markers: Any = {"KeyMarker": after[0], "VersionIdMarker": after[1]} if after else {}
        with translated_errors("ListObjectVersions"):
            page = self._client.list_object_versions(Bucket=bucket, **markers)
        versions: list[tuple[ObjectVersion, datetime]] = []
        for one in page.get("Versions", []):
            etag, version_id = one["ETag"].strip('"'), _version_id(one["VersionId"])
            listed = ObjectVersion(bucket, one["Key"], version_id, etag, one["Size"])
            versions.append((listed, one["LastModified"]))
        if not page["IsTruncated"]:
            return ListedVersions(versions, None)
        return ListedVersions(versions, (page["NextKeyMarker"], page["NextVersionIdMarker"]))


class S3ResultsBucket:
    """TransactionResultsBucket, every object encrypted under the pipeline's key and checksummed.

    Args:
        client: An S3 client.
        bucket: The bucket's name.
        encryption_key_arn: Named in every put, as the bucket's policy wants it.
    """

    def __init__(self, client: "S3Client", bucket: str, encryption_key_arn: str) -> None:
        self._client = client
        self._bucket = bucket
        self._encryption_key_arn = encryption_key_arn

    def put_if_absent(self, key: str, body: bytes, content_type: str) -> PutAnswer:
        """See ResultsBucket. A conditional write.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        (412: it exists; 409: a write to this key was under way, ask again)
        """
        with translated_errors("PutObject"):
            try:
                version_id = self._put(key, body, content_type, IfNoneMatch="*")
            except ClientError as error:
                if error_code(error) in _CHANGED_CODES:
                    return PutAnswer(created=False)
                if error_code(error) in ("409", "ConditionalRequestConflict"):
                    raise ServiceUnavailable("PutObject: ConditionalRequestConflict") from error
                raise
        return PutAnswer(created=True, version_id=version_id)

    def put(self, key: str, body: bytes, content_type: str) -> str | None:
        """See ResultsBucket."""
        with translated_errors("PutObject"):
            return self._put(key, body, content_type)

    def get(self, key: str) -> tuple[bytes, str | None]:
        """See ResultsBucket."""
        with translated_errors("GetObject"):
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            try:
                return answer["Body"].read(), answer.get("VersionId")
            except (HTTPError, OSError) as error:
                raise ServiceUnavailable(f"GetObject: {type(error).__name__}") from error

    def _put(self, key: str, body: bytes, content_type: str, **condition: Any) -> str | None:
        answer = self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=body,
            ContentType=content_type,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self._encryption_key_arn,
            ChecksumSHA256=base64.b64encode(hashlib.sha256(body).digest()).decode(),
            **condition,
        )
        return answer.get("VersionId")


def _version_parameter(version: ObjectVersion) -> dict[str, Any]:
    return {"VersionId": version.version_id} if version.version_id else {}


def _version_id(version_id: str | None) -> str | None:
    """None for "null", as a bucket calls what it held before it kept versions: it can change."""
    return None if version_id == NULL_VERSION_ID else version_id


def _as_gone(error: ClientError, version: ObjectVersion) -> Exception:
    """The error that the port names, where the service's means it."""
    if error_code(error) in _GONE_CODES:
        return ObjectGone(f"{version.version} does not exist")
    if error_code(error) in _CHANGED_CODES:
        return ObjectChanged(f"{version.version} was overwritten")
    return error


def _replay_of(head: "HeadObjectOutputTypeDef", key: str) -> tuple[ReplayOf | None, bool]:
    """The file that this one replays, and whether its metadata speaks of one and cannot be read."""
    try:
        return replay_of_metadata(head.get("Metadata", {}), key), False
    except ReplayUnreadable:
        return None, True
