"""Inside the VPC nobody but the function's role gets anywhere, whatever his own rights are.

The stranger is an administrator of this account with a session in the VPC. What stops him is the
condition of the endpoint's statement alone: with that lifted, the same call goes through.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.integration.delivery import Desk
from tests.integration.deployed import Json, Stack, client
from tests.integration.files import as_csv, transaction
from tests.integration.rights_changed import endpoint_policy_as, endpoints, trusting
from tests.support.rights import with_condition

pytestmark = pytest.mark.usefixtures("lost_notifications")

DENIED = {"AccessDenied", "AccessDeniedException"}

CALLS: dict[str, tuple[str, str, Json]] = {
    "S3VPCEndpoint-ReadUploadedFiles": (
        "s3",
        "get_object",
        {"Bucket": "{TransactionDataBucketName}", "Key": "{key}"},
    ),
    "S3VPCEndpoint-WriteAndReadBackReceiptsAndQuarantine": (
        "s3",
        "get_object",
        {"Bucket": "{TransactionResultsBucketName}", "Key": "receipts/{key}"},
    ),
    "S3VPCEndpoint-WriteAndReadTasks": (
        "s3",
        "get_object",
        {"Bucket": "{TransactionResultsBucketName}", "Key": "work/{key}"},
    ),
    "S3VPCEndpoint-ListUploadsForTheSweep": (
        "s3",
        "list_object_versions",
        {"Bucket": "{TransactionDataBucketName}", "Prefix": "{key}"},
    ),
    "S3VPCEndpoint-AnswerNotFoundForMissingObjects": (
        "s3",
        "list_objects_v2",
        {"Bucket": "{TransactionDataBucketName}", "Prefix": "{key}"},
    ),
    "DynamoDBVPCEndpoint-StoreTransactionsAndReadThemBack": (
        "dynamodb",
        "batch_get_item",
        {
            "RequestItems": {
                "{TransactionMetadataTableName}": {
                    "Keys": [{"transactionId": {"S": "T"}, "timestamp": {"N": "0"}}]
                }
            }
        },
    ),
    "DynamoDBVPCEndpoint-KeepTheFileLedger": (
        "dynamodb",
        "query",
        {
            "TableName": "{FileLedgerTableName}",
            "KeyConditionExpression": "fileId = :id",
            "ExpressionAttributeValues": {":id": {"S": "F"}},
        },
    ),
    "SecretsManagerVPCEndpoint-ReadTheConfiguration": (
        "secretsmanager",
        "get_secret_value",
        {"SecretId": "{SecretsManagerSecretArn}"},
    ),
}
"""One call for each statement; {names} in it are the stack's outputs, {key} an uploaded file's.

They read, as nobody but the processor writes, whatever an endpoint lets through.
"""


@pytest.fixture(scope="module")
def stranger(stack: Stack) -> Iterator[Any]:
    """A session of an administrator, named as the function's: the emulator takes it for inside."""
    iam, sts = client("iam", "deployer"), client("sts", "deployer")
    name = f"stranger-{uuid.uuid4().hex[:8]}"
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    role = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [trust | {"Action": "sts:AssumeRole"}]}
        ),
    )["Role"]
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=document)
    with trusting(name, sts.get_caller_identity()["Arn"]):
        issued = sts.assume_role(
            RoleArn=role["Arn"],
            RoleSessionName=stack.outputs["TransactionProcessorFunctionName"],
        )["Credentials"]
    yield boto3.Session(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])
    iam.delete_role_policy(RoleName=name, PolicyName="everything")
    iam.delete_role(RoleName=name)


@pytest.fixture(scope="module")
def names(stack: Stack, desk: Desk, run: str) -> dict[str, str]:
    """What the calls name: the stack's outputs, and a file that is there."""
    key = desk.send("strangers/file.csv", as_csv([transaction(f"{run}-stranger", 0)])).version.key
    for prefix in ("receipts", "work"):
        client("s3", "function").put_object(
            Bucket=stack.outputs["TransactionResultsBucketName"],
            Key=f"{prefix}/{key}",
            IfNoneMatch="*",
        )
    return {**stack.outputs, "key": key}


def filled_in(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {filled_in(name, names): filled_in(each, names) for name, each in value.items()}
    if isinstance(value, list):
        return [filled_in(each, names) for each in value]
    return value.format_map(names)


def test_every_statement_of_an_endpoint_is_tried(stack: Stack) -> None:
    statements = {
        f"{endpoint.name}-{statement['Sid']}"
        for endpoint in endpoints(stack)
        for statement in endpoint.policy["Statement"]
    }

    assert set(CALLS) == statements


@pytest.mark.parametrize("statement", CALLS)
def test_the_condition_of_the_endpoint_and_nothing_else_stops_an_administrator(
    stack: Stack, stranger: Any, names: dict[str, str], statement: str
) -> None:
    name, _, sid = statement.partition("-")
    [endpoint] = [each for each in endpoints(stack) if each.name == name]
    service, operation, parameters = CALLS[statement]
    call = getattr(stranger.client(service), operation)
    lifted = with_condition(endpoint.policy, sid, "ArnEquals", "aws:PrincipalArn", None)

    with pytest.raises(ClientError) as refusal:
        call(**filled_in(parameters, names))
    with endpoint_policy_as(endpoint, lifted):
        answer = call(**filled_in(parameters, names))

    assert refusal.value.response["Error"]["Code"] in DENIED
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert endpoint in endpoints(stack)
