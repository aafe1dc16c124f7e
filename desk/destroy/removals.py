"""How each kind of resource is removed. Each may be done again, and finds what is gone already."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from desk.destroy import network
from desk.destroy.buckets import Bucket
from desk.destroy.calls import Calls, Left
from desk.destroy.plan import Plan, Planned
from desk.terminal import Advance

KEY_WINDOW_DAYS: Final = 30
_PENDING: Final = ("PendingDeletion", "PendingReplicaDeletion")


@dataclass(frozen=True, slots=True)
class Removal:
    """What every removal has.

    Args:
        calls: Makes the calls.
        plan: All that is removed.
        key_window_days: Days for which the key's deletion can be cancelled, 7 to 30.
        secret_window_days: Days for which the secret can be restored and its name stays taken, 7
            to 30; None for none.
        done: Is told of each version of an object that is deleted.
    """

    calls: Calls
    plan: Plan
    key_window_days: int = KEY_WINDOW_DAYS
    secret_window_days: int | None = None
    done: Advance = lambda _: None


type Remove = Callable[[Removal, Planned], None]
"""Removes a resource; does nothing where it is gone. Raises Left if it stays."""


def _rule(removal: Removal, one: Planned) -> None:
    calls, name = removal.calls, one.physical_id
    answer = calls.unless_gone("events", "list_targets_by_rule", Rule=name)
    targets = [target["Id"] for target in (answer or {}).get("Targets", [])]
    if targets:
        calls.unless_gone("events", "remove_targets", Rule=name, Ids=targets)
    calls.unless_gone("events", "delete_rule", Name=name)


def _alarm(removal: Removal, one: Planned) -> None:
    removal.calls.unless_gone("cloudwatch", "delete_alarms", AlarmNames=[one.physical_id])


def _dashboard(removal: Removal, one: Planned) -> None:
    names = [one.physical_id]
    removal.calls.unless_gone("cloudwatch", "delete_dashboards", DashboardNames=names)


def _trail(removal: Removal, one: Planned) -> None:
    removal.calls.unless_gone("cloudtrail", "delete_trail", Name=one.physical_id)


def _flow_log(removal: Removal, one: Planned) -> None:
    network.remove_flow_log(removal.calls, one)


def _function(removal: Removal, one: Planned) -> None:
    removal.calls.unless_gone("lambda", "delete_function", FunctionName=one.physical_id)


def _queue(removal: Removal, one: Planned) -> None:
    removal.calls.unless_gone("sqs", "delete_queue", QueueUrl=one.physical_id)


def _topic(removal: Removal, one: Planned) -> None:
    removal.calls.unless_gone("sns", "delete_topic", TopicArn=one.physical_id)


def _secret(removal: Removal, one: Planned) -> None:
    calls, arn = removal.calls, one.physical_id
    found = calls.unless_gone("secretsmanager", "describe_secret", SecretId=arn)
    days = removal.secret_window_days
    if found is None or (days and found.get("DeletedDate")):
        return
    how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    calls.unless_gone("secretsmanager", "delete_secret", SecretId=arn, **how)


def _table(removal: Removal, one: Planned) -> None:
    calls, name = removal.calls, one.physical_id
    asked = False
    for _ in calls.attempts():
        found = calls.unless_gone("dynamodb", "describe_table", TableName=name)
        if found is None:
            return
        table = found["Table"]
        if table["TableStatus"] != "ACTIVE":
            continue
        if table.get("DeletionProtectionEnabled"):
            calls.unless_gone(
                "dynamodb", "update_table", TableName=name, DeletionProtectionEnabled=False
            )
        elif not asked:
            calls.unless_gone("dynamodb", "delete_table", TableName=name)
            asked = True
    raise Left("it is still being deleted")


def _bucket(removal: Removal, one: Planned) -> None:
    plan = removal.plan
    bucket = Bucket(removal.calls, one.physical_id, plan.account, plan.region)
    for turn, _ in enumerate(removal.calls.attempts()):
        try:
            bucket.remove(removal.done)
        except Left as left:
            # What was under way when the bucket was closed may still arrive.
            if not left.why.endswith("BucketNotEmpty") or turn == _BUCKET_TURNS:
                raise
        else:
            return


_BUCKET_TURNS: Final = 3


def _role(removal: Removal, one: Planned) -> None:
    calls, name = removal.calls, one.physical_id
    found = calls.unless_gone("iam", "get_role", RoleName=name)
    if found is None:
        return
    _refuse_another(one, found["Role"]["RoleId"])
    attached = calls.unless_gone("iam", "list_attached_role_policies", RoleName=name) or {}
    for policy in attached.get("AttachedPolicies", []):
        arn = policy["PolicyArn"]
        calls.unless_gone("iam", "detach_role_policy", RoleName=name, PolicyArn=arn)
    inline = calls.unless_gone("iam", "list_role_policies", RoleName=name) or {}
    for policy_name in inline.get("PolicyNames", []):
        calls.unless_gone("iam", "delete_role_policy", RoleName=name, PolicyName=policy_name)
    calls.unless_gone("iam", "delete_role", RoleName=name)


def _policy(removal: Removal, one: Planned) -> None:
    calls, arn = removal.calls, one.physical_id
    found = calls.unless_gone("iam", "get_policy", PolicyArn=arn)
    if found is None:
        return
    _refuse_another(one, found["Policy"]["PolicyId"])
    listed = calls.unless_gone("iam", "list_policy_versions", PolicyArn=arn) or {}
    for version in listed.get("Versions", []):
        if not version["IsDefaultVersion"]:
            version_id = version["VersionId"]
            calls.unless_gone("iam", "delete_policy_version", PolicyArn=arn, VersionId=version_id)
    calls.unless_gone("iam", "delete_policy", PolicyArn=arn)


def _refuse_another(one: Planned, unique_id: str) -> None:
    if unique_id != one.unique_id:
        raise Left("one of the same name was made since: it is another one")


def _log_group(removal: Removal, one: Planned) -> None:
    removal.calls.unless_gone("logs", "delete_log_group", logGroupName=one.physical_id)


def _alias(removal: Removal, one: Planned) -> None:
    calls = removal.calls
    keys = {key.physical_id for key in removal.plan.of_kind("AWS::KMS::Key")}
    found = calls.unless_gone("kms", "describe_key", KeyId=one.physical_id)
    if found is None:
        return
    if found["KeyMetadata"]["KeyId"] not in keys:
        raise Left("it leads to another key by now")
    calls.unless_gone("kms", "delete_alias", AliasName=one.physical_id)


def _key(removal: Removal, one: Planned) -> None:
    calls, key_id = removal.calls, one.physical_id
    found = calls.unless_gone("kms", "describe_key", KeyId=key_id)
    if found is None or found["KeyMetadata"]["KeyState"] in _PENDING:
        return
    days = removal.key_window_days
    calls.unless_gone("kms", "schedule_key_deletion", KeyId=key_id, PendingWindowInDays=days)


REMOVALS: Final[dict[str, Remove]] = {
    # Whatever still writes, or starts something that writes, goes first.
    "AWS::Events::Rule": _rule,
    "AWS::CloudWatch::CompositeAlarm": _alarm,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::CloudTrail::Trail": _trail,
    "AWS::EC2::FlowLog": _flow_log,
    "AWS::Lambda::Function": _function,
    "AWS::EC2::VPCEndpoint": lambda removal, one: network.remove_endpoint(removal.calls, one),
    "AWS::SQS::Queue": _queue,
    "AWS::SNS::Topic": _topic,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::EC2::SecurityGroup": lambda removal, one: network.remove_group(removal.calls, one),
    "AWS::EC2::Subnet": lambda removal, one: network.remove_subnet(removal.calls, one),
    "AWS::EC2::RouteTable": lambda removal, one: network.remove_route_table(removal.calls, one),
    "AWS::EC2::VPC": lambda removal, one: network.remove_vpc(removal.calls, one),
    # Lambda needs the function's role until it has given its interfaces back.
    "AWS::IAM::Role": _role,
    "AWS::IAM::ManagedPolicy": _policy,
    "AWS::KMS::Alias": _alias,
    "AWS::KMS::Key": _key,
}
"""Kinds in the order in which they are removed."""

GO_WITH: Final = frozenset(
    {
        *("AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Permission", "AWS::SQS::QueuePolicy"),
        *("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SNS::Subscription"),
        *("AWS::SecretsManager::ResourcePolicy", "AWS::Logs::MetricFilter"),
        *("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"),
        "AWS::EC2::SubnetRouteTableAssociation",
    }
)
"""Kinds that go with what they belong to."""


def why_kept(one: Planned) -> str:
    """Why a resource is never touched; empty if it is removed, by itself or with another."""
    if one.is_doubtful:
        return "its creation failed: one of that name may be somebody else's"
    if one.kind not in REMOVALS and one.kind not in GO_WITH:
        return "this command does not know how to remove it"
    return ""
