"""What the processor's role may do, from where, and what its network lets through."""

from tests.support.policy import (
    KEY_ARN,
    OTHER_ACCOUNT,
    Caller,
    Decision,
    Request,
    administrator,
    allowed,
    not_allowed,
    refused,
    role,
)
from tests.support.policy.table import (
    AUDIT_LOGS,
    DATA,
    FILES,
    FUNCTION,
    LOG_GROUPS,
    OTHER_BUCKET,
    PROCESSOR,
    PROCESSOR_WITH_EVERY_RIGHT,
    QUEUE,
    RESULTS,
    SECRET,
    SSE,
    TOPIC,
    TRANSACTIONS,
    Row,
    table,
    through,
)
from tests.support.template import ACCOUNT

ROLE = "TransactionProcessorPolicy"
READ = "ReadUploadedFiles"
WRITE = "WriteAndReadBackReceiptsAndQuarantine"
LIST = "AnswerNotFoundForMissingObjects"
STORE = "StoreTransactionsAndReadThemBack"
LEDGER = "KeepTheFileLedger"
CONFIGURE = "ReadTheConfiguration"
RECEIPT, QUARANTINED = f"{RESULTS}/receipts/a.json", f"{RESULTS}/rejected/a.ndjson"
UPLOADED = f"{DATA}/2025/a.csv"
OTHER_TABLE = TRANSACTIONS.replace("transaction-metadata", "another")
OTHER_SECRET = SECRET.replace("transaction-processor-config", "another")
ENDPOINTS = {
    "dynamodb": "DynamoDBVPCEndpoint",
    "s3": "S3VPCEndpoint",
    "secretsmanager": "SecretsManagerVPCEndpoint",
}
# What the code itself calls: sentence, action, resource, and the statement that stands for it, of
# one name in the role's policy and in the endpoint's.
CALLS = [
    ("reads an upload", "s3:GetObject", UPLOADED, READ),
    ("reads a version of an upload", "s3:GetObjectVersion", UPLOADED, READ),
    ("writes a receipt", "s3:PutObject", RECEIPT, WRITE),
    ("writes to the quarantine", "s3:PutObject", QUARANTINED, WRITE),
    ("reads a receipt", "s3:GetObject", RECEIPT, WRITE),
    ("reads the quarantine", "s3:GetObject", QUARANTINED, WRITE),
    ("learns that an upload is gone", "s3:ListBucket", DATA, LIST),
    ("stores transactions", "dynamodb:PartiQLInsert", TRANSACTIONS, STORE),
    ("reads transactions back", "dynamodb:BatchGetItem", TRANSACTIONS, STORE),
    ("registers a file", "dynamodb:PutItem", FILES, LEDGER),
    ("reads a file's entries", "dynamodb:Query", FILES, LEDGER),
    ("records a part", "dynamodb:UpdateItem", FILES, LEDGER),
    ("reads its configuration", "secretsmanager:GetSecretValue", SECRET, CONFIGURE),
]
# What nobody needs it to do, were it made to.
NEVER = [
    ("deletes an upload", "s3:DeleteObject", UPLOADED),
    ("deletes a receipt", "s3:DeleteObject", RECEIPT),
    ("writes beside receipts and quarantine", "s3:PutObject", f"{RESULTS}/else/a"),
    ("lists the versions of uploads", "s3:ListBucketVersions", DATA),
    ("lists results", "s3:ListBucket", RESULTS),
    ("reads a version of a receipt", "s3:GetObjectVersion", RECEIPT),
    ("reads a version of the quarantine", "s3:GetObjectVersion", QUARANTINED),
    ("reads another bucket", "s3:GetObject", f"{OTHER_BUCKET}/receipts/a"),
    ("copies receipts to another bucket", "s3:PutObject", f"{OTHER_BUCKET}/receipts/a"),
    ("lists another bucket", "s3:ListBucket", OTHER_BUCKET),
    ("reads the audit files", "s3:GetObject", f"{AUDIT_LOGS}/AWSLogs/a"),
    ("overwrites a transaction", "dynamodb:PutItem", TRANSACTIONS),
    ("deletes a transaction", "dynamodb:DeleteItem", TRANSACTIONS),
    ("stores transactions in another table", "dynamodb:PartiQLInsert", OTHER_TABLE),
    ("deletes a file's entry", "dynamodb:DeleteItem", FILES),
    ("keeps a ledger in another table", "dynamodb:PutItem", OTHER_TABLE),
    ("replaces its configuration", "secretsmanager:PutSecretValue", SECRET),
    ("reads another secret", "secretsmanager:GetSecretValue", OTHER_SECRET),
]


def endpoint(action: str) -> str:
    return ENDPOINTS[action.partition(":")[0]]


def inside(caller: Caller, action: str, resource: str) -> Request:
    return Request(caller, action, resource, from_subnet=True)


OUTSIDE = refused(f"{ROLE}/RefuseDataCallsFromOutsideTheVpc")
CALL_ROWS = [
    row
    for sentence, action, resource, sid in CALLS
    for row in (
        Row(
            f"the processor {sentence}",
            inside(PROCESSOR, action, resource),
            allowed(f"{ROLE}/{sid}", f"{endpoint(action)}/{sid}"),
        ),
        Row(
            f"somebody outside the VPC with the processor's credentials {sentence}",
            Request(PROCESSOR, action, resource),
            OUTSIDE,
        ),
        Row(
            f"somebody in another VPC with the processor's credentials {sentence}",
            Request(PROCESSOR, action, resource, {"aws:SourceVpc": "vpc-other"}),
            OUTSIDE,
        ),
    )
]
NEVER_ROWS = [
    row
    for sentence, action, resource in NEVER
    for row in (
        Row(
            f"the processor {sentence}",
            inside(PROCESSOR, action, resource),
            not_allowed("identity", "endpoint"),
        ),
        Row(
            f"the processor, had it every right, {sentence}",
            inside(PROCESSOR_WITH_EVERY_RIGHT, action, resource),
            not_allowed("endpoint"),
        ),
    )
]

ANOTHER_ROLE = administrator()
SAME_ROLE_ELSEWHERE = role(
    "transaction-processor-role-dev", account=OTHER_ACCOUNT, is_administrator=True
)
NO_ENDPOINT = not_allowed("endpoint")
ENDPOINT_ROWS = [
    *(
        Row(
            f"an administrator in the processor's subnet {sentence}",
            inside(ANOTHER_ROLE, action, resource),
            NO_ENDPOINT,
        )
        for sentence, action, resource, _ in CALLS
    ),
    Row(
        "the processor, had it every right, overwrites an upload",
        Request(PROCESSOR_WITH_EVERY_RIGHT, "s3:PutObject", UPLOADED, {SSE: "aws:kms"}, True),
        NO_ENDPOINT,
    ),
    Row(
        "credentials of another account, in the processor's subnet, write to a bucket of theirs",
        inside(SAME_ROLE_ELSEWHERE, "s3:PutObject", f"{OTHER_BUCKET}/receipts/a"),
        not_allowed("endpoint", "resource"),
    ),
    *(
        Row(
            f"the processor, had it every right, calls {action}",
            inside(PROCESSOR_WITH_EVERY_RIGHT, action, resource),
            NO_ENDPOINT,
        )
        for action, resource in {"sqs:SendMessage": QUEUE, "sns:Publish": TOPIC}.items()
    ),
]

NOT_GIVEN = not_allowed("identity")
KEY_USE = "EncryptionKey/UseTheKeyOnlyThroughTheServicesOfThisAccount"
DECRYPTS = allowed(f"{ROLE}/DecryptThroughTheServicesThatHoldTheData", KEY_USE)
ENCRYPTS = allowed(f"{ROLE}/EncryptThroughS3AndTheQueue", KEY_USE)
OTHER_KEY = KEY_ARN.replace("1111", "9999")


def uses(action: str, service: str, key: str = KEY_ARN) -> Request:
    return Request(PROCESSOR, f"kms:{action}", key, through(service))


KEY_ROWS = [
    *(
        Row(f"the processor decrypts through {one}", uses("Decrypt", one), DECRYPTS)
        for one in ("dynamodb", "s3", "secretsmanager", "sqs")
    ),
    *(
        Row(f"the processor encrypts through {one}", uses("GenerateDataKey", one), answer)
        for answer, services in ((ENCRYPTS, "s3 sqs"), (NOT_GIVEN, "dynamodb secretsmanager"))
        for one in services.split()
    ),
    Row("the processor decrypts through Lambda", uses("Decrypt", "lambda"), NOT_GIVEN),
    Row("the processor encrypts by the key itself through S3", uses("Encrypt", "s3"), NOT_GIVEN),
    Row(
        "the processor decrypts by another key through S3",
        uses("Decrypt", "s3", OTHER_KEY),
        not_allowed("identity", "resource"),
    ),
    Row(
        "the processor encrypts by another key through S3",
        uses("GenerateDataKey", "s3", OTHER_KEY),
        not_allowed("identity", "resource"),
    ),
    Row(
        "the processor decrypts by itself",
        Request(PROCESSOR, "kms:Decrypt", KEY_ARN),
        not_allowed("identity", "resource"),
    ),
]

STREAM = f"{LOG_GROUPS}:/aws/lambda/transaction-processor-dev:log-stream:2025"
OTHER_STREAM = f"{LOG_GROUPS}:/aws/lambda/another:log-stream:2025"


def by_lambda(sentence: str, action: str, resource: str, answer: Decision) -> Row:
    return Row(f"Lambda for the processor {sentence}", Request(PROCESSOR, action, resource), answer)


HANDS_OVER = allowed(f"{ROLE}/HandOverFailedEvents")
LOGS = allowed(f"{ROLE}/WriteItsLog")
OTHER_QUEUE = QUEUE.replace("failed-events", "another")
LAMBDA_ROWS = [
    by_lambda("hands over a failed event", "sqs:SendMessage", QUEUE, HANDS_OVER),
    by_lambda("takes a failed event back", "sqs:ReceiveMessage", QUEUE, NOT_GIVEN),
    by_lambda("sends to another queue", "sqs:SendMessage", OTHER_QUEUE, NOT_GIVEN),
    by_lambda("opens a log stream", "logs:CreateLogStream", STREAM, LOGS),
    by_lambda("writes the log", "logs:PutLogEvents", STREAM, LOGS),
    by_lambda("deletes a log stream", "logs:DeleteLogStream", STREAM, NOT_GIVEN),
    by_lambda("writes another log", "logs:PutLogEvents", OTHER_STREAM, NOT_GIVEN),
]

NETWORK = [
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
]
BY_THE_CODE = {"lambda:SourceFunctionArn": FUNCTION}
BY_OTHER_CODE = {"lambda:SourceFunctionArn": FUNCTION.replace("-dev", "-else")}
ATTACHES = allowed(f"{ROLE}/LetLambdaAttachTheFunctionToTheVpc")
CODE_REFUSED = refused(f"{ROLE}/RefuseNetworkChangesByTheCode")
NETWORK_ROWS = [
    *(by_lambda(f"calls {one}", f"ec2:{one}", "*", ATTACHES) for one in NETWORK),
    by_lambda("detaches an interface", "ec2:DetachNetworkInterface", "*", NOT_GIVEN),
    by_lambda("starts a machine", "ec2:RunInstances", "*", NOT_GIVEN),
    *(
        Row(
            f"the processor's code calls {one}",
            Request(PROCESSOR, f"ec2:{one}", "*", BY_THE_CODE),
            CODE_REFUSED,
        )
        for one in [*NETWORK, "DetachNetworkInterface"]
    ),
    Row(
        "another function's code with the role calls DescribeSubnets",
        Request(PROCESSOR, "ec2:DescribeSubnets", "*", BY_OTHER_CODE),
        ATTACHES,
    ),
    Row(
        "the processor assumes another role",
        Request(PROCESSOR, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/other"),
        not_allowed("identity", "resource"),
    ),
]


@table(CALL_ROWS)
def test_processor_makes_its_calls_from_its_subnets_only(row: Row) -> None:
    assert row.decided() == row.answer


@table(NEVER_ROWS)
def test_processor_can_do_nothing_else_to_the_data(row: Row) -> None:
    assert row.decided() == row.answer


@table(ENDPOINT_ROWS)
def test_endpoints_serve_the_processor_only(row: Row) -> None:
    assert row.decided() == row.answer


@table(KEY_ROWS)
def test_processor_uses_the_key_through_the_services_that_hold_the_data(row: Row) -> None:
    assert row.decided() == row.answer


@table(LAMBDA_ROWS)
def test_lambda_works_for_the_processor_from_outside(row: Row) -> None:
    assert row.decided() == row.answer


@table(NETWORK_ROWS)
def test_network_is_attached_by_lambda_and_never_by_the_code(row: Row) -> None:
    assert row.decided() == row.answer
