"""The embedded AWS obeys the contracts that the simulation's services obey, and moto.

So three implementations are held to one reading of the API references; `UNFAITHFUL` is where this
one departs from it. Buckets and tables are the test's own, made and removed as the deployer.
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.integration.deployed import Stack, client
from tests.simulation.contract.dynamodb_contract import (
    BeyondMotoContract,
    ConditionsContract,
    ItemsContract,
    UpdatesContract,
)
from tests.simulation.contract.dynamodb_many_contract import (
    QueriesContract,
    StatementsContract,
    TokensContract,
    file_id,
)
from tests.simulation.contract.s3_contract import (
    S3ListsContract,
    S3MarkersAndChecksumsContract,
    S3ReadsContract,
    S3WritesContract,
)
from tests.support.template import stack as template
from tests.support.unique import unique_letters

__all__ = ["file_id"]

pytestmark = pytest.mark.usefixtures("embedded")

UNFAITHFUL: Final[dict[str, str]] = {}


@pytest.fixture(autouse=True)
def unfaithful(request: pytest.FixtureRequest) -> None:
    reason = UNFAITHFUL.get(request.node.name)
    if reason:
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))


@pytest.fixture(scope="module")
def bucket(embedded: None, stack: Stack) -> Iterator[str]:
    s3 = client("s3", "deployer")
    name = f"contract-{unique_letters()}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    yield name
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=name)
    for page in pages:
        for listed in page.get("Versions", []) + page.get("DeleteMarkers", []):
            s3.delete_object(Bucket=name, Key=listed["Key"], VersionId=listed["VersionId"])
    s3.delete_bucket(Bucket=name)


@pytest.fixture(scope="module")
def table(embedded: None, stack: Stack) -> Iterator[str]:
    dynamodb = client("dynamodb", "deployer")
    declared = template().properties("FileLedgerTable")
    name = f"contract-{unique_letters()}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=declared["KeySchema"],
        AttributeDefinitions=declared["AttributeDefinitions"],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    yield name
    dynamodb.delete_table(TableName=name)


class TestS3(S3ReadsContract, S3MarkersAndChecksumsContract, S3WritesContract, S3ListsContract):
    @pytest.fixture
    def client(self, bucket: str) -> Any:
        return client("s3", "deployer")


class TestDynamoDb(
    ConditionsContract,
    UpdatesContract,
    ItemsContract,
    BeyondMotoContract,
    QueriesContract,
    TokensContract,
    StatementsContract,
):
    @pytest.fixture
    def client(self, table: str) -> Any:
        return client("dynamodb", "deployer")
