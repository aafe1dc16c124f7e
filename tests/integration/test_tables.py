"""The two tables: keys, billing, recovery, encryption, protection."""

import pytest
from botocore.exceptions import ClientError

from tests.integration.deployed import Json, Stack, client, is_embedded, statements

KEYS = {
    "TransactionMetadataTable": [("transactionId", "HASH", "S"), ("timestamp", "RANGE", "N")],
    "FileLedgerTable": [("fileId", "HASH", "S"), ("entry", "RANGE", "S")],
}


def describe(stack: Stack, name: str) -> Json:
    found: Json = client("dynamodb").describe_table(TableName=stack.resources[name])["Table"]
    return found


@pytest.mark.parametrize("name", KEYS)
def test_the_table_has_its_composite_key(stack: Stack, name: str) -> None:
    table = describe(stack, name)

    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    found = [
        (each["AttributeName"], each["KeyType"], types[each["AttributeName"]])
        for each in table["KeySchema"]
    ]
    assert found == KEYS[name]


@pytest.mark.parametrize("name", KEYS)
def test_the_table_is_billed_on_demand(stack: Stack, name: str) -> None:
    assert describe(stack, name)["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("name", KEYS)
def test_the_table_can_be_recovered_to_any_point_in_time(stack: Stack, name: str) -> None:
    backups = client("dynamodb").describe_continuous_backups(TableName=stack.resources[name])

    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


@pytest.mark.parametrize("name", KEYS)
def test_the_table_is_encrypted_by_the_stacks_own_key(stack: Stack, name: str) -> None:
    encryption = describe(stack, name)["SSEDescription"]

    assert encryption["Status"] == "ENABLED"
    assert encryption["SSEType"] == "KMS"
    assert encryption["KMSMasterKeyArn"] == stack.outputs["EncryptionKeyArn"]


@pytest.mark.parametrize("name", KEYS)
def test_the_table_is_protected_against_deletion(stack: Stack, name: str) -> None:
    assert describe(stack, name)["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize("name", KEYS)
def test_the_tables_own_policy_refuses_changes_to_everybody(stack: Stack, name: str) -> None:
    tables = client("dynamodb", "deployer" if is_embedded() else None)
    arn = describe(stack, name)["TableArn"]
    types = {each: {kind: "0"} for each, _, kind in KEYS[name]}
    # Were it not refused, it would still do nothing: there is no such item.
    change = {"TableName": stack.resources[name], "Key": types}
    nowhere = {"ConditionExpression": "attribute_exists(nothing)"}

    found = statements(tables.get_resource_policy(ResourceArn=arn)["Policy"])
    with pytest.raises(ClientError) as deleted:
        tables.delete_item(**change, **nowhere)
    with pytest.raises(ClientError) as updated:
        tables.update_item(**change, **nowhere)
    with pytest.raises(ClientError) as put:
        tables.put_item(TableName=stack.resources[name], Item=types, **nowhere)

    for refusal in (deleted, updated, put):
        assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"
        assert "explicit deny in a resource-based policy" in str(refusal.value)
    assert {one["Effect"] for one in found} == {"Deny"}
    assert {"RefusePlainHttp", "RefuseOtherAccounts"} <= {one["Sid"] for one in found}
