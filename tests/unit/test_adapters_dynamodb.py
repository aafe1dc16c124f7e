"""Inserting by PartiQL: what is sent, and what each answer of botocore's stubber means."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.stub import ANY, Stubber

from processor.adapters.dynamodb import DynamoDbTransactionTable
from processor.errors import ServiceRefused
from processor.ports import InsertAnswer, StoredItem
from tests.support.contracts import PROCESSED_AT, a_row, a_source
from tests.support.statements import SdkStatements

ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def client(aws: None) -> Any:
    return boto3.client("dynamodb", config=ONE_ATTEMPT)


@pytest.fixture
def stubber(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def table(client: Any) -> DynamoDbTransactionTable:
    return DynamoDbTransactionTable(client, SdkStatements(client), "metadata")


def insert(table: DynamoDbTransactionTable, *names: str) -> list[InsertAnswer | StoredItem]:
    rows = [a_row(name, number) for number, name in enumerate(names, 1)]
    return table.insert(rows, a_source(), PROCESSED_AT).answers()


def test_an_item_holds_what_the_design_lists(
    table: DynamoDbTransactionTable, stubber: Stubber
) -> None:
    sent: dict[str, Any] = {}
    stubber.add_response("batch_execute_statement", {"Responses": [{}]}, {"Statements": ANY})
    table._client.meta.events.register(  # noqa: SLF001  The stubber sits there.
        "provide-client-params.dynamodb.BatchExecuteStatement",
        lambda params, **_: sent.update(params),
    )

    insert(table, "T-1")

    (statement,) = sent["Statements"]
    names = [
        member.split("'")[1] for member in statement["Statement"].split("VALUE")[1].split(", ")
    ]
    item = dict(zip(names, statement["Parameters"], strict=True))
    assert statement["Statement"].startswith('INSERT INTO "metadata" VALUE {\'')
    assert item == {
        "transactionId": {"S": "T-1"},
        "timestamp": {"N": "1772366400123"},
        "amount": {"N": "1.00"},
        "currency": {"S": "EUR"},
        "merchant": {"S": "Bäckerei"},
        "description": {"S": "\ttabs, “quotes” and \U0001f600"},
        "extra": {"M": {"channel": {"S": "web"}}},
        "fingerprint": {"S": a_row("T-1").fingerprint},
        "status": {"S": "processed"},
        "processedAt": {"S": "2026-03-01T12:00:00.000Z"},
        "bucket": {"S": "contract-bucket"},
        "key": {"S": "contract.csv"},
        "versionId": {"S": "v1"},
        "recordNumber": {"N": "1"},
        "contentType": {"S": "text/csv"},
        "encryptionType": {"S": "aws:kms"},
        "lastModified": {"S": "2026-03-01T00:00:00Z"},
    }


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("DuplicateItem", InsertAnswer.EXISTS),
        ("ConditionalCheckFailed", InsertAnswer.EXISTS),
        ("ThrottlingError", InsertAnswer.TRY_AGAIN),
        ("ProvisionedThroughputExceeded", InsertAnswer.TRY_AGAIN),
        ("RequestLimitExceeded", InsertAnswer.TRY_AGAIN),
        ("TransactionConflict", InsertAnswer.TRY_AGAIN),
        ("InternalServerError", InsertAnswer.TRY_AGAIN),
        ("ValidationError", InsertAnswer.INVALID),
    ],
)
def test_http_200_is_read_statement_by_statement(
    table: DynamoDbTransactionTable, stubber: Stubber, code: str, answer: InsertAnswer
) -> None:
    responses = [{}, {"Error": {"Code": code, "Message": "…"}}, {}]
    stubber.add_response("batch_execute_statement", {"Responses": responses}, {"Statements": ANY})

    answers = insert(table, "A", "B", "C")

    assert answers == [InsertAnswer.INSERTED, answer, InsertAnswer.INSERTED]


@pytest.mark.parametrize("code", ["AccessDenied", "ResourceNotFound", "SomethingNew"])
def test_a_refusal_of_one_statement_fails_the_file_and_rejects_no_row(
    table: DynamoDbTransactionTable, stubber: Stubber, code: str
) -> None:
    responses = [{"Error": {"Code": code, "Message": "…"}}]
    stubber.add_response("batch_execute_statement", {"Responses": responses}, {"Statements": ANY})

    with pytest.raises(ServiceRefused, match=code):
        insert(table, "A")


def test_missing_answers_are_no_success(table: DynamoDbTransactionTable, stubber: Stubber) -> None:
    stubber.add_response("batch_execute_statement", {"Responses": [{}]}, {"Statements": ANY})

    with pytest.raises(ServiceRefused, match="1 answers to 2"):
        insert(table, "A", "B")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("ProvisionedThroughputExceededException", 400),
        ("RequestLimitExceeded", 400),
        ("InternalServerError", 500),
        ("Whatever", 503),
    ],
)
def test_a_throttled_or_failed_request_asks_for_all_rows_again(
    table: DynamoDbTransactionTable, stubber: Stubber, code: str, status: int
) -> None:
    stubber.add_client_error("batch_execute_statement", code, http_status_code=status)

    assert insert(table, "A", "B") == [InsertAnswer.TRY_AGAIN] * 2


def test_a_refused_request_fails_the_file(
    table: DynamoDbTransactionTable, stubber: Stubber
) -> None:
    stubber.add_client_error("batch_execute_statement", "AccessDeniedException", "id A denied")

    with pytest.raises(ServiceRefused) as raised:
        insert(table, "A")

    assert str(raised.value) == "BatchExecuteStatement: AccessDeniedException"


def test_a_request_that_is_refused_is_asked_again_row_by_row(
    table: DynamoDbTransactionTable, stubber: Stubber
) -> None:
    refused = {"Responses": [{"Error": {"Code": "ValidationError", "Message": "…"}}]}
    stubber.add_client_error("batch_execute_statement", "ValidationException")
    stubber.add_response("batch_execute_statement", {"Responses": [{}]}, {"Statements": ANY})
    stubber.add_response("batch_execute_statement", refused, {"Statements": ANY})

    answers = insert(table, "good", "bad")

    assert answers == [InsertAnswer.INSERTED, InsertAnswer.INVALID]


def test_rows_that_are_asked_one_by_one_wait_once_the_table_is_busy(
    table: DynamoDbTransactionTable, client: Any, stubber: Stubber
) -> None:
    sizes: list[int] = []
    client.meta.events.register(
        "provide-client-params.dynamodb.BatchExecuteStatement",
        lambda params, **_: sizes.append(len(params["Statements"])),
    )
    stubber.add_client_error("batch_execute_statement", "ValidationException")
    stubber.add_response("batch_execute_statement", {"Responses": [{}]}, {"Statements": ANY})
    stubber.add_client_error("batch_execute_statement", "ThrottlingException")

    answers = insert(table, "A", "B", "C", "D")

    assert answers == [InsertAnswer.INSERTED] + [InsertAnswer.TRY_AGAIN] * 3
    assert sizes == [4, 1, 1]


def test_a_request_that_is_refused_for_one_row_alone_fails_the_file_and_rejects_nothing(
    table: DynamoDbTransactionTable, stubber: Stubber
) -> None:
    stubber.add_client_error("batch_execute_statement", "ValidationException")
    stubber.add_client_error("batch_execute_statement", "ValidationException")

    with pytest.raises(ServiceRefused, match="ValidationException"):
        insert(table, "A", "B")


def test_a_lost_reply_means_unknown_for_every_row(client: Any) -> None:
    def lose(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    client.meta.events.register("before-send.dynamodb.BatchExecuteStatement", lose)

    answers = insert(DynamoDbTransactionTable(client, SdkStatements(client), "metadata"), "A", "B")

    assert answers == [InsertAnswer.TRY_AGAIN] * 2


def test_find_reads_a_batch_consistently(dynamodb: Any) -> None:
    table = DynamoDbTransactionTable(dynamodb, SdkStatements(dynamodb), "TransactionMetadataTable")
    rows = [a_row(f"T{number}", number) for number in range(1, 26)]
    for row in rows:
        dynamodb.put_item(
            TableName="TransactionMetadataTable",
            Item={
                "transactionId": {"S": row.transaction.transaction_id},
                "timestamp": {"N": str(row.transaction.timestamp_ms)},
                "fingerprint": {"S": row.fingerprint},
                "bucket": {"S": "b"},
                "key": {"S": "k"},
                "versionId": {"S": "v"},
                "recordNumber": {"N": str(row.record_number)},
            },
        )
    calls: list[dict[str, Any]] = []
    dynamodb.meta.events.register(
        "provide-client-params.dynamodb.BatchGetItem", lambda params, **_: calls.append(params)
    )

    found = table.find([row.transaction.identity for row in rows])

    assert len(found) == 25
    assert found[rows[24].transaction.identity].record_number == 25
    (request,) = [call["RequestItems"]["TransactionMetadataTable"] for call in calls]
    assert request["ConsistentRead"] is True


def test_keys_left_unprocessed_are_absent(
    table: DynamoDbTransactionTable, stubber: Stubber
) -> None:
    row = a_row("A")
    stubber.add_response(
        "batch_get_item",
        {"Responses": {}, "UnprocessedKeys": {"metadata": {"Keys": [{"k": {"S": "A"}}]}}},
        {"RequestItems": ANY},
    )

    assert table.find([row.transaction.identity]) == {}
