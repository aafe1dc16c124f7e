"""Who may administer the key, who may use it, through which service, and who for himself."""

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
    service,
)
from tests.support.policy.table import LOG_GROUPS, TRAIL, Row, table, through
from tests.support.template import ACCOUNT, REGION

ADMINISTRATION = [
    "CancelKeyDeletion", "CreateAlias", "DeleteAlias", "DescribeKey", "DisableKey",
    "DisableKeyRotation", "EnableKey", "EnableKeyRotation", "GetKeyPolicy",
    "GetKeyRotationStatus", "ListAliases", "ListGrants", "ListKeyPolicies", "ListKeyRotations",
    "ListResourceTags", "PutKeyPolicy", "RevokeGrant", "RotateKeyOnDemand",
    "ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateAlias",
    "UpdateKeyDescription",
]  # fmt: skip
USE = [
    "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom",
    "ReEncryptTo",
]  # fmt: skip
USED_THROUGH = ["dynamodb", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs"]
STRANGER = administrator(account=OTHER_ACCOUNT)
NOBODY_LETS = not_allowed("resource")
ADMINISTERED = allowed("EncryptionKey/AdministerTheKeyThroughIamWithoutUsingIt")
USED = allowed("EncryptionKey/UseTheKeyOnlyThroughTheServicesOfThisAccount")
GRANTED = allowed("EncryptionKey/LetServicesMakeTheirGrants")
NO_GRANT = refused("EncryptionKey/RefuseGrantsToPeople")


def asks(caller: Caller, action: str, keys: dict[str, str] | None = None) -> Request:
    return Request(caller, f"kms:{action}", KEY_ARN, keys or {})


ADMINISTRATION_ROWS = [
    *(
        Row(f"an administrator asks for {one}", asks(administrator(), one), ADMINISTERED)
        for one in ADMINISTRATION
    ),
    *(
        Row(f"an administrator asks for {one} himself", asks(administrator(), one), NOBODY_LETS)
        for one in USE
    ),
    Row(
        "a role without a right in IAM asks for the key's policy",
        asks(role("clerk"), "GetKeyPolicy"),
        not_allowed("identity"),
    ),
    Row(
        "an administrator of another account asks for the key's policy",
        asks(STRANGER, "GetKeyPolicy"),
        NOBODY_LETS,
    ),
]

USE_ROWS = [
    *(
        Row(f"a reader asks for {one} through S3", asks(administrator(), one, through("s3")), USED)
        for one in USE
    ),
    *(
        Row(
            f"a reader asks for Decrypt through {one}",
            asks(administrator(), "Decrypt", through(one)),
            USED,
        )
        for one in USED_THROUGH
    ),
    Row(
        "a reader asks for Decrypt through a service that keeps nothing here",
        asks(administrator(), "Decrypt", through("ec2")),
        NOBODY_LETS,
    ),
    Row(
        "a reader asks for GenerateMac through S3",
        asks(administrator(), "GenerateMac", through("s3")),
        NOBODY_LETS,
    ),
    Row(
        "a role without a right in IAM asks for Decrypt through S3",
        asks(role("clerk"), "Decrypt", through("s3")),
        not_allowed("identity"),
    ),
    Row(
        "a reader of another account asks for Decrypt through S3",
        asks(STRANGER, "Decrypt", through("s3") | {"kms:CallerAccount": OTHER_ACCOUNT}),
        NOBODY_LETS,
    ),
]

FOR_AWS = {"kms:GrantIsForAWSResource": "true"}
FOR_HIMSELF = {"kms:GrantIsForAWSResource": "false"}
GRANT_ROWS = [
    *(
        Row(
            f"a deployer lets {one} make a grant for a resource",
            asks(administrator(), "CreateGrant", through(one) | FOR_AWS),
            GRANTED,
        )
        for one in ("dynamodb", "lambda")
    ),
    Row(
        "a deployer lets a service make a grant that needs none",
        asks(administrator(), "CreateGrant", through("s3") | FOR_AWS),
        NOBODY_LETS,
    ),
    Row(
        "a role without a right in IAM lets Lambda make a grant",
        asks(role("clerk"), "CreateGrant", through("lambda") | FOR_AWS),
        not_allowed("identity"),
    ),
    Row(
        "a deployer lets Lambda sign with the key",
        asks(administrator(), "Sign", through("lambda") | FOR_AWS),
        NOBODY_LETS,
    ),
    Row(
        "an administrator makes a grant for himself",
        asks(administrator(), "CreateGrant", FOR_HIMSELF),
        NO_GRANT,
    ),
    Row(
        "an administrator makes a grant without saying for whom",
        asks(administrator(), "CreateGrant"),
        NO_GRANT,
    ),
    Row(
        "an administrator makes a grant for himself through Lambda",
        asks(administrator(), "CreateGrant", through("lambda") | FOR_HIMSELF),
        NO_GRANT,
    ),
    Row(
        "an administrator of another account makes a grant for himself",
        asks(STRANGER, "CreateGrant", FOR_HIMSELF),
        NO_GRANT,
    ),
    # Not refused as people are, only not let in: a service acts within its own statement.
    Row(
        "a service makes a grant in its own name",
        asks(service("dynamodb.amazonaws.com"), "CreateGrant", FOR_HIMSELF),
        NOBODY_LETS,
    ),
]

CLOUDTRAIL = service("cloudtrail.amazonaws.com", source_arn=TRAIL)
OTHER_TRAIL = service("cloudtrail.amazonaws.com", source_arn=TRAIL.replace("-dev", "-else"))
NO_TRAIL = service("config.amazonaws.com", source_arn=TRAIL)


def of_trail(arn: str) -> dict[str, str]:
    return {"kms:EncryptionContext:aws:cloudtrail:arn": arn}


ENCRYPTS = allowed("EncryptionKey/LetTheTrailEncryptItsFiles")
USES_BUCKET_KEY = allowed("EncryptionKey/LetTheTrailUseTheBucketKey")
TRAIL_ROWS = [
    Row(
        "the trail encrypts a file",
        asks(CLOUDTRAIL, "GenerateDataKey", of_trail(TRAIL)),
        ENCRYPTS,
    ),
    Row(
        "the trail encrypts a file of another region",
        asks(CLOUDTRAIL, "GenerateDataKey", of_trail(TRAIL.replace(REGION, "us-east-1"))),
        ENCRYPTS,
    ),
    Row(
        "the trail encrypts a file of another account's trail",
        asks(CLOUDTRAIL, "GenerateDataKey", of_trail(TRAIL.replace(ACCOUNT, OTHER_ACCOUNT))),
        NOBODY_LETS,
    ),
    Row("the trail encrypts nobody's file", asks(CLOUDTRAIL, "GenerateDataKey"), NOBODY_LETS),
    Row(
        "another trail encrypts a file",
        asks(OTHER_TRAIL, "GenerateDataKey", of_trail(TRAIL)),
        NOBODY_LETS,
    ),
    Row(
        "another service encrypts a file of the trail",
        asks(NO_TRAIL, "GenerateDataKey", of_trail(TRAIL)),
        NOBODY_LETS,
    ),
    Row(
        "the trail encrypts without a data key",
        asks(CLOUDTRAIL, "Encrypt", of_trail(TRAIL)),
        NOBODY_LETS,
    ),
    Row("the trail decrypts the bucket key", asks(CLOUDTRAIL, "Decrypt"), USES_BUCKET_KEY),
    Row("the trail looks at the key", asks(CLOUDTRAIL, "DescribeKey"), USES_BUCKET_KEY),
    Row("another trail decrypts the bucket key", asks(OTHER_TRAIL, "Decrypt"), NOBODY_LETS),
    Row("another service decrypts for the trail", asks(NO_TRAIL, "Decrypt"), NOBODY_LETS),
    Row("the trail replaces the key's policy", asks(CLOUDTRAIL, "PutKeyPolicy"), NOBODY_LETS),
]

GROUPS = [
    "/aws/lambda/transaction-processor-dev",
    "/aws/cloudtrail/transaction-data-trail-dev",
    "/aws/vpc/transaction-flow-log-dev",
]
LOGS = service(f"logs.{REGION}.amazonaws.com")


def of_group(name: str) -> dict[str, str]:
    return {"kms:EncryptionContext:aws:logs:arn": f"{LOG_GROUPS}:{name}"}


LOGGED = allowed("EncryptionKey/LetCloudWatchLogsEncryptTheseGroups")
LOG_ROWS = [
    *(
        Row(
            f"CloudWatch Logs asks for {one} for the processor's group",
            asks(LOGS, one, of_group(GROUPS[0])),
            LOGGED,
        )
        for one in ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptTo")
    ),
    *(
        Row(f"CloudWatch Logs encrypts {one}", asks(LOGS, "GenerateDataKey", of_group(one)), LOGGED)
        for one in GROUPS
    ),
    Row(
        "CloudWatch Logs decrypts another group",
        asks(LOGS, "Decrypt", of_group("/aws/lambda/another")),
        NOBODY_LETS,
    ),
    Row("CloudWatch Logs decrypts for no group", asks(LOGS, "Decrypt"), NOBODY_LETS),
    Row(
        "CloudWatch Logs of another region decrypts the processor's group",
        asks(service("logs.us-east-1.amazonaws.com"), "Decrypt", of_group(GROUPS[0])),
        NOBODY_LETS,
    ),
    Row(
        "CloudWatch Logs deletes the key",
        asks(LOGS, "ScheduleKeyDeletion", of_group(GROUPS[0])),
        NOBODY_LETS,
    ),
]

CLOUDWATCH = "cloudwatch.amazonaws.com"
RINGS = allowed("EncryptionKey/LetAlarmsReachTheEncryptedTopic")
ALARM_ROWS = [
    Row("an alarm encrypts a message", asks(service(CLOUDWATCH), "GenerateDataKey"), RINGS),
    Row("an alarm decrypts its data key", asks(service(CLOUDWATCH), "Decrypt"), RINGS),
    Row("an alarm looks at the key", asks(service(CLOUDWATCH), "DescribeKey"), NOBODY_LETS),
    Row(
        "an alarm of another account encrypts a message",
        asks(service(CLOUDWATCH, source_account=OTHER_ACCOUNT), "GenerateDataKey"),
        NOBODY_LETS,
    ),
    Row(
        "another service of this account encrypts a message",
        asks(service("events.amazonaws.com"), "GenerateDataKey"),
        NOBODY_LETS,
    ),
]


@table(ADMINISTRATION_ROWS)
def test_administrators_administer_the_key_and_cannot_use_it(row: Row) -> None:
    assert row.decided() == row.answer


@table(USE_ROWS)
def test_key_is_used_through_the_services_that_keep_the_data(row: Row) -> None:
    assert row.decided() == row.answer


@table(GRANT_ROWS)
def test_grants_are_for_services_only(row: Row) -> None:
    assert row.decided() == row.answer


@table(TRAIL_ROWS)
def test_trail_uses_the_key_for_its_own_files(row: Row) -> None:
    assert row.decided() == row.answer


@table(LOG_ROWS)
def test_cloudwatch_logs_uses_the_key_for_the_stacks_groups(row: Row) -> None:
    assert row.decided() == row.answer


@table(ALARM_ROWS)
def test_alarms_use_the_key_for_their_messages(row: Row) -> None:
    assert row.decided() == row.answer
