"""The trail: it logs, everywhere, provably unchanged, and what it must."""

from typing import Any

import pytest

from tests.integration.deployed import Json, Stack, client


@pytest.fixture(scope="module")
def trail(stack: Stack) -> Json:
    found: Json = client("cloudtrail").get_trail(Name=stack.outputs["CloudTrailName"])["Trail"]
    return found


def test_the_trail_logs(stack: Stack) -> None:
    status = client("cloudtrail").get_trail_status(Name=stack.outputs["CloudTrailName"])

    assert status["IsLogging"] is True


def test_the_trail_covers_all_regions_and_global_services_and_its_files_can_be_validated(
    trail: Json,
) -> None:
    assert trail["IsMultiRegionTrail"] is True
    assert trail["IncludeGlobalServiceEvents"] is True
    assert trail["LogFileValidationEnabled"] is True


def test_the_trails_files_are_encrypted_by_the_key_and_lie_in_the_audit_bucket(
    stack: Stack, trail: Json
) -> None:
    assert trail["KmsKeyId"] == stack.outputs["EncryptionKeyArn"]
    assert trail["S3BucketName"] == stack.outputs["CloudTrailLogsBucketName"]


def test_the_trail_also_writes_to_its_log_group_under_the_key(stack: Stack, trail: Json) -> None:
    name = stack.resources["TrailLogGroup"]
    (group,) = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]

    assert trail["CloudWatchLogsLogGroupArn"] == stack.arn("logs", f"log-group:{name}:*")
    assert trail["CloudWatchLogsRoleArn"].endswith(f":role/{stack.resources['TrailLogRole']}")
    assert group["kmsKeyId"] == stack.outputs["EncryptionKeyArn"]


def test_the_trail_records_management_and_every_object_of_the_two_buckets(stack: Stack) -> None:
    if stack.parameters["DynamoDBDataEvents"] == "true":
        pytest.skip("this stack records the tables as well, by advanced selectors")
    selectors = client("cloudtrail").get_event_selectors(TrailName=stack.outputs["CloudTrailName"])

    (selector,) = selectors["EventSelectors"]
    (objects,) = selector["DataResources"]
    assert selector["ReadWriteType"] == "All"
    assert selector["IncludeManagementEvents"] is True
    assert not selector.get("ExcludeManagementEventSources")
    assert objects["Type"] == "AWS::S3::Object"
    assert set(objects["Values"]) == object_prefixes(stack)


def test_the_trail_records_the_two_tables_if_told_to(stack: Stack) -> None:
    if stack.parameters["DynamoDBDataEvents"] != "true":
        pytest.skip("this stack was deployed with DynamoDBDataEvents=false")
    selectors = client("cloudtrail").get_event_selectors(TrailName=stack.outputs["CloudTrailName"])

    found = {
        (field["Field"], value)
        for selector in selectors["AdvancedEventSelectors"]
        for field in selector["FieldSelectors"]
        for value in (*field.get("Equals", ()), *field.get("StartsWith", ()))
        if field["Field"] != "resources.type"
    }
    expected: set[tuple[str, Any]] = {("eventCategory", "Management"), ("eventCategory", "Data")}
    expected |= {("resources.ARN", prefix) for prefix in object_prefixes(stack)}
    expected |= {
        ("resources.ARN", stack.arn("dynamodb", f"table/{stack.outputs[name]}"))
        for name in ("TransactionMetadataTableName", "FileLedgerTableName")
    }
    assert found == expected


def object_prefixes(stack: Stack) -> set[str]:
    """What means "every object of the bucket": its ARN and a slash, without an asterisk."""
    data = stack.outputs["TransactionDataBucketArn"]
    results = stack.outputs["TransactionResultsBucketName"]
    return {f"{data}/", f"{data.rpartition(':')[0]}:{results}/"}
