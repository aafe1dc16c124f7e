"""The ledger's transaction: what each cancellation means, and how it is asked."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.config import Config
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

from processor.adapters.aws import client_config
from processor.adapters.ledger import DynamoDbFileLedger
from processor.adapters.ledger_items import document, serialize
from processor.domain.entries import PartResult
from processor.errors import ServiceRefused, ServiceUnavailable
from processor.ledger_ports import RecordAnswer


@pytest.fixture
def client(aws: None) -> Any:
    return boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def stubber(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def cancel(stubber: Stubber, put: str, update: str) -> None:
    stubber.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": put}, {"Code": update}]},
    )


@pytest.mark.parametrize(
    ("put", "update", "answer"),
    [
        ("ConditionalCheckFailed", "None", RecordAnswer.RECORDED_BEFORE),
        ("ConditionalCheckFailed", "ConditionalCheckFailed", RecordAnswer.RECORDED_BEFORE),
        ("None", "ConditionalCheckFailed", RecordAnswer.DELIVERED_AGAIN),
    ],
)
def test_a_condition_that_failed_is_an_answer(
    client: Any, stubber: Stubber, put: str, update: str, answer: RecordAnswer
) -> None:
    cancel(stubber, put, update)

    assert DynamoDbFileLedger(client, "ledger").record_part("f", PartResult(1), 1) is answer


@pytest.mark.parametrize(
    ("put", "update"),
    [
        ("TransactionConflict", "None"),
        ("None", "TransactionConflict"),
        ("ThrottlingError", "None"),
        ("None", "ProvisionedThroughputExceeded"),
    ],
)
def test_a_conflict_or_a_throttle_may_succeed_later(
    client: Any, stubber: Stubber, put: str, update: str
) -> None:
    cancel(stubber, put, update)

    with pytest.raises(ServiceUnavailable, match="TransactWriteItems"):
        DynamoDbFileLedger(client, "ledger").record_part("f", PartResult(1))


def test_any_other_cancellation_is_a_refusal(client: Any, stubber: Stubber) -> None:
    cancel(stubber, "ValidationError", "None")

    with pytest.raises(ServiceRefused, match="TransactionCanceledException"):
        DynamoDbFileLedger(client, "ledger").record_part("f", PartResult(1))


def test_the_same_result_is_sent_under_the_same_token(client: Any, stubber: Stubber) -> None:
    tokens: list[str] = []
    client.meta.events.register(
        "provide-client-params.dynamodb.TransactWriteItems",
        lambda params, **_: tokens.append(params["ClientRequestToken"]),
    )
    expected = {"TransactItems": ANY, "ClientRequestToken": ANY}
    for _ in range(3):
        stubber.add_response("transact_write_items", {}, expected)
    ledger = DynamoDbFileLedger(client, "ledger")

    ledger.record_part("f", PartResult(1, recorded_at="now"))
    ledger.record_part("f", PartResult(1, recorded_at="now"))
    ledger.record_part("f", PartResult(1, recorded_at="later"))

    assert tokens[0] == tokens[1] != tokens[2]
    assert all(len(token) <= 36 for token in tokens)


def test_the_ledger_is_read_consistently(client: Any, stubber: Stubber) -> None:
    item = {
        "fileId": {"S": "f"},
        "entry": {"S": "FILE"},
        "bucket": {"S": "b"},
        "key": {"S": "k"},
        "partsTotal": {"N": "1"},
        "partsDone": {"N": "0"},
        "registeredAt": {"S": "now"},
        "deliveries": {"N": "1"},
    }
    stubber.add_response(
        "query",
        {"Items": [item]},
        {
            "TableName": "ledger",
            "KeyConditionExpression": "fileId = :fileId AND entry BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":fileId": {"S": "f"},
                ":first": {"S": "FILE"},
                ":last": {"S": "PART#10001"},
            },
            "ConsistentRead": True,
        },
    )

    entry, parts = DynamoDbFileLedger(client, "ledger").load("f")

    assert entry.object_version.key == "k"
    assert parts == []


def test_every_client_tries_thrice_with_jitter_and_short_limits() -> None:
    config: Any = client_config()

    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    # Three attempts of connecting and reading end within the time kept free for one call.
    assert 3 * (config.connect_timeout + config.read_timeout) < 45


KEPT = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(10**38) + 1, 10**38 - 1),
    lambda members: st.lists(members) | st.dictionaries(st.text(), members),
)


@given(st.dictionaries(st.text(), KEPT))
def test_values_are_typed_as_the_sdk_types_them_and_come_back(kept: dict[str, Any]) -> None:
    typed = {name: serialize(value) for name, value in kept.items()}

    assert typed == {name: TypeSerializer().serialize(value) for name, value in kept.items()}
    assert repr(document(typed)) == repr(kept)


@pytest.mark.parametrize("value", [1.5, b"bytes", {1}, Decimal("1.5")])
def test_what_the_ledger_does_not_keep_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=f"the ledger keeps no {type(value).__name__}"):
        serialize(value)
