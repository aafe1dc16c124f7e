"""What `local/` completes of rights: who is told what, who is recorded, what an error leaves alone.

Like test_embedded_aws.py, these prove that other tests stand on something; they say nothing of AWS.
What Lambda does with the role's rights is seen in test_every_right_is_needed.py.
"""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.integration import calls
from tests.integration.calls import Phase
from tests.integration.delivery import Desk
from tests.integration.deployed import Stack, client
from tests.integration.rights_changed import endpoint_policy_as, endpoints

pytestmark = pytest.mark.usefixtures("embedded")


def error_of(error: "pytest.ExceptionInfo[ClientError]") -> str:
    return error.value.response["Error"]["Code"]


def test_missing_object_is_a_refusal_to_who_may_not_list_the_bucket(stack: Stack) -> None:
    s3 = client("s3", "function")
    key = f"receipts/{uuid.uuid4()}"

    with pytest.raises(ClientError) as listable:
        s3.get_object(Bucket=stack.outputs["TransactionDataBucketName"], Key=key)
    with pytest.raises(ClientError) as discreet:
        s3.get_object(Bucket=stack.outputs["TransactionResultsBucketName"], Key=key)
    with pytest.raises(ClientError) as head:
        s3.head_object(Bucket=stack.outputs["TransactionResultsBucketName"], Key=key)

    assert (error_of(listable), error_of(discreet)) == ("NoSuchKey", "AccessDenied")
    assert head.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_calls_of_the_role_are_recorded_with_the_statements_that_allow_them(
    stack: Stack,
) -> None:
    bucket = stack.outputs["TransactionResultsBucketName"]
    key = f"receipts/embedded-aws/{uuid.uuid4()}.json"
    begins_at = calls.size()

    client("s3", "function").put_object(Bucket=bucket, Key=key, Body=b"{}", IfNoneMatch="*")

    place = f"arn:aws:s3:::{bucket}/{key}"
    [call] = [call for call in calls.read_from(begins_at) if call["resource"] == place]

    assert (call["by"], call["action"], call["refusedBy"]) == ("person", "s3:PutObject", None)
    assert call["statement"] == call["endpointStatement"]
    [use] = call["keyUses"]
    assert (use["action"], use["via"]) == ("kms:GenerateDataKey", "s3")
    assert use["resource"] == stack.outputs["EncryptionKeyArn"]


def test_refused_calls_of_the_role_are_recorded_with_who_refused(stack: Stack) -> None:
    table = stack.outputs["TransactionMetadataTableName"]
    begins_at = calls.size()

    with pytest.raises(ClientError):
        client("dynamodb", "function").scan(TableName=table)
    with pytest.raises(ClientError):
        client("sts", "function").get_caller_identity()

    told = [
        (call["action"], call["refusedBy"])
        for call in calls.read_from(begins_at)
        if call["by"] == "person"
    ]
    assert told == [("dynamodb:Scan", "identity"), ("sts:GetCallerIdentity", "route")]


@pytest.mark.usefixtures("refusals_meant")
def test_code_is_told_by_its_session_whatever_it_says_of_itself(stack: Stack) -> None:
    code = boto3.Session(profile_name="function-code")
    tables = code.client("dynamodb", config=Config(user_agent="somebody else"))
    begins_at = calls.size()

    with pytest.raises(ClientError):
        tables.scan(TableName=stack.outputs["TransactionMetadataTableName"])

    told = [
        (call["by"], call["action"], call["refusedBy"])
        for call in calls.read_from(begins_at)
        if call["action"] == "dynamodb:Scan"
    ]
    assert told == [("code", "dynamodb:Scan", "identity")]


PUT_RIGHTS: dict[str, dict[str, Any]] = {
    "s3:PutObjectAcl": {"ACL": "bucket-owner-full-control"},
    "s3:PutObjectLegalHold": {"ObjectLockLegalHoldStatus": "ON"},
    "s3:PutObjectRetention": {
        "ObjectLockMode": "GOVERNANCE",
        "ObjectLockRetainUntilDate": datetime.now(UTC) + timedelta(days=1),
    },
    "s3:PutObjectTagging": {"Tagging": "a=b"},
}


@pytest.mark.parametrize(("right", "headers"), PUT_RIGHTS.items(), ids=PUT_RIGHTS)
@pytest.mark.parametrize("begins", ["put_object", "create_multipart_upload"])
def test_a_put_needs_the_right_to_all_that_it_sets(
    stack: Stack, begins: str, right: str, headers: dict[str, Any]
) -> None:
    upload = {
        "Bucket": stack.outputs["TransactionDataBucketName"],
        "Key": f"embedded-aws/{uuid.uuid4()}.txt",
        "ServerSideEncryption": "aws:kms",
    }

    with pytest.raises(ClientError) as refusal:
        getattr(client("s3", "sender"), begins)(**upload, **headers)

    assert error_of(refusal) == "AccessDenied"
    assert f"not authorized to perform: {right} " in str(refusal.value)


def test_a_put_with_the_right_to_all_that_it_sets_is_done(stack: Stack) -> None:
    place = {
        "Bucket": stack.outputs["TransactionDataBucketName"],
        "Key": f"embedded-aws/{uuid.uuid4()}.txt",
    }
    s3 = client("s3", "deployer")

    s3.put_object(**place, ServerSideEncryption="aws:kms", Tagging="a=b")

    assert s3.get_object_tagging(**place)["TagSet"] == [{"Key": "a", "Value": "b"}]


@pytest.mark.parametrize("everybody", [True, False])
def test_a_gateway_s_policy_is_for_everybody_or_for_root_alone(
    stack: Stack, request: pytest.FixtureRequest, everybody: bool
) -> None:
    [gateway] = [one for one in endpoints(stack) if one.name == "S3VPCEndpoint"]
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "A",
            "Effect": "Allow",
            "Principal": "*" if everybody else {"AWS": f"arn:aws:iam::{stack.account}:root"},
            "Action": "*",
            "Resource": "*",
        },
    }
    begins_at = calls.size()

    with (
        calls.phase(Phase.RIGHTS_CHANGED, request.node.nodeid),
        endpoint_policy_as(gateway, document),
        pytest.raises(ClientError),
    ):
        client("s3", "function").get_object(
            Bucket=stack.outputs["TransactionDataBucketName"], Key=f"none/{uuid.uuid4()}"
        )

    told = {call["refusedBy"] for call in calls.read_from(begins_at) if call["by"] == "person"}
    assert told == {None if everybody else "endpoint"}


def test_an_error_of_the_handler_does_not_end_its_execution_environment(desk: Desk) -> None:
    event = {"Records": [{"eventSource": f"error-{uuid.uuid4()}"}]}

    answers = [desk.invoke(event) for _ in range(2)]

    assert [answer.failed for answer in answers] == [True, True]
    told = [json.loads(line) for line in desk.log() if '"BAD_EVENT"' in line]
    assert told[-1]["cold_start"] is False


def test_a_key_that_is_off_serves_nobody_whatever_his_rights(stack: Stack) -> None:
    kms, key = client("kms", "deployer"), stack.outputs["EncryptionKeyArn"]
    s3, tables = client("s3", "sender"), client("dynamodb", "deployer")
    secrets, queues = client("secretsmanager", "deployer"), client("sqs", "deployer")
    queue_url = stack.outputs["FailedEventsQueueUrl"]

    kms.disable_key(KeyId=key)
    try:
        with pytest.raises(ClientError) as upload:
            s3.put_object(
                Bucket=stack.outputs["TransactionDataBucketName"],
                Key=f"embedded-aws/{uuid.uuid4()}",
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=key,
            )
        with pytest.raises(ClientError) as read:
            tables.scan(TableName=stack.outputs["FileLedgerTableName"], Limit=1)
        with pytest.raises(ClientError) as secret:
            secrets.get_secret_value(SecretId=stack.outputs["SecretsManagerSecretArn"])
        with pytest.raises(ClientError) as sent:
            queues.send_message(QueueUrl=queue_url, MessageBody="{}")
    finally:
        kms.enable_key(KeyId=key)

    assert [error_of(one) for one in (upload, read, secret, sent)] == [
        "KMS.DisabledException",
        "AccessDeniedException",
        "DecryptionFailure",
        "KMS.DisabledException",
    ]
    assert secrets.get_secret_value(SecretId=stack.outputs["SecretsManagerSecretArn"])
