"""Transaction files for the tests, each transaction of them never sent before."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tests.integration.recount import Record, read_csv, read_json, read_ndjson

type Fields = dict[str, str]
"""One transaction as text, by canonical name."""

SNAKE: Final = {
    "transactionId": "transaction_id",
    "timestamp": "timestamp",
    "amount": "amount",
    "currency": "currency",
    "accountId": "account_id",
    "type": "type",
    "merchant": "merchant",
    "description": "description",
    "reference": "reference",
    "channel": "channel",
}
AMOUNTS: Final = (
    ("10.50", "EUR"), ("0.1", "USD"), ("-3.07", "EUR"), ("467554", "JPY"), ("1.234", "KWD"),
    ("999999999999999.99", "USD"), ("0", "EUR"),
)  # fmt: skip
"""Of every minor unit, and such that binary fractions would give another sum."""


def transaction(prefix: str, number: int) -> Fields:
    """A valid transaction with every known field and one unknown."""
    amount, currency = AMOUNTS[number % len(AMOUNTS)]
    return {
        "transactionId": f"{prefix}-{number:05}",
        "timestamp": f"2026-03-01T{number // 60 % 24:02}:{number % 60:02}:00.{number % 1000:03}Z",
        "amount": amount,
        "currency": currency,
        "accountId": f"ACC-{number:06}",
        "type": "payment",
        "merchant": 'The "Old" Mill, Łódź',
        "description": "two\nlines",
        "reference": f"INV-{number}",
        "channel": "web",
    }


def some_of_everything(prefix: str) -> list[Fields]:
    """Records of every outcome, as long as nobody else uses the prefix."""
    made = [transaction(prefix, number) for number in range(40)]
    duplicate = dict(made[3])
    conflict = made[5] | {"amount": "77.77", "currency": "EUR"}
    rejected = [
        transaction(prefix, 50) | {"amount": "1,50"},
        transaction(prefix, 51) | {"currency": "EURO"},
        transaction(prefix, 52) | {"timestamp": "2026-03-01T12:00:00"},
        transaction(prefix, 53) | {"transactionId": ""},
    ]
    return [*made[:20], duplicate, *rejected[:2], *made[20:], conflict, *rejected[2:]]


def as_csv(records: Iterable[Mapping[str, str]], names: Mapping[str, str] = SNAKE) -> bytes:
    """RFC 4180, snake_case names."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(names))
    writer.writerow(names)
    writer.writerows(records)
    return text.getvalue().encode()


def as_ndjson(records: Iterable[Mapping[str, str]]) -> bytes:
    """One object a line, amounts as JSON numbers where they are numbers."""
    return b"".join(json_object(record) + b"\n" for record in records)


def as_json_array(records: Iterable[Mapping[str, str]]) -> bytes:
    """An indented array, as a program or a person would write it."""
    return json.dumps(list(records), ensure_ascii=False, indent=2).encode()


def as_json_object(records: Iterable[Mapping[str, str]]) -> bytes:
    """A file of one transaction: the first."""
    return json_object(next(iter(records)))


def json_object(record: Mapping[str, str]) -> bytes:
    """One object, its amount a number with the digits it has."""
    text = json.dumps(record, ensure_ascii=False)
    amount = record["amount"]
    if amount.replace(".", "").replace("-", "").isdigit():
        text = text.replace(f'"amount": "{amount}"', f'"amount": {amount}')
    return text.encode()


def compressed(encode: Callable[[Iterable[Mapping[str, str]]], bytes]) -> Callable[..., bytes]:
    """The same format, gzipped."""
    return lambda records: gzip.compress(encode(records), mtime=0)


ENCODERS: Final[dict[str, Callable[[Iterable[Mapping[str, str]]], bytes]]] = {
    "plain.csv": as_csv,
    "plain.ndjson": as_ndjson,
    "array.json": as_json_array,
    "object.json": as_json_object,
    "plain.csv.gz": compressed(as_csv),
    "plain.ndjson.gz": compressed(as_ndjson),
    "array.json.gz": compressed(as_json_array),
    "object.json.gz": compressed(as_json_object),
}

READERS: Final[dict[str, Callable[[bytes], list[Record]]]] = {
    "csv": read_csv,
    "ndjson": read_ndjson,
    "json": read_json,
}
"""By the name's ending: the second reader, for recounting."""


def reader_of(name: str) -> Callable[[bytes], list[Record]]:
    """The second reader of a file of this name."""
    return READERS[name.removesuffix(".gz").rpartition(".")[2]]
