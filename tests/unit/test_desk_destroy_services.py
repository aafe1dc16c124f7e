"""Destroy at the services, by moto: tables, the secret, rights, the key."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.destroy.calls import Calls, Left
from desk.destroy.plan import Planned
from desk.destroy.removals import REMOVALS, Removal
from tests.support.removals import client, one, plan


def remove(planned: Planned, *others: Planned, **how: Any) -> None:
    removal = Removal(Calls(client, 0), plan(planned, *others), **how)
    REMOVALS[planned.kind](removal, planned)


def test_a_protected_table_is_unprotected_and_goes(dynamodb: Any) -> None:
    name = "FileLedgerTable"
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)
    planned = one("AWS::DynamoDB::Table", name)
    removal = Removal(Calls(client, 60, sleep=lambda _: None), plan(planned))

    REMOVALS[planned.kind](removal, planned)

    assert name not in dynamodb.list_tables()["TableNames"]


@pytest.mark.parametrize(("days", "kept"), [(None, 0), (7, 1)])
def test_a_secret_goes_at_once_unless_a_window_is_asked_for(
    aws: None, days: int | None, kept: int
) -> None:
    secrets = client("secretsmanager")
    arn = secrets.create_secret(Name="s", SecretString="x")["ARN"]

    remove(one("AWS::SecretsManager::Secret", arn), secret_window_days=days)
    remove(one("AWS::SecretsManager::Secret", arn), secret_window_days=days)

    assert len(secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"]) == kept


def role(iam: Any) -> str:
    """Makes a role with a policy of its own and one that is attached; answers the latter's ARN."""
    refused = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [refused]})
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=document)
    iam.put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=document)
    arn: str = iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    return arn


def test_a_role_and_a_policy_go_with_what_hangs_on_them(aws: None) -> None:
    iam = client("iam")
    arn = role(iam)
    role_id = iam.get_role(RoleName="r")["Role"]["RoleId"]
    policy_id = iam.get_policy(PolicyArn=arn)["Policy"]["PolicyId"]

    for _ in range(2):
        remove(one("AWS::IAM::Role", "r", unique_id=role_id))
        remove(one("AWS::IAM::ManagedPolicy", arn, unique_id=policy_id))

    assert iam.list_roles()["Roles"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_a_role_or_policy_of_the_same_name_that_was_made_since_stays(aws: None) -> None:
    iam = client("iam")
    arn = role(iam)

    with pytest.raises(Left, match="another one"):
        remove(one("AWS::IAM::Role", "r", unique_id="AROAEARLIER"))
    with pytest.raises(Left, match="another one"):
        remove(one("AWS::IAM::ManagedPolicy", arn, unique_id=""))

    assert len(iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"]) == 1


def test_the_alias_goes_only_while_it_leads_to_the_stack_s_own_key(aws: None) -> None:
    kms = client("kms")
    own, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.create_alias(AliasName="alias/a", TargetKeyId=other)
    alias, key = one("AWS::KMS::Alias", "alias/a"), one("AWS::KMS::Key", own)

    with pytest.raises(Left, match="another key"):
        remove(alias, key)
    kms.update_alias(AliasName="alias/a", TargetKeyId=own)
    remove(alias, key)
    remove(alias, key)

    assert [one for one in kms.list_aliases()["Aliases"] if one["AliasName"] == "alias/a"] == []


def test_the_key_goes_at_the_end_of_its_window_and_a_second_run_does_not_begin_another(
    aws: None,
) -> None:
    kms = client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]

    remove(one("AWS::KMS::Key", key_id), key_window_days=7)
    first = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    remove(one("AWS::KMS::Key", key_id), key_window_days=30)

    again = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (first["KeyState"], again["DeletionDate"]) == ("PendingDeletion", first["DeletionDate"])
    assert first["DeletionDate"] - datetime.now(UTC) < timedelta(days=8)
