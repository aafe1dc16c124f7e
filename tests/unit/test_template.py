"""House rules that every resource, parameter and statement of the template keeps."""

import json
import re

import pytest

from tests.support.policy import policies
from tests.support.template import ACCOUNT, TEMPLATE, Json, as_list, source, stack, translated

NINE_OUTPUTS = {
    "TransactionDataBucketName",
    "TransactionDataBucketArn",
    "TransactionProcessorFunctionArn",
    "TransactionMetadataTableName",
    "EncryptionKeyId",
    "EncryptionKeyArn",
    "VPCId",
    "CloudTrailName",
    "SecretsManagerSecretArn",
}
OWN_NAME = {
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Logs::MetricFilter": "FilterName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SecretsManager::Secret": "Name",
}
DESIGNED = {
    "AccessLogsBucket",
    "AlarmTopic",
    "CloudTrailLogsBucket",
    "DynamoDBVPCEndpoint",
    "EncryptionKey",
    "EncryptionKeyAlias",
    "FailedEventsQueue",
    "FileLedgerTable",
    "LambdaConfigSecret",
    "LambdaExecutionRole",
    "LambdaLogGroup",
    "LambdaSecurityGroup",
    "PrivateRouteTable",
    "PrivateSubnet1",
    "PrivateSubnet2",
    "S3VPCEndpoint",
    "SecretsManagerVPCEndpoint",
    "TransactionDataBucket",
    "TransactionDataTrail",
    "TransactionMetadataTable",
    "TransactionProcessorFunction",
    "TransactionResultsBucket",
    "VPC",
    "VPCEndpointSecurityGroup",
}
ENI_ACTIONS = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}
# CloudFormation quotes a key policy's own key as "*".
KEY_POLICY_HOLDER = "EncryptionKey"
# Word for word from AWS's policies for its own services; nothing shorter is known to suffice.
DOCUMENTED_PREFIX_ACTIONS = {"kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:Describe*"}


def every_statement() -> list[tuple[str, Json]]:
    return [
        (logical_id, statement)
        for logical_id, statements in policies(stack()).items()
        for statement in statements
    ]


def test_all_but_log_groups_survive_the_stack() -> None:
    for logical_id, resource in translated()["Resources"].items():
        wanted = "Delete" if resource["Type"] == "AWS::Logs::LogGroup" else "Retain"

        assert resource.get("DeletionPolicy") == wanted, logical_id
        assert resource.get("UpdateReplacePolicy") == wanted, logical_id


def test_physical_names_end_in_the_suffix() -> None:
    for logical_id, resource in stack(EnvironmentSuffix="blue-7").resources.items():
        properties = resource.get("Properties", {})
        name_property = OWN_NAME.get(resource["Type"])
        if name_property:
            assert properties[name_property].endswith("-blue-7"), logical_id
        for tag in as_list(properties.get("Tags", [])):
            if tag["Key"] == "Name":
                assert tag["Value"].endswith("-blue-7"), logical_id


def test_bucket_names_carry_the_account_and_fit_the_limit() -> None:
    buckets = stack(EnvironmentSuffix="sixteen-letters7").of_type("AWS::S3::Bucket")

    for logical_id, bucket in buckets.items():
        assert ACCOUNT in bucket["BucketName"], logical_id
        assert len(bucket["BucketName"]) <= 63, logical_id


@pytest.mark.parametrize("suffix", ["dev", "a", "eu-west-1", "sixteen-letters7"])
def test_suffix_pattern_takes_what_names_can_hold(suffix: str) -> None:
    pattern = source()["Parameters"]["EnvironmentSuffix"]["AllowedPattern"]

    assert re.fullmatch(pattern, suffix)


@pytest.mark.parametrize("suffix", ["", "Dev", "-a", "a-", "a_b", "seventeen-letters"])
def test_suffix_pattern_refuses_what_names_cannot_hold(suffix: str) -> None:
    pattern = source()["Parameters"]["EnvironmentSuffix"]["AllowedPattern"]

    assert not re.fullmatch(pattern, suffix)


def test_every_parameter_has_description_default_and_limit() -> None:
    for name, parameter in source()["Parameters"].items():
        assert parameter.get("Description"), name
        assert "Default" in parameter, name
        assert {"AllowedPattern", "AllowedValues", "MaxValue"} & parameter.keys(), name
        if "MaxValue" in parameter:
            assert "MinValue" in parameter, name


def test_every_default_is_within_its_own_limit() -> None:
    for name, parameter in source()["Parameters"].items():
        default = parameter["Default"]
        if "AllowedValues" in parameter:
            assert default in parameter["AllowedValues"], name
        if "AllowedPattern" in parameter:
            assert re.search(parameter["AllowedPattern"], default), name
        if "MaxValue" in parameter:
            assert parameter["MinValue"] <= default <= parameter["MaxValue"], name


def test_every_parameter_is_offered_in_a_group() -> None:
    groups = source()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    offered = [name for group in groups for name in group["Parameters"]]

    assert sorted(offered) == sorted(source()["Parameters"])


def test_nine_outputs_are_there_and_all_are_exported() -> None:
    outputs = stack().outputs

    assert outputs.keys() >= NINE_OUTPUTS
    for name, output in outputs.items():
        assert output["Export"]["Name"] == f"stack-{name}"
        assert output["Description"]
        assert output["Value"]


def test_no_output_asks_for_a_manual_step() -> None:
    for name, output in stack().outputs.items():
        assert not re.search(r"\b(then|must|manually|aws s3api)\b", output["Description"]), name


def test_every_statement_has_a_sid_that_is_a_sentence() -> None:
    for logical_id, statement in every_statement():
        words = re.findall(r"[A-Z][a-z0-9]*", statement["Sid"])
        assert len(words) >= 3, (logical_id, statement["Sid"])


def test_no_sid_stands_twice_in_a_policy() -> None:
    for logical_id, statements in policies(stack()).items():
        sids = [statement["Sid"] for statement in statements]
        assert len(sids) == len(set(sids)), logical_id


def test_nothing_is_allowed_by_a_wildcard_action() -> None:
    for logical_id, statement in every_statement():
        if statement["Effect"] == "Allow":
            assert "NotAction" not in statement, logical_id
            wild = {action for action in as_list(statement["Action"]) if "*" in action}
            assert wild <= DOCUMENTED_PREFIX_ACTIONS, (logical_id, statement["Sid"])
            assert not wild or logical_id == KEY_POLICY_HOLDER, (logical_id, statement["Sid"])


def test_only_the_network_interface_actions_are_allowed_on_everything() -> None:
    on_everything = {
        action
        for logical_id, statement in every_statement()
        if logical_id != KEY_POLICY_HOLDER and statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
        if "*" in as_list(statement.get("Resource", []))
    }

    assert on_everything == ENI_ACTIONS


def test_resources_are_whole_arns_of_this_account() -> None:
    for logical_id, statement in every_statement():
        for resource in as_list(statement.get("Resource", [])):
            if resource != "*":
                assert re.match(r"arn:aws:[a-z0-9]+:[^*]+", resource), (logical_id, resource)


def test_arns_and_service_names_do_not_assume_a_partition_or_region() -> None:
    values = json.dumps([source()["Resources"], source()["Outputs"]])

    assert "arn:aws:" not in values
    assert not re.search(r"\b(us|eu|ap|sa|ca|me|af)-[a-z]+-\d\b", values)


def test_every_resource_of_the_design_is_there() -> None:
    assert stack().resources.keys() >= DESIGNED


def test_code_of_the_function_is_the_source_folder() -> None:
    function = source()["Resources"]["TransactionProcessorFunction"]["Properties"]

    assert function["CodeUri"] == "src/"


def test_resources_are_inline() -> None:
    types = {resource["Type"] for resource in source()["Resources"].values()}

    assert not {kind for kind in types if "Stack" in kind or kind.startswith("Custom::")}
    assert "Fn::Transform" not in json.dumps(source())


def test_lines_fit_the_page_and_keys_stand_in_order() -> None:
    lines = TEMPLATE.read_text(encoding="utf-8").splitlines()
    order = ["Type", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"]
    order += ["Metadata", "Properties"]

    assert [number for number, line in enumerate(lines, 1) if len(line) > 100] == []
    for logical_id, resource in source()["Resources"].items():
        assert list(resource) == sorted(resource, key=order.index), logical_id
