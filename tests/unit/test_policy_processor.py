"""What the processor's role may do, from where, and what its network lets through.

What Lambda itself does with the role is in test_policy_processor_lambda.py.
"""

from tests.support.policy import (
    KEY_ARN,
    OTHER_ACCOUNT,
    Caller,
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

ROLE = "TransactionProcessorPolicy"
READ = "ReadUploadedFiles"
WRITE = "WriteAndReadBackReceiptsAndQuarantine"
TASKS = "WriteAndReadTasks"
LIST = "AnswerNotFoundForMissingObjects"
LIST_VERSIONS = "ListUploadsForTheSweep"
STORE = "StoreTransactionsAndReadThemBack"
LEDGER = "KeepTheFileLedger"
CONFIGURE = "ReadTheConfiguration"
RESULTS_POLICY = "TransactionResultsBucketPolicy"
UNCHANGED = "TransactionMetadataTable/RefuseChangesOfTransactions"
ENTRIES_STAY = "FileLedgerTable/RefuseDeletionOfEntries"
RECEIPT, QUARANTINED = f"{RESULTS}/receipts/a.json", f"{RESULTS}/rejected/a.ndjson"
TASK = f"{RESULTS}/work/a/part-00007.json"
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
    ("writes a task", "s3:PutObject", TASK, TASKS),
    ("reads a task", "s3:GetObject", TASK, TASKS),
    ("learns that an upload is gone", "s3:ListBucket", DATA, LIST),
    ("lists the versions of uploads", "s3:ListBucketVersions", DATA, LIST_VERSIONS),
    ("stores transactions", "dynamodb:PartiQLInsert", TRANSACTIONS, STORE),
    ("reads transactions back", "dynamodb:BatchGetItem", TRANSACTIONS, STORE),
    ("registers a file", "dynamodb:PutItem", FILES, LEDGER),
    ("reads a file's entries", "dynamodb:Query", FILES, LEDGER),
    ("looks many files up", "dynamodb:BatchGetItem", FILES, LEDGER),
    ("records a part", "dynamodb:UpdateItem", FILES, LEDGER),
    ("reads its configuration", "secretsmanager:GetSecretValue", SECRET, CONFIGURE),
]
# Whoever else sends one of these is refused by the bucket's or the table's own policy.
WRITES = {"dynamodb:PartiQLInsert", "dynamodb:PutItem", "dynamodb:UpdateItem", "s3:PutObject"}
# What nobody needs it to do, were it made to. Some of it is refused to everybody.
NEVER = [
    ("deletes an upload", "s3:DeleteObject", UPLOADED),
    ("writes beside receipts, quarantine and tasks", "s3:PutObject", f"{RESULTS}/else/a"),
    ("lists results", "s3:ListBucket", RESULTS),
    ("lists the versions of results", "s3:ListBucketVersions", RESULTS),
    ("reads a version of a task", "s3:GetObjectVersion", TASK),
    ("reads a version of a receipt", "s3:GetObjectVersion", RECEIPT),
    ("reads a version of the quarantine", "s3:GetObjectVersion", QUARANTINED),
    ("reads another bucket", "s3:GetObject", f"{OTHER_BUCKET}/receipts/a"),
    ("copies receipts to another bucket", "s3:PutObject", f"{OTHER_BUCKET}/receipts/a"),
    ("lists another bucket", "s3:ListBucket", OTHER_BUCKET),
    ("reads the audit files", "s3:GetObject", f"{AUDIT_LOGS}/AWSLogs/a"),
    ("stores transactions in another table", "dynamodb:PartiQLInsert", OTHER_TABLE),
    ("lists every file's entries", "dynamodb:Scan", FILES),
    ("keeps a ledger in another table", "dynamodb:PutItem", OTHER_TABLE),
    ("replaces its configuration", "secretsmanager:PutSecretValue", SECRET),
    ("reads another secret", "secretsmanager:GetSecretValue", OTHER_SECRET),
]


REFUSED_TO_ALL = [
    ("deletes a receipt", "s3:DeleteObject", RECEIPT, f"{RESULTS_POLICY}/RefuseDeletionOfResults"),
    ("deletes a task", "s3:DeleteObject", TASK, f"{RESULTS_POLICY}/RefuseDeletionOfResults"),
    ("overwrites a transaction", "dynamodb:PutItem", TRANSACTIONS, UNCHANGED),
    ("deletes a transaction", "dynamodb:DeleteItem", TRANSACTIONS, UNCHANGED),
    ("deletes a file's entry", "dynamodb:DeleteItem", FILES, ENTRIES_STAY),
]


def endpoint(action: str) -> str:
    return ENDPOINTS[action.partition(":")[0]]


def inside(caller: Caller, action: str, resource: str) -> Request:
    return Request(caller, action, resource, headers(action), from_subnet=True)


def headers(action: str) -> dict[str, str]:
    """As the processor puts an object: only where there is none yet."""
    return {"s3:if-none-match": "*"} if action == "s3:PutObject" else {}


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
            Request(PROCESSOR, action, resource, headers(action)),
            OUTSIDE,
        ),
        Row(
            f"somebody in another VPC with the processor's credentials {sentence}",
            Request(PROCESSOR, action, resource, headers(action) | {"aws:SourceVpc": "vpc-other"}),
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
NEVER_ROWS += [
    Row(
        f"the processor, had it every right or not, {sentence}",
        inside(caller, action, resource),
        refused(statement),
    )
    for sentence, action, resource, statement in REFUSED_TO_ALL
    for caller in (PROCESSOR, PROCESSOR_WITH_EVERY_RIGHT)
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
        if action not in WRITES
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
ENCRYPTS = allowed(f"{ROLE}/EncryptThroughS3TheQueueAndTheLog", KEY_USE)
OTHER_KEY = KEY_ARN.replace("1111", "9999")


def uses(action: str, service: str, key: str = KEY_ARN) -> Request:
    return Request(PROCESSOR, f"kms:{action}", key, through(service))


KEY_ROWS = [
    *(
        Row(f"the processor decrypts through {one}", uses("Decrypt", one), DECRYPTS)
        for one in ("dynamodb", "logs", "s3", "secretsmanager", "sqs")
    ),
    *(
        Row(f"the processor encrypts through {one}", uses("GenerateDataKey", one), answer)
        for answer, services in ((ENCRYPTS, "logs s3 sqs"), (NOT_GIVEN, "dynamodb secretsmanager"))
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
