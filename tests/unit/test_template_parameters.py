"""What a deployment may choose: the defaults, what each parameter takes, and what it refuses."""

import re

import pytest

from tests.support.template import Json, rules_hold, source

ROLE = "arn:aws:iam::123456789012:role/key-custodian"
DEFAULTS: dict[str, str | int] = {
    "EnvironmentSuffix": "dev",
    "UploadEncryption": "required",
    "UploadRetentionDays": 0,
    "ReservedConcurrency": 0,
    "FunctionMemoryMb": 1769,
    "FunctionArchitecture": "x86_64",
    "LogLevel": "INFO",
    "LogRetentionDays": 90,
    "SweepSchedule": "rate(1 hour)",
    "SweepOlderThanMinutes": 60,
    "S3PrefixListId": "",
    "DynamoDBPrefixListId": "",
    "PrivateSubnet1Zone": "",
    "PrivateSubnet2Zone": "",
    "AuditObjectLockMode": "OFF",
    "AuditObjectLockDays": 365,
    "DynamoDBDataEvents": "false",
    "KeyCustodianArn": "",
    "AlarmEmail": "",
    "RejectRatePercent": 5,
    "RunbookUrl": "docs/operations.md",
}
TAKEN: dict[str, list[str | int]] = {
    "EnvironmentSuffix": ["prod", "eu-west-1", "a"],
    "UploadEncryption": ["bucket-default"],
    "UploadRetentionDays": [60, 400, 3653],
    "ReservedConcurrency": [1, 10000],
    "FunctionMemoryMb": [512, 10240],
    "FunctionArchitecture": ["arm64"],
    "LogLevel": ["DEBUG", "ERROR"],
    "LogRetentionDays": [30, 365, 3653],
    "SweepSchedule": ["off", "rate(30 minutes)", "rate(1 day)", "cron(0 6 ? * MON-FRI *)"],
    "SweepOlderThanMinutes": [50, 1440, 20160],
    "S3PrefixListId": ["pl-63a5400a"],
    "DynamoDBPrefixListId": ["pl-02cd2c6b", "pl-0123456789abcdef0"],
    "PrivateSubnet1Zone": ["eu-central-1a", "us-gov-west-1b"],
    "PrivateSubnet2Zone": ["us-east-1f"],
    "AuditObjectLockMode": ["GOVERNANCE", "COMPLIANCE"],
    "AuditObjectLockDays": [1, 36500],
    "DynamoDBDataEvents": ["true"],
    "KeyCustodianArn": [ROLE, ROLE.replace("role/", "user/team/").replace("aws:", "aws-us-gov:")],
    "AlarmEmail": ["ops@example.com"],
    "RejectRatePercent": [1, 50, 100],
    "RunbookUrl": [
        "https://git.example.com/payments/pipeline/blob/main/docs/operations.md",
        "https://wiki.example.com:8443/x?page=operations&space=PAY",
    ],
}
REFUSED: dict[str, list[str | int]] = {
    "EnvironmentSuffix": ["Prod", "prod_1", "-a", "seventeen-letters"],
    "UploadEncryption": ["none", "", "Required"],
    "UploadRetentionDays": [1, 30, -1],
    "ReservedConcurrency": [-1, 10001],
    "FunctionMemoryMb": [128, 10241],
    "FunctionArchitecture": ["i386"],
    "LogLevel": ["TRACE", "debug"],
    "LogRetentionDays": [0, 1, 29],
    "SweepSchedule": [
        *("", "OFF", "1 hour", "rate(1 hours)", "rate(2 hour)", "rate(0 hours)", "rate(1 hour) "),
        *("cron(0 6 * * *)", "cron(0 6 ? * MON-FRI *", "cron(0 6 ? * MON-FRI * *)", "at(now)"),
    ],
    "SweepOlderThanMinutes": [0, 49, 20161],
    "S3PrefixListId": ["pl-", "pl-63A5400A", "0.0.0.0/0", "pl-63a5400a,pl-63a5400b"],
    "DynamoDBPrefixListId": ["sg-02cd2c6b", "pl-xyz"],
    "PrivateSubnet1Zone": ["eu-central-1", "1a"],
    "PrivateSubnet2Zone": ["US-EAST-1A"],
    "AuditObjectLockMode": ["off", ""],
    "AuditObjectLockDays": [0, 36501],
    "DynamoDBDataEvents": ["yes", ""],
    "KeyCustodianArn": ["*", "arn:aws:iam::123456789012:role/*", "arn:aws:iam::aws:role/a", ".*"],
    "AlarmEmail": ["ops", "https://example.com", "a b@example.com", "a@b"],
    "RejectRatePercent": [0, 101, -5],
    "RunbookUrl": [
        *("", "http://example.com/run", "javascript:alert(1)", "https://example.com/run#book"),
        *('https://example.com/"', "https://example.com/a b", "https://example.com/a\\b", "${x}"),
        "https://example.com/" + "x" * 181,
    ],
}


def takes(name: str, value: str | int) -> bool:
    """Whether CloudFormation would take a value for a parameter."""
    parameter: Json = source()["Parameters"][name]
    checks = [
        value in parameter.get("AllowedValues", [value]),
        re.search(parameter.get("AllowedPattern", ""), str(value)) is not None,
        len(str(value)) <= parameter.get("MaxLength", len(str(value))),
        "MinValue" not in parameter or parameter["MinValue"] <= value <= parameter["MaxValue"],
    ]
    return all(checks)


def test_defaults_are_those_that_are_safe_in_a_new_account() -> None:
    defaults = {name: one["Default"] for name, one in source()["Parameters"].items()}

    assert defaults == DEFAULTS


@pytest.mark.parametrize("name", DEFAULTS)
def test_parameter_takes_what_it_means_and_nothing_else(name: str) -> None:
    taken = [value for value in [DEFAULTS[name], *TAKEN[name]] if takes(name, value)]

    assert taken == [DEFAULTS[name], *TAKEN[name]]
    assert [value for value in REFUSED[name] if takes(name, value)] == []


@pytest.mark.parametrize(
    ("s3", "dynamodb", "held"),
    [
        ("", "", True),
        ("pl-1111111a", "pl-2222222b", True),
        ("pl-1111111a", "", False),
        ("", "pl-2222222b", False),
    ],
)
def test_prefix_lists_come_together_or_not_at_all(s3: str, dynamodb: str, held: bool) -> None:
    assert rules_hold(S3PrefixListId=s3, DynamoDBPrefixListId=dynamodb) is held
    assert source()["Rules"].keys() == {"PrefixListsComeTogether"}


def test_the_sam_transform_is_the_only_one() -> None:
    assert source()["Transform"] == "AWS::Serverless-2016-10-31"
