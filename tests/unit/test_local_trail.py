"""How the embedded AWS's trail names calls, whom it names, and what it selects."""

from typing import Any

import pytest

from local.emulator.trail_events import Caller, Failure, Served, event, shown
from local.emulator.trail_log import failure_of
from local.emulator.trail_selectors import selects

ACCOUNT = "000000000000"
UPLOADS = "arn:aws:s3:::uploads"
OBJECT = f"{UPLOADS}/a.csv"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/ledger"

BASIC = [
    {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": [f"{UPLOADS}/"]}],
    }
]
ADVANCED = [
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
    {
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]},
            {"Field": "resources.ARN", "Equals": [TABLE]},
        ]
    },
]


def served(action: str, resource: str = "*", method: str = "POST", **parameters: Any) -> Served:
    prefix = action.partition(":")[0]
    service = {"cloudwatch": "monitoring"}.get(prefix, prefix)
    return Served(service, action, resource, method, parameters, "us-east-1", ACCOUNT)


PUT_OBJECT = served("s3:PutObject", OBJECT, "PUT")


@pytest.mark.parametrize(
    ("call", "source", "name"),
    [
        (served("kms:DisableKey"), "kms", "DisableKey"),
        (served("cloudwatch:PutMetricAlarm"), "monitoring", "PutMetricAlarm"),
        (served("lambda:AddPermission"), "lambda", "AddPermission20150331v2"),
        (served("lambda:GetPolicy", method="GET"), "lambda", "GetPolicy"),
        (served("s3:PutBucketPolicy", UPLOADS, "PUT", policy=""), "s3", "PutBucketPolicy"),
        (served("s3:PutBucketPolicy", UPLOADS, "DELETE", policy=""), "s3", "DeleteBucketPolicy"),
        (
            served("s3:PutEncryptionConfiguration", UPLOADS, "PUT", encryption=""),
            "s3",
            "PutBucketEncryption",
        ),
        (served("s3:CreateBucket", UPLOADS, "PUT"), "s3", "CreateBucket"),
        (PUT_OBJECT, "s3", "PutObject"),
    ],
)
def test_event_has_the_names_that_filters_look_for(call: Served, source: str, name: str) -> None:
    record = event(call, Caller("arn:aws:iam::0:user/a", "AKIA", "::1", "[x]"), None, "id")

    assert (record["eventSource"], record["eventName"]) == (f"{source}.amazonaws.com", name)
    assert "errorCode" not in record


@pytest.mark.parametrize(
    ("call", "is_data", "is_read"),
    [
        (served("kms:DisableKey"), False, False),
        (served("kms:DescribeKey"), False, True),
        (PUT_OBJECT, True, False),
        (served("s3:ListBucket", UPLOADS, "GET"), True, True),
        (served("s3:GetBucketPolicy", UPLOADS, "GET", policy=""), False, True),
        (served("dynamodb:UpdateTable", TABLE), False, False),
        (served("dynamodb:PartiQLInsert", TABLE), True, False),
        (served("sqs:SendMessage"), True, False),
    ],
)
def test_what_is_done_to_contents_is_a_data_event(
    call: Served, is_data: bool, is_read: bool
) -> None:
    assert (call.data_type is not None, call.is_read) == (is_data, is_read)


@pytest.mark.parametrize(
    ("call", "by_basic", "by_advanced"),
    [
        (served("kms:DisableKey"), True, True),
        (PUT_OBJECT, True, False),
        (served("s3:PutObject", "arn:aws:s3:::uploads-of-others/a", "PUT"), False, False),
        (served("s3:ListBucket", UPLOADS, "GET"), True, False),
        (served("dynamodb:PutItem", TABLE), False, True),
        (served("dynamodb:PutItem", f"{TABLE}s"), False, False),
        (served("sqs:SendMessage"), False, False),
    ],
)
def test_trail_selects_by_basic_and_advanced_selectors(
    call: Served, by_basic: bool, by_advanced: bool
) -> None:
    assert (selects(BASIC, call), selects(ADVANCED, call)) == (by_basic, by_advanced)


def test_trail_of_writes_takes_no_reads() -> None:
    writes = [{**BASIC[0], "ReadWriteType": "WriteOnly"}]

    found = [selects(writes, served(f"kms:{name}")) for name in ("DisableKey", "DescribeKey")]

    assert found == [True, False]


def test_user_session_and_root_are_told_apart() -> None:
    def identity(arn: str) -> dict[str, Any]:
        return Caller(arn, "KEY", "::1", "[x]").identity(ACCOUNT)

    session = identity(f"arn:aws:sts::{ACCOUNT}:assumed-role/processor/run-1")

    assert identity(f"arn:aws:iam::{ACCOUNT}:user/deployer")["userName"] == "deployer"
    assert identity(f"arn:aws:iam::{ACCOUNT}:root")["type"] == "Root"
    assert session["type"] == "AssumedRole"
    assert session["sessionContext"]["sessionIssuer"]["userName"] == "processor"


def test_nothing_confidential_is_recorded() -> None:
    asked = {
        "SecretId": "a",
        "SecretString": "hidden",
        "Nested": [{"Plaintext": "hidden", "KeyId": "k"}],
        "ZipFile": b"hidden",
    }

    assert shown(asked) == {"secretId": "a", "nested": [{"keyId": "k"}]}


@pytest.mark.parametrize(
    ("service", "body", "is_refused", "expected"),
    [
        ("kms", b'{"__type": "a#NotFoundException", "message": "m"}', False, "NotFoundException"),
        ("kms", b'{"__type": "AccessDeniedException", "message": "m"}', True, "AccessDenied"),
        ("s3", b"<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>", False, None),
        ("ec2", b"<Code>UnauthorizedOperation</Code><Message>m</Message>", True, None),
        ("s3", b"", False, "400"),
    ],
)
def test_failure_has_the_code_that_cloudtrail_would_give(
    service: str, body: bytes, is_refused: bool, expected: str | None
) -> None:
    codes = {"s3": "NoSuchBucket", "ec2": "Client.UnauthorizedOperation"}

    found = failure_of(service, (400, {}, body), is_refused=is_refused)

    assert found == Failure(expected or codes[service], "m" if body else "")


def test_success_is_no_failure() -> None:
    assert failure_of("kms", (200, {}, b"{}"), is_refused=False) is None
