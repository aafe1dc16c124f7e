"""What of a deployed stack the control matrix speaks of, and what it does not."""

from collections.abc import Iterator

from checks.controls import CONTROLS
from checks.controls.model import (
    Json,
    Where,
    found,
    normalised,
    statements,
)
from checks.translation import POLICY_PLACES
from tests.support.template import Stack, stack, worked_out

type Parameters = tuple[tuple[str, str], ...]

# What of each type says nothing about security: names, descriptions, sizes, tags. A property that
# stands in neither this list nor a control fails.
PLAIN = {
    "AWS::CloudTrail::Trail": {"TrailName"},
    "AWS::CloudWatch::Alarm": {"AlarmName", "AlarmDescription"},
    "AWS::CloudWatch::Dashboard": {"DashboardName", "DashboardBody"},
    "AWS::DynamoDB::Table": {"TableName", "AttributeDefinitions"},
    "AWS::EC2::FlowLog": {"Tags"},
    "AWS::EC2::RouteTable": {"Tags"},
    "AWS::EC2::SecurityGroup": {"GroupName", "GroupDescription", "Tags"},
    "AWS::EC2::SecurityGroupIngress": {"Description"},
    "AWS::EC2::Subnet": {"CidrBlock", "Tags"},
    "AWS::EC2::SubnetRouteTableAssociation": set[str](),
    "AWS::EC2::VPC": {"CidrBlock", "Tags"},
    "AWS::EC2::VPCEndpoint": set[str](),
    "AWS::Events::Rule": {"Name", "Description"},
    "AWS::IAM::ManagedPolicy": {"ManagedPolicyName", "Description"},
    "AWS::IAM::Role": {"RoleName", "Description"},
    "AWS::KMS::Alias": {"AliasName"},
    "AWS::KMS::Key": {"Description"},
    "AWS::Lambda::EventInvokeConfig": {"FunctionName", "Qualifier"},
    "AWS::Lambda::Function": {
        *("FunctionName", "Description", "Code", "Handler", "Architectures", "MemorySize"),
        *("Timeout", "Tags"),
    },
    "AWS::Lambda::Permission": set[str](),
    "AWS::Logs::LogGroup": set[str](),
    "AWS::Logs::MetricFilter": {"FilterName"},
    "AWS::S3::Bucket": {"BucketName"},
    "AWS::S3::BucketPolicy": set[str](),
    "AWS::SNS::Subscription": set[str](),
    "AWS::SNS::Topic": {"TopicName", "DisplayName"},
    "AWS::SNS::TopicPolicy": set[str](),
    "AWS::SQS::Queue": {"QueueName"},
    "AWS::SQS::QueuePolicy": set[str](),
    # The text holds names of resources; its one secret comes from GenerateStringKey (DAT-1).
    "AWS::SecretsManager::Secret": {
        "Name",
        "Description",
        "GenerateSecretString.SecretStringTemplate",
    },
    "AWS::SecretsManager::ResourcePolicy": set[str](),
}


def every_where() -> Iterator[Where]:
    """The places of all controls."""
    for control in CONTROLS:
        yield from control.where


# Parameters of each deployment that some control speaks of; the defaults are among them.
DEPLOYMENTS: list[Parameters] = sorted({where.parameters for where in every_where()})


def wanted(where: Where, parameters: Parameters) -> Json:
    """What must stand at a place of the stack with these parameters."""
    value = worked_out(where.expected, **dict(parameters))
    return normalised(value) if where.is_statement else value


def holds(where: Where, parameters: Parameters) -> bool:
    """Whether it stands there."""
    return bool(found(stack(**dict(parameters)).resources, where.path) == wanted(where, parameters))


def leaves(value: Json, path: str) -> Iterator[str]:
    """Paths of all that is no list and no object, or is an empty one."""
    items = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    if not items:
        yield path
    for key, item in items:
        yield from leaves(item, f"{path}.{key}")


def is_within(path: str, other: str) -> bool:
    return f"{path}.".startswith(f"{other}.")


def unclaimed(deployed: Stack, claims: set[str]) -> list[str]:
    """Places of a stack of which no control speaks, plain properties aside."""
    missing = []
    for name, resource in deployed.resources.items():
        missing += [
            f"{name}/{sid}" for sid in statements(resource) if f"{name}/{sid}" not in claims
        ]
        plain = {f"{name}.{path}" for path in PLAIN[resource["Type"]]}
        way = POLICY_PLACES.get(resource["Type"])
        if way:
            plain.add(".".join([name, *way]))
        missing += [
            path
            for path in leaves(resource.get("Properties", {}), name)
            if not any(is_within(path, one) for one in claims | plain)
        ]
    return missing
