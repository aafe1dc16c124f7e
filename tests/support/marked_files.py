"""Files of marked values: one for every reason why a record or a file is not taken."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from processor.domain.file import ObjectVersion
from processor.domain.reject import Reason
from processor.ports import InsertAnswer
from tests.support.fakes import InMemoryFiles
from tests.support.marked import CARDS, MARKS, grouped
from tests.support.world import World

BAD: Final = MARKS["bad value"]
COLUMN: Final = MARKS["column name"]
ARABIC_DIGITS: Final = {ord("0") + digit: 0x660 + digit for digit in range(10)}


def _with(name: str, card: str) -> str:
    """A field's mark with a card number in it."""
    return f"{MARKS[name]} {card}"


GOOD: Final[dict[str, object]] = {
    **{name: MARKS[name] for name in ("transactionId", "timestamp", "amount")},
    "currency": "EUR",
    **{name: MARKS[name] for name in ("accountId", "type")},
    "merchant": _with("merchant", grouped(CARDS["card in the merchant"], "-")),
    "description": _with("description", grouped(CARDS["card in the description"]) + " 12/27"),
    "reference": _with("reference", CARDS["card in the reference"].translate(ARABIC_DIGITS)),
    "card_number": grouped(CARDS["card in its own field"]),
    COLUMN: _with("column value", CARDS["card in an unknown column"]),
}
"""A valid record, every value of it marked but the currency, which is one of a closed list."""

WORST: Final = f"{BAD} {CARDS['card in a bad record']}"
"""In records that cannot be read, where nobody knows which value is which."""


@dataclass(frozen=True)
class Case:
    """A file, and what is done with it.

    Args:
        body: The file.
        key: Its name.
        world: Makes the world that it comes into.
        before_event: Done after the upload and before its event is delivered.
    """

    body: bytes
    key: str = "in/file.csv"
    world: Callable[[], World] = World
    before_event: Callable[[World, ObjectVersion], None] = field(default=lambda *_: None)

    def arrive(self) -> tuple[World, ObjectVersion]:
        """The file lies in a world, and its event is on its way."""
        world = self.world()
        version = world.files.upload(self.body, self.key)
        self.before_event(world, version)
        return world, version


def marked(**changes: object) -> dict[str, object]:
    """The valid record with other values; None leaves a field out."""
    return {name: value for name, value in (GOOD | changes).items() if value is not None}


def as_csv(*records: Mapping[str, object]) -> bytes:
    """RFC 4180, with the columns of the first record."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(records[0]), restval="")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def as_ndjson(*records: object) -> bytes:
    """One value a line, letters as they are."""
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in records)


def as_json(*records: object) -> bytes:
    """An array, letters as JSON escapes."""
    return json.dumps(records).encode()


def csv_case(**changes: object) -> Case:
    """A good record and one that is bad in some value."""
    filled = {name: "" if value is None else value for name, value in changes.items()}
    return Case(as_csv(GOOD, GOOD | filled))


def csv_raw(line: bytes) -> Case:
    """A good record and a line as it is."""
    return Case(as_csv(GOOD) + line)


def json_raw(line: bytes) -> Case:
    """A good record and a line as it is."""
    return Case(as_ndjson(GOOD) + line + b"\n", "in/file.ndjson")


def _line(record: Mapping[str, object] = GOOD) -> bytes:
    """The record's line in a CSV file."""
    return as_csv(record).partition(b"\r\n")[2]


def _bomb() -> bytes:
    """A file that decompresses 1000 times, a marked record first."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = [compressor.compress(bytes(1024 * 1024)) for _ in range(80)]
    return b"".join([compressor.compress(as_csv(GOOD)), *zeros, compressor.flush()])


def _taken_by_another(world: World, _: ObjectVersion) -> None:
    """Another file holds the identity, with other content."""
    world.process_file(as_csv(marked(description=f"{BAD} first")), "in/first.csv")


_OBJECT = json.dumps(GOOD).encode()
_ZIPPED = gzip.compress(as_csv(GOOD, GOOD), mtime=0)
_TWICE = [GOOD, marked(accountId=BAD)]

CASES: Final[dict[Reason, Case]] = {
    Reason.OBJECT_GONE: Case(as_csv(GOOD), before_event=lambda world, at: world.files.delete(at)),
    Reason.OBJECT_CHANGED: Case(
        as_csv(GOOD),
        world=lambda: World(files=InMemoryFiles(versioned=False)),
        before_event=lambda world, at: (world.files.upload(as_csv(*_TWICE), at.key), None)[1],
    ),
    Reason.EMPTY_FILE: Case(b""),
    Reason.GZIP_BOMB: Case(_bomb()),
    Reason.GZIP_TRUNCATED: Case(_ZIPPED[:-12]),
    Reason.GZIP_CORRUPT: Case(_ZIPPED + as_csv(GOOD)),
    Reason.BAD_ENCODING: csv_raw(_line()[:-2] + b"\xff\r\n"),
    Reason.FORMAT_UNKNOWN: Case(as_csv(GOOD), "in/file.json"),
    Reason.HEADER_DUPLICATE: Case(as_csv({**GOOD, "AMOUNT": BAD})),
    Reason.HEADER_MISMATCH: Case(_line() * 2),
    Reason.CSV_UNTERMINATED_QUOTE: csv_raw(f'{WORST},"{WORST}'.encode()),
    Reason.JSON_UNTERMINATED: Case(b"[" + _OBJECT + b"," + _OBJECT[:-1], "in/file.json"),
    Reason.JSON_TRAILING_DATA: Case(as_json(GOOD) + _OBJECT, "in/file.json"),
    Reason.RECORD_TOO_LARGE: csv_raw(_line(marked(reference=BAD * 90_000))),
    Reason.NUL_BYTE: csv_case(reference=f"{BAD}\0"),
    Reason.CSV_QUOTE: csv_raw(f'{WORST},"{WORST}"{WORST}\r\n'.encode()),
    Reason.CSV_BARE_CR: csv_raw(f"{WORST}\r{WORST},{WORST}\r\n".encode()),
    Reason.COLUMN_COUNT: csv_raw(f"{WORST},{WORST}\r\n".encode()),
    Reason.JSON_DEPTH: json_raw(b'{"x":' + b"[" * 65 + f'"{WORST}"'.encode() + b"]" * 65 + b"}"),
    Reason.JSON_SYNTAX: json_raw(f'{{"{WORST}": {WORST}}}'.encode()),
    Reason.JSON_NOT_OBJECT: json_raw(f'"{WORST}"'.encode()),
    Reason.JSON_DUPLICATE_KEY: json_raw(f'{{"{WORST}": "{WORST}", "{WORST}": 1}}'.encode()),
    Reason.JSON_SURROGATE: json_raw(f'{{"{WORST}": "{WORST}\\ud800"}}'.encode()),
    Reason.FIELD_NAME: json_raw(as_ndjson(marked(**{BAD * 7000: BAD}))),
    Reason.FIELD_DUPLICATE: json_raw(as_ndjson(marked(AMOUNT=BAD))),
    Reason.FIELD_MISSING: csv_case(transactionId=None),
    Reason.FIELD_TYPE: json_raw(as_ndjson(marked(amount=[BAD]))),
    Reason.TRANSACTION_ID_FORMAT: csv_case(transactionId=f" {BAD}"),
    Reason.TRANSACTION_ID_LENGTH: csv_case(transactionId=BAD * 200),
    Reason.TIMESTAMP_FORMAT: csv_case(timestamp=BAD),
    Reason.TIMESTAMP_OFFSET: csv_case(timestamp=MARKS["timestamp"][:-6]),
    Reason.TIMESTAMP_RANGE: csv_case(timestamp=MARKS["timestamp"].replace(":53", ":60")),
    Reason.CARD_NUMBER_MISPLACED: csv_case(accountId=WORST),
    Reason.CARD_NUMBER_FORMAT: csv_case(card_number=f"{WORST} "),
    Reason.CARD_NUMBER_CHECK_DIGIT: csv_case(card_number=CARDS["card of wrong check digit"]),
    Reason.SENSITIVE_AUTHENTICATION_DATA: Case(as_csv({**GOOD, "CVV2": BAD})),
    Reason.CURRENCY: csv_case(currency=BAD),
    Reason.AMOUNT_FORMAT: csv_case(amount=f"{MARKS['amount']} {BAD}"),
    Reason.AMOUNT_NEGATIVE_ZERO: csv_case(amount="-0.00", transactionId=f"{BAD}Z"),
    Reason.AMOUNT_RANGE: csv_case(amount=MARKS["amount in minor units"] * 2),
    Reason.AMOUNT_SCALE: csv_case(amount=f"{MARKS['amount']}5"),
    Reason.ITEM_TOO_LARGE: csv_case(reference=BAD * 30_000),
    Reason.VALUE_OUT_OF_RANGE: Case(
        as_csv(GOOD, marked(transactionId=BAD, timestamp="2017-07-23T04:17:54Z")),
        before_event=lambda world, _: world.table.refuse.update({BAD: [InsertAnswer.INVALID]}),
    ),
    Reason.CONFLICT_ID_REUSED: Case(as_csv(GOOD), before_event=_taken_by_another),
}

SOME_OF_EVERYTHING: Final = as_csv(
    GOOD,
    marked(timestamp="2017-07-23T04:17:54.917+01:00"),
    GOOD,
    marked(description=f"{BAD} other"),
    marked(amount=BAD),
)
"""Stored twice, a duplicate, a conflict and a reject: every call of the pipeline is made."""

FORMATS: Final = {
    "CSV": Case(as_csv(*_TWICE)),
    "CSV, gzipped": Case(gzip.compress(as_csv(*_TWICE), mtime=0), "in/file.csv.gz"),
    "NDJSON": Case(as_ndjson(*_TWICE), "in/file.ndjson"),
    "NDJSON, gzipped": Case(gzip.compress(as_ndjson(*_TWICE), mtime=0), "in/file.ndjson.gz"),
    "JSON array": Case(as_json(*_TWICE), "in/file.json"),
    "JSON object": Case(_OBJECT, "in/file.json"),
    "nested JSON": Case(as_ndjson(GOOD, marked(**{COLUMN: {COLUMN: [BAD, {BAD: 1}]}}))),
}


def renamed(case: Case, key: str) -> Case:
    """The same file under another name."""
    return replace(case, key=key)
