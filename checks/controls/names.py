"""Names and ARNs that several controls speak of, spelled as the template spells them."""

from typing import Final

ACCOUNT: Final = "${AWS::AccountId}"
REGION: Final = "${AWS::Region}"
_PARTITION: Final = "arn:${AWS::Partition}"
_SUFFIX: Final = "${EnvironmentSuffix}"

KEY: Final = "${EncryptionKey.Arn}"
ROOT: Final = {"AWS": f"{_PARTITION}:iam::{ACCOUNT}:root"}
EVERYBODY: Final = "*"
OTHER_ACCOUNTS: Final = {
    "StringNotEquals": {"aws:PrincipalAccount": ACCOUNT},
    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
}
PLAIN_HTTP: Final = {"Bool": {"aws:SecureTransport": "false"}}
TRAIL: Final = f"{_PARTITION}:cloudtrail:{REGION}:{ACCOUNT}:trail/transaction-data-trail-{_SUFFIX}"
ANY_TRAIL: Final = f"{_PARTITION}:cloudtrail:*:{ACCOUNT}:trail/*"
FUNCTION: Final = f"{_PARTITION}:lambda:{REGION}:{ACCOUNT}:function:transaction-processor-{_SUFFIX}"
FUNCTION_ROLE: Final = f"{_PARTITION}:iam::{ACCOUNT}:role/transaction-processor-role-{_SUFFIX}"

BUCKETS: Final = (
    "AccessLogsBucket",
    "CloudTrailLogsBucket",
    "TransactionDataBucket",
    "TransactionResultsBucket",
)
LOGGED_BUCKETS: Final = BUCKETS[1:]
TABLES: Final = ("FileLedgerTable", "TransactionMetadataTable")
LOG_GROUPS: Final = {
    "FlowLogGroup": f"/aws/vpc/transaction-flow-log-{_SUFFIX}",
    "LambdaLogGroup": f"/aws/lambda/transaction-processor-{_SUFFIX}",
    "TrailLogGroup": f"/aws/cloudtrail/transaction-data-trail-{_SUFFIX}",
}


def service(name: str) -> dict[str, str]:
    """The principal that a service of AWS is."""
    return {"Service": f"{name}.amazonaws.com"}


def through(*services: str) -> list[str]:
    """Values of `kms:ViaService` for services of this region."""
    return [f"{name}.{REGION}.amazonaws.com" for name in services]


#: CloudWatch Logs uses the key for whoever writes into an encrypted group.
VIA_LOGS: Final = {"StringEquals": {"kms:ViaService": through("logs")}}


def log_group_arn(name: str) -> str:
    """ARN of a log group of this account, without the `:*` that !GetAtt appends."""
    return f"{_PARTITION}:logs:{REGION}:{ACCOUNT}:log-group:{name}"


def bucket_arn(kind: str) -> str:
    """ARN of a bucket by the middle of its name, such as `data`: for what cannot say !GetAtt."""
    return f"{_PARTITION}:s3:::transaction-{kind}-{ACCOUNT}-{_SUFFIX}"


def arn_of(service_and_resource: str) -> str:
    """ARN in this region and account, such as of `ec2` and `vpc-flow-log/*`, split by a space."""
    name, resource = service_and_resource.split(" ")
    return f"{_PARTITION}:{name}:{REGION}:{ACCOUNT}:{resource}"


def unit(module: str, *tests: str) -> tuple[str, ...]:
    """Ids of unit tests in one module."""
    return tuple(f"tests/unit/test_{module}.py::test_{test}" for test in tests)


def on_a_stack(module: str, *tests: str) -> tuple[str, ...]:
    """Ids of tests in one module that run against a deployed stack."""
    return tuple(f"tests/integration/test_{module}.py::test_{test}" for test in tests)


def checkov(*numbers: int) -> tuple[str, ...]:
    """Ids of checks that checkov makes on the template."""
    return tuple(f"checkov CKV_AWS_{number}" for number in numbers)


def nag(*rules: str) -> tuple[str, ...]:
    """Ids of rules that cdk-nag applies: of AwsSolutions, or of the NIST pack by their name."""
    return tuple(
        f"cdk-nag {'AwsSolutions' if rule.isupper() else 'NIST.800.53.R5'}-{rule}" for rule in rules
    )


def guard(*rules: str) -> tuple[str, ...]:
    """Ids of the project's own rules for cfn-guard, in `checks/rules/`."""
    return tuple(f"cfn-guard {rule}" for rule in rules)
