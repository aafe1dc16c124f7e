"""The outputs that other stacks and people build on."""

import pytest

from tests.integration.deployed import Stack, client

NINE = (
    "TransactionDataBucketName",
    "TransactionDataBucketArn",
    "TransactionProcessorFunctionArn",
    "TransactionMetadataTableName",
    "EncryptionKeyId",
    "EncryptionKeyArn",
    "VPCId",
    "CloudTrailName",
    "SecretsManagerSecretArn",
)


@pytest.fixture(scope="module")
def exports() -> dict[str, str]:
    pages = client("cloudformation").get_paginator("list_exports").paginate()
    return {export["Name"]: export["Value"] for page in pages for export in page["Exports"]}


@pytest.mark.parametrize("name", NINE)
def test_the_output_is_exported_under_the_stacks_name(
    stack: Stack, exports: dict[str, str], name: str
) -> None:
    assert stack.outputs[name]
    assert stack.exports[name] == f"{stack.name}-{name}"
    assert exports[f"{stack.name}-{name}"] == stack.outputs[name]


def test_outputs_and_resources_name_the_same_things(stack: Stack) -> None:
    named = {
        "TransactionDataBucketName": "TransactionDataBucket",
        "TransactionResultsBucketName": "TransactionResultsBucket",
        "TransactionMetadataTableName": "TransactionMetadataTable",
        "FileLedgerTableName": "FileLedgerTable",
        "EncryptionKeyId": "EncryptionKey",
        "VPCId": "VPC",
        "CloudTrailName": "TransactionDataTrail",
        "SecretsManagerSecretArn": "LambdaConfigSecret",
        "FailedEventsQueueUrl": "FailedEventsQueue",
        "TransactionProcessorFunctionName": "TransactionProcessorFunction",
    }

    assert {name: stack.outputs[name] for name in named} == {
        name: stack.resources[resource] for name, resource in named.items()
    }


def test_no_output_asks_for_a_manual_step(stack: Stack) -> None:
    described = client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"][0]

    words = " ".join(output["Description"].lower() for output in described["Outputs"])
    assert not [word for word in ("manual", "run ", "configure", "aws s3api") if word in words]
