"""Listing, sending and finding on a bucket and a table of moto."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from desk import sender as module
from desk.errors import DeskError
from desk.found import Transactions
from desk.sender import S3Sender
from desk.services import S3Listing
from desk.submit import SUBMISSION
from processor.domain.file import ObjectVersion
from processor.errors import ServiceRefused

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/k"
BUCKET = "uploads"
OWN = {SUBMISSION: "abcdef"}


@pytest.fixture
def bucket(s3: Any) -> Any:
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "a.csv"
    written.write_bytes(b"12345")
    return written


def nothing(_: int) -> None: ...


def test_versions_come_without_delete_markers_and_by_their_prefix(bucket: Any) -> None:
    old = bucket.put_object(Bucket=BUCKET, Key="in/a b.csv", Body=b"12")["VersionId"]
    new = bucket.put_object(Bucket=BUCKET, Key="in/a b.csv", Body=b"345")["VersionId"]
    bucket.delete_object(Bucket=BUCKET, Key="in/a b.csv")
    bucket.put_object(Bucket=BUCKET, Key="out/c.csv", Body=b"")

    found = list(S3Listing(bucket, BUCKET).versions("in/"))

    assert [(one.version.key, one.version.version_id, one.size_bytes) for one in found] == [
        ("in/a b.csv", new, 3),
        ("in/a b.csv", old, 2),
    ]
    assert all(one.uploaded_at.tzinfo for one in found)


@pytest.mark.parametrize("part_bytes", [5 * 1024 * 1024, 16 * 1024 * 1024])
def test_an_upload_is_encrypted_checked_and_known_by_its_version(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part_bytes: int
) -> None:
    monkeypatch.setattr(module, "_PART_BYTES", part_bytes)
    large = tmp_path / "large.csv"
    large.write_bytes(b"x" * (11 * 1024 * 1024))
    sent: list[int] = []

    version_id = S3Sender(bucket, BUCKET, KEY_ARN).send(large, "in/l.csv", OWN, sent.append)

    head = bucket.head_object(Bucket=BUCKET, Key="in/l.csv")
    assert version_id == head["VersionId"]
    assert head["ContentLength"] == sum(sent) == 11 * 1024 * 1024
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", KEY_ARN)
    assert head["Metadata"] == OWN


def test_every_upload_names_encryption_and_checksum(bucket: Any, file: Path) -> None:
    calls: list[dict[str, Any]] = []
    bucket.meta.events.register(
        "before-parameter-build.s3.PutObject", lambda params, **_: calls.append(dict(params))
    )

    S3Sender(bucket, BUCKET, KEY_ARN).send(file, "a.csv", OWN, nothing)

    (call,) = calls
    assert call["ChecksumAlgorithm"] == "SHA256"
    assert (call["ServerSideEncryption"], call["SSEKMSKeyId"]) == ("aws:kms", KEY_ARN)


def test_an_upload_that_another_one_follows_is_still_known(bucket: Any, file: Path) -> None:
    sender = S3Sender(bucket, BUCKET, KEY_ARN)
    bucket.put_object(Bucket=BUCKET, Key="a.csv.longer", Body=b"not meant")

    def overtaken(**_: Any) -> None:
        bucket.meta.events.unregister("before-call.s3.HeadObject", overtaken)
        bucket.put_object(Bucket=BUCKET, Key="a.csv", Body=b"newer", Metadata={SUBMISSION: "z"})

    bucket.meta.events.register("before-call.s3.HeadObject", overtaken)

    version_id = sender.send(file, "a.csv", OWN, nothing)

    got = bucket.get_object(Bucket=BUCKET, Key="a.csv", VersionId=version_id)
    assert got["Body"].read() == b"12345"


def refusing(operation: str) -> Callable[..., None]:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "secret"}}, operation)

    return refuse


def test_who_may_not_look_has_sent_all_the_same(bucket: Any, file: Path) -> None:
    bucket.meta.events.register("before-call.s3.HeadObject", refusing("HeadObject"))

    assert S3Sender(bucket, BUCKET, KEY_ARN).send(file, "a.csv", OWN, nothing) is None
    assert len(list(S3Listing(bucket, BUCKET).versions("a.csv"))) == 1


def test_a_refused_upload_is_told_by_its_code_alone(bucket: Any, file: Path) -> None:
    bucket.meta.events.register("before-call.s3.PutObject", refusing("PutObject"))

    with pytest.raises(ServiceRefused, match=r"^PutObject: AccessDenied$"):
        S3Sender(bucket, BUCKET, KEY_ARN).send(file, "a.csv", OWN, nothing)


def test_a_file_that_vanished_is_told(bucket: Any, tmp_path: Path) -> None:
    with pytest.raises((DeskError, OSError)):
        S3Sender(bucket, BUCKET, KEY_ARN).send(tmp_path / "gone.csv", "a.csv", OWN, nothing)


def test_a_transaction_is_found_with_the_record_that_it_came_from(aws: None) -> None:
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName="t",
        KeySchema=[
            {"AttributeName": "transactionId", "KeyType": "HASH"},
            {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "transactionId", "AttributeType": "S"},
            {"AttributeName": "timestamp", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    item: dict[str, Any] = {
        "transactionId": {"S": "T-1"},
        "amount": {"N": "123456789012345.12"},
        "currency": {"S": "KWD"},
        "extra": {"M": {"branch": {"S": "7"}}},
        "processedAt": {"S": "2026-03-02T00:00:00.001Z"},
        "bucket": {"S": "b"},
        "key": {"S": "in/a.csv"},
        "versionId": {"S": "v1"},
        "recordNumber": {"N": "3"},
    }
    for timestamp in ("1772355600001", "-62135596800000", "5"):
        dynamodb.put_item(TableName="t", Item=item | {"timestamp": {"N": timestamp}})
    transactions = Transactions(dynamodb, "t")

    found = transactions.with_id("T-1")

    assert [one.timestamp for one in found] == [
        *("0001-01-01T00:00:00.000Z", "1970-01-01T00:00:00.005Z", "2026-03-01T09:00:00.001Z")
    ]
    assert found[0].amount == "123456789012345.120"
    assert found[0].version == ObjectVersion("b", "in/a.csv", "v1")
    assert (found[0].record_number, found[0].currency) == (3, "KWD")
    assert found[0].attributes["extra"] == {"branch": "7"}
    assert list(transactions.with_id("T-2")) == []
