"""Destroy: buckets, with all versions, and what locks them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from desk.destroy.buckets import CLOSED, Bucket
from desk.destroy.calls import Calls, Left
from tests.support.canned import ACCOUNT, REGION, Answers, error
from tests.support.removals import canned_calls, client

BUCKET = "audit-dev"
PLACE = {"LocationConstraint": REGION}


def calls() -> Calls:
    return Calls(client, 0)


def bucket() -> Bucket:
    return Bucket(calls(), BUCKET, ACCOUNT, REGION)


@pytest.fixture
def audit(s3: Any) -> Any:
    """A bucket as the trail's, whose policy refuses every deletion and every upload."""
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration=PLACE, ObjectLockEnabledForBucket=True
    )
    return s3


def put(s3: Any, key: str = "k", **more: Any) -> str:
    version_id: str = s3.put_object(Bucket=BUCKET, Key=key, Body=b"x", **more)["VersionId"]
    return version_id


def statement(sid: str, effect: str, action: Any, **more: Any) -> dict[str, Any]:
    resource = f"arn:aws:s3:::{BUCKET}/*"
    said = {"Sid": sid, "Effect": effect, "Principal": "*", "Action": action}
    return {**said, "Resource": resource, **more}


def test_a_bucket_goes_with_all_versions_markers_and_unfinished_uploads(audit: Any) -> None:
    for key in ("a b+c", "ü%", "k"):
        put(audit, key)
        put(audit, key)
    audit.delete_object(Bucket=BUCKET, Key="k")
    audit.create_multipart_upload(Bucket=BUCKET, Key="never finished")
    deleted: list[int] = []

    bucket().remove(deleted.append)
    bucket().remove(deleted.append)

    assert audit.list_buckets()["Buckets"] == []
    assert sum(deleted) == 7


def test_what_refuses_deletion_is_taken_out_of_the_policy_and_nobody_writes_any_more() -> None:
    plain = statement("RefusePlainHttp", "Deny", "s3:*", Condition={"Bool": {"a": "false"}})
    foreign = statement("RefuseUploadsOfAnybodyElse", "Deny", "s3:PutObject")
    policy = {
        "Statement": [
            statement("LetTheTrailWrite", "Allow", "s3:PutObject"),
            statement("RefuseDeletion", "Deny", ["s3:BypassGovernanceRetention", "s3:Delete*"]),
            statement("RefuseDeletionOfOne", "Deny", "s3:DeleteObjectVersion"),
            foreign,
            plain,
        ]
    }
    asked: list[Any] = []
    answers: Answers = {
        ("s3", "get_bucket_location"): PLACE,
        ("s3", "get_bucket_policy"): {"Policy": json.dumps(policy)},
        ("s3", "put_bucket_policy"): {},
        ("s3", "list_multipart_uploads"): {},
        ("s3", "list_object_versions"): {},
        ("s3", "delete_bucket"): {},
    }

    found = Bucket(canned_calls(answers, asked, "aws-cn"), BUCKET, ACCOUNT, REGION)
    found.remove(lambda _: None)

    (written,) = [given for _, operation, given in asked if operation == "put_bucket_policy"]
    kept = json.loads(written["Policy"])["Statement"]
    assert kept[:-1] == [foreign, plain]
    assert (kept[-1]["Sid"], kept[-1]["Action"]) == (CLOSED, "s3:PutObject")
    assert kept[-1]["Resource"] == f"arn:aws-cn:s3:::{BUCKET}/*"
    assert {given["ExpectedBucketOwner"] for _, _, given in asked} == {ACCOUNT}


def test_many_versions_are_read_page_by_page() -> None:
    def listed(given: Any) -> dict[str, Any]:
        if "KeyMarker" in given:
            assert (given["KeyMarker"], given["VersionIdMarker"]) == ("a", "1")
            return {"Versions": [{"Key": "b", "VersionId": "1"}]}
        return {
            "DeleteMarkers": [{"Key": "a", "VersionId": "1"}],
            "IsTruncated": True,
            "NextKeyMarker": "a",
            "NextVersionIdMarker": "1",
        }

    canned = {("s3", "list_object_versions"): listed}
    found = Bucket(canned_calls(canned), BUCKET, ACCOUNT, REGION)

    assert [one["Key"] for some in found.versions() for one in some] == ["a", "b"]


def test_versions_that_stay_are_told() -> None:
    answers: Answers = {
        ("s3", "get_bucket_location"): PLACE,
        ("s3", "get_bucket_policy"): error("NoSuchBucketPolicy"),
        ("s3", "put_bucket_policy"): {},
        ("s3", "list_multipart_uploads"): {},
        ("s3", "list_object_versions"): {"Versions": [{"Key": "a", "VersionId": "1"}]},
        ("s3", "delete_objects"): {"Errors": [{"Code": "AccessDenied"}]},
    }

    with pytest.raises(Left, match="1 versions stay: AccessDenied"):
        Bucket(canned_calls(answers), BUCKET, ACCOUNT, REGION).remove(lambda _: None)


def test_a_bucket_of_that_name_in_another_region_is_another_one(s3: Any) -> None:
    elsewhere = {"LocationConstraint": "eu-west-1"}
    boto3.client("s3", region_name="eu-west-1").create_bucket(
        Bucket=BUCKET,
        CreateBucketConfiguration=elsewhere,  # type: ignore[arg-type]  # The stubs list regions.
    )

    with pytest.raises(Left, match="lies in eu-west-1"):
        bucket().remove(lambda _: None)
    with pytest.raises(Left, match="lies in eu-west-1"):
        bucket().silence()


@pytest.mark.parametrize(
    ("days", "mode"), [(3, "GOVERNANCE"), (3, "COMPLIANCE"), (-3, "COMPLIANCE")]
)
def test_a_version_that_is_still_locked_is_told_even_if_new_ones_are_not(
    days: int, mode: str
) -> None:
    until = datetime.now(UTC) + timedelta(days=days)
    locked = {"Retention": {"Mode": mode, "RetainUntilDate": until}}
    unlocked = error("NoSuchObjectLockConfiguration")
    versions = [{"Key": key, "VersionId": "1"} for key in ("free", "locked")]
    answers: Answers = {
        ("s3", "get_object_lock_configuration"): {"ObjectLockConfiguration": {}},
        ("s3", "list_object_versions"): {"Versions": versions},
        ("s3", "get_object_legal_hold"): unlocked,
        ("s3", "get_object_retention"): lambda given: (
            locked if given["Key"] == "locked" else unlocked
        ),
    }

    found = Bucket(canned_calls(answers), BUCKET, ACCOUNT, REGION).lock()

    said = f"{BUCKET} holds versions locked ({mode}) until {until:%Y-%m-%d}"
    assert found == (said if days > 0 else None)


def test_a_lock_on_new_versions_is_told(audit: Any) -> None:
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    audit.put_object_lock_configuration(
        Bucket=BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )

    assert bucket().lock() == f"{BUCKET} locks each new version (GOVERNANCE)"


def test_a_legal_hold_is_told(audit: Any) -> None:
    put(audit, ObjectLockLegalHoldStatus="ON")

    assert bucket().lock() == f"{BUCKET} holds versions under legal hold"


def test_a_bucket_without_object_lock_or_that_is_gone_locks_nothing(s3: Any) -> None:
    assert bucket().lock() is None
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=PLACE)
    put_into = {"Bucket": BUCKET, "Key": "k", "Body": b"x"}
    s3.put_object(**put_into)

    assert bucket().lock() is None


def test_whether_something_is_locked_must_be_known() -> None:
    refused = {("s3", "get_object_lock_configuration"): error("AccessDenied", "GetIt", 403)}

    with pytest.raises(Left, match="GetIt: AccessDenied"):
        Bucket(canned_calls(refused), BUCKET, ACCOUNT, REGION).lock()
