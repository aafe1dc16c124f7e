"""The function's role: what it needs works, as the contracts show; all else is refused.

With the role's own session where the embedded AWS hands it out, and by IAM's simulator anywhere.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.deployed import Json, Stack, client

DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}

type Call = tuple[str, str, Json]
"""A service, an operation, its parameters; {names} in them are the stack's outputs."""

ITEM_KEY = {"transactionId": {"S": "T"}, "timestamp": {"N": "0"}}
ENTRY_KEY = {"fileId": {"S": "F"}, "entry": {"S": "FILE"}}
DATA = {"Bucket": "{TransactionDataBucketName}", "Key": "denied.csv"}
RECEIPT = {"Bucket": "{TransactionResultsBucketName}", "Key": "receipts/denied.json"}
UNDER_THE_KEY = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "{EncryptionKeyArn}"}
TRANSACTIONS = {"TableName": "{TransactionMetadataTableName}"}
LEDGER = {"TableName": "{FileLedgerTableName}"}
SECRET = {"SecretId": "{SecretsManagerSecretArn}"}
KEY = {"KeyId": "{EncryptionKeyArn}"}
QUEUE = {"QueueUrl": "{FailedEventsQueueUrl}"}

REFUSED: dict[str, Call] = {
    "write-an-upload": ("s3", "put_object", DATA | UNDER_THE_KEY | {"Body": b"x"}),
    "delete-an-upload": ("s3", "delete_object", DATA),
    "delete-a-version-of-an-upload": ("s3", "delete_object", DATA | {"VersionId": "v"}),
    "tag-an-upload": ("s3", "put_object_tagging", DATA | {"Tagging": {"TagSet": []}}),
    "list-versions-of-results": (
        "s3",
        "list_object_versions",
        {"Bucket": "{TransactionResultsBucketName}"},
    ),
    "list-the-results": ("s3", "list_objects_v2", {"Bucket": "{TransactionResultsBucketName}"}),
    "write-elsewhere-in-the-results": (
        "s3",
        "put_object",
        RECEIPT | UNDER_THE_KEY | {"Key": "elsewhere/x", "Body": b"x"},
    ),
    "delete-a-receipt": ("s3", "delete_object", RECEIPT),
    "delete-a-task": ("s3", "delete_object", RECEIPT | {"Key": "work/denied.json"}),
    "delete-a-version-of-a-receipt": ("s3", "delete_object", RECEIPT | {"VersionId": "v"}),
    "read-the-audit-files": (
        "s3",
        "get_object",
        {"Bucket": "{CloudTrailLogsBucketName}", "Key": "AWSLogs/x"},
    ),
    "read-the-access-logs": (
        "s3",
        "list_objects_v2",
        {"Bucket": "{AccessLogsBucketName}"},
    ),
    "change-a-buckets-policy": (
        "s3",
        "delete_bucket_policy",
        {"Bucket": "{TransactionDataBucketName}"},
    ),
    "delete-an-item": ("dynamodb", "delete_item", TRANSACTIONS | {"Key": ITEM_KEY}),
    "update-an-item": (
        "dynamodb",
        "update_item",
        TRANSACTIONS | {"Key": ITEM_KEY, "UpdateExpression": "REMOVE amount"},
    ),
    "overwrite-an-item": ("dynamodb", "put_item", TRANSACTIONS | {"Item": ITEM_KEY}),
    "scan-the-items": ("dynamodb", "scan", TRANSACTIONS),
    "delete-the-table": ("dynamodb", "delete_table", TRANSACTIONS),
    "delete-a-ledger-entry": ("dynamodb", "delete_item", LEDGER | {"Key": ENTRY_KEY}),
    "scan-the-ledger": ("dynamodb", "scan", LEDGER),
    "change-the-secret": (
        "secretsmanager",
        "put_secret_value",
        SECRET | {"SecretString": "{{}}"},
    ),
    "read-another-secret": ("secretsmanager", "get_secret_value", {"SecretId": "another"}),
    "delete-the-key": ("kms", "schedule_key_deletion", KEY),
    "decrypt-by-itself": ("kms", "decrypt", KEY | {"CiphertextBlob": b"x"}),
    "make-a-data-key-by-itself": ("kms", "generate_data_key", KEY | {"KeySpec": "AES_256"}),
    "read-failed-events": ("sqs", "receive_message", QUEUE),
    "purge-failed-events": ("sqs", "purge_queue", QUEUE),
    "invoke-itself": (
        "lambda",
        "invoke",
        {"FunctionName": "{TransactionProcessorFunctionName}", "Payload": b"{{}}"},
    ),
    "delete-its-log": ("logs", "delete_log_group", {"logGroupName": "{LambdaLogGroupName}"}),
    "stop-the-trail": ("cloudtrail", "stop_logging", {"Name": "{CloudTrailName}"}),
}


def filled_in(parameters: Json, stack: Stack) -> Json:
    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return value.format_map(stack.outputs)
        if isinstance(value, bytes):
            return value.replace(b"{{", b"{").replace(b"}}", b"}")
        return value

    return {name: fill(value) for name, value in parameters.items()}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_the_functions_own_session_may_not(embedded: None, stack: Stack, call: Call) -> None:
    service, operation, parameters = call
    acting = getattr(client(service, "function"), operation)

    with pytest.raises(ClientError) as refusal:
        acting(**filled_in(parameters, stack))

    assert refusal.value.response["Error"]["Code"] in DENIED


@pytest.mark.parametrize(
    "statement",
    [
        """DELETE FROM "{}" WHERE "transactionId" = 'T' AND "timestamp" = 0""",
        """UPDATE "{}" SET "amount" = 0 WHERE "transactionId" = 'T' AND "timestamp" = 0""",
        """SELECT * FROM "{}" WHERE "transactionId" = 'T' AND "timestamp" = 0""",
    ],
    ids=["delete", "update", "select"],
)
def test_the_functions_own_session_may_insert_by_partiql_but_not(
    embedded: None, stack: Stack, statement: str
) -> None:
    dynamodb = client("dynamodb", "function")
    table = stack.outputs["TransactionMetadataTableName"]

    with pytest.raises(ClientError) as refusal:
        dynamodb.execute_statement(Statement=statement.format(table))

    assert refusal.value.response["Error"]["Code"] in DENIED


def simulated(stack: Stack, action: str, resource: str, **context: str) -> str:
    """What IAM would decide of the role's identity policies, by default for calls from its VPC.

    Args:
        stack: The stack.
        action: As in a policy.
        resource: ARN of what is acted on.
        context: Condition keys, with a "_" for the colon.
    """
    keys = {"aws_SourceVpc": stack.outputs["VPCId"]} | context
    answer = client("iam").simulate_principal_policy(
        PolicySourceArn=stack.outputs["LambdaExecutionRoleArn"],
        ActionNames=[action],
        ResourceArns=[resource],
        ContextEntries=[
            {
                "ContextKeyName": name.replace("_", ":"),
                "ContextKeyValues": [value],
                "ContextKeyType": "string",
            }
            for name, value in keys.items()
        ],
    )
    decision: str = answer["EvaluationResults"][0]["EvalDecision"]
    return decision


def via(stack: Stack, service: str) -> str:
    """How a key's service names itself when it calls for somebody."""
    return f"{service}.{stack.region}.amazonaws.com"


def needed(stack: Stack) -> list[tuple[str, str]]:
    """Every action that the function needs, with one thing that it needs it on."""
    outputs = stack.outputs
    data = outputs["TransactionDataBucketArn"]
    results = f"{data.rpartition(':')[0]}:{outputs['TransactionResultsBucketName']}"
    items = stack.arn("dynamodb", f"table/{outputs['TransactionMetadataTableName']}")
    ledger = stack.arn("dynamodb", f"table/{outputs['FileLedgerTableName']}")
    written = ("s3:PutObject", "s3:GetObject")
    return [
        *((action, f"{data}/x") for action in ("s3:GetObject", "s3:GetObjectVersion")),
        *(
            (action, f"{results}/{part}/x")
            for part in ("receipts", "rejected", "work")
            for action in written
        ),
        *((action, data) for action in ("s3:ListBucket", "s3:ListBucketVersions")),
        *((f"dynamodb:{name}", items) for name in ("PartiQLInsert", "BatchGetItem")),
        *(
            (f"dynamodb:{name}", ledger)
            for name in ("BatchGetItem", "PutItem", "UpdateItem", "Query")
        ),
        ("secretsmanager:GetSecretValue", outputs["SecretsManagerSecretArn"]),
        ("sqs:SendMessage", outputs["FailedEventsQueueArn"]),
    ]


def test_iam_allows_the_role_all_that_the_function_needs(stack: Stack) -> None:
    decisions = {call: simulated(stack, *call) for call in needed(stack)}

    assert {call for call, decision in decisions.items() if decision != "allowed"} == set()


def test_iam_allows_the_role_nothing_of_it_on_anything_else(stack: Stack) -> None:
    others = {
        "s3": "arn:aws:s3:::another-bucket/receipts/x",
        "dynamodb": stack.arn("dynamodb", "table/another"),
        "secretsmanager": stack.arn("secretsmanager", "secret:another-AbCdEf"),
        "sqs": stack.arn("sqs", "another"),
    }

    decisions = {
        action: simulated(stack, action, others[action.partition(":")[0]])
        for action, _ in needed(stack)
    }

    assert {action for action, decision in decisions.items() if decision == "allowed"} == set()


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_iam_allows_the_role_neither_its_key_directly_nor_any_other(
    stack: Stack, action: str
) -> None:
    other = stack.arn("kms", "key/00000000-0000-4000-8000-000000000000")

    assert simulated(stack, action, stack.outputs["EncryptionKeyArn"]) != "allowed"
    assert simulated(stack, action, other, kms_ViaService=via(stack, "s3")) != "allowed"


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("kms:Decrypt", {"s3", "dynamodb", "secretsmanager", "sqs", "logs"}),
        ("kms:GenerateDataKey", {"s3", "sqs", "logs"}),
    ],
)
def test_iam_allows_the_role_its_key_through_the_services_that_hold_the_data(
    stack: Stack, action: str, allowed: set[str]
) -> None:
    services = ("s3", "dynamodb", "secretsmanager", "sqs", "lambda", "logs")
    key = stack.outputs["EncryptionKeyArn"]

    decisions = {
        service: simulated(stack, action, key, kms_ViaService=via(stack, service))
        for service in services
    }

    assert {service for service, decision in decisions.items() if decision == "allowed"} == allowed


def test_iam_allows_the_role_no_data_from_outside_the_vpc(stack: Stack) -> None:
    data = [call for call in needed(stack) if not call[0].startswith("sqs:")]

    decisions = {simulated(stack, *call, aws_SourceVpc="vpc-0123456789abcdef0") for call in data}

    assert decisions == {"explicitDeny"}


def test_a_sender_may_neither_read_nor_replace_what_the_processor_wrote(
    embedded: None, stack: Stack
) -> None:
    sender = client("s3", "sender")
    calls: list[tuple[Any, Json]] = [
        (sender.get_object, DATA),
        (sender.get_object, RECEIPT),
        (sender.put_object, RECEIPT | UNDER_THE_KEY | {"Body": b"{{}}"}),
        (sender.delete_object, DATA),
    ]

    codes = set()
    for call, parameters in calls:
        with pytest.raises(ClientError) as refusal:
            call(**filled_in(parameters, stack))
        codes.add(refusal.value.response["Error"]["Code"])

    assert codes <= DENIED
