"""DynamoDB in memory answers as the API reference says, and as moto does where moto is faithful."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.simulation.border import PassThrough
from tests.simulation.contract.dynamodb_contract import (
    BeyondMotoContract,
    ConditionsContract,
    ItemsContract,
    UpdatesContract,
)
from tests.simulation.contract.moto_clients import moto_client
from tests.simulation.services.dynamodb import DynamoDbClient
from tests.simulation.services.dynamodb_store import DynamoDbStore
from tests.support.template import stack


def clock() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store() -> DynamoDbStore:
    declared = stack().properties("FileLedgerTable")
    store = DynamoDbStore(clock)
    store.create_table("ledger", declared["KeySchema"], declared["AttributeDefinitions"])
    return store


class TestInMemory(ConditionsContract, UpdatesContract, ItemsContract, BeyondMotoContract):
    @pytest.fixture
    def client(self, store: DynamoDbStore) -> DynamoDbClient:
        return DynamoDbClient(store, PassThrough())

    @pytest.fixture
    def table(self) -> str:
        return "ledger"


@pytest.fixture(scope="module")
def dynamodb_of_moto() -> Iterator[Any]:
    declared = stack().properties("FileLedgerTable")
    with moto_client("dynamodb") as client:
        client.create_table(
            TableName="ledger",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=declared["KeySchema"],
            AttributeDefinitions=declared["AttributeDefinitions"],
        )
        yield client


class TestMoto(ConditionsContract, UpdatesContract, ItemsContract):
    @pytest.fixture
    def client(self, dynamodb_of_moto: Any) -> Any:
        return dynamodb_of_moto

    @pytest.fixture
    def table(self) -> str:
        return "ledger"
