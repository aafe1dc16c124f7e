"""The four buckets, as an auditor looks at them, and whom the data bucket refuses."""

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.deployed import Json, Stack, as_list, bucket_policy, client, is_embedded

BUCKETS = (
    "TransactionDataBucket",
    "TransactionResultsBucket",
    "CloudTrailLogsBucket",
    "AccessLogsBucket",
)
ENCRYPTED_BY_THE_KEY = BUCKETS[:3]
LOG_PREFIXES = {
    "TransactionDataBucket": "data/",
    "TransactionResultsBucket": "results/",
    "CloudTrailLogsBucket": "audit/",
}


def default_encryption(bucket: str) -> Json:
    answer = client("s3").get_bucket_encryption(Bucket=bucket)
    (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
    found: Json = rule
    return found


@pytest.mark.parametrize("name", ENCRYPTED_BY_THE_KEY)
def test_the_bucket_encrypts_by_the_stacks_own_key_with_a_bucket_key(
    stack: Stack, name: str
) -> None:
    rule = default_encryption(stack.resources[name])

    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": stack.outputs["EncryptionKeyArn"],
    }
    assert rule["BucketKeyEnabled"] is True


def test_the_bucket_of_access_logs_is_sse_s3_since_s3_delivers_them_to_no_other(
    stack: Stack,
) -> None:
    rule = default_encryption(stack.resources["AccessLogsBucket"])

    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


@pytest.mark.parametrize("name", BUCKETS)
def test_the_bucket_keeps_versions(stack: Stack, name: str) -> None:
    assert client("s3").get_bucket_versioning(Bucket=stack.resources[name])["Status"] == "Enabled"


@pytest.mark.parametrize("name", BUCKETS)
def test_the_bucket_blocks_every_public_access(stack: Stack, name: str) -> None:
    answer = client("s3").get_public_access_block(Bucket=stack.resources[name])

    assert answer["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


@pytest.mark.parametrize("name", BUCKETS)
def test_the_bucket_owner_owns_every_object_and_acls_are_off(stack: Stack, name: str) -> None:
    answer = client("s3").get_bucket_ownership_controls(Bucket=stack.resources[name])

    assert answer["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize("name", BUCKETS)
def test_objects_become_infrequent_access_after_30_days(stack: Stack, name: str) -> None:
    answer = client("s3").get_bucket_lifecycle_configuration(Bucket=stack.resources[name])

    transitions = [
        transition
        for rule in answer["Rules"]
        if rule["Status"] == "Enabled" and rule.get("Filter", {}).get("Prefix", "") == ""
        for transition in rule.get("Transitions", [])
    ]
    assert transitions == [{"Days": 30, "StorageClass": "STANDARD_IA"}]


@pytest.mark.parametrize("name", ENCRYPTED_BY_THE_KEY)
def test_nothing_of_the_evidence_ever_expires(stack: Stack, name: str) -> None:
    answer = client("s3").get_bucket_lifecycle_configuration(Bucket=stack.resources[name])

    expiring = {"Expiration", "NoncurrentVersionExpiration"}
    of_evidence = [rule for rule in answer["Rules"] if rule["Filter"].get("Prefix") != "work/"]
    assert all(expiring.isdisjoint(rule) for rule in of_evidence)
    assert len(of_evidence) == 2


def test_tasks_are_deleted_after_30_days(stack: Stack) -> None:
    answer = client("s3").get_bucket_lifecycle_configuration(
        Bucket=stack.resources["TransactionResultsBucket"]
    )

    of_tasks = [rule for rule in answer["Rules"] if rule["Filter"].get("Prefix") == "work/"]
    assert {rule["Status"] for rule in of_tasks} == {"Enabled"}
    assert [rule["Expiration"] for rule in of_tasks] == [
        {"Days": 30},
        {"ExpiredObjectDeleteMarker": True},
    ]
    assert of_tasks[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


@pytest.mark.parametrize("name", LOG_PREFIXES)
def test_access_to_the_bucket_is_logged(stack: Stack, name: str) -> None:
    logged = client("s3").get_bucket_logging(Bucket=stack.resources[name])["LoggingEnabled"]

    assert logged["TargetBucket"] == stack.outputs["AccessLogsBucketName"]
    assert logged["TargetPrefix"] == LOG_PREFIXES[name]


@pytest.mark.parametrize("name", BUCKETS)
@pytest.mark.parametrize(
    "condition",
    [{"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}],
    ids=["plain-http", "tls-before-1.2"],
)
def test_the_bucket_denies_everybody_everything_over(
    stack: Stack, name: str, condition: Json
) -> None:
    bucket = stack.resources[name]
    (denied,) = [
        statement
        for statement in bucket_policy(bucket)
        if statement["Effect"] == "Deny" and statement.get("Condition") == condition
    ]

    assert denied["Principal"] in ("*", {"AWS": "*"})
    assert as_list(denied["Action"]) == ["s3:*"]
    arn = f"arn:{stack.outputs['TransactionDataBucketArn'].split(':')[1]}:s3:::{bucket}"
    assert set(as_list(denied["Resource"])) == {arn, f"{arn}/*"}


@pytest.mark.parametrize("name", BUCKETS)
def test_the_bucket_lets_nobody_in_but_services_and_its_own_account(
    stack: Stack, name: str
) -> None:
    allowed = [
        statement
        for statement in bucket_policy(stack.resources[name])
        if statement["Effect"] == "Allow"
    ]

    assert all(set(statement["Principal"]) == {"Service"} for statement in allowed)
    assert all("Condition" in statement for statement in allowed)


def test_the_audit_bucket_has_object_lock_and_refuses_deletion_to_everybody(stack: Stack) -> None:
    bucket = stack.outputs["CloudTrailLogsBucketName"]
    lock = client("s3").get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    refused = {
        action
        for statement in bucket_policy(bucket)
        if statement["Effect"] == "Deny" and "Condition" not in statement
        for action in as_list(statement["Action"])
    }

    assert lock["ObjectLockEnabled"] == "Enabled"
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion"} <= refused
    mode = stack.parameters["AuditObjectLockMode"]
    if mode != "OFF":
        assert lock["Rule"]["DefaultRetention"] == {
            "Mode": mode,
            "Days": int(stack.parameters["AuditObjectLockDays"]),
        }


def test_an_upload_that_names_its_encryption_is_taken_and_encrypted_by_the_key(
    stack: Stack, sender: Any, run: str
) -> None:
    bucket, key = stack.outputs["TransactionDataBucketName"], f"integration/{run}/encrypted.csv"
    arn = stack.outputs["EncryptionKeyArn"]

    sender.put_object(
        Bucket=bucket, Key=key, Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn
    )
    head = client("s3").head_object(Bucket=bucket, Key=key)

    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"] == arn
    assert head["BucketKeyEnabled"] is True


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"ServerSideEncryption": "AES256"}, id="AES256"),
        pytest.param({"ServerSideEncryption": "aws:kms:dsse"}, id="dsse"),
        pytest.param({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "OTHER"}, id="other-key"),
        pytest.param(
            {
                "SSECustomerAlgorithm": "AES256",
                "SSECustomerKey": hashlib.sha256(b"the sender's own").digest(),
            },
            id="senders-own-key",
        ),
    ],
)
def test_an_upload_is_refused_that_names_the_encryption(
    stack: Stack, sender: Any, run: str, headers: dict[str, Any]
) -> None:
    if not headers and stack.parameters["UploadEncryption"] != "required":
        pytest.skip("this stack was deployed with UploadEncryption=bucket-default")
    if "SSEKMSKeyId" in headers:
        headers = headers | {
            "SSEKMSKeyId": stack.arn("kms", "key/00000000-0000-4000-8000-000000000000")
        }
    bucket, key = stack.outputs["TransactionDataBucketName"], f"integration/{run}/refused.csv"

    with pytest.raises(ClientError) as refusal:
        sender.put_object(Bucket=bucket, Key=key, Body=b"refused", **headers)

    assert refusal.value.response["Error"]["Code"] == "AccessDenied"
    listed = client("s3").list_object_versions(Bucket=bucket, Prefix=key)
    assert not listed.get("Versions")


def test_nobody_but_the_processor_writes_results_and_nobody_deletes_them(
    stack: Stack, run: str
) -> None:
    bucket, arn = stack.outputs["TransactionResultsBucketName"], stack.outputs["EncryptionKeyArn"]
    place = {"Bucket": bucket, "Key": f"work/integration/{run}.json"}
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}
    somebody = client("s3", "deployer" if is_embedded() else None)

    refusals = {one["Sid"]: one for one in bucket_policy(bucket) if one["Effect"] == "Deny"}
    with pytest.raises(ClientError) as written:
        somebody.put_object(**place, **encrypted, Body=b"{}", IfNoneMatch="*")
    with pytest.raises(ClientError) as deleted:
        somebody.delete_object(**place)

    for refusal in (written, deleted):
        assert refusal.value.response["Error"]["Code"] == "AccessDenied"
        assert "explicit deny in a resource-based policy" in str(refusal.value)
    assert refusals["RefuseResultsOfAnybodyElse"]["Condition"] == {
        "ArnNotEquals": {"aws:PrincipalArn": stack.outputs["LambdaExecutionRoleArn"]}
    }
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:UpdateObjectEncryption"} <= set(
        refusals["RefuseDeletionOfResults"]["Action"]
    )


def test_a_receipt_is_not_replaced_even_by_the_processor(
    embedded: None, stack: Stack, run: str
) -> None:
    processor = client("s3", "function")
    bucket, arn = stack.outputs["TransactionResultsBucketName"], stack.outputs["EncryptionKeyArn"]
    receipt = {
        "Bucket": bucket,
        "Key": f"receipts/integration/{run}/once.json",
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": arn,
    }

    processor.put_object(**receipt, Body=b"{}", IfNoneMatch="*")
    with pytest.raises(ClientError) as again:
        processor.put_object(**receipt, Body=b"[]", IfNoneMatch="*")
    with pytest.raises(ClientError) as replaced:
        processor.put_object(**receipt, Body=b"[]")

    assert again.value.response["Error"]["Code"] == "PreconditionFailed"
    assert replaced.value.response["Error"]["Code"] == "AccessDenied"
