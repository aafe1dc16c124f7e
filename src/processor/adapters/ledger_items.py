"""Items of FileLedgerTable: their keys, and documents as DynamoDB's typed values."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

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


def serialize(value: Any) -> dict[str, Any]:
    """A plain value as DynamoDB's typed one: texts, whole numbers, truth, nothing, and what is made
    of them.

    Raises:
        TypeError: It is none of these. A fraction is none: the ledger keeps minor units.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
    """
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case None:
            return {"NULL": True}
        case list() | tuple():
            return {"L": [serialize(member) for member in value]}
        case dict():
            return {"M": {name: serialize(member) for name, member in value.items()}}
    raise TypeError(f"the ledger keeps no {type(value).__name__}")


def document(stored: dict[str, Any]) -> dict[str, Any]:
    """The inverse of `item`, its key among the members."""
    return {name: _plain(typed) for name, typed in stored.items()}


def _plain(typed: dict[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    match kind:
        case "N":
            return int(value)
        case "M":
            return document(value)
        case "L":
            return [_plain(member) for member in value]
        case "NULL":
            return None
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
