"""Transactions by their id: what is stored, and the record of which file it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.types import TypeDeserializer

from processor.adapters.aws import translated_errors
from processor.domain.file import ObjectVersion
from processor.domain.money import format_amount, parse_amount

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """An item of TransactionMetadataTable.

    Args:
        timestamp: The transaction's own time. UTC, with milliseconds.
        amount: As the item holds it, exact.
        currency: ISO 4217.
        processed_at: When it was recorded. UTC.
        version: The file that it came from.
        record_number: Its number in that file.
        attributes: All that the item holds, as texts and maps of texts.
    """

    timestamp: str
    amount: str
    currency: str
    processed_at: str
    version: ObjectVersion
    record_number: int
    attributes: Mapping[str, Any]


class Transactions:
    """TransactionMetadataTable, read only.

    Args:
        client: A DynamoDB client.
        table_name: The table's name.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def with_id(self, transaction_id: str) -> Sequence[Found]:
        """What is stored under an id, by the transactions' own times; strongly consistent.

        Raises:
            ServiceUnavailable, ServiceRefused: It cannot be read now, or may not.
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="transactionId = :id",
            ExpressionAttributeValues={":id": {"S": transaction_id}},
            ConsistentRead=True,
        )
        with translated_errors("Query"):
            return [_found(item) for page in pages for item in page["Items"]]


def _found(item: Mapping[str, Any]) -> Found:
    deserialize = TypeDeserializer().deserialize
    plain = {name: deserialize(value) for name, value in item.items()}
    at = _EPOCH + timedelta(milliseconds=int(plain["timestamp"]))
    return Found(
        at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        _amount(plain["amount"], plain["currency"]),
        plain["currency"],
        plain["processedAt"],
        ObjectVersion(plain["bucket"], plain["key"], plain["versionId"]),
        int(plain["recordNumber"]),
        {name: _text(value) for name, value in sorted(plain.items())},
    )


def _amount(amount: Decimal, currency: str) -> str:
    """With all digits of its currency: DynamoDB keeps no zeros at the end of a number."""
    text = f"{amount:f}"
    minor = parse_amount(text, currency)
    return format_amount(minor, currency) if isinstance(minor, int) else text


def _text(value: Any) -> Any:
    return {n: _text(v) for n, v in value.items()} if isinstance(value, dict) else str(value)
