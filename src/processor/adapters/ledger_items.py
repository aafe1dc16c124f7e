"""Items of FileLedgerTable: their keys, and documents as DynamoDB's typed values."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from processor.adapters.aws import translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FILE_ENTRY: Final = "FILE"
PART_PREFIX: Final = "PART#"
PLAN_PREFIX: Final = "PLAN#"
KEY_PREFIX: Final = "tokenization-key#"
"""No file's id begins so: those are hexadecimal."""

KEY_ENTRY: Final = "KEY"
CONDITION_FAILED: Final = "ConditionalCheckFailed"
TRY_AGAIN: Final = frozenset(
    {
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)
"""Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html"""


def part_entry(part_number: int, segment: int) -> str:
    """The sort key of a result. They sort in the order of the file: "#" < "." < "0"."""
    return f"{PART_PREFIX}{part_number:05}" + (f".{segment:03}" if segment > 1 else "")


def plan_entry(part_number: int) -> str:
    """The sort key of a planned part."""
    return f"{PLAN_PREFIX}{part_number:05}"


def item_key(file_id: str, entry: str) -> dict[str, Any]:
    """The key of an item."""
    return {"fileId": {"S": file_id}, "entry": {"S": entry}}


def item(file_id: str, entry: str, document: dict[str, Any]) -> dict[str, Any]:
    """A whole item."""
    return item_key(file_id, entry) | {name: serialize(value) for name, value in document.items()}


def serialize(value: Any) -> Any:
    """A plain value as DynamoDB's typed one."""
    return TypeSerializer().serialize(value)


def document(stored: dict[str, Any]) -> dict[str, Any]:
    """The inverse of `item`, its key among the members."""
    deserialize = TypeDeserializer().deserialize
    return {name: _plain(deserialize(value)) for name, value in stored.items()}


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


def query(
    client: "DynamoDBClient", table_name: str, file_id: str, first: str, last: str
) -> Iterator[dict[str, Any]]:
    """The documents of a file whose sort keys lie between two, in order, strongly consistent."""
    pages = client.get_paginator("query").paginate(
        TableName=table_name,
        KeyConditionExpression="fileId = :fileId AND entry BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":fileId": {"S": file_id},
            ":first": {"S": first},
            ":last": {"S": last},
        },
        ConsistentRead=True,
    )
    with translated_errors("Query"):
        for page in pages:
            for stored in page["Items"]:
                yield document(stored)
