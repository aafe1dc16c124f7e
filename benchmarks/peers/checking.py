"""What a tutorial checks by hand before it stores a row, the same for every peer."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from benchmarks.measured import File

type Item = dict[str, Any]


def items_of(text: str, file: File) -> Iterator[Item]:
    """The rows of a CSV that can be stored, as items; the others are left out."""
    processed_at = datetime.now(UTC).isoformat()
    for number, row in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=1):
        item = checked(row)
        if item is None:
            continue
        yield item | {
            "status": "processed",
            "processedAt": processed_at,
            "bucket": file["bucket"],
            "key": file["key"],
            "versionId": file["version_id"],
            "recordNumber": number,
        }


def checked(row: dict[str, str]) -> Item | None:
    """A row as an item: the required fields are there and can be read; None if not."""
    if not (row["transaction_id"] and row["timestamp"] and row["amount"] and row["currency"]):
        return None
    try:
        amount = Decimal(row["amount"])
        moment = datetime.fromisoformat(row["timestamp"])
    except (InvalidOperation, ValueError):
        return None
    if len(row["currency"]) != 3 or not row["currency"].isupper() or moment.tzinfo is None:
        return None
    item: Item = {
        "transactionId": row["transaction_id"],
        "timestamp": int(moment.timestamp() * 1000),
        "amount": amount,
        "currency": row["currency"],
    }
    for name, column in (
        ("accountId", "account_id"),
        ("type", "type"),
        ("merchant", "merchant"),
        ("description", "description"),
        ("reference", "reference"),
        ("channel", "channel"),
    ):
        if row[column]:
            item[name] = row[column]
    return item
