"""A transaction: its identity, its canonical content, and the item it becomes."""

import hashlib
from collections.abc import Mapping
from json.encoder import encode_basestring as quoted
from types import MappingProxyType
from typing import Final, NamedTuple

from processor.domain.card import TokenizationKey, TokenizedCard
from processor.domain.money import format_amount

REQUIRED_FIELDS: Final = ("transactionId", "timestamp", "currency", "amount")
"""In the order in which they are judged: an amount can be judged only in a known currency."""

OPTIONAL_FIELDS: Final = ("accountId", "type", "merchant", "description", "reference")

CARD_NUMBER_FIELD: Final = "cardNumber"
"""Optional too, and never kept: its token and last four digits stand for it."""

CONTENT_BYTES_MAX: Final = 380 * 1024
"""Largest canonical content: an item holds 400 KB, of which the provenance takes up to 20.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

_BEFORE_EXTRA: Final = (
    *("accountId", "amount", "cardLastFour", "cardToken", "currency", "description"),
)
_BEHIND_EXTRA: Final = ("merchant", "reference", "timestamp", "transactionId", "type")
"""Names in a canonical content, sorted, those that come before `extra` and those behind it."""

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Identity(NamedTuple):
    """The composite key of TransactionMetadataTable."""

    transaction_id: str
    timestamp_ms: int


class Transaction(NamedTuple):
    """One valid financial record.

    Args:
        transaction_id: The sender's id, exactly as sent.
        timestamp_ms: The record's own time, milliseconds since the epoch.
        timestamp_text: That time as sent.
        amount_minor: Signed minor units of the currency.
        currency: ISO 4217 code.
        optional: Those of OPTIONAL_FIELDS that are present, never empty.
        extra: Unknown columns that are present, as text, by the name in the file.
        card: The card, if the record names one.
        masked_count: Card numbers that were masked in its texts; no part of the content.
    """

    transaction_id: str
    timestamp_ms: int
    timestamp_text: str
    amount_minor: int
    currency: str
    optional: Mapping[str, str] = _NONE
    extra: Mapping[str, str] = _NONE
    card: TokenizedCard | None = None
    masked_count: int = 0

    @property
    def identity(self) -> Identity:
        return Identity(self.transaction_id, self.timestamp_ms)

    @property
    def amount(self) -> str:
        """The exact decimal, with all digits of the currency's minor unit."""
        return format_amount(self.amount_minor, self.currency)

    def canonical_content(self) -> bytes:
        """The one byte string of this content, the same whatever format the record came in.

        A JSON object of texts: known fields by name, unknown columns under `extra`, absent ones
        left out, keys sorted, no white space, UTF-8. Any JSON library can make it again. A card is
        in it as `cardToken` and `cardLastFour`, so that the fingerprint is no unkeyed hash of its
        number. Source: PCI DSS 4.0.1, 3.5.1.1.
        """
        texts = {
            "transactionId": self.transaction_id,
            "timestamp": self.timestamp_text,
            "amount": self.amount,
            "currency": self.currency,
            **self.optional,
        }
        if self.card:
            texts["cardToken"] = self.card.token
            texts["cardLastFour"] = self.card.last_four
        members = [f'"{name}":{quoted(texts[name])}' for name in _BEFORE_EXTRA if name in texts]
        if self.extra:
            extra = ",".join(
                [f"{quoted(name)}:{quoted(text)}" for name, text in sorted(self.extra.items())]
            )
            members.append(f'"extra":{{{extra}}}')
        members += [f'"{name}":{quoted(texts[name])}' for name in _BEHIND_EXTRA if name in texts]
        return f"{{{','.join(members)}}}".encode()

    def under_key(self, key: TokenizationKey) -> "Transaction":
        """The same transaction, its card's token made with another key."""
        return self._replace(card=self.card and key.tokenize(self.card.number))


def fingerprint_of(canonical_content: bytes) -> str:
    """SHA-256 of a canonical content, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_content).hexdigest()
