"""The plans of large files, in FileLedgerTable: one item a planned part."""

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from processor.adapters.aws import error_code, translated_errors
from processor.adapters.ledger_items import (
    CONDITION_FAILED,
    FILE_ENTRY,
    PLAN_PREFIX,
    TRY_AGAIN,
    item,
    item_key,
    plan_entry,
    query,
)
from processor.domain.entries import NOT_PLANNED, PARTS_MAX, PlannedPart
from processor.domain.ledger import planned_from_document, planned_to_document
from processor.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NOT_THERE: Final = "ConditionalCheckFailedException"


class DynamoDbPlanLedger:
    """See PlanLedger. Sort keys PLAN#00001 and so on, beside the file's other items.

    Args:
        client: A DynamoDB client.
        table_name: The name of FileLedgerTable.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def plan(self, file_id: str) -> list[PlannedPart]:
        """See PlanLedger."""
        last = plan_entry(PARTS_MAX)
        found = query(self._client, self._table_name, file_id, PLAN_PREFIX, last)
        return [planned_from_document(one) for one in found]

    def add(self, file_id: str, part: PlannedPart) -> PlannedPart:
        """See PlanLedger. A conditional put; whoever comes later reads what is there."""
        entry = plan_entry(part.part_number)
        with translated_errors("PutItem"):
            try:
                self._client.put_item(
                    TableName=self._table_name,
                    Item=item(file_id, entry, planned_to_document(part)),
                    ConditionExpression="attribute_not_exists(fileId)",
                )
            except ClientError as error:
                if error_code(error) != _NOT_THERE:
                    raise
                (there,) = query(self._client, self._table_name, file_id, entry, entry)
                return planned_from_document(there)
        return part

    def close(self, file_id: str, parts_total: int) -> int:
        """See PlanLedger."""
        with translated_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table_name,
                    Key=item_key(file_id, FILE_ENTRY),
                    UpdateExpression="SET partsTotal = :total",
                    ConditionExpression="partsTotal = :open",
                    ExpressionAttributeValues={
                        ":total": {"N": str(parts_total)},
                        ":open": {"N": str(NOT_PLANNED)},
                    },
                )
            except ClientError as error:
                if error_code(error) != _NOT_THERE:
                    raise
                (there,) = query(self._client, self._table_name, file_id, FILE_ENTRY, FILE_ENTRY)
                total: int = there["partsTotal"]
                return total
        return parts_total

    def count(self, file_id: str, part_number: int, record_count: int) -> None:
        """See PlanLedger. The part's count and the file's counter together, or neither."""
        keep: Any = {
            "TableName": self._table_name,
            "Key": item_key(file_id, plan_entry(part_number)),
            "UpdateExpression": "SET records = :records",
            "ConditionExpression": "attribute_exists(fileId) AND attribute_not_exists(records)",
            "ExpressionAttributeValues": {":records": {"N": str(record_count)}},
        }
        add: Any = {
            "TableName": self._table_name,
            "Key": item_key(file_id, FILE_ENTRY),
            "UpdateExpression": "ADD partsCounted :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        with translated_errors("TransactWriteItems"):
            try:
                self._client.transact_write_items(TransactItems=[{"Update": keep}, {"Update": add}])
            except ClientError as error:
                reasons = error.response.get("CancellationReasons") or []
                codes = {reason.get("Code") for reason in reasons}
                if CONDITION_FAILED in codes:
                    return
                if codes & TRY_AGAIN:
                    raise ServiceUnavailable("TransactWriteItems: busy") from error
                raise
