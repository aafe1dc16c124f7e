"""A second computation of what a receipt must say, from the file's bytes alone.

It shares no code with the processor: csv and json of the standard library, Decimal, and the iso4217
package's own list. It knows fewer rules; the files it counts break no others.
"""

import csv
import gzip
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import iso4217

from tests.integration import cards
from tests.integration.cards import Tokens

KNOWN = ("transactionId", "timestamp", "amount", "currency", "accountId", "type", "merchant")
KNOWN_AND_REST = (*KNOWN, "description", "reference", "cardNumber")
KEPT = (*KNOWN_AND_REST, "cardToken", "cardLastFour")
FREE_TEXT_EXCEPT = ("transactionId", "timestamp", "amount", "currency", "accountId", "cardNumber")
AMOUNT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

type Record = Mapping[str, str] | None
"""A record's fields as text by canonical name; None if it has another number of them."""

type Identity = tuple[str, int]


@dataclass
class Recount:
    """What a second reader counts in a file."""

    outcomes: Counter[str] = field(default_factory=Counter)
    sums: dict[str, dict[str, Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    hash_total: int = 0
    stored: dict[Identity, tuple[int, str, str]] = field(default_factory=dict)
    """Identity -> number of the record that stored it, its fingerprint, its exact amount."""

    def outcomes_document(self) -> dict[str, int]:
        """As the receipt writes it."""
        names = ("stored", "duplicate", "conflict", "rejected")
        return {"read": self.outcomes.total()} | {name: self.outcomes[name] for name in names}

    def sums_document(self) -> dict[str, dict[str, str]]:
        """As the receipt writes it."""
        return {
            currency: {
                name: money(sums[name], currency) for name in ("stored", "duplicate", "conflict")
            }
            for currency, sums in self.sums.items()
        }

    def control_totals_document(self) -> dict[str, object]:
        """As the receipt writes it."""
        return {
            "recordCount": self.outcomes.total(),
            "sums": {name: money(sum(sums.values()), name) for name, sums in self.sums.items()},
            "hashTotal": f"{self.hash_total % 2**64:016x}",
        }


def recount(records: Iterable[Record], tokens: Tokens | None = None) -> Recount:
    """Counts a file whose transactions nobody sent before.

    Args:
        records: Its records.
        tokens: How card numbers become tokens; None for a file without any.
    """
    counted = Recount()
    for number, record in enumerate(records, start=1):
        if record is None or not is_valid(record):
            counted.outcomes["rejected"] += 1
            continue
        amount = money(Decimal(record["amount"]), record["currency"])
        identity = (record["transactionId"], epoch_ms(record["timestamp"]))
        fingerprint = fingerprint_of(kept_of(record, tokens) if tokens else record, amount)
        first = counted.stored.setdefault(identity, (number, fingerprint, amount))
        if first[0] == number:
            outcome = "stored"
        else:
            outcome = "duplicate" if first[1] == fingerprint else "conflict"
        counted.outcomes[outcome] += 1
        # Decimals add up exactly here: the default context has 28 digits, and these are few.
        counted.sums[record["currency"]][outcome] += Decimal(amount)
        counted.hash_total += int(fingerprint[:16], 16)
    return counted


def is_valid(record: Mapping[str, str]) -> bool:
    """Whether a record breaks none of the rules known here."""
    if not all(record.get(name) for name in KNOWN[:4]):
        return False
    try:
        exponent = iso4217.Currency(record["currency"]).exponent
        moment = datetime.fromisoformat(record["timestamp"])
    except ValueError:
        return False
    amount = AMOUNT.fullmatch(record["amount"])
    if exponent is None or moment.tzinfo is None or amount is None:
        return False
    if record.get("cardNumber") and not cards.is_valid(record["cardNumber"]):
        return False
    return len(amount[2] or ".") - 1 <= exponent


def kept_of(record: Mapping[str, str], tokens: Tokens) -> Mapping[str, str]:
    """A record as it may be kept: the card by its token, published numbers in texts masked."""
    kept = {
        name: text if name in FREE_TEXT_EXCEPT else cards.masked(text)
        for name, text in record.items()
    }
    card = kept.pop("cardNumber", "")
    if card:
        kept |= {"cardToken": tokens.token(card), "cardLastFour": cards.digits_of(card)[-4:]}
    return kept


def fingerprint_of(record: Mapping[str, str], amount: str) -> str:
    """SHA-256 of the canonical content, made by the standard library's JSON."""
    known = {name: text for name, text in record.items() if text and name in KEPT}
    extra = {name: text for name, text in record.items() if text and name not in KEPT}
    content = known | {"amount": amount} | ({"extra": extra} if extra else {})
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def money(amount: Decimal | int, currency: str) -> str:
    """An amount with all digits of its currency."""
    return f"{amount:.{iso4217.Currency(currency).exponent or 0}f}"


def epoch_ms(timestamp: str) -> int:
    """RFC 3339 text as milliseconds of the epoch."""
    return (datetime.fromisoformat(timestamp) - EPOCH) // timedelta(milliseconds=1)


def read_csv(body: bytes) -> list[Record]:
    """Reads a CSV file with the standard library."""
    rows = csv.reader(io.StringIO(plain(body).decode(), newline=""), strict=True)
    names = [canonical(name) for name in next(rows)]
    return [dict(zip(names, row, strict=True)) if len(row) == len(names) else None for row in rows]


def read_json(body: bytes) -> list[Record]:
    """Reads a JSON object or array with the standard library, numbers by their own digits."""
    document = json.loads(plain(body), parse_float=str, parse_int=str)
    objects = document if isinstance(document, list) else [document]
    return [{canonical(name): text for name, text in item.items()} for item in objects]


def read_ndjson(body: bytes) -> list[Record]:
    """Reads one JSON object a line."""
    return [record for line in plain(body).split(b"\n") if line for record in read_json(line)]


def plain(body: bytes) -> bytes:
    """A file's content, decompressed if it is gzip."""
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def canonical(name: str) -> str:
    """A header's name as the processor knows it, or as it is."""
    folded = name.replace("_", "").lower()
    return next((known for known in KNOWN_AND_REST if known.lower() == folded), name)
