"""The key: customer managed, rotating, and used only through the services that hold the data."""

import re

from tests.integration.deployed import Json, Stack, as_list, client, statements

USE = re.compile(
    r"kms:(\*|Decrypt|Encrypt|GenerateDataKey.*|ReEncrypt.*|CreateGrant|Generate\*|\w*\*)"
)


def key_policy(stack: Stack) -> list[Json]:
    answer = client("kms").get_key_policy(
        KeyId=stack.outputs["EncryptionKeyId"], PolicyName="default"
    )
    return statements(answer["Policy"])


def test_the_key_is_enabled_symmetric_and_managed_by_the_customer(stack: Stack) -> None:
    metadata = client("kms").describe_key(KeyId=stack.outputs["EncryptionKeyId"])["KeyMetadata"]

    assert metadata["Arn"] == stack.outputs["EncryptionKeyArn"]
    assert metadata["KeyManager"] == "CUSTOMER"
    assert metadata["KeyState"] == "Enabled"
    assert metadata["Enabled"] is True
    assert metadata["KeySpec"] == "SYMMETRIC_DEFAULT"
    assert metadata["KeyUsage"] == "ENCRYPT_DECRYPT"


def test_the_key_rotates_every_year(stack: Stack) -> None:
    status = client("kms").get_key_rotation_status(KeyId=stack.outputs["EncryptionKeyId"])

    assert status["KeyRotationEnabled"] is True
    assert status.get("RotationPeriodInDays", 365) <= 365


def test_the_key_has_the_alias_of_its_environment(stack: Stack) -> None:
    aliases = client("kms").list_aliases(KeyId=stack.outputs["EncryptionKeyId"])["Aliases"]

    suffix = stack.parameters["EnvironmentSuffix"]
    assert [alias["AliasName"] for alias in aliases] == [f"alias/transaction-processing-{suffix}"]


def test_the_key_policy_lets_no_wildcard_principal_in(stack: Stack) -> None:
    allowed = [item for item in key_policy(stack) if item["Effect"] == "Allow"]

    principals = [
        principal
        for statement in allowed
        for named in (
            [statement["Principal"]]
            if isinstance(statement["Principal"], str)
            else statement["Principal"].values()
        )
        for principal in as_list(named)
    ]
    assert principals
    assert not [principal for principal in principals if "*" in principal]


def test_whoever_may_use_the_key_may_do_so_only_under_a_condition(stack: Stack) -> None:
    used = [
        statement
        for statement in key_policy(stack)
        if statement["Effect"] == "Allow"
        and any(USE.fullmatch(action) for action in as_list(statement["Action"]))
    ]

    assert used
    assert all(statement.get("Condition") for statement in used)


def test_people_of_the_account_use_the_key_only_through_services(stack: Stack) -> None:
    used = [
        statement
        for statement in key_policy(stack)
        if statement["Effect"] == "Allow"
        and "AWS" in statement["Principal"]
        and any(USE.fullmatch(action) for action in as_list(statement["Action"]))
    ]

    for statement in used:
        services = as_list(statement["Condition"]["StringEquals"]["kms:ViaService"])
        assert services
        assert not [service for service in services if "*" in service]
        assert statement["Condition"]["StringEquals"]["kms:CallerAccount"] == stack.account


def test_nobody_but_a_service_makes_a_grant(stack: Stack) -> None:
    (refused,) = [item for item in key_policy(stack) if item["Effect"] == "Deny"]

    assert refused["Principal"] in ("*", {"AWS": "*"})
    assert as_list(refused["Action"]) == ["kms:CreateGrant"]
    assert refused["Condition"]["BoolIfExists"]["kms:GrantIsForAWSResource"] == "false"
