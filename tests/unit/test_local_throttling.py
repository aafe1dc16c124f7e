# ruff: noqa: SLF001 - the tables are MiniStack's
"""How many writes and reads a second a table lets through, and what it answers to the others."""

import json
from typing import Any

import pytest
from ministack.services import cloudwatch, dynamodb

from local.emulator import throttling

INSERT = {"Statement": "INSERT INTO \"small\" VALUE {'id': 'a'}"}
PUT = {"Put": {"TableName": "small"}}
OPERATIONS = ["batch_execute_statement", *throttling.OPERATIONS]


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Tables of which one lets two writes a second through; every call that gets there succeeds."""
    for operation in OPERATIONS:
        monkeypatch.setattr(dynamodb, f"_{operation}", lambda data: (200, {}, b"{}"))
    monkeypatch.setattr(dynamodb, "_batch_execute_statement", batch_of_ministack)
    monkeypatch.setattr(dynamodb, "_tables", {"small": maximum(writes=2), "large": {}})
    monkeypatch.setattr(cloudwatch, "_metrics", {})
    told = Clock()
    throttling.install(told)
    return told


def maximum(writes: int) -> dict[str, Any]:
    return {"OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": writes}}


def batch_of_ministack(data: dict[str, Any]) -> Any:
    """Executes each statement, and makes its code of the call's."""
    responses = []
    for statement in data["Statements"]:
        status, _, body = dynamodb._execute_statement(statement)
        code = json.loads(body).get("__type", "").removesuffix("Exception")
        responses.append({} if status == 200 else {"Error": {"Code": code}})
    return 200, {}, json.dumps({"Responses": responses}).encode()


def answers(operation: str, data: dict[str, Any], times: int) -> list[int]:
    return [getattr(dynamodb, f"_{operation}")(data)[0] for _ in range(times)]


def throttle_events(direction: str) -> int:
    key = ("AWS/DynamoDB", f"{direction}ThrottleEvents", "TableName=small")
    return len(cloudwatch._metrics.get(key, []))


def test_each_second_has_its_units_and_saves_none(clock: Clock) -> None:
    assert answers("put_item", {"TableName": "small"}, 3) == [200, 200, 400]
    clock.seconds += 10
    assert answers("put_item", {"TableName": "small"}, 3) == [200, 200, 400]
    assert throttle_events("Write") == 2


def test_table_without_a_maximum_and_reads_are_not_throttled(clock: Clock) -> None:
    assert answers("put_item", {"TableName": "large"}, 5) == [200] * 5
    assert answers("get_item", {"TableName": "small"}, 5) == [200] * 5
    assert throttle_events("Read") == 0


def test_maximum_that_was_taken_back_throttles_nothing(clock: Clock) -> None:
    dynamodb._tables["small"] = maximum(writes=-1)

    assert answers("put_item", {"TableName": "small"}, 5) == [200] * 5


def test_statements_of_a_batch_are_throttled_one_by_one(clock: Clock) -> None:
    body = dynamodb._batch_execute_statement({"Statements": [INSERT] * 4})[2]

    codes = [each.get("Error", {}).get("Code") for each in json.loads(body)["Responses"]]
    assert codes == [None, None, "ThrottlingError", "ThrottlingError"]
    assert throttle_events("Write") == 2


def test_transaction_is_cancelled_and_says_which_item_was_throttled(clock: Clock) -> None:
    other = {"Put": {"TableName": "large"}}
    answers("put_item", {"TableName": "small"}, 2)

    _, _, body = dynamodb._transact_write_items({"TransactItems": [other, PUT]})

    document = json.loads(body)
    assert document["__type"] == "TransactionCanceledException"
    reasons = [reason["Code"] for reason in document["CancellationReasons"]]
    assert reasons == ["None", "ThrottlingError"]


@pytest.mark.parametrize(
    ("operation", "data"),
    [
        ("update_item", {"TableName": "small"}),
        ("delete_item", {"TableName": "small"}),
        ("batch_write_item", {"RequestItems": {"large": [{}], "small": [{}]}}),
        ("execute_statement", INSERT),
        ("execute_transaction", {"TransactStatements": [INSERT]}),
        ("transact_write_items", {"TransactItems": [PUT]}),
    ],
)
def test_every_kind_of_write_is_throttled(
    clock: Clock, operation: str, data: dict[str, Any]
) -> None:
    dynamodb._tables["small"] = maximum(writes=0)

    assert answers(operation, data, 1) == [400]
    assert throttle_events("Write") == 1


@pytest.mark.parametrize(
    ("operation", "data"),
    [
        ("get_item", {"TableName": "small"}),
        ("query", {"TableName": "small"}),
        ("scan", {"TableName": "small"}),
        ("batch_get_item", {"RequestItems": {"small": {"Keys": [{}]}}}),
        ("transact_get_items", {"TransactItems": [{"Get": {"TableName": "small"}}]}),
        ("execute_statement", {"Statement": 'SELECT * FROM "small"'}),
    ],
)
def test_every_kind_of_read_is_throttled(
    clock: Clock, operation: str, data: dict[str, Any]
) -> None:
    dynamodb._tables["small"] = {"OnDemandThroughput": {"MaxReadRequestUnits": 0}}

    assert answers(operation, data, 1) == [400]
    assert throttle_events("Read") == 1
