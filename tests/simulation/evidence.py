"""What is left of a run, and how what it says is read, apart from the processor."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tests.simulation.reading import DIGITS, Fields, Record

type FileName = tuple[str, str, str]
"""Bucket, key and version id."""

type Item = Mapping[str, Any]
"""An item's attributes as plain values; numbers as Decimal."""

type Identity = tuple[str, int]

VANISHED: Final = ("OBJECT_GONE", "OBJECT_CHANGED")


class Broken(AssertionError):
    """A promise was broken."""

    def __init__(self, promise: int, what: str, expected: object, actual: object) -> None:
        super().__init__(f"promise {promise}: {what}\n  expected {expected}\n  actual   {actual}")
        self.promise = promise


@dataclass
class Evidence:
    """What is left of a run.

    Args:
        files: Every object version ever uploaded, with its bytes.
        deleted: Those of them that were deleted for good.
        untold: Those of which nobody ever told the function.
        stalled: Those of which a task stayed untold: S3's event of it was lost, and no sweep had
            come by yet.
        left: Keys of quarantine objects that an earlier release left.
        items: The items of TransactionMetadataTable.
        changed: Every change of an item that was there, and of a part's recorded result.
        receipts: File -> the bytes of all versions of its receipt object.
        objects: (key, version id) -> bytes, of every version in the results bucket.
        failed: Files whose events lie in FailedEventsQueue.
        keys: Id -> tokenisation key, all there ever were.
    """

    files: Mapping[FileName, bytes]
    deleted: set[FileName]
    untold: set[FileName]
    stalled: set[FileName]
    left: set[str]
    items: Iterable[Item]
    changed: Iterable[Any]
    receipts: Mapping[FileName, list[bytes]]
    objects: Mapping[tuple[str, str], bytes]
    failed: set[FileName]
    keys: Mapping[str, str]


def expect(promise: int, what: str, expected: object, actual: object) -> None:
    """Raises Broken if the two differ."""
    if expected != actual:
        raise Broken(promise, what, expected, actual)


LINE_MEMBERS: Final = ("recordNumber", "byteOffset", "byteLength", "outcome", "reason", "field")


def line_of(record: Record, outcome: str, reason: str, field_name: str | None) -> dict[str, Any]:
    """What a record's line in quarantine must say, and its exact bytes."""
    return {
        "recordNumber": record.number,
        "byteOffset": record.offset,
        "byteLength": len(record.raw),
        "outcome": outcome,
        "reason": reason,
        "field": field_name,
        "raw": record.raw,
    }


def is_exact_or_masked(raw: bytes, exact: bytes) -> bool:
    """Whether bytes are the record's own, but for digits that were masked."""
    return len(raw) == len(exact) and all(
        kept == own or (kept == ord("*") and chr(own).isdigit())
        for kept, own in zip(raw, exact, strict=True)
    )


def comparable(fields: Fields) -> dict[str, Any]:
    """Content by which two records are the same transaction, the card by its digits."""
    return {
        **fields,
        "amount": Decimal(fields["amount"]),
        "cardNumber": fields.get("cardNumber", "").replace(" ", ""),
    }


def name_of(item: Item) -> FileName:
    """The file that an item says it came from."""
    return item["bucket"], item["key"], item["versionId"]


def fingerprint(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def token_of(key: str, digits: str) -> str:
    digest = hmac.new(key.encode(), b"card-number:" + digits.encode(), "sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def money(minor: int, currency: str) -> str:
    return f"{Decimal(minor).scaleb(-DIGITS[currency]):.{DIGITS[currency]}f}"
