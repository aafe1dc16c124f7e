"""Defects 12 to 22 of 22 that public templates for this job have, each impossible here.

They concern processing, rights and what outlives the stack; test_template_defects.py has the
others.
"""

import ast
import json
import re
from pathlib import Path

from processor.notification import parse_event
from tests.support.policy import allowed_pairs, policies, statements
from tests.support.template import ACCOUNT, KEY_ID, REGION, Json, source, stack, translated

ROOT = Path(__file__).parents[2]
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"


def test_12_keys_are_decoded_once_and_versions_are_kept() -> None:
    event = json.loads((ROOT / "events" / "s3_put_encoded_key.json").read_text(encoding="utf-8"))

    [version] = parse_event(event, "results").versions

    assert version.key == "a b+c/ü%.csv"
    assert version.version_id == "L4kqtJlcpXroDTDmpUMLUo"
    decoders = [
        path.name
        for path in (ROOT / "src" / "processor").rglob("*.py")
        if "unquote_plus" in path.read_text(encoding="utf-8")
    ]
    assert decoders == ["notification.py"]
    assert stack().properties("TransactionDataBucket")["VersioningConfiguration"] == {
        "Status": "Enabled"
    }


def test_13_a_replay_finds_its_own_row_and_cannot_overwrite_one() -> None:
    table = stack().properties("TransactionMetadataTable")
    actions = {
        action
        for action, resource in allowed_pairs(statements(stack(), "TransactionProcessorPolicy"))
        if resource.endswith("table/transaction-metadata-dev")
    }

    assert [key["AttributeName"] for key in table["KeySchema"]] == ["transactionId", "timestamp"]
    assert {
        one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]
    } == {
        "transactionId": "S",
        "timestamp": "N",
    }
    # INSERT is a put on condition; without plain puts and updates nobody can leave it out.
    assert actions == {"dynamodb:BatchGetItem", "dynamodb:PartiQLInsert"}


def test_14_a_failed_invocation_is_an_error_that_lambda_sees() -> None:
    entry_point = (ROOT / "src" / "processor" / "app.py").read_text(encoding="utf-8")
    [retries] = stack().of_type("AWS::Lambda::EventInvokeConfig").values()

    assert "statusCode" not in entry_point
    assert any(isinstance(node, ast.Raise) for node in ast.walk(ast.parse(entry_point)))
    assert retries["MaximumRetryAttempts"] == 2
    assert retries["MaximumEventAgeInSeconds"] == 21600


def test_15_failed_events_are_kept_once_and_somebody_is_told() -> None:
    function = stack().properties("TransactionProcessorFunction")
    queue = stack().properties("FailedEventsQueue")
    [invoke] = stack().of_type("AWS::Lambda::EventInvokeConfig").values()
    alarms = stack().of_type("AWS::CloudWatch::Alarm")

    assert function["DeadLetterConfig"]["TargetArn"].endswith(":failed-events-dev")
    assert not invoke.get("DestinationConfig")
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert alarms["FailedEventsAlarm"]["MetricName"] == "ApproximateNumberOfMessagesVisible"


def test_16_events_are_not_logged() -> None:
    text = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "src" / "processor").rglob("*.py")
    )
    variables = stack().properties("TransactionProcessorFunction")["Environment"]["Variables"]

    assert set(re.findall(r"\blog_event=(\w+)", text)) == {"False"}
    assert not re.search(r"\bprint\(", text)
    assert "POWERTOOLS_LOGGER_LOG_EVENT" not in variables


def test_17_retain_is_on_what_others_forget() -> None:
    kinds = {
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPCEndpoint",
        "AWS::KMS::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Permission",
        "AWS::S3::BucketPolicy",
    }
    forgotten = [one for one in translated()["Resources"].values() if one["Type"] in kinds]

    assert {one["Type"] for one in forgotten} == kinds
    assert {one["DeletionPolicy"] for one in forgotten} == {"Retain"}


def test_18_log_groups_are_encrypted_and_come_before_whoever_writes() -> None:
    groups = stack().of_type("AWS::Logs::LogGroup")
    [function_group] = [
        group for group in groups.values() if group["LogGroupName"].startswith("/aws/lambda/")
    ]
    actions = {
        action
        for policy in policies(stack()).values()
        for action, _ in allowed_pairs(one for one in policy if "Resource" in one)
    }
    encrypted_for = next(
        one for one in statements(stack(), "EncryptionKey") if "CloudWatchLogs" in one["Sid"]
    )["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"]

    assert {group["KmsKeyId"] for group in groups.values()} == {KEY_ARN}
    assert {group["RetentionInDays"] for group in groups.values()} == {"90"}
    assert sorted(encrypted_for) == sorted(
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group['LogGroupName']}"
        for group in groups.values()
    )
    assert "logs:CreateLogGroup" not in actions
    logging = stack().properties("TransactionProcessorFunction")["LoggingConfig"]
    assert logging["LogGroup"] == function_group["LogGroupName"]


def test_19_secret_holds_a_secret_and_exactly_what_the_function_reads() -> None:
    secret = stack().properties("LambdaConfigSecret")
    generated = secret["GenerateSecretString"]

    assert json.loads(generated["SecretStringTemplate"]) == {
        "database_table": "transaction-metadata-dev",
        "file_ledger_table": "file-ledger-dev",
        "data_bucket": f"transaction-data-{ACCOUNT}-dev",
        "results_bucket": f"transaction-results-{ACCOUNT}-dev",
        "encryption_key_id": KEY_ID,
        "encryption_key_arn": KEY_ARN,
        "environment": "dev",
        "tokenization_key_id": "k1",
    }
    assert generated["GenerateStringKey"] == "tokenization_key"
    assert generated["PasswordLength"] == 64
    assert generated["ExcludePunctuation"] is True
    assert secret["KmsKeyId"] == KEY_ARN


def test_19_an_update_that_changes_parameters_does_not_make_a_new_secret() -> None:
    def generated(**parameters: str) -> Json:
        return stack(**parameters).properties("LambdaConfigSecret")["GenerateSecretString"]

    for name, parameter in source()["Parameters"].items():
        if name != "EnvironmentSuffix":
            other = parameter.get("AllowedValues", ["1"])[-1]
            assert generated(**{name: str(other)}) == generated(), name


def test_20_rights_are_this_projects_own_policies() -> None:
    for name, role in stack().of_type("AWS::IAM::Role").items():
        [attached] = role["ManagedPolicyArns"]
        assert attached.startswith(f"arn:aws:iam::{ACCOUNT}:policy/"), name
        assert "Policies" not in role, name
    assert "Policies" not in source()["Resources"]["TransactionProcessorFunction"]["Properties"]


def test_21_what_outlives_the_stack_has_a_runbook() -> None:
    runbook = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")

    assert "already exists" in runbook
    for kind in ("bucket", "table", "role", "secret", "log group", "alias", "trail"):
        assert kind in runbook.lower(), kind


def test_22_endpoints_allow_just_what_the_role_may() -> None:
    endpoints = {
        logical_id: statements(stack(), logical_id)
        for logical_id in stack().of_type("AWS::EC2::VPCEndpoint")
    }
    through_endpoints = set().union(*(allowed_pairs(policy) for policy in endpoints.values()))
    of_the_role = {
        (action, resource)
        for action, resource in allowed_pairs(statements(stack(), "TransactionProcessorPolicy"))
        if action.partition(":")[0] in {"s3", "dynamodb", "secretsmanager"}
    }

    role = f"arn:aws:iam::{ACCOUNT}:role/transaction-processor-role-dev"
    assert through_endpoints == of_the_role
    for policy in endpoints.values():
        for statement in policy:
            assert statement["Condition"] == {
                "StringEquals": {"aws:PrincipalAccount": ACCOUNT},
                "ArnEquals": {"aws:PrincipalArn": role},
            }
