"""A second reader of uploads: bytes to numbered records, and what each of them is worth.

It shares no code with the processor, and knows only the forms and flaws that `files` makes.
"""

import codecs
import csv
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Final

REQUIRED: Final = ("transactionId", "timestamp", "currency", "amount")
KNOWN: Final = (*REQUIRED, "merchant", "cardNumber")
DIGITS: Final = {"EUR": 2, "JPY": 0, "BHD": 3}
AMOUNT: Final = re.compile(r"-?(0|[1-9][0-9]*)(?:\.([0-9]+))?")
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

type Fields = Mapping[str, str]


@dataclass(frozen=True)
class Flaw:
    """Why a record, or a file, is not taken.

    Args:
        reason: The code.
        field: The deciding field.
    """

    reason: str
    field: str | None = None


@dataclass(frozen=True)
class Record:
    """One record of a file; `fields` by canonical name, absent ones left out."""

    number: int
    offset: int
    raw: bytes
    fields: Fields
    flaw: Flaw | None

    @cached_property
    def identity(self) -> tuple[str, int]:
        """Of a record without flaw."""
        moment = datetime.fromisoformat(self.fields["timestamp"])
        return self.fields["transactionId"], (moment - EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class Reading:
    """A whole file: its records, and what ended it before its end, with offset and number."""

    records: tuple[Record, ...]
    fault: tuple[Flaw, int, int] | None = None


@lru_cache(maxsize=64)
def read(body: bytes) -> Reading:
    """Reads an upload's bytes."""
    broken = None
    if body.startswith(b"\x1f\x8b"):
        member = zlib.decompressobj(31)
        body = member.decompress(body)
        broken = None if member.eof else "GZIP_TRUNCATED"
    if not body.strip():
        return Reading((), (Flaw(broken or "EMPTY_FILE"), len(body), 1))
    if body.lstrip().startswith(b"["):
        return _read_array(body, broken)
    if body.lstrip().startswith(b"{"):
        return _read_lines(body, broken)
    return _read_csv(body, broken)


def _read_csv(body: bytes, broken: str | None) -> Reading:
    lines = list(_csv_lines(body))
    while not lines[0][1].strip():
        del lines[0]
    header = lines[0][1].lstrip().decode()
    names = [_canonical(name) for name in next(csv.reader([header]))]
    for name in REQUIRED:
        if name not in names:
            return Reading((), (Flaw("HEADER_MISMATCH", name), 0, 1))
    records: list[Record] = []
    for offset, line, is_whole in lines[1:]:
        raw = line
        number = len(records) + 1
        if not is_whole:
            unread = broken or ("CSV_UNTERMINATED_QUOTE" if raw.count(b'"') % 2 else None)
            if unread:
                records.append(Record(number, offset, raw, {}, Flaw(unread)))
                return Reading(tuple(records), (Flaw(unread), offset, number))
            raw = raw.removesuffix(b"\r")
        if raw:
            records.append(_csv_record(number, offset, raw, names))
    end = (Flaw(broken), len(body), len(records) + 1) if broken else None
    return Reading(tuple(records), end)


def _csv_lines(body: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Offset, bytes without line end, and whether there was one; line ends in quotes are none."""
    line_end = b"\r\n" if b"\r\n" in body else b"\n"
    begin = at = 0
    while begin < len(body):
        end = body.find(line_end, at)
        if end < 0:
            yield begin, body[begin:], False
            return
        at = end + len(line_end)
        if body.count(b'"', begin, end) % 2 == 0:
            yield begin, body[begin:end], True
            begin = at


def _csv_record(number: int, offset: int, raw: bytes, names: list[str]) -> Record:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return Record(number, offset, raw, {}, Flaw("BAD_ENCODING"))
    row = next(csv.reader([text], strict=True)) if "\n" not in text else _spanning_row(text)
    if len(row) != len(names):
        return Record(number, offset, raw, {}, Flaw("COLUMN_COUNT"))
    return _judged(number, offset, raw, dict(zip(names, row, strict=True)))


def _spanning_row(text: str) -> list[str]:
    return next(csv.reader(text.splitlines(keepends=True), strict=True))


def _read_lines(body: bytes, broken: str | None) -> Reading:
    records: list[Record] = []
    offset = 0
    lines = body.split(b"\n")
    for place, raw in enumerate(lines):
        number = len(records) + 1
        if raw.strip():
            if broken and place == len(lines) - 1:
                records.append(Record(number, offset, raw, {}, Flaw(broken)))
                return Reading(tuple(records), (Flaw(broken), offset, number))
            records.append(_json_record(number, offset, raw))
        offset += len(raw) + 1
    end = (Flaw(broken), len(body), len(records) + 1) if broken else None
    return Reading(tuple(records), end)


def _read_array(body: bytes, broken: str | None) -> Reading:
    """Reads well-formed elements up to the array's end, or to the place where it was cut off."""
    text = codecs.utf_8_decode(body, "strict", False)[0]
    records: list[Record] = []
    at = text.index("[") + 1
    is_over = False
    while not is_over:
        at = len(text) - len(text[at:].lstrip(" \n,"))
        number, offset = len(records) + 1, len(text[:at].encode())
        if at == len(text) and offset == len(body):
            flaw = Flaw(broken or "JSON_UNTERMINATED")
            return Reading(tuple(records), (flaw, len(body), number))
        if text[at : at + 1] == "]":
            is_over = True
            continue
        try:
            _, end = json.JSONDecoder().raw_decode(text, at)
        except ValueError:
            flaw = Flaw(broken or "JSON_UNTERMINATED")
            records.append(Record(number, offset, body[offset:], {}, flaw))
            return Reading(tuple(records), (flaw, offset, number))
        records.append(_json_record(number, offset, text[at:end].encode()))
        at = end
    return Reading(tuple(records), (Flaw(broken), len(body), len(records) + 1) if broken else None)


def _json_record(number: int, offset: int, raw: bytes) -> Record:
    pairs: list[tuple[str, str]] = []
    try:
        value = json.loads(raw.decode(), object_pairs_hook=pairs.extend)
    except UnicodeDecodeError:
        return Record(number, offset, raw, {}, Flaw("BAD_ENCODING"))
    except ValueError:
        return Record(number, offset, raw, {}, Flaw("JSON_SYNTAX"))
    if isinstance(value, list):
        return Record(number, offset, raw, {}, Flaw("JSON_NOT_OBJECT"))
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        return Record(number, offset, raw, {}, Flaw("JSON_DUPLICATE_KEY"))
    canonical = [_canonical(name) for name in names]
    twice = [name for place, name in enumerate(canonical) if name in canonical[:place]]
    if twice:
        return Record(number, offset, raw, {}, Flaw("FIELD_DUPLICATE", twice[0]))
    return _judged(number, offset, raw, {_canonical(name): text for name, text in pairs})


@lru_cache(maxsize=1024)
def _canonical(name: str) -> str:
    folded = name.replace("_", "").lower()
    return next((known for known in KNOWN if known.lower() == folded), name)


def _judged(number: int, offset: int, raw: bytes, fields: Fields) -> Record:
    present = {name: text for name, text in fields.items() if text}
    return Record(number, offset, raw, present, _flaw_of(present))


def _flaw_of(fields: Fields) -> Flaw | None:
    """The first rule that a record breaks, in the documented order of reasons."""
    for name in REQUIRED:
        if name not in fields:
            return Flaw("FIELD_MISSING", name)
    name = fields["transactionId"]
    if name != name.strip():
        return Flaw("TRANSACTION_ID_FORMAT", "transactionId")
    reason = _moment_flaw(fields["timestamp"])
    if reason:
        return Flaw(reason, "timestamp")
    if fields["currency"] not in DIGITS:
        return Flaw("CURRENCY", "currency")
    reason = _amount_flaw(fields["amount"], DIGITS[fields["currency"]])
    if reason:
        return Flaw(reason, "amount")
    card = fields.get("cardNumber")
    if card:
        digits = card.replace(" ", "")
        if not re.fullmatch("[0-9]+( [0-9]+)*", card) or not 12 <= len(digits) <= 19:
            return Flaw("CARD_NUMBER_FORMAT", "cardNumber")
        if not _has_check_digit(digits):
            return Flaw("CARD_NUMBER_CHECK_DIGIT", "cardNumber")
    return None


def _moment_flaw(text: str) -> str | None:
    found = MOMENT.fullmatch(text)
    if not found:
        return "TIMESTAMP_FORMAT"
    if not found[2]:
        return "TIMESTAMP_OFFSET"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return "TIMESTAMP_RANGE"
    return None


def _amount_flaw(text: str, digits: int) -> str | None:
    found = AMOUNT.fullmatch(text)
    if not found:
        return "AMOUNT_FORMAT"
    if text.startswith("-") and not text.strip("-0."):
        return "AMOUNT_NEGATIVE_ZERO"
    if len(found[1]) + digits > 18:
        return "AMOUNT_RANGE"
    return "AMOUNT_SCALE" if len(found[2] or "") > digits else None


def _has_check_digit(card: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(card)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
