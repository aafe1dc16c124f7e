"""What is kept, how long, by which key, and in which shape."""

import pytest

from tests.support.template import ACCOUNT, KEY_ID, as_list, source, stack

TO_INFREQUENT_ACCESS = [{"StorageClass": "STANDARD_IA", "TransitionInDays": 30}]
LOGGED_BUCKETS = ["CloudTrailLogsBucket", "TransactionDataBucket", "TransactionResultsBucket"]


def test_key_is_renewed_every_year_and_deleted_as_late_as_can_be() -> None:
    key = stack().properties("EncryptionKey")

    assert key["EnableKeyRotation"] is True
    assert key["PendingWindowInDays"] == 30
    assert stack().properties("EncryptionKeyAlias")["TargetKeyId"] == KEY_ID


def test_secret_refuses_a_policy_that_lets_the_public_in() -> None:
    assert stack().properties("LambdaConfigSecretPolicy")["BlockPublicPolicy"] is True


@pytest.mark.parametrize("bucket", ["AccessLogsBucket", *LOGGED_BUCKETS])
def test_overwritten_objects_move_too_and_unfinished_uploads_go(bucket: str) -> None:
    moved, dropped, *_ = stack().properties(bucket)["LifecycleConfiguration"]["Rules"]

    assert moved["NoncurrentVersionTransitions"] == TO_INFREQUENT_ACCESS
    assert dropped["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_access_logs_are_kept_for_400_days_and_nothing_else_ends_by_itself() -> None:
    rule, _ = stack().properties("AccessLogsBucket")["LifecycleConfiguration"]["Rules"]

    assert rule["ExpirationInDays"] == 400
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 400}
    for bucket in LOGGED_BUCKETS:
        rules = stack().properties(bucket)["LifecycleConfiguration"]["Rules"]
        ending = [one["Id"] for one in rules if any("Expir" in key for key in one)]
        assert not [name for name in ending if not name.endswith("Tasks")], bucket


def test_rules_that_delete_uploads_on_request_are_in_force() -> None:
    limited = stack(UploadRetentionDays="90").properties("TransactionDataBucket")

    rules = limited["LifecycleConfiguration"]["Rules"]

    assert [rule["Status"] for rule in rules] == ["Enabled"] * 4


@pytest.mark.parametrize("bucket", LOGGED_BUCKETS)
def test_bucket_waits_for_the_right_to_deliver_its_access_log(bucket: str) -> None:
    assert "AccessLogsBucketPolicy" in as_list(source()["Resources"][bucket]["DependsOn"])


def test_audit_files_go_to_the_audit_bucket_and_its_lock_is_on() -> None:
    locked = stack(AuditObjectLockMode="GOVERNANCE").properties("CloudTrailLogsBucket")

    assert locked["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"
    assert stack().properties("TransactionDataTrail")["S3BucketName"] == (
        f"transaction-audit-logs-{ACCOUNT}-dev"
    )


def test_trail_selects_by_category_and_type_when_it_records_the_tables() -> None:
    trail = stack(DynamoDBDataEvents="true").properties("TransactionDataTrail")

    selected = {
        selector["Name"]: {
            field["Field"]: field["Equals"]
            for field in selector["FieldSelectors"]
            if "Equals" in field and field["Field"] != "resources.ARN"
        }
        for selector in trail["AdvancedEventSelectors"]
    }

    assert selected == {
        "Management events": {"eventCategory": ["Management"]},
        "Objects of uploads and results": {
            "eventCategory": ["Data"],
            "resources.type": ["AWS::S3::Object"],
        },
        "Items of the two tables": {
            "eventCategory": ["Data"],
            "resources.type": ["AWS::DynamoDB::Table"],
        },
    }


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("TransactionMetadataTable", {"transactionId": ("HASH", "S"), "timestamp": ("RANGE", "N")}),
        ("FileLedgerTable", {"fileId": ("HASH", "S"), "entry": ("RANGE", "S")}),
    ],
)
def test_table_is_keyed_as_designed(table: str, keys: dict[str, tuple[str, str]]) -> None:
    properties = stack().properties(table)
    types = {
        one["AttributeName"]: one["AttributeType"] for one in properties["AttributeDefinitions"]
    }

    keyed = {
        key["AttributeName"]: (key["KeyType"], types.pop(key["AttributeName"]))
        for key in properties["KeySchema"]
    }

    assert keyed == keys
    assert types == {}
