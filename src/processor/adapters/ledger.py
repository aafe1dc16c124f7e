"""FileLedgerTable behind the pipeline's port: one item a file, one item a result of its parts."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from processor.adapters.aws import error_code, translated_errors
from processor.adapters.ledger_items import (
    CONDITION_FAILED,
    FILE_ENTRY,
    KEY_ENTRY,
    KEY_PREFIX,
    TRY_AGAIN,
    document,
    item,
    item_key,
    part_entry,
    query,
    serialize,
)
from processor.domain.entries import NOT_PLANNED, PARTS_MAX, FileEntry, PartResult
from processor.domain.ledger import (
    entry_from_document,
    entry_to_document,
    result_from_document,
    result_to_document,
)
from processor.errors import ServiceRefused, ServiceUnavailable
from processor.ledger_ports import RecordAnswer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READ_ITEMS_MAX: Final = 100
"""Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""


class DynamoDbFileLedger:
    """FileLedgerTable; key `fileId` and `entry`, which is FILE or PART#00001 or, of its second
    segment, PART#00001.002 (PLAN#00001 in plans.py, KEY beside files).

    Args:
        client: A DynamoDB client.
        table_name: The table's name.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def register(self, entry: FileEntry) -> FileEntry:
        """See FileLedger. One update: what is there stays, what is absent is set.

        A finished file's entry is closed: its receipt was built from it, and could be built again.
        """
        facts = entry_to_document(entry)
        del facts["deliveries"]
        # Absent, not null: of a file that is gone now, another delivery may have known the facts.
        kept = {name: value for name, value in facts.items() if value is not None}
        names = {f"#{name}": name for name in (*kept, "deliveries")}
        values = {f":{name}": serialize(value) for name, value in kept.items()}
        values |= {":one": {"N": "1"}, ":open": {"N": str(NOT_PLANNED)}}
        assignments = ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in kept)
        file_id = entry.object_version.file_id
        with translated_errors("UpdateItem"):
            try:
                answer = self._client.update_item(
                    TableName=self._table_name,
                    Key=item_key(file_id, FILE_ENTRY),
                    UpdateExpression=f"SET {assignments} ADD #deliveries :one",
                    ConditionExpression="attribute_not_exists(fileId) OR #partsTotal = :open "
                    "OR #partsDone < #partsTotal",
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                return self.load(file_id)[0]
        return entry_from_document(document(answer["Attributes"]))

    def pin_key(self, key_id: str, check_value: str) -> str:
        """See FileLedger. One item a key, beside those of the files."""
        with translated_errors("UpdateItem"):
            answer = self._client.update_item(
                TableName=self._table_name,
                Key=item_key(f"{KEY_PREFIX}{key_id}", KEY_ENTRY),
                UpdateExpression="SET checkValue = if_not_exists(checkValue, :checkValue)",
                ExpressionAttributeValues={":checkValue": {"S": check_value}},
                ReturnValues="ALL_NEW",
            )
        return answer["Attributes"]["checkValue"]["S"]

    def entry(self, file_id: str) -> FileEntry | None:
        """See FileLedger."""
        found = query(self._client, self._table_name, file_id, FILE_ENTRY, FILE_ENTRY)
        return next((entry_from_document(one) for one in found), None)

    def entries(self, file_ids: Sequence[str]) -> Mapping[str, FileEntry]:
        """See FileLedger. What DynamoDB leaves unprocessed is asked for again."""
        entries: dict[str, FileEntry] = {}
        pending: list[Any] = [item_key(file_id, FILE_ENTRY) for file_id in file_ids]
        while pending:
            asked, pending = pending[:_READ_ITEMS_MAX], pending[_READ_ITEMS_MAX:]
            with translated_errors("BatchGetItem"):
                answer = self._client.batch_get_item(
                    RequestItems={self._table_name: {"Keys": asked, "ConsistentRead": True}}
                )
            found = answer["Responses"].get(self._table_name, [])
            entries |= {one["fileId"]: entry_from_document(one) for one in map(document, found)}
            unread: Any = answer.get("UnprocessedKeys", {}).get(self._table_name, {})
            left = unread.get("Keys", [])
            if left and not found:
                raise ServiceUnavailable("BatchGetItem: no key was processed")
            pending += left
        return entries

    def part(self, file_id: str, part_number: int, segment: int) -> PartResult | None:
        """See FileLedger."""
        entry = part_entry(part_number, segment)
        found = query(self._client, self._table_name, file_id, entry, entry)
        return next((result_from_document(one) for one in found), None)

    def load(self, file_id: str) -> tuple[FileEntry, list[PartResult]]:
        """See FileLedger. The entry is read first: results only ever come to be added."""
        last = part_entry(PARTS_MAX + 1, 1)
        found = query(self._client, self._table_name, file_id, FILE_ENTRY, last)
        first = next(found, None)
        if first is None or first["entry"] != FILE_ENTRY:
            raise ServiceRefused(f"Query: file {file_id} is not registered")
        return entry_from_document(first), [result_from_document(one) for one in found]

    def mark_receipt(self, file_id: str) -> None:
        """See FileLedger."""
        with translated_errors("UpdateItem"):
            self._client.update_item(
                TableName=self._table_name,
                Key=item_key(file_id, FILE_ENTRY),
                UpdateExpression="SET hasReceipt = :true",
                ConditionExpression="attribute_exists(fileId)",
                ExpressionAttributeValues={":true": {"BOOL": True}},
            )

    def record_part(
        self, file_id: str, result: PartResult, sole_deliveries: int | None = None
    ) -> RecordAnswer:
        """See FileLedger. Part and count together, or neither.

        The token makes the SDK's and the pipeline's own retries of one result one transaction.
        Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
        """
        entry = part_entry(result.part_number, result.segment)
        part = item(file_id, entry, result_to_document(result))
        put: Any = {
            "TableName": self._table_name,
            "Item": part,
            "ConditionExpression": "attribute_not_exists(fileId)",
        }
        count = self._count(file_id, result, sole_deliveries)
        token = str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([part, count], sort_keys=True)))
        with translated_errors("TransactWriteItems"):
            try:
                self._client.transact_write_items(
                    TransactItems=[{"Put": put}, {"Update": count}], ClientRequestToken=token
                )
            except ClientError as error:
                answer = _refusal(error, sole_deliveries)
                if answer is None:
                    raise
                return answer
        return RecordAnswer.RECORDED

    def _count(self, file_id: str, result: PartResult, sole_deliveries: int | None) -> Any:
        """The update that counts a result for its file, and a part with its last one."""
        is_last = result.remainder is None
        counts = {"results": 1, "partsDone": int(is_last), "read": result.totals.read}
        counts |= {outcome.value: count for outcome, count in result.totals.outcomes.items()}
        names = {f"#{name}": name for name in counts}
        values = {f":{name}": {"N": str(count)} for name, count in counts.items()}
        condition = "attribute_exists(fileId)"
        if sole_deliveries is not None:
            condition = "#deliveries = :deliveries"
            names["#deliveries"] = "deliveries"
            values[":deliveries"] = {"N": str(sole_deliveries)}
        return {
            "TableName": self._table_name,
            "Key": item_key(file_id, FILE_ENTRY),
            "UpdateExpression": "ADD " + ", ".join(f"#{name} :{name}" for name in counts),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }


def _refusal(error: ClientError, sole_deliveries: int | None) -> RecordAnswer | None:
    """What a cancelled transaction means; None if it is no answer but an error.

    Raises:
        ServiceUnavailable: Another transaction was under way, or DynamoDB was throttled.
    """
    reasons = error.response.get("CancellationReasons") or [{}, {}]
    put, update = (reason.get("Code") for reason in reasons)
    if put == CONDITION_FAILED:
        return RecordAnswer.RECORDED_BEFORE
    if update == CONDITION_FAILED and sole_deliveries is not None:
        return RecordAnswer.DELIVERED_AGAIN
    if {put, update} & TRY_AGAIN:
        raise ServiceUnavailable(f"TransactWriteItems: {put}, {update}") from error
    return None
