"""Who gets at the four buckets, over which connection, and what nobody deletes."""

from tests.support.policy import (
    ANONYMOUS,
    OTHER_ACCOUNT,
    Caller,
    Decision,
    Request,
    administrator,
    allowed,
    not_allowed,
    refused,
    service,
)
from tests.support.policy.table import (
    ACCESS_LOGS,
    AUDIT_LOGS,
    DATA,
    OTHER_BUCKET,
    RESULTS,
    TRAIL,
    Row,
    table,
)
from tests.support.template import ACCOUNT

BUCKETS = {
    "AccessLogsBucketPolicy": ACCESS_LOGS,
    "CloudTrailLogsBucketPolicy": AUDIT_LOGS,
    "TransactionDataBucketPolicy": DATA,
    "TransactionResultsBucketPolicy": RESULTS,
}
PLAIN_HTTP = {"aws:SecureTransport": "false"}
OLD_TLS = {"s3:TlsVersion": "1.1"}
NEW_TLS = {"s3:TlsVersion": "1.3"}
DELIVERY = "logging.s3.amazonaws.com"
CLOUDTRAIL = "cloudtrail.amazonaws.com"


def perimeter(policy: str, bucket: str) -> list[Row]:
    """The same for every bucket: this account and AWS's services, by TLS 1.2 or later."""
    http = f"{policy}/RefusePlainHttp"
    tls = f"{policy}/RefuseTlsBefore12"
    others = f"{policy}/RefuseOtherAccounts"

    def rows(sentence: str, caller: Caller, keys: dict[str, str], answer: Decision) -> list[Row]:
        name = bucket.partition(":::")[2].partition(f"-{ACCOUNT}")[0]
        return [
            Row(
                f"{sentence} reads an object of {name}",
                Request(caller, "s3:GetObject", f"{bucket}/a", keys),
                answer,
            ),
            Row(
                f"{sentence} lists {name}",
                Request(caller, "s3:ListBucket", bucket, keys),
                answer,
            ),
        ]

    stranger = administrator(account=OTHER_ACCOUNT)
    aws = service("config.amazonaws.com")
    return [
        *rows("an administrator", administrator(), {}, allowed()),
        *rows("an administrator by TLS 1.3", administrator(), NEW_TLS, allowed()),
        *rows("an administrator by plain HTTP", administrator(), PLAIN_HTTP, refused(http)),
        *rows("an administrator by TLS 1.1", administrator(), OLD_TLS, refused(tls)),
        *rows("an administrator of another account", stranger, {}, refused(others)),
        *rows("somebody without a signature", ANONYMOUS, {}, refused(others)),
        *rows("somebody unsigned, plain HTTP,", ANONYMOUS, PLAIN_HTTP, refused(http, others)),
        *rows("somebody unsigned by TLS 1.1", ANONYMOUS, OLD_TLS, refused(tls, others)),
        # Not refused by the perimeter: a service must only be let in by a statement of its own.
        *rows("a service of AWS that nobody let in", aws, {}, not_allowed("resource")),
    ]


def delivers(
    source: str,
    prefix: str,
    *,
    by: str = DELIVERY,
    account: str = ACCOUNT,
    action: str = "s3:PutObject",
) -> Request:
    caller = service(by, source_arn=source, source_account=account)
    return Request(caller, action, f"{ACCESS_LOGS}/{prefix}/2025-01-01")


DELIVERED = allowed("AccessLogsBucketPolicy/LetS3DeliverTheAccessLogsOfTheseBuckets")
NOBODY_LETS = not_allowed("resource")
ACCESS_LOG_ROWS = [
    Row("S3 delivers the audit bucket's log", delivers(AUDIT_LOGS, "audit"), DELIVERED),
    Row("S3 delivers the upload bucket's log", delivers(DATA, "data"), DELIVERED),
    Row("S3 delivers the results bucket's log", delivers(RESULTS, "results"), DELIVERED),
    Row("S3 delivers to another prefix", delivers(DATA, "elsewhere"), NOBODY_LETS),
    Row("S3 delivers another bucket's log", delivers(OTHER_BUCKET, "data"), NOBODY_LETS),
    Row(
        "S3 delivers the log of a bucket that another account made under the name",
        delivers(DATA, "data", account=OTHER_ACCOUNT),
        NOBODY_LETS,
    ),
    Row(
        "another service delivers the upload bucket's log",
        delivers(DATA, "data", by="sns.amazonaws.com"),
        NOBODY_LETS,
    ),
    Row(
        "S3's log delivery reads a log back",
        delivers(DATA, "data", action="s3:GetObject"),
        NOBODY_LETS,
    ),
]

CHECKS = allowed("CloudTrailLogsBucketPolicy/LetTheTrailCheckTheBucket")
WRITES = allowed("CloudTrailLogsBucketPolicy/LetTheTrailWriteItsFiles")
OTHER_TRAIL = TRAIL.replace("transaction-data-trail-dev", "another")
OWNED = {"s3:x-amz-acl": "bucket-owner-full-control"}
OWN_PREFIX = f"AWSLogs/{ACCOUNT}"


def trail(
    action: str, key: str = "", *, source: str = TRAIL, by: str = CLOUDTRAIL, **keys: str
) -> Request:
    caller = service(by, source_arn=source)
    return Request(caller, f"s3:{action}", f"{AUDIT_LOGS}/{key}" if key else AUDIT_LOGS, keys)


TRAIL_ROWS = [
    Row("the trail looks at the bucket's ACL", trail("GetBucketAcl"), CHECKS),
    Row("the trail reads the bucket's policy", trail("GetBucketPolicy"), NOBODY_LETS),
    Row(
        "the trail asks for the ACL of one file",
        trail("GetBucketAcl", f"{OWN_PREFIX}/a"),
        NOBODY_LETS,
    ),
    Row("another trail looks at the ACL", trail("GetBucketAcl", source=OTHER_TRAIL), NOBODY_LETS),
    Row(
        "another service looks at the ACL for the trail",
        trail("GetBucketAcl", by="sns.amazonaws.com"),
        NOBODY_LETS,
    ),
    Row("the trail writes a file", trail("PutObject", f"{OWN_PREFIX}/a", **OWNED), WRITES),
    Row("the trail reads a file", trail("GetObject", f"{OWN_PREFIX}/a", **OWNED), NOBODY_LETS),
    Row(
        "the trail writes without giving the file to the bucket's owner",
        trail("PutObject", f"{OWN_PREFIX}/a"),
        NOBODY_LETS,
    ),
    Row(
        "the trail writes below another account's prefix",
        trail("PutObject", f"AWSLogs/{OTHER_ACCOUNT}/a", **OWNED),
        NOBODY_LETS,
    ),
    Row(
        "another trail writes a file",
        trail("PutObject", f"{OWN_PREFIX}/a", source=OTHER_TRAIL, **OWNED),
        NOBODY_LETS,
    ),
    Row(
        "another service writes a file for the trail",
        trail("PutObject", f"{OWN_PREFIX}/a", by="sns.amazonaws.com", **OWNED),
        NOBODY_LETS,
    ),
]


def deletions(policy: str, sid: str, bucket: str, actions: list[str]) -> list[Row]:
    """Nobody deletes: not an administrator, and not somebody whom the perimeter refuses anyway."""
    refusal, others = f"{policy}/{sid}", f"{policy}/RefuseOtherAccounts"
    name = bucket.partition(":::")[2].partition(f"-{ACCOUNT}")[0]
    return [
        row
        for action in actions
        for row in (
            Row(
                f"an administrator asks {name} for {action}",
                Request(administrator(), f"s3:{action}", f"{bucket}/a"),
                refused(refusal),
            ),
            Row(
                f"somebody without a signature asks {name} for {action}",
                Request(ANONYMOUS, f"s3:{action}", f"{bucket}/a"),
                refused(refusal, others),
            ),
        )
    ]


OWN_FILE, OWN_LOG = f"{AUDIT_LOGS}/{OWN_PREFIX}/a", f"{ACCESS_LOGS}/data/a"
DELETION_ROWS = [
    *deletions(
        "CloudTrailLogsBucketPolicy",
        "RefuseDeletionOfAuditFiles",
        AUDIT_LOGS,
        [
            *("BypassGovernanceRetention", "PutObjectRetention", "ReplicateDelete"),
            *("DeleteObject", "DeleteObjectVersion", "UpdateObjectEncryption"),
        ],
    ),
    *deletions(
        "AccessLogsBucketPolicy",
        "RefuseDeletionOfAccessLogs",
        ACCESS_LOGS,
        ["DeleteObject", "DeleteObjectVersion", "ReplicateDelete", "UpdateObjectEncryption"],
    ),
]


INVENTION_ROWS = [
    row
    for policy, sid, name, place in (
        ("CloudTrailLogsBucketPolicy", "RefuseAuditFilesOfAnybodyElse", "audit file", OWN_FILE),
        ("AccessLogsBucketPolicy", "RefuseAccessLogsOfAnybodyElse", "access log", OWN_LOG),
    )
    for does, action in (("writes", "s3:PutObject"), ("replicates", "s3:ReplicateObject"))
    for row in (
        Row(
            f"an administrator {does} an {name} of his own",
            Request(administrator(), action, place),
            refused(f"{policy}/{sid}"),
        ),
        Row(
            f"somebody without a signature {does} an {name}",
            Request(ANONYMOUS, action, place),
            refused(f"{policy}/{sid}", f"{policy}/RefuseOtherAccounts"),
        ),
    )
]


@table([row for policy, bucket in BUCKETS.items() for row in perimeter(policy, bucket)])
def test_perimeter_of_every_bucket(row: Row) -> None:
    assert row.decided() == row.answer


@table(ACCESS_LOG_ROWS)
def test_access_logs_come_from_these_buckets_only(row: Row) -> None:
    assert row.decided() == row.answer


@table(TRAIL_ROWS)
def test_audit_files_come_from_this_trail_only(row: Row) -> None:
    assert row.decided() == row.answer


@table(INVENTION_ROWS)
def test_logs_are_written_by_their_service_only(row: Row) -> None:
    assert row.decided() == row.answer


@table(DELETION_ROWS)
def test_logs_are_deleted_by_nobody(row: Row) -> None:
    assert row.decided() == row.answer
