"""FileLedgerTable behind the pipeline's port: one item a file, one item a part of it."""

import json
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from processor.adapters.aws import error_code, translated_errors
from processor.domain.ledger import (
    entry_from_document,
    entry_to_document,
    result_from_document,
    result_to_document,
)
from processor.domain.receipt import FileEntry, PartResult
from processor.errors import ServiceRefused, ServiceUnavailable
from processor.ports import RecordAnswer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FILE_ENTRY: Final = "FILE"
PART_PREFIX: Final = "PART#"
KEY_PREFIX: Final = "tokenization-key#"
"""No file's id begins so: those are hexadecimal."""

KEY_ENTRY: Final = "KEY"
_CONDITION_FAILED: Final = "ConditionalCheckFailed"
_TRY_AGAIN: Final = {"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"}
"""Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html"""


class DynamoDbFileLedger:
    """FileLedgerTable; key `fileId` and `entry`, which is FILE or PART#00001 (KEY beside files).

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
        document = entry_to_document(entry)
        del document["deliveries"]
        # Absent, not null: of a file that is gone now, another delivery may have known the facts.
        kept = {name: value for name, value in document.items() if value is not None}
        names = {f"#{name}": name for name in (*kept, "deliveries")}
        values = {f":{name}": _serialize(value) for name, value in kept.items()}
        assignments = ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in kept)
        file_id = entry.object_version.file_id
        with translated_errors("UpdateItem"):
            try:
                answer = self._client.update_item(
                    TableName=self._table_name,
                    Key={"fileId": {"S": file_id}, "entry": {"S": FILE_ENTRY}},
                    UpdateExpression=f"SET {assignments} ADD #deliveries :one",
                    ConditionExpression="attribute_not_exists(fileId) OR #partsDone < #partsTotal",
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues={**values, ":one": {"N": "1"}},
                    ReturnValues="ALL_NEW",
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                return self.load(file_id)[0]
        return entry_from_document(_document(answer["Attributes"]))

    def pin_key(self, key_id: str, check_value: str) -> str:
        """See FileLedger. One item a key, beside those of the files."""
        with translated_errors("UpdateItem"):
            answer = self._client.update_item(
                TableName=self._table_name,
                Key={"fileId": {"S": f"{KEY_PREFIX}{key_id}"}, "entry": {"S": KEY_ENTRY}},
                UpdateExpression="SET checkValue = if_not_exists(checkValue, :checkValue)",
                ExpressionAttributeValues={":checkValue": {"S": check_value}},
                ReturnValues="ALL_NEW",
            )
        return answer["Attributes"]["checkValue"]["S"]

    def load(self, file_id: str) -> tuple[FileEntry, list[PartResult]]:
        """See FileLedger."""
        entry = None
        parts = []
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="fileId = :fileId",
            ExpressionAttributeValues={":fileId": {"S": file_id}},
            ConsistentRead=True,
        )
        with translated_errors("Query"):
            for page in pages:
                for item in page["Items"]:
                    document = _document(item)
                    if document["entry"] == FILE_ENTRY:
                        entry = entry_from_document(document)
                    else:
                        parts.append(result_from_document(document))
        if entry is None:
            raise ServiceRefused(f"Query: file {file_id} is not registered")
        return entry, parts

    def record_part(
        self, file_id: str, result: PartResult, sole_deliveries: int | None = None
    ) -> RecordAnswer:
        """See FileLedger. Part and count together, or neither.

        The token makes the SDK's and the pipeline's own retries of one result one transaction.
        Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
        """
        part = _item(file_id, f"{PART_PREFIX}{result.part_number:05}", result_to_document(result))
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
        """The update that counts a part for its file."""
        counts = {"partsDone": 1, "read": result.totals.read}
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
            "Key": {"fileId": {"S": file_id}, "entry": {"S": FILE_ENTRY}},
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
    if put == _CONDITION_FAILED:
        return RecordAnswer.RECORDED_BEFORE
    if update == _CONDITION_FAILED and sole_deliveries is not None:
        return RecordAnswer.DELIVERED_AGAIN
    if {put, update} & _TRY_AGAIN:
        raise ServiceUnavailable(f"TransactWriteItems: {put}, {update}") from error
    return None


def _item(file_id: str, entry: str, document: dict[str, Any]) -> dict[str, Any]:
    whole = {"fileId": file_id, "entry": entry, **document}
    return {name: _serialize(value) for name, value in whole.items()}


def _serialize(value: Any) -> Any:
    return TypeSerializer().serialize(value)


def _document(item: dict[str, Any]) -> dict[str, Any]:
    deserialize = TypeDeserializer().deserialize
    return {name: _plain(deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    """Decimals as the whole numbers they are: everything the ledger counts is whole."""
    match value:
        case Decimal():
            return int(value)
        case dict():
            return {name: _plain(member) for name, member in value.items()}
        case list():
            return [_plain(member) for member in value]
        case _:
            return value
