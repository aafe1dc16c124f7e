"""Queries, transactions and statements in memory; and what the simulation alone can show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulation.border import PassThrough
from tests.simulation.contract.answers import refusal
from tests.simulation.contract.dynamodb_many_contract import (
    QueriesContract,
    StatementsContract,
    TokensContract,
    TransactionsContract,
    file_id,
    key_of,
)
from tests.simulation.contract.moto_clients import moto_client
from tests.simulation.services.dynamodb import DynamoDbClient
from tests.simulation.services.dynamodb_store import DynamoDbStore, Overwrite, StatementFault
from tests.support.template import stack

__all__ = ["file_id"]

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> DynamoDbStore:
    declared = stack().properties("FileLedgerTable")
    store = DynamoDbStore(clock)
    store.create_table("ledger", declared["KeySchema"], declared["AttributeDefinitions"], KEY_ARN)
    return store


@pytest.fixture
def in_memory(store: DynamoDbStore) -> DynamoDbClient:
    return DynamoDbClient(store, PassThrough())


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


@pytest.fixture
def table() -> str:
    return "ledger"


class TestInMemory(QueriesContract, TokensContract, StatementsContract):
    @pytest.fixture
    def client(self, in_memory: DynamoDbClient) -> DynamoDbClient:
        return in_memory


class TestMoto(QueriesContract, TransactionsContract):
    @pytest.fixture
    def client(self, dynamodb_of_moto: Any) -> Any:
        return dynamodb_of_moto


def test_a_token_is_forgotten_after_ten_minutes(
    store: DynamoDbStore, in_memory: DynamoDbClient, clock: Clock
) -> None:
    contract = TokensContract()
    in_memory.put_item(TableName="ledger", Item=key_of("f", "FILE"))
    count = contract.operations("ledger", "f")[1:]
    call = {"TransactItems": count, "ClientRequestToken": "token"}
    in_memory.transact_write_items(**call)

    clock.now += timedelta(minutes=10)
    in_memory.transact_write_items(**call)
    within = contract.parts_done(in_memory, "ledger", "f")
    clock.now += timedelta(seconds=1)
    in_memory.transact_write_items(**call)

    assert within == "1"
    assert contract.parts_done(in_memory, "ledger", "f") == "2"


def test_every_change_of_an_item_is_logged(store: DynamoDbStore, in_memory: DynamoDbClient) -> None:
    key = key_of("f", "FILE")
    first, second = {**key, "n": {"N": "1"}}, {**key, "n": {"N": "2"}}

    in_memory.put_item(TableName="ledger", Item=first)
    in_memory.put_item(TableName="ledger", Item=first)
    in_memory.put_item(TableName="ledger", Item=second)
    in_memory.delete_item(TableName="ledger", Key=key)

    assert store.tables["ledger"].overwrites == [
        Overwrite(("f", "FILE"), first, second),
        Overwrite(("f", "FILE"), second, None),
    ]


@pytest.mark.parametrize("executed", [False, True])
def test_a_statement_s_fault_is_told_and_its_effect_stays_or_not(
    store: DynamoDbStore, in_memory: DynamoDbClient, executed: bool
) -> None:
    contract = StatementsContract()
    bad, good = key_of("bad", "FILE"), key_of("good", "FILE")
    fault = StatementFault("InternalServerError", executed)
    store.statement_fault = lambda _, item: fault if item == bad else None

    codes = contract.insert(in_memory, "ledger", bad, good)

    assert codes == ["InternalServerError", None]
    assert (store.tables["ledger"].get(("bad", "FILE")) is not None) == executed


def test_an_item_that_is_too_large_is_its_statement_s_error(in_memory: DynamoDbClient) -> None:
    large = {**key_of("large", "FILE"), "a": {"S": "x" * 409_600}}

    codes = StatementsContract().insert(in_memory, "ledger", large, key_of("good", "FILE"))

    assert codes == ["ValidationError", None]


def test_keys_are_left_unprocessed(store: DynamoDbStore, in_memory: DynamoDbClient) -> None:
    keys = [key_of(name, "FILE") for name in ("a", "b")]
    for key in keys:
        in_memory.put_item(TableName="ledger", Item=key)
    store.left_unprocessed = lambda _, asked: asked[1:]

    answer = in_memory.batch_get_item(RequestItems={"ledger": {"Keys": keys}})

    assert answer["Responses"] == {"ledger": keys[:1]}
    assert answer["UnprocessedKeys"] == {"ledger": {"Keys": keys[1:]}}


def test_a_table_under_a_disabled_key_is_closed(
    store: DynamoDbStore, in_memory: DynamoDbClient
) -> None:
    store.keys.disabled.add(KEY_ARN)
    key = key_of("f", "FILE")

    refused = refusal(in_memory.get_item, TableName="ledger", Key=key)
    codes = StatementsContract().insert(in_memory, "ledger", key)

    assert refused == ("AccessDeniedException", 400)
    assert codes == ["AccessDenied"]
    assert store.tables["ledger"].items() == []


def test_pages_are_as_small_as_a_simulation_wants(
    store: DynamoDbStore, in_memory: DynamoDbClient
) -> None:
    for number in range(5):
        in_memory.put_item(TableName="ledger", Item=key_of("f", f"PART#{number}"))
    store.page_items_max = 2

    pages = list(
        in_memory.get_paginator("query").paginate(
            TableName="ledger",
            KeyConditionExpression="fileId = :id",
            ExpressionAttributeValues={":id": {"S": "f"}},
        )
    )

    assert [page["Count"] for page in pages] == [2, 2, 1]
