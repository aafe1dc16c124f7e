"""What a DynamoDB client must do with several items at once; see dynamodb_contract."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulation.contract.answers import refusal
from tests.simulation.contract.dynamodb_contract import INVALID
from tests.support.contracts import unique

ENTRIES = ["FILE", "PART#00001", "PART#00002", "PART#00002.002", "PLAN#00001"]


def key_of(file_id: str, entry: str) -> dict[str, Any]:
    return {"fileId": {"S": file_id}, "entry": {"S": entry}}


@pytest.fixture
def file_id(client: Any, table: str) -> str:
    """A file with entries, written in no order."""
    name = unique()
    for entry in sorted(ENTRIES, key=lambda text: text[::-1]):
        client.put_item(TableName=table, Item={**key_of(name, entry), "n": {"N": "1"}})
    return name


class QueriesContract:
    """Query, Scan and BatchGetItem."""

    @pytest.fixture
    def entries_of(self, table: str, file_id: str) -> Any:
        """Asks for a file's entries; a bound is :a, the next :b."""

        def query(client: Any, condition: str, bounds: list[str]) -> list[str]:
            values = {":id": file_id, **dict(zip((":a", ":b"), bounds, strict=False))}
            items = client.query(
                TableName=table,
                KeyConditionExpression=condition,
                ExpressionAttributeValues={name: {"S": text} for name, text in values.items()},
                ConsistentRead=True,
            )["Items"]
            return [item["entry"]["S"] for item in items]

        return query

    @pytest.mark.parametrize(
        ("condition", "bounds", "found"),
        [
            ("fileId = :id", [], ENTRIES),
            ("fileId = :id AND entry = :a", ["FILE"], ENTRIES[:1]),
            ("fileId = :id AND begins_with(entry, :a)", ["PART#"], ENTRIES[1:4]),
            (
                "fileId = :id AND entry BETWEEN :a AND :b",
                ["PART#00001", "PART#00002"],
                ENTRIES[1:3],
            ),
            ("fileId = :id AND entry > :a", ["PART#00002"], ENTRIES[3:]),
            ("fileId = :id AND entry <= :a", ["PART#00001"], ENTRIES[:2]),
        ],
    )
    def test_a_partition_is_queried(
        self, client: Any, entries_of: Any, condition: str, bounds: list[str], found: list[str]
    ) -> None:
        assert entries_of(client, condition, bounds) == found

    @pytest.mark.parametrize("forward", [True, False])
    def test_pages_together_are_the_whole(
        self, client: Any, table: str, file_id: str, forward: bool
    ) -> None:
        pages = client.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="fileId = :id",
            ExpressionAttributeValues={":id": {"S": file_id}},
            ScanIndexForward=forward,
            PaginationConfig={"PageSize": 2},
        )

        sizes = []
        entries = []
        for page in pages:
            sizes.append(page["Count"])
            entries += [item["entry"]["S"] for item in page["Items"]]

        assert entries == (ENTRIES if forward else ENTRIES[::-1])
        assert sizes == [2, 2, 1]

    def test_a_filter_is_asked_after_the_page_is_read(
        self, client: Any, table: str, file_id: str
    ) -> None:
        page = client.query(
            TableName=table,
            KeyConditionExpression="fileId = :id",
            FilterExpression="n > :n",
            ExpressionAttributeValues={":id": {"S": file_id}, ":n": {"N": "1"}},
            Limit=2,
        )

        assert (page["Items"], page["ScannedCount"]) == ([], 2)
        assert page["LastEvaluatedKey"] == key_of(file_id, ENTRIES[1])

    @pytest.mark.parametrize("condition", ["entry = :id", "fileId > :id"])
    def test_a_query_without_its_partition_is_refused(
        self, client: Any, table: str, condition: str
    ) -> None:
        refused = refusal(
            client.query,
            TableName=table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues={":id": {"S": "x"}},
        )

        assert refused == INVALID

    def test_a_batch_gets_what_is_there(self, client: Any, table: str, file_id: str) -> None:
        keys = [key_of(file_id, entry) for entry in ("FILE", "PLAN#00001", "ABSENT")]

        answer = client.batch_get_item(
            RequestItems={
                table: {
                    "Keys": keys,
                    "ProjectionExpression": "#entry",
                    "ExpressionAttributeNames": {"#entry": "entry"},
                }
            }
        )

        found = sorted(item["entry"]["S"] for item in answer["Responses"][table])
        assert found == ["FILE", "PLAN#00001"]
        assert all(item.keys() == {"entry"} for item in answer["Responses"][table])
        assert answer["UnprocessedKeys"] == {}

    def test_a_batch_with_one_key_twice_is_refused(self, client: Any, table: str) -> None:
        keys = [key_of("x", "FILE")] * 2

        assert refusal(client.batch_get_item, RequestItems={table: {"Keys": keys}}) == INVALID

    def test_a_scan_finds_what_its_filter_wants(
        self, client: Any, table: str, file_id: str
    ) -> None:
        pages = client.get_paginator("scan").paginate(
            TableName=table,
            FilterExpression="fileId = :id",
            ExpressionAttributeValues={":id": {"S": file_id}},
        )

        found = [item["entry"]["S"] for page in pages for item in page["Items"]]

        assert sorted(found) == ENTRIES


class TransactionsContract:
    """TransactWriteItems."""

    def operations(self, table: str, file_id: str) -> list[dict[str, Any]]:
        """A part's result, put once, and its count, in a file that must be there."""
        return [
            {
                "Put": {
                    "TableName": table,
                    "Item": key_of(file_id, "PART#00001"),
                    "ConditionExpression": "attribute_not_exists(fileId)",
                }
            },
            {
                "Update": {
                    "TableName": table,
                    "Key": key_of(file_id, "FILE"),
                    "UpdateExpression": "ADD partsDone :one",
                    "ConditionExpression": "attribute_exists(fileId)",
                    "ExpressionAttributeValues": {":one": {"N": "1"}},
                }
            },
        ]

    def parts_done(self, client: Any, table: str, file_id: str) -> str:
        item = client.get_item(TableName=table, Key=key_of(file_id, "FILE"))["Item"]
        count: str = item["partsDone"]["N"]
        return count

    def test_all_writes_happen_once(self, client: Any, table: str) -> None:
        file_id = unique()
        client.put_item(TableName=table, Item=key_of(file_id, "FILE"))
        operations = self.operations(table, file_id)
        client.transact_write_items(TransactItems=operations)

        with pytest.raises(ClientError) as caught:
            client.transact_write_items(TransactItems=operations)

        response: Any = caught.value.response
        assert response["Error"]["Code"] == "TransactionCanceledException"
        codes = [reason["Code"] for reason in response["CancellationReasons"]]
        assert codes == ["ConditionalCheckFailed", "None"]
        assert self.parts_done(client, table, file_id) == "1"

    def test_one_refusal_undoes_all(self, client: Any, table: str) -> None:
        file_id = unique()

        with pytest.raises(ClientError) as caught:
            client.transact_write_items(TransactItems=self.operations(table, file_id))

        response: Any = caught.value.response
        codes = [reason["Code"] for reason in response["CancellationReasons"]]
        assert codes == ["None", "ConditionalCheckFailed"]
        part = client.get_item(TableName=table, Key=key_of(file_id, "PART#00001"))
        assert "Item" not in part

    def test_a_check_writes_nothing(self, client: Any, table: str) -> None:
        file_id = unique()
        check = {
            "ConditionCheck": {
                "TableName": table,
                "Key": key_of(file_id, "ABSENT"),
                "ConditionExpression": "attribute_not_exists(fileId)",
            }
        }
        put = {"Put": {"TableName": table, "Item": key_of(file_id, "FILE")}}

        client.transact_write_items(TransactItems=[check, put])

        assert "Item" not in client.get_item(TableName=table, Key=key_of(file_id, "ABSENT"))
        assert "Item" in client.get_item(TableName=table, Key=key_of(file_id, "FILE"))

    def test_two_operations_on_one_item_are_refused(self, client: Any, table: str) -> None:
        put = {"Put": {"TableName": table, "Item": key_of(unique(), "FILE")}}

        assert refusal(client.transact_write_items, TransactItems=[put, put]) == INVALID


class TokensContract(TransactionsContract):
    """ClientRequestToken, which moto does not keep."""

    def test_a_token_makes_one_transaction_of_two(self, client: Any, table: str) -> None:
        file_id, token = unique(), unique()[:36]
        client.put_item(TableName=table, Item=key_of(file_id, "FILE"))
        operations = self.operations(table, file_id)

        for _ in range(2):
            client.transact_write_items(TransactItems=operations, ClientRequestToken=token)

        assert self.parts_done(client, table, file_id) == "1"

    def test_a_token_stands_for_one_request(self, client: Any, table: str) -> None:
        file_id, token = unique(), unique()[:36]
        client.put_item(TableName=table, Item=key_of(file_id, "FILE"))
        operations = self.operations(table, file_id)
        client.transact_write_items(TransactItems=operations, ClientRequestToken=token)

        refused = refusal(
            client.transact_write_items, TransactItems=operations[:1], ClientRequestToken=token
        )

        assert refused == ("IdempotentParameterMismatchException", 400)


class StatementsContract:
    """BatchExecuteStatement of INSERT, whose parameters moto cannot read."""

    def insert(self, client: Any, table: str, *items: dict[str, Any]) -> list[str | None]:
        statements = []
        for item in items:
            members = ", ".join(f"'{name}': ?" for name in item)
            statement = f'INSERT INTO "{table}" VALUE {{{members}}}'
            statements.append({"Statement": statement, "Parameters": list(item.values())})
        answer = client.batch_execute_statement(Statements=statements)
        return [response.get("Error", {}).get("Code") for response in answer["Responses"]]

    def test_each_statement_has_its_own_answer(self, client: Any, table: str) -> None:
        taken, free = key_of(unique(), "FILE"), key_of(unique(), "FILE")
        client.put_item(TableName=table, Item={**taken, "n": {"N": "1"}})

        codes = self.insert(client, table, {**taken, "n": {"N": "2"}}, {**free, "n": {"N": "2"}})

        assert codes == ["DuplicateItem", None]
        assert client.get_item(TableName=table, Key=taken)["Item"]["n"] == {"N": "1"}
        assert client.get_item(TableName=table, Key=free)["Item"]["n"] == {"N": "2"}

    def test_a_number_is_kept_by_its_value(self, client: Any, table: str) -> None:
        key = key_of(unique(), "FILE")

        self.insert(client, table, {**key, "n": {"N": "2.0"}})

        assert client.get_item(TableName=table, Key=key)["Item"]["n"] == {"N": "2"}

    def test_more_than_25_statements_are_refused(self, client: Any, table: str) -> None:
        items = [key_of(unique(), "FILE") for _ in range(26)]

        with pytest.raises(ClientError, match="ValidationException"):
            self.insert(client, table, *items)

        assert "Item" not in client.get_item(TableName=table, Key=items[0])
