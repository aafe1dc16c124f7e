"""The secret: everything the function is told, and a key that no template ever held."""

import json
from typing import Any

import pytest

from tests.integration.deployed import Stack, client, statements


class Secret(dict[str, Any]):
    """A secret that no failing test prints."""

    def __repr__(self) -> str:
        return f"Secret of {', '.join(self)}"


@pytest.fixture(scope="module")
def secret(stack: Stack) -> Secret:
    answer = client("secretsmanager").get_secret_value(
        SecretId=stack.outputs["SecretsManagerSecretArn"]
    )
    return Secret(json.loads(answer["SecretString"]))


def test_the_secret_names_the_stacks_own_resources(stack: Stack, secret: Secret) -> None:
    told = {name: value for name, value in secret.items() if name != "tokenization_key"}

    assert told == {
        "database_table": stack.outputs["TransactionMetadataTableName"],
        "file_ledger_table": stack.outputs["FileLedgerTableName"],
        "data_bucket": stack.outputs["TransactionDataBucketName"],
        "results_bucket": stack.outputs["TransactionResultsBucketName"],
        "encryption_key_id": stack.outputs["EncryptionKeyId"],
        "encryption_key_arn": stack.outputs["EncryptionKeyArn"],
        "environment": stack.parameters["EnvironmentSuffix"],
        "tokenization_key_id": "k1",
    }


def test_the_tokenisation_key_is_64_random_letters_and_digits(secret: Secret) -> None:
    # Judged before it is asserted: an assertion on the key itself would print it.
    key = secret["tokenization_key"]
    is_as_designed = len(key) == 64 and key.isascii() and key.isalnum() and len(set(key)) > 16

    assert is_as_designed


def test_the_tokenisation_key_is_in_no_template(stack: Stack, secret: Secret) -> None:
    cloudformation = client("cloudformation")
    templates = [
        json.dumps(
            cloudformation.get_template(StackName=stack.name, TemplateStage=stage)["TemplateBody"],
            default=str,
        )
        for stage in ("Original", "Processed")
    ]
    is_there = any(secret["tokenization_key"] in template for template in templates)

    assert not is_there


def test_the_secret_is_encrypted_by_the_stacks_own_key(stack: Stack) -> None:
    described = client("secretsmanager").describe_secret(
        SecretId=stack.outputs["SecretsManagerSecretArn"]
    )

    assert described["KmsKeyId"] in (
        stack.outputs["EncryptionKeyArn"],
        stack.outputs["EncryptionKeyId"],
    )


def test_the_secrets_own_policy_keeps_other_accounts_and_plain_http_out(stack: Stack) -> None:
    answer = client("secretsmanager").get_resource_policy(
        SecretId=stack.outputs["SecretsManagerSecretArn"]
    )

    refused = {one["Sid"]: one for one in statements(answer["ResourcePolicy"])}

    assert {one["Effect"] for one in refused.values()} == {"Deny"}
    assert refused.keys() - {"RefuseAllButProcessorAndCustodian"} == {
        "RefuseOtherAccounts",
        "RefusePlainHttp",
    }
    assert ("RefuseAllButProcessorAndCustodian" in refused) == bool(
        stack.parameters["KeyCustodianArn"]
    )
