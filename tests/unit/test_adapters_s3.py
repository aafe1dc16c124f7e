"""Ranged reads that survive a dropped connection, and how S3's errors are understood."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import FlexibleChecksumError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber
from urllib3.exceptions import ProtocolError

from processor.adapters.s3 import READ_SECONDS_MAX, S3ResultsBucket, S3SourceFiles
from processor.domain.file import ObjectVersion, ReplayKind, ReplayOf, SourceFile
from processor.errors import ObjectChanged, ObjectGone, ServiceRefused, ServiceUnavailable

VERSION = ObjectVersion("bucket", "key", "v1", "etag", 100)
SOURCE = SourceFile(VERSION, 100, "etag", "text/csv", "aws:kms", "2026-03-01T00:00:00Z")


class Dropping(io.RawIOBase):
    """A connection that delivers some bytes and then breaks."""

    def __init__(self, delivered: bytes) -> None:
        self._delivered = io.BytesIO(delivered)

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = self._delivered.read(min(size or 1, 4))
        if not chunk:
            raise ProtocolError("Connection broken")
        return chunk


class Corrupt(Dropping):
    """A body whose checksum turns out wrong at its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return super().read(size)
        except ProtocolError as error:
            raise FlexibleChecksumError(error_msg="checksums differ") from error


@pytest.fixture
def client(aws: None) -> Any:
    return boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def stubber(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def body(raw: Any, length: int) -> dict[str, Any]:
    return {"Body": StreamingBody(raw, length), "ContentLength": length}


def test_a_checksum_of_the_content_is_not_taken_over(client: Any, stubber: Stubber) -> None:
    stubber.add_response(
        "head_object",
        {
            "ETag": '"etag"',
            "ContentLength": 3,
            "LastModified": datetime(2026, 3, 1, tzinfo=UTC),
            "ChecksumCRC64NVME": "abc=",
            "VersionId": "null",
        },
        {"Bucket": "bucket", "Key": "key"},
    )

    source = S3SourceFiles(client).describe(ObjectVersion("bucket", "key"))

    assert "abc=" not in str(source)
    assert source.object_version.version_id is None
    assert source.encryption_type == "none"


@pytest.mark.parametrize(
    ("metadata", "replay"),
    [
        ({}, (None, False)),
        ({"sender": "partner"}, (None, False)),
        (
            {"replay-of": "rejects", "replay-of-version": "v0", "replay-of-key": "a%20b.csv"},
            (ReplayOf("a b.csv", "v0", ReplayKind.REJECTS), False),
        ),
        (
            {"replay-of": "file", "replay-of-version": "v0"},
            (ReplayOf("key", "v0", ReplayKind.FILE), False),
        ),
        ({"replay-of": "everything", "replay-of-version": "v0"}, (None, True)),
    ],
)
def test_the_file_that_is_replayed_is_read_from_the_metadata(
    client: Any, stubber: Stubber, metadata: dict[str, str], replay: tuple[ReplayOf | None, bool]
) -> None:
    head = {"ETag": '"etag"', "ContentLength": 3, "LastModified": datetime(2026, 3, 1, tzinfo=UTC)}
    stubber.add_response("head_object", head | {"Metadata": metadata}, None)

    source = S3SourceFiles(client).describe(VERSION)

    assert (source.replay_of, source.replay_unreadable) == replay


def test_a_range_of_the_pinned_version_is_asked_for(client: Any, stubber: Stubber) -> None:
    stubber.add_response(
        "get_object",
        body(io.BytesIO(b"abcde"), 5),
        {
            "Bucket": "bucket",
            "Key": "key",
            "VersionId": "v1",
            "Range": "bytes=10-14",
            "IfMatch": '"etag"',
        },
    )

    assert S3SourceFiles(client).read(SOURCE, 10, 5) == b"abcde"


def test_what_came_before_the_connection_broke_is_kept(client: Any, stubber: Stubber) -> None:
    stubber.add_response("get_object", body(Dropping(b"abcdefgh"), 50), None)

    assert S3SourceFiles(client).read(SOURCE, 0, 50) == b"abcdefgh"


def test_what_a_trickling_connection_brought_is_given_back_in_time(
    client: Any, stubber: Stubber
) -> None:
    moments = iter([0.0, READ_SECONDS_MAX - 1, READ_SECONDS_MAX + 1])
    stubber.add_response("get_object", body(Dropping(b"abcdefghijkl"), 12), None)

    data = S3SourceFiles(client, lambda: next(moments)).read(SOURCE, 0, 12)

    assert data == b"abcdefgh"


def test_bytes_with_a_wrong_checksum_are_not_taken(client: Any, stubber: Stubber) -> None:
    stubber.add_response("get_object", body(Corrupt(b"abcdefgh"), 8), None)

    with pytest.raises(ServiceUnavailable, match="FlexibleChecksumError"):
        S3SourceFiles(client).read(SOURCE, 0, 50)


def test_a_body_that_ends_early_is_kept_and_never_taken_for_the_whole(
    client: Any, stubber: Stubber
) -> None:
    stubber.add_response("get_object", body(io.BytesIO(b"abc"), 50), None)

    assert S3SourceFiles(client).read(SOURCE, 0, 50) == b"abc"


def test_a_connection_that_delivers_nothing_is_a_failure(client: Any, stubber: Stubber) -> None:
    stubber.add_response("get_object", body(Dropping(b""), 50), None)

    with pytest.raises(ServiceUnavailable, match="ResponseStreamingError"):
        S3SourceFiles(client).read(SOURCE, 0, 50)


def test_more_bytes_than_asked_for_are_a_failure(client: Any, stubber: Stubber) -> None:
    stubber.add_response("get_object", body(io.BytesIO(b"abcdef"), 6), None)

    with pytest.raises(ServiceUnavailable, match="6 bytes for a range of 3"):
        S3SourceFiles(client).read(SOURCE, 0, 3)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("NoSuchVersion", 404, ObjectGone),
        ("NoSuchKey", 404, ObjectGone),
        ("MethodNotAllowed", 405, ObjectGone),
        ("PreconditionFailed", 412, ObjectChanged),
        ("AccessDenied", 403, ServiceRefused),
        ("KMS.DisabledException", 400, ServiceRefused),
        ("KMS.KMSInvalidStateException", 400, ServiceRefused),
        ("KMS.ThrottlingException", 400, ServiceUnavailable),
        ("SlowDown", 503, ServiceUnavailable),
        ("InternalError", 500, ServiceUnavailable),
    ],
)
def test_errors_of_reading_are_told_apart_by_code(
    client: Any, stubber: Stubber, code: str, status: int, error: type[Exception]
) -> None:
    stubber.add_client_error("get_object", code, http_status_code=status)

    with pytest.raises(error):
        S3SourceFiles(client).read(SOURCE, 0, 10)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("404", 404, ObjectGone),
        ("405", 405, ObjectGone),
        ("403", 403, ServiceRefused),
        ("503", 503, ServiceUnavailable),
    ],
)
def test_errors_of_describing_are_told_apart_by_code(
    client: Any, stubber: Stubber, code: str, status: int, error: type[Exception]
) -> None:
    stubber.add_client_error("head_object", code, http_status_code=status)

    with pytest.raises(error):
        S3SourceFiles(client).describe(VERSION)


@pytest.mark.parametrize(
    ("code", "status"),
    [("ConditionalRequestConflict", 409), ("SlowDown", 503), ("KMS.ThrottlingException", 400)],
)
def test_a_put_that_may_succeed_later_is_unavailable(
    client: Any, stubber: Stubber, code: str, status: int
) -> None:
    stubber.add_client_error("put_object", code, http_status_code=status)

    with pytest.raises(ServiceUnavailable, match=code):
        S3ResultsBucket(client, "results", "arn").put_if_absent("k", b"x", "text/plain")


def test_a_put_names_its_encryption_key_and_digest(client: Any, stubber: Stubber) -> None:
    stubber.add_response(
        "put_object",
        {"VersionId": "v7"},
        {
            "Bucket": "results",
            "Key": "k",
            "Body": b"x",
            "ContentType": "text/plain",
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": "arn",
            "ChecksumSHA256": ANY,
            "IfNoneMatch": "*",
        },
    )

    answer = S3ResultsBucket(client, "results", "arn").put_if_absent("k", b"x", "text/plain")

    assert answer.created
    assert answer.version_id == "v7"
