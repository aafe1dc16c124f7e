"""Checks of what is kept: buckets, tables, the key, the queue of failed events."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from botocore.exceptions import ClientError

from desk.doctor.findings import Finding, NotLookedAt, failed, ok, unless, warning
from desk.doctor.look import Look
from desk.doctor.policies import lost
from desk.reading import Json
from processor.adapters.aws import error_code

BUCKETS: Final = {
    "TransactionDataBucket": "aws:kms",
    "TransactionResultsBucket": "aws:kms",
    "CloudTrailLogsBucket": "aws:kms",
    "AccessLogsBucket": "AES256",
}
"""Each bucket's encryption. Access logs are delivered to none with a key."""

TABLES: Final = ("TransactionMetadataTable", "FileLedgerTable")
_ABSENT: Final = frozenset(
    {
        *("NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration"),
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
_HOUR_SECONDS: Final = 3600


def buckets(look: Look) -> Iterator[Finding]:
    """Whether every bucket keeps versions, encrypts, and is closed to strangers."""
    is_well = True
    for logical_id, algorithm in BUCKETS.items():
        for finding in _bucket(look, logical_id, algorithm):
            is_well = False
            yield finding
    if is_well:
        yield ok(f"{len(BUCKETS)} buckets: versions, encryption, no public access, policies")


def _bucket(look: Look, logical_id: str, algorithm: str) -> Iterator[Finding]:
    bucket = look.physical(logical_id)
    versioning = look.ask("s3", "get_bucket_versioning", Bucket=bucket)
    yield from unless(
        versioning.get("Status") == "Enabled",
        failed(
            f"{bucket} keeps no versions",
            f"aws s3api put-bucket-versioning --bucket {bucket} "
            "--versioning-configuration Status=Enabled",
        ),
    )
    yield from _encryption(look, bucket, algorithm)
    blocked = _or_empty(look, "get_public_access_block", bucket)
    settings = blocked.get("PublicAccessBlockConfiguration", {})
    yield from unless(
        len(settings) == len(_ALL_BLOCKED) and all(settings.values()),
        failed(
            f"{bucket} could be made public",
            f"aws s3api put-public-access-block --bucket {bucket} "
            f"--public-access-block-configuration {','.join(f'{n}=true' for n in _ALL_BLOCKED)}",
        ),
    )
    missing = lost(logical_id, _or_empty(look, "get_bucket_policy", bucket).get("Policy", ""))
    yield from unless(
        not missing,
        failed(
            f"{bucket} has lost of its policy: {', '.join(missing)}",
            f"aws s3api put-bucket-policy --bucket {bucket} --policy …, as template.yaml has it",
        ),
    )


_ALL_BLOCKED: Final = (
    *("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
)


def _encryption(look: Look, bucket: str, algorithm: str) -> Iterator[Finding]:
    found = _or_empty(look, "get_bucket_encryption", bucket)
    rules = found.get("ServerSideEncryptionConfiguration", {}).get("Rules", [{}])
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {})
    is_own_key = default.get("KMSMasterKeyID") in (look.key_arn, look.physical("EncryptionKey"))
    rule: Json = {"SSEAlgorithm": algorithm}
    if algorithm == "aws:kms":
        rule["KMSMasterKeyID"] = look.key_arn
    mended = json.dumps(
        {"Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": True}]}
    )
    yield from unless(
        default.get("SSEAlgorithm") == algorithm and (algorithm == "AES256" or is_own_key),
        failed(
            f"{bucket} does not encrypt as it should by default",
            f"aws s3api put-bucket-encryption --bucket {bucket} "
            f"--server-side-encryption-configuration '{mended}'",
        ),
    )


def _or_empty(look: Look, operation: str, bucket: str) -> Json:
    """An answer; an empty one where S3 says that nothing of the kind is set."""
    try:
        return look.ask("s3", operation, Bucket=bucket)
    except ClientError as error:
        if error_code(error) not in _ABSENT:
            raise
        return {}


def tables(look: Look) -> Iterator[Finding]:
    """Whether both tables work, can be restored, and cannot be deleted by a slip."""
    is_well = True
    for logical_id in TABLES:
        for finding in _table(look, logical_id):
            is_well = False
            yield finding
    if is_well:
        yield ok("2 tables: active, recoverable, protected, encrypted by the key, policies")


def _table(look: Look, logical_id: str) -> Iterator[Finding]:
    name = look.physical(logical_id)
    table = look.ask("dynamodb", "describe_table", TableName=name)["Table"]
    mend = f"aws dynamodb update-table --table-name {name}"
    yield from unless(
        table["TableStatus"] == "ACTIVE",
        failed(f"{name} is {table['TableStatus']}", "wait, or restore it to a point in time"),
    )
    yield from unless(
        table.get("DeletionProtectionEnabled", False),
        failed(f"{name} can be deleted by a slip", f"{mend} --deletion-protection-enabled"),
    )
    encryption = table.get("SSEDescription", {})
    yield from unless(
        encryption.get("KMSMasterKeyArn") == look.key_arn,
        failed(
            f"{name} is not encrypted by the stack's key",
            f"{mend} --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId={look.key_arn}",
        ),
    )
    backups = look.ask("dynamodb", "describe_continuous_backups", TableName=name)
    recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    yield from unless(
        recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        failed(
            f"{name} cannot be restored to a point in time",
            f"aws dynamodb update-continuous-backups --table-name {name} "
            "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
        ),
    )
    missing = lost(logical_id, _policy_of_table(look, table["TableArn"]))
    yield from unless(
        not missing,
        failed(
            f"{name} has lost of its policy: {', '.join(missing)}",
            f"aws dynamodb put-resource-policy --resource-arn {table['TableArn']} --policy …, "
            "as template.yaml has it",
        ),
    )


def _policy_of_table(look: Look, arn: str) -> str:
    try:
        return str(look.ask("dynamodb", "get_resource_policy", ResourceArn=arn)["Policy"])
    except ClientError as error:
        if error_code(error) != "PolicyNotFoundException":
            raise
        return ""


def key(look: Look) -> Iterator[Finding]:
    """Whether the key works, and goes on doing so."""
    key_id = look.physical("EncryptionKey")
    state = look.ask("kms", "describe_key", KeyId=key_id)["KeyMetadata"]
    enable = f"aws kms enable-key --key-id {key_id}"
    if state["KeyState"] == "PendingDeletion":
        yield failed(
            f"it is to be deleted at {state.get('DeletionDate')}: then all data is lost",
            f"aws kms cancel-key-deletion --key-id {key_id}, then {enable}",
        )
        return
    if state["KeyState"] != "Enabled":
        yield failed(f"it is {state['KeyState']}: nothing can be read or written", enable)
        return
    rotation = look.ask("kms", "get_key_rotation_status", KeyId=key_id)
    aliases = look.ask_all("kms", "list_aliases", "Aliases", KeyId=key_id)
    alias = look.physical("EncryptionKeyAlias")
    problems = unless(
        rotation["KeyRotationEnabled"],
        failed("it does not rotate", f"aws kms enable-key-rotation --key-id {key_id}"),
    ) + unless(
        alias in [one["AliasName"] for one in aliases],
        failed(
            f"{alias} does not lead to it",
            f"aws kms update-alias --alias-name {alias} --target-key-id {key_id}",
        ),
    )
    yield from problems or [ok("enabled, rotating, its alias leads to it")]


def failed_events(look: Look) -> Iterator[Finding]:
    """How many events wait for a person."""
    url = look.physical("FailedEventsQueue")
    found = look.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    attributes = found["Attributes"]
    counts = [
        int(attributes.get(f"ApproximateNumberOfMessages{which}", 0))
        for which in ("", "NotVisible")
    ]
    age = _oldest_age(look, url)
    if sum(counts):
        yield warning(
            f"{sum(counts)} events that Lambda gave up on wait{age}",
            "mend their cause (`desk redrive` shows it), and `desk redrive` sends them again",
        )
    else:
        yield ok("no event waits")


def _oldest_age(look: Look, url: str) -> str:
    """How long the oldest one has waited, if CloudWatch knows: SQS itself does not tell."""
    now = datetime.now(UTC)
    try:
        points = look.ask(
            "cloudwatch",
            "get_metric_statistics",
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
            StartTime=now - timedelta(seconds=_HOUR_SECONDS),
            EndTime=now,
            Period=300,
            Statistics=["Maximum"],
        )["Datapoints"]
    except NotLookedAt:
        return ""
    if not points:
        return ""
    seconds = max(points, key=lambda one: one["Timestamp"])["Maximum"]
    return f", the oldest for {seconds / _HOUR_SECONDS:.0f} hours; after 14 days they are gone"
