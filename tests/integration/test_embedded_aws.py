"""What `local/` completes in the emulator, seen from outside.

These prove that the other integration tests stand on something: that a policy is enforced here, a
range of a version is a range, a dead letter is the event. They say nothing of AWS itself.
"""

import base64
import hashlib
import json
import os
import socket
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.skipif(
    not os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1:"),
    reason="about the embedded AWS, and it is not the one that is tested",
)

BODY = b"0123456789"
DEAD_LETTER_TIMEOUT_S = 60


@pytest.fixture(scope="module")
def outputs() -> dict[str, str]:
    stacks = boto3.client("cloudformation").describe_stacks(
        StackName=os.environ["AWS_SAM_STACK_NAME"]
    )
    return {output["OutputKey"]: output["OutputValue"] for output in stacks["Stacks"][0]["Outputs"]}


@pytest.fixture(scope="module")
def function() -> Any:
    """A session with the function's own credentials."""
    return boto3.Session(profile_name="function")


@pytest.fixture(scope="module")
def sender() -> Any:
    return boto3.Session(profile_name="sender").client("s3")


@pytest.fixture
def receipt(function: Any, outputs: dict[str, str]) -> dict[str, str]:
    """An object in the results bucket, written as the function writes: no encryption named."""
    place = {
        "Bucket": outputs["TransactionResultsBucketName"],
        "Key": f"receipts/embedded-aws/{uuid.uuid4()}.json",
    }
    written = function.client("s3").put_object(
        **place, Body=BODY, ChecksumAlgorithm="SHA256", IfNoneMatch="*"
    )
    return {**place, "VersionId": written["VersionId"]}


def reader() -> Any:
    """An S3 client of the tester; untyped, so that it takes a place as a mapping."""
    return boto3.client("s3")


def error_of(error: "pytest.ExceptionInfo[ClientError]") -> str:
    return error.value.response["Error"]["Code"]


def test_range_of_a_version_is_that_range(receipt: dict[str, str]) -> None:
    answer = reader().get_object(**receipt, Range="bytes=2-5")

    assert answer["Body"].read() == b"2345"
    assert answer["ContentRange"] == "bytes 2-5/10"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_range_behind_the_end_is_refused(receipt: dict[str, str]) -> None:
    with pytest.raises(ClientError) as error:
        reader().get_object(**receipt, Range="bytes=10-")

    assert error_of(error) == "InvalidRange"


def test_missing_version_is_not_found(receipt: dict[str, str]) -> None:
    missing = {**receipt, "VersionId": str(uuid.uuid4())}

    with pytest.raises(ClientError) as read:
        reader().get_object(**missing)
    with pytest.raises(ClientError) as head:
        reader().head_object(**missing)

    assert error_of(read) == "NoSuchVersion"
    assert head.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_object_takes_the_encryption_of_its_bucket(
    receipt: dict[str, str], outputs: dict[str, str]
) -> None:
    head = reader().head_object(**receipt)

    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"] == outputs["EncryptionKeyArn"]
    assert head["BucketKeyEnabled"] is True


def test_checksum_comes_back_when_asked_for(receipt: dict[str, str]) -> None:
    head = reader().head_object(**receipt, ChecksumMode="ENABLED")

    assert head["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(BODY).digest()).decode()


def test_write_once_refuses_a_second_write(function: Any, receipt: dict[str, str]) -> None:
    place = {"Bucket": receipt["Bucket"], "Key": receipt["Key"]}

    with pytest.raises(ClientError) as error:
        function.client("s3").put_object(**place, Body=b"other", IfNoneMatch="*")

    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ServerSideEncryption": "AES256"},
        {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": f"arn:aws:kms:us-east-1:000000000000:key/{uuid.UUID(int=1)}",
        },
    ],
    ids=["none-named", "other-encryption", "other-key"],
)
def test_upload_with_other_encryption_is_refused(
    sender: Any, outputs: dict[str, str], headers: dict[str, str]
) -> None:
    bucket = outputs["TransactionDataBucketName"]

    with pytest.raises(ClientError) as error:
        sender.put_object(Bucket=bucket, Key="refused.csv", Body=b"x", **headers)

    assert error_of(error) == "AccessDenied"


def test_sender_may_only_upload(sender: Any, outputs: dict[str, str]) -> None:
    with pytest.raises(ClientError) as error:
        sender.list_objects_v2(Bucket=outputs["TransactionDataBucketName"])

    assert error_of(error) == "AccessDenied"


def test_function_may_insert_by_partiql_and_nothing_else(
    function: Any, outputs: dict[str, str]
) -> None:
    table = outputs["TransactionMetadataTableName"]
    key = [{"S": f"embedded-aws-{uuid.uuid4()}"}, {"N": "1"}]
    insert = f"INSERT INTO \"{table}\" VALUE {{'transactionId': ?, 'timestamp': ?}}"
    # Table names are no parameters in PartiQL; this one comes from the stack.
    delete = f'DELETE FROM "{table}" WHERE "transactionId" = ? AND "timestamp" = ?'  # noqa: S608  The stack names it.
    dynamodb = function.client("dynamodb")

    once = dynamodb.batch_execute_statement(Statements=[{"Statement": insert, "Parameters": key}])
    again = dynamodb.batch_execute_statement(Statements=[{"Statement": insert, "Parameters": key}])
    with pytest.raises(ClientError) as error:
        dynamodb.batch_execute_statement(Statements=[{"Statement": delete, "Parameters": key}])

    assert "Error" not in once["Responses"][0]
    assert again["Responses"][0]["Error"]["Code"] == "DuplicateItem"
    assert error_of(error) == "AccessDeniedException"


def test_function_may_not_insert_into_the_ledger(function: Any, outputs: dict[str, str]) -> None:
    table = outputs["FileLedgerTableName"]
    insert = f"INSERT INTO \"{table}\" VALUE {{'fileId': 'x', 'entry': 'FILE'}}"

    with pytest.raises(ClientError) as error:
        function.client("dynamodb").batch_execute_statement(Statements=[{"Statement": insert}])

    assert error_of(error) == "AccessDeniedException"


def test_function_reaches_no_service_without_an_endpoint(function: Any) -> None:
    with pytest.raises(ClientError) as error:
        function.client("sts").get_caller_identity()

    assert error_of(error) == "NoRouteOutOfTheVpc"


def test_key_is_used_through_services_only(outputs: dict[str, str]) -> None:
    # The tester's policy allows both actions on the key; the key's own policy does not.
    with pytest.raises(ClientError) as error:
        boto3.client("kms").generate_data_key(KeyId=outputs["EncryptionKeyArn"], KeySpec="AES_256")

    assert error_of(error) == "AccessDeniedException"


def test_given_up_event_is_the_body_of_the_dead_letter(outputs: dict[str, str]) -> None:
    event = {"Records": [{"eventSource": "embedded:aws", "id": str(uuid.uuid4())}]}
    queue = outputs["FailedEventsQueueUrl"]

    boto3.client("lambda").invoke(
        FunctionName=outputs["TransactionProcessorFunctionArn"],
        InvocationType="Event",
        Payload=json.dumps(event).encode(),
    )

    letter = dead_letter(queue, event)
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"]
    assert letter["MessageAttributes"]["RequestID"]["StringValue"]


def dead_letter(queue: str, event: dict[str, Any]) -> Any:
    """Wait for the dead letter with this body, take it off the queue, and answer it."""
    sqs = boto3.client("sqs")
    deadline = time.monotonic() + DEAD_LETTER_TIMEOUT_S
    while time.monotonic() < deadline:
        received = sqs.receive_message(
            QueueUrl=queue, MessageAttributeNames=["All"], WaitTimeSeconds=1, VisibilityTimeout=1
        )
        for message in received.get("Messages", []):
            if json.loads(message["Body"]) == event:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                return message
    raise AssertionError("no dead letter came")


@pytest.mark.parametrize("key", ["test", "000000000000"])
def test_no_well_known_key_is_root(key: str) -> None:
    iam = boto3.client("iam", aws_access_key_id=key, aws_secret_access_key="test")

    with pytest.raises(ClientError) as error:
        iam.list_users()

    assert error_of(error) == "InvalidClientTokenId"


def test_other_machines_do_not_reach_it() -> None:
    port = urlsplit(os.environ["AWS_ENDPOINT_URL"]).port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Sends nothing; tells the address by which this machine is known to others.
        probe.connect(("192.0.2.1", 9))
        address = probe.getsockname()[0]

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address, port), timeout=2)
