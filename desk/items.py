"""The table's side of a recount: items, and the rows of a file judged by them, never written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol

from boto3.dynamodb.types import TypeDeserializer

from desk.differences import Differences
from desk.quarantined import ABSENT_ROW
from desk.reading import OperatorClock
from processor.adapters.aws import translated_errors
from processor.adapters.dynamodb import STATUS
from processor.backoff import Backoff
from processor.domain.card import key_id_of
from processor.domain.control_totals import Outcome
from processor.domain.file import SourceFile
from processor.domain.judgement import Verdict
from processor.domain.reject import Reject
from processor.domain.transaction import Identity, Transaction, fingerprint_of
from processor.errors import ServiceUnavailable
from processor.ports import (
    InsertAnswer,
    InsertUnderway,
    Row,
    StoredItem,
    TokenizationKeys,
    TransactionTable,
)
from processor.store import Storing, TransactionStore, judge

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT_BY_FINGERPRINT: Final = frozenset(
    {"transactionId", "timestamp", "fingerprint", "bucket", "key", "versionId", "recordNumber"}
)
_UNCOMPARED: Final = frozenset({"processedAt"})
_PROVENANCE: Final = frozenset({"status", "contentType", "encryptionType", "lastModified"})


@dataclass(frozen=True, slots=True)
class Item:
    """An item of TransactionMetadataTable.

    Args:
        stored: What a row with its identity is judged by.
        attributes: All others, as plain values.
    """

    stored: StoredItem
    attributes: dict[str, Any] = field(default_factory=dict)


class Items(Protocol):
    """TransactionMetadataTable, read only."""

    def read(self, identities: Sequence[Identity]) -> Mapping[Identity, Item]:
        """Reads at most ROWS_MAX items, strongly consistent; one that is absent does not exist.

        Raises:
            ServiceUnavailable, ServiceRefused: Not all of them can be read now, or may be.
        """
        ...


class DynamoDbItems:
    """The table by BatchGetItem.

    Args:
        client: A DynamoDB client.
        table_name: The table's name.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def read(self, identities: Sequence[Identity]) -> Mapping[Identity, Item]:
        """See Items. What DynamoDB leaves unprocessed makes the whole call one to repeat."""
        keys: Any = [
            {"transactionId": {"S": name}, "timestamp": {"N": str(timestamp_ms)}}
            for name, timestamp_ms in identities
        ]
        asked: Any = {self._table_name: {"Keys": keys, "ConsistentRead": True}}
        with translated_errors("BatchGetItem"):
            answer = self._client.batch_get_item(RequestItems=asked)
        if answer.get("UnprocessedKeys"):
            raise ServiceUnavailable("BatchGetItem: UnprocessedKeys")
        items = map(_item, answer["Responses"].get(self._table_name, []))
        return dict(items)


class TableReading(TransactionStore):
    """Judges rows by the items that are there, and tells of items that hold something else.

    A row without an item counts as one that the table refused; see ABSENT_ROW.

    Args:
        items: The table.
        source: The file that the rows come from.
        patience: For calls that must be tried again.
        keys: For comparing cards.
        differences: Takes what differs.
    """

    def __init__(
        self,
        items: Items,
        source: SourceFile,
        patience: Backoff,
        keys: TokenizationKeys,
        differences: Differences,
    ) -> None:
        super().__init__(_NoTable(), source, OperatorClock(), patience, keys)
        self._items = items
        self._differences = differences

    def begin(self, rows: Sequence[Row]) -> Storing:
        """Stores nothing: what there is to know is read by `finish`."""
        return Storing(rows, _NothingUnderway())

    def finish(self, storing: Storing) -> list[Verdict]:
        """One verdict a row, as TransactionStore gave it."""
        identities = [row.transaction.identity for row in storing.rows]
        found = self._backoff.call(self._items.read, identities)
        return [self._verdict(row, found.get(row.transaction.identity)) for row in storing.rows]

    def _verdict(self, row: Row, item: Item | None) -> Verdict:
        if item is None:
            return Verdict(Outcome.REJECTED, Reject(ABSENT_ROW))
        verdict = judge(row, self._source, item.stored, self._keys)
        if verdict.outcome is not Outcome.CONFLICT:
            self._compare(row, item, is_own=verdict.outcome is Outcome.STORED)
        return verdict

    def _compare(self, row: Row, item: Item, *, is_own: bool) -> None:
        """Tells of an item that is the record's, or its duplicate's, and does not hold it."""
        key_id = item.stored.token_key_id
        transaction = row.transaction
        if key_id and transaction.card:
            transaction = transaction.under_key(self._keys.key(key_id))
        if item.stored.fingerprint != fingerprint_of(transaction.canonical_content()):
            self._differences.add("table fingerprint", row.record_number, "another", "its content")
        expected = _content(transaction) | (_provenance(self._source) if is_own else {})
        names = set(item.attributes) - _UNCOMPARED - (set() if is_own else _PROVENANCE)
        for name in sorted(names | set(expected)):
            if item.attributes.get(name) != expected.get(name):
                # Names of unknown columns lie within `extra`: no name is of the sender's making.
                shown = name if name in expected else "attribute"
                self._differences.add(
                    f"table {shown}", row.record_number, "another value", "the file's"
                )


class _NothingUnderway:
    def answers(self) -> list[InsertAnswer | StoredItem]:
        """See InsertUnderway."""
        raise NotImplementedError

    def abandon(self) -> None:
        """See InsertUnderway: there is nothing to wait for."""


class _NoTable(TransactionTable):
    """Stands where a table would be written to; a recount that did would fail."""

    def insert(
        self, rows: Sequence[Row], source: SourceFile, processed_at: datetime
    ) -> InsertUnderway:
        raise NotImplementedError

    def find(self, identities: Sequence[Identity]) -> Mapping[Identity, StoredItem]:
        raise NotImplementedError


def _content(transaction: Transaction) -> dict[str, Any]:
    content: dict[str, Any] = {
        "amount": Decimal(transaction.amount),
        "currency": transaction.currency,
        **transaction.optional,
    }
    if transaction.card:
        content["cardToken"] = transaction.card.token
        content["cardLastFour"] = transaction.card.last_four
    return content | ({"extra": transaction.extra} if transaction.extra else {})


def _provenance(source: SourceFile) -> dict[str, Any]:
    return {
        "status": STATUS,
        "contentType": source.content_type,
        "encryptionType": source.encryption_type,
        "lastModified": source.last_modified,
    }


def _item(item: Mapping[str, Any]) -> tuple[Identity, Item]:
    deserialize = TypeDeserializer().deserialize
    plain = {name: deserialize(value) for name, value in item.items()}
    token = plain.get("cardToken")
    stored = StoredItem(
        plain["fingerprint"],
        plain["bucket"],
        plain["key"],
        plain["versionId"],
        int(plain["recordNumber"]),
        key_id_of(token) if isinstance(token, str) else None,
    )
    attributes = {name: one for name, one in plain.items() if name not in _KEPT_BY_FINGERPRINT}
    return Identity(plain["transactionId"], int(plain["timestamp"])), Item(stored, attributes)
