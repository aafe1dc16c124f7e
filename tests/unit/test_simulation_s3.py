"""S3 in memory answers as the API reference says, and as moto does where moto is faithful."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.simulation.border import PassThrough
from tests.simulation.contract.answers import refusal
from tests.simulation.contract.moto_clients import moto_client
from tests.simulation.contract.s3_contract import (
    S3ListsContract,
    S3MarkersAndChecksumsContract,
    S3ReadsContract,
    S3WritesContract,
)
from tests.simulation.services.s3 import S3Client
from tests.simulation.services.s3_store import S3Store

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
PLACE = {"Bucket": "contract", "Key": "key"}
UNDER_KEY = {**PLACE, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ARN}


def clock() -> datetime:
    return datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def store() -> S3Store:
    store = S3Store(clock)
    store.create_bucket("contract")
    return store


@pytest.fixture
def in_memory(store: S3Store) -> S3Client:
    return S3Client(store, PassThrough())


class TestInMemory(
    S3ReadsContract, S3MarkersAndChecksumsContract, S3WritesContract, S3ListsContract
):
    @pytest.fixture
    def client(self, in_memory: S3Client) -> S3Client:
        return in_memory

    @pytest.fixture
    def bucket(self) -> str:
        return "contract"


@pytest.fixture(scope="module")
def s3_of_moto() -> Iterator[Any]:
    with moto_client("s3") as client:
        client.create_bucket(
            Bucket="contract", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        client.put_bucket_versioning(
            Bucket="contract", VersioningConfiguration={"Status": "Enabled"}
        )
        yield client


class TestMoto(S3ReadsContract, S3WritesContract, S3ListsContract):
    @pytest.fixture
    def client(self, s3_of_moto: Any) -> Any:
        return s3_of_moto

    @pytest.fixture
    def bucket(self) -> str:
        return "contract"


def test_a_body_that_was_changed_on_its_way_is_not_stored(
    store: S3Store, in_memory: S3Client
) -> None:
    refused = refusal(in_memory.put_object, **PLACE, Body=b"x", ChecksumSHA256="AAAA")

    assert refused == ("BadDigest", 400)
    assert store.buckets["contract"].objects == {}
    assert store.notifications == []


def test_every_write_is_notified(store: S3Store, in_memory: S3Client) -> None:
    version = in_memory.put_object(**PLACE, Body=b"123")["VersionId"]
    in_memory.copy_object(Bucket="contract", Key="copy", CopySource=PLACE)
    in_memory.delete_object(**PLACE)
    in_memory.delete_object(**PLACE, VersionId=version)

    assert [(told.event_name, told.key, told.size) for told in store.notifications] == [
        ("ObjectCreated:Put", "key", 3),
        ("ObjectCreated:Copy", "copy", 3),
        ("ObjectRemoved:DeleteMarkerCreated", "key", 0),
        ("ObjectRemoved:Delete", "key", 3),
    ]
    assert store.notifications[0].version_id == version
    sequencers = [told.sequencer for told in store.notifications]
    assert sequencers == sorted(set(sequencers))


def test_an_object_under_a_disabled_key_is_not_read_and_not_written(
    store: S3Store, in_memory: S3Client
) -> None:
    in_memory.put_object(**UNDER_KEY, Body=b"x")

    store.keys.disabled.add(KEY_ARN)

    refused = ("KMS.DisabledException", 400)
    assert refusal(in_memory.get_object, **PLACE) == refused
    assert refusal(in_memory.put_object, **UNDER_KEY, Body=b"y") == refused
    assert in_memory.head_object(**PLACE)["SSEKMSKeyId"] == KEY_ARN
    store.keys.disabled.clear()
    assert in_memory.get_object(**PLACE)["Body"].read() == b"x"


def test_a_bucket_without_versions_keeps_the_last_write(store: S3Store) -> None:
    store.create_bucket("plain", versioned=False)
    client = S3Client(store, PassThrough())
    client.put_object(Bucket="plain", Key="key", Body=b"old")

    answer = client.put_object(Bucket="plain", Key="key", Body=b"new")

    assert "VersionId" not in answer
    assert [version.body for version in store.buckets["plain"].objects["key"]] == [b"new"]
    assert store.notifications[-1].version_id is None


def test_a_list_goes_on_from_a_key_but_not_from_a_version_alone(in_memory: S3Client) -> None:
    refused = refusal(in_memory.list_object_versions, Bucket="contract", VersionIdMarker="v1")

    assert refused == ("InvalidArgument", 400)


def test_what_is_not_simulated_is_refused(in_memory: S3Client) -> None:
    with pytest.raises(NotImplementedError, match="Tagging"):
        in_memory.put_object(**PLACE, Body=b"x", Tagging="a=b")


class Watching:
    """Notes the calls, and makes every read of a body a short one."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def call(
        self,
        service: str,
        operation: str,
        parameters: dict[str, Any],
        execute: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        self.calls.append(operation)
        if operation == "GetObject.read":
            parameters["Amount"] = min(parameters["Amount"], 2)
        return execute()


def test_every_call_and_every_read_of_a_body_crosses_the_border(store: S3Store) -> None:
    border = Watching()
    client = S3Client(store, border)
    client.put_object(**PLACE, Body=b"123")

    body = client.get_object(**PLACE)["Body"]

    assert [body.read(10), body.read(10), body.read(10)] == [b"12", b"3", b""]
    assert border.calls == ["PutObject", "GetObject", *["GetObject.read"] * 3]
