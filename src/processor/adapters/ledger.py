"""FileLedgerTable behind the pipeline's port: one item a file, one item a part of it."""

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

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FILE_ENTRY: Final = "FILE"
PART_PREFIX: Final = "PART#"
_ABSENT: Final = "attribute_not_exists(fileId)"


class DynamoDbFileLedger:
    """FileLedgerTable; key `fileId` and `entry`, which is FILE or PART#00001.

    Args:
        client: A DynamoDB client.
        table_name: The table's name.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def register(self, entry: FileEntry) -> bool:
        """See FileLedger.

        After a lost reply the call finds its own entry and answers False: that is the safe side,
        since the caller then takes an earlier attempt for possible.
        """
        item = _item(entry.object_version.file_id, FILE_ENTRY, entry_to_document(entry))
        with translated_errors("PutItem"):
            try:
                self._client.put_item(
                    TableName=self._table_name, Item=item, ConditionExpression=_ABSENT
                )
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

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

    def record_part(self, file_id: str, result: PartResult) -> bool:
        """See FileLedger. Part and count together, or neither.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
        """
        part = _item(file_id, f"{PART_PREFIX}{result.part_number:05}", result_to_document(result))
        names, values, counters = _counters(result)
        with translated_errors("TransactWriteItems"):
            try:
                self._client.transact_write_items(
                    TransactItems=[
                        {
                            "Put": {
                                "TableName": self._table_name,
                                "Item": part,
                                "ConditionExpression": _ABSENT,
                            }
                        },
                        {
                            "Update": {
                                "TableName": self._table_name,
                                "Key": {"fileId": {"S": file_id}, "entry": {"S": FILE_ENTRY}},
                                "UpdateExpression": f"ADD {counters}",
                                "ConditionExpression": "attribute_exists(fileId)",
                                "ExpressionAttributeNames": names,
                                "ExpressionAttributeValues": values,
                            }
                        },
                    ]
                )
            except ClientError as error:
                reasons = [
                    reason.get("Code") for reason in error.response.get("CancellationReasons", [])
                ]
                if reasons and reasons[0] == "ConditionalCheckFailed":
                    return False
                if any(
                    reason not in (None, "None", "ConditionalCheckFailed") for reason in reasons
                ):
                    raise ServiceUnavailable(f"TransactWriteItems: {reasons}") from error
                raise
        return True


def _counters(result: PartResult) -> tuple[dict[str, str], dict[str, Any], str]:
    """What a part adds to its file's entry."""
    counts = {"partsDone": 1, "read": result.totals.read}
    counts |= {outcome.value: count for outcome, count in result.totals.outcomes.items()}
    names = {f"#{name}": name for name in counts}
    values = {f":{name}": {"N": str(count)} for name, count in counts.items()}
    return names, values, ", ".join(f"#{name} :{name}" for name in counts)


def _item(file_id: str, entry: str, document: dict[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    whole = {"fileId": file_id, "entry": entry, **document}
    return {name: serialize(value) for name, value in whole.items()}


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
