"""Defects 1 to 11 of 22 that public templates for this job have, each impossible here.

They concern wiring, key, network and trail; test_template_defects_processing.py has the others.
"""

import graphlib

import pytest

from tests.support.policy import denied_by, policies, statements
from tests.support.template import ACCOUNT, KEY_ID, REGION, Json, as_list, source, stack, translated

SERVICE_ACTIONS_OF_KMS = {
    "CancelKeyDeletion", "CreateAlias", "CreateGrant", "Decrypt", "DeleteAlias", "Describe*",
    "DescribeKey", "DisableKey", "DisableKeyRotation", "EnableKey", "EnableKeyRotation", "Encrypt",
    "GenerateDataKey", "GenerateDataKey*", "GenerateDataKeyWithoutPlaintext", "GetKeyPolicy",
    "GetKeyRotationStatus", "ListAliases", "ListGrants", "ListKeyPolicies", "ListKeyRotations",
    "ListResourceTags", "PutKeyPolicy", "ReEncrypt*", "ReEncryptFrom", "ReEncryptTo",
    "RevokeGrant", "RotateKeyOnDemand", "ScheduleKeyDeletion", "TagResource", "UntagResource",
    "UpdateAlias", "UpdateKeyDescription",
}  # fmt: skip
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
TRAIL_ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/transaction-data-trail-dev"
UPLOAD = f"arn:aws:s3:::transaction-data-{ACCOUNT}-dev/a.csv"
SSE = "s3:x-amz-server-side-encryption"
SSE_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
FROM_INSIDE = {
    "aws:PrincipalAccount": ACCOUNT,
    "aws:PrincipalIsAWSService": "false",
    "aws:SecureTransport": "true",
    "s3:TlsVersion": "1.3",
}


def refusals(headers: dict[str, str], **parameters: str) -> list[str]:
    policy = statements(stack(**parameters), "TransactionDataBucketPolicy")
    return denied_by(policy, "s3:PutObject", UPLOAD, FROM_INSIDE | headers)


@pytest.mark.parametrize(
    ("bucket", "event", "narrowed"),
    [
        ("TransactionDataBucket", "FileUploaded", {}),
        (
            "TransactionResultsBucket",
            "TaskWritten",
            {"Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "work/"}]}}},
        ),
    ],
    ids=["uploads", "tasks"],
)
def test_01_buckets_notify_the_function_and_may_call_it(
    bucket: str, event: str, narrowed: Json
) -> None:
    notifying = stack().resources[bucket]
    waits_for = f"TransactionProcessorFunction{event}Permission"
    permission = stack().properties(waits_for)
    [notification] = notifying["Properties"]["NotificationConfiguration"]["LambdaConfigurations"]

    assert notification == {
        "Event": "s3:ObjectCreated:*",
        "Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:transaction-processor-dev",
        **narrowed,
    }
    assert permission["Principal"] == "s3.amazonaws.com"
    assert permission["SourceAccount"] == ACCOUNT
    assert permission["FunctionName"] == "transaction-processor-dev"
    assert waits_for in notifying["DependsOn"]


def test_02_every_kms_action_exists() -> None:
    actions = {
        action.removeprefix("kms:")
        for policy in policies(stack()).values()
        for statement in policy
        for action in as_list(statement["Action"])
        if action.startswith("kms:")
    }

    assert actions <= SERVICE_ACTIONS_OF_KMS


def test_03_function_and_endpoint_have_their_own_groups_and_say_where_they_go() -> None:
    function = stack().properties("TransactionProcessorFunction")["VpcConfig"]
    endpoint = stack().properties("SecretsManagerVPCEndpoint")

    assert function["SecurityGroupIds"] == ["LambdaSecurityGroup"]
    assert endpoint["SecurityGroupIds"] == ["VPCEndpointSecurityGroup"]
    [nowhere] = stack().properties("VPCEndpointSecurityGroup")["SecurityGroupEgress"]
    assert nowhere["CidrIp"] == "127.0.0.1/32"
    assert stack().properties("LambdaSecurityGroup")["SecurityGroupEgress"]


def test_04_function_reaches_the_gateway_endpoints() -> None:
    open_egress = stack().properties("LambdaSecurityGroup")["SecurityGroupEgress"]
    closed_egress = stack(
        S3PrefixListId="pl-11111111", DynamoDBPrefixListId="pl-22222222"
    ).properties("LambdaSecurityGroup")["SecurityGroupEgress"]

    assert [rule["CidrIp"] for rule in open_egress if "CidrIp" in rule] == ["0.0.0.0/0"]
    assert [rule for rule in closed_egress if "CidrIp" in rule] == []
    lists = [rule.get("DestinationPrefixListId") for rule in closed_egress]
    assert lists == [None, "pl-11111111", "pl-22222222"]
    for rule in open_egress + closed_egress:
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)


@pytest.mark.parametrize(
    ("headers", "required", "bucket_default"),
    [
        ({}, ["RefuseUploadsThatDoNotNameTheirEncryption"], []),
        ({SSE: "aws:kms"}, [], []),
        ({SSE: "aws:kms", SSE_KEY: KEY_ARN}, [], []),
        (
            {SSE: "AES256"},
            ["RefuseUploadsThatDoNotNameTheirEncryption"],
            ["RefuseUploadsWithAnotherEncryption"],
        ),
        (
            {SSE: "aws:kms", SSE_KEY: KEY_ARN.replace("1111", "9999")},
            ["RefuseUploadsWithAnotherKey"],
            ["RefuseUploadsWithAnotherKey"],
        ),
    ],
    ids=["names nothing", "names kms", "names this key", "names AES256", "names another key"],
)
def test_05_refusal_of_unnamed_encryption_is_meant_and_can_be_lifted(
    headers: dict[str, str], required: list[str], bucket_default: list[str]
) -> None:
    assert refusals(headers) == required
    assert refusals(headers, UploadEncryption="bucket-default") == bucket_default
    assert "required" in source()["Parameters"]["UploadEncryption"]["Description"]


def test_06_no_service_uses_the_key_without_a_condition() -> None:
    for statement in statements(stack(), "EncryptionKey"):
        principal = statement["Principal"]
        if "Service" in principal:
            assert statement["Condition"], statement["Sid"]
            assert principal["Service"] not in {"s3.amazonaws.com", "dynamodb.amazonaws.com"}


def test_07_administration_and_use_of_the_key_are_apart() -> None:
    key_policy = {one["Sid"]: one for one in statements(stack(), "EncryptionKey")}
    administer = key_policy["AdministerTheKeyThroughIamWithoutUsingIt"]
    use = key_policy["UseTheKeyOnlyThroughTheServicesOfThisAccount"]

    assert not {"kms:*", "kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"} & set(
        administer["Action"]
    )
    assert "kms:PutKeyPolicy" in administer["Action"]
    assert not [action for action in administer["Action"] if "GenerateDataKey" in action]
    assert use["Condition"]["StringEquals"]["kms:CallerAccount"] == ACCOUNT
    assert use["Condition"]["StringEquals"]["kms:ViaService"]


def test_07_trail_uses_the_key_for_itself_only() -> None:
    for statement in statements(stack(), "EncryptionKey"):
        if statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}:
            assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == TRAIL_ARN


@pytest.mark.parametrize("data_events", ["false", "true"])
def test_08_trail_selects_the_objects_of_uploads_and_results(data_events: str) -> None:
    trail = stack(DynamoDBDataEvents=data_events).properties("TransactionDataTrail")
    wanted = [
        f"arn:aws:s3:::transaction-data-{ACCOUNT}-dev/",
        f"arn:aws:s3:::transaction-results-{ACCOUNT}-dev/",
    ]

    if data_events == "false":
        [selector] = trail["EventSelectors"]
        assert selector["DataResources"] == [{"Type": "AWS::S3::Object", "Values": wanted}]
        assert selector["ReadWriteType"] == "All"
        assert selector["IncludeManagementEvents"] is True
        assert "AdvancedEventSelectors" not in trail
    else:
        management, objects, items = trail["AdvancedEventSelectors"]
        assert management["FieldSelectors"] == [
            {"Field": "eventCategory", "Equals": ["Management"]}
        ]
        assert {"Field": "resources.ARN", "StartsWith": wanted} in objects["FieldSelectors"]
        [tables] = [one for one in items["FieldSelectors"] if one["Field"] == "resources.ARN"]
        assert len(tables["Equals"]) == 2
        assert "EventSelectors" not in trail


def test_09_trail_is_whole() -> None:
    trail = stack().properties("TransactionDataTrail")

    assert trail["KMSKeyId"] == KEY_ARN
    assert trail["IsLogging"] is trail["IsMultiRegionTrail"] is True
    assert trail["EnableLogFileValidation"] is trail["IncludeGlobalServiceEvents"] is True
    assert trail["CloudWatchLogsLogGroupArn"].endswith("transaction-data-trail-dev:*")
    assert trail["CloudWatchLogsRoleArn"].endswith("role/transaction-trail-log-role-dev")


def test_10_trail_bucket_takes_files_of_this_trail_only() -> None:
    policy = {one["Sid"]: one for one in statements(stack(), "CloudTrailLogsBucketPolicy")}
    bucket = f"arn:aws:s3:::transaction-audit-logs-{ACCOUNT}-dev"
    write = policy["LetTheTrailWriteItsFiles"]
    allowed = {one["Sid"] for one in policy.values() if one["Effect"] == "Allow"}

    assert allowed == {"LetTheTrailCheckTheBucket", "LetTheTrailWriteItsFiles"}
    assert write["Resource"] == f"{bucket}/AWSLogs/{ACCOUNT}/*"
    assert write["Condition"]["StringEquals"] == {
        "aws:SourceArn": TRAIL_ARN,
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    assert policy["LetTheTrailCheckTheBucket"]["Condition"] == {
        "StringEquals": {"aws:SourceArn": TRAIL_ARN}
    }
    assert "RefusePlainHttp" in policy
    assert "CloudTrailLogsBucketPolicy" in as_list(
        stack().resources["TransactionDataTrail"]["DependsOn"]
    )


def test_11_no_resource_waits_for_itself() -> None:
    order = list(graphlib.TopologicalSorter(stack().references).static_order())

    assert set(order) == set(translated()["Resources"])
    assert order.index("EncryptionKey") < order.index("LambdaLogGroup")
    assert order.index("LambdaExecutionRole") < order.index("TransactionProcessorFunction")
    for bucket in ("TransactionDataBucket", "TransactionResultsBucket"):
        assert order.index("TransactionProcessorFunction") < order.index(bucket)
