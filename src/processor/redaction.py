"""Redaction: a raw record as quarantine may keep it, every card number in it masked.

Records get there because something is wrong with them, so that a number in one need not look like a
card number: what stands where one belongs is masked as well. The exact bytes remain in the file,
which is the evidence; object version, offset and length lead to them. Source: PCI DSS 4.0.1, 3.5.1.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from processor.domain.card import (
    CARD_NUMBER_DIGITS_MAX,
    CARD_NUMBER_DIGITS_MIN,
    LAST_DIGITS_SHOWN,
)
from processor.domain.forms import CHAIN
from processor.domain.layout import canonical_name
from processor.domain.masking import Found, in_each_reading, mask
from processor.domain.names import fold, is_card_number_name
from processor.domain.sensitive import (
    Sensitive,
    keys_in_text,
    sensitive_in_header,
    sensitive_in_text,
)
from processor.domain.separators import GAP
from processor.domain.transaction import CARD_NUMBER_FIELD
from processor.formats.csv_grammar import field_span
from processor.formats.records import RawRecord

_NUL = re.compile("\0+")
_SURROGATE_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_JSON_ESCAPE = re.compile(rf"\\\\|{_SURROGATE_PAIR}|\\u[0-9a-fA-F]{{4}}|\0+")
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
_OTHER_ESCAPE = re.compile(r"\\.", re.DOTALL)
_SYNTAX: Final = ('"', "\\")
"""What an escape may stand for without being it: resolved, these would end the text they are in."""

_NEUTRAL: Final = "\n"
"""What stands for those: no digit, letter or separator, no quote, and no part of track data."""

_MEMBER = re.compile(
    r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"(?:\s*+:\s*+("[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s,\]}"]++))?',
    re.DOTALL,
)
"""A text of a JSON document, and its value if it is a name. Each is taken whole, so that nothing is
looked at twice, however many quotes a text has in it."""

_DIGIT = re.compile(r"\d")
_LOOSE_IN_JSON = re.compile(r"\d++(?:[\W_]{1,5}\d++)*+")
_LOOSE_IN_CSV = re.compile(r"\d++(?:(?:[^\w,]|_){1,3}\d++)*+")
"""Groups of digits with anything but letters between them: dots, or the quotes of an array. A comma
of CSV divides fields, so that a date beside a card number stays."""

_DIGIT_OR_GAP = rf"[\d{GAP[1:]}"
_CUT_END = re.compile(
    rf"(?<!{_DIGIT_OR_GAP})(?:{_DIGIT_OR_GAP}|(?<=\\)t)++"
    r"(?:[\ud800-\udbff]\\?)?(?:(?<=\\)[ux][0-9a-fA-F]{0,3}|%[0-9a-fA-F]?)?[\udc80-\udcff]{0,3}$"
)
"""Digits at the end, whatever divides them, before what may be left of an escape or of a character
that was cut."""


class Redactor:
    """Masks card numbers in the raw records of one file.

    Args:
        header: The column names of a CSV file; None if each record brings its names, as JSON does.
    """

    def __init__(self, header: tuple[str, ...] | None) -> None:
        self._is_json = header is None
        canonical = [canonical_name(name) for name in header or ()]
        self._column = (
            canonical.index(CARD_NUMBER_FIELD) if CARD_NUMBER_FIELD in canonical else None
        )

    def redact(self, record: RawRecord) -> tuple[bytes, int]:
        """Gives a record's bytes with every digit of a card number masked but its last four.

        Masked are the numbers that are found in any text; the value of a card number field; in a
        record that could not be split and has such a field, all runs of digits that may be one; and
        digits at the end of bytes that were cut there.

        Args:
            record: The record; names and values are not needed.

        Returns:
            The bytes, those of the record if there is nothing to mask, and how many were masked.
        """
        text = _Text(record.raw, is_json=self._is_json)
        more = list(self._fields(text.plain, is_whole=record.defect is None))
        if record.byte_length > len(record.raw):
            more += in_each_reading(text.plain, _at_the_cut)
        masked, count = mask(text.plain, more)
        return (text.with_masked(masked) if count else record.raw), count

    def _fields(self, text: str, *, is_whole: bool) -> Iterator[Found]:
        """What stands where a card number belongs."""
        if self._is_json:
            if is_whole:
                yield from _json_values(text)
            elif _names_card_number(text):
                yield from _runs(text, _LOOSE_IN_JSON)
        elif self._column is not None:
            if is_whole:
                yield from _value(text, *field_span(text, self._column))
            else:
                yield from _runs(text, _LOOSE_IN_CSV)


def sensitive_in_record(record: RawRecord, *, is_json: bool) -> Sensitive | None:
    """What sensitive field a record names that was refused, in a key or as the header of a table.

    Args:
        record: The record; names and values are not needed.
        is_json: Whether it has keys. In CSV what looks like one is a value.
    """
    text = _Text(record.raw, is_json=is_json).plain
    kind = sensitive_in_text(text) if is_json else None
    # In what was meant to be an object, words between commas are values.
    is_object = is_json and text.lstrip().startswith("{")
    return kind or (None if is_object else sensitive_in_header(text))


class _Text:
    """Bytes as the text that they mean: escapes resolved, NULs left out; and back.

    Args:
        raw: The bytes, UTF-8 or not.
        is_json: Whether `\\u0034` means a character.
    """

    def __init__(self, raw: bytes, *, is_json: bool) -> None:
        # What is no UTF-8 comes out of this, and goes into bytes again, unchanged.
        self._written = raw.decode("utf-8", "surrogateescape")
        self._pieces: list[str] | None = None
        self.plain = self._written
        is_plain = "\0" not in self._written and not (is_json and "\\u" in self._written)
        if not is_plain:
            self._pieces = _pieces(self._written, _JSON_ESCAPE if is_json else _NUL)
            self.plain = "".join(map(_meant, self._pieces))

    def with_masked(self, masked: str) -> bytes:
        """The bytes, with a mask in place of each character that was masked in `plain`."""
        if self._pieces is None:
            return masked.encode("utf-8", "surrogateescape")
        characters = iter(masked)
        written = []
        for piece in self._pieces:
            before = _meant(piece)
            after = next(characters) if before else ""
            written.append(piece if after == before else after)
        return "".join(written).encode("utf-8", "surrogateescape")


def _pieces(written: str, special: re.Pattern[str]) -> list[str]:
    """The text cut into what means one character, or none: characters, escapes, runs of NULs."""
    pieces: list[str] = []
    at = 0
    for match in special.finditer(written):
        pieces += written[at : match.start()]
        # A backslash that is escaped stays as it is.
        if _meant(match[0]) == match[0]:
            pieces += match[0]
        else:
            pieces.append(match[0])
        at = match.end()
    pieces += written[at:]
    return pieces


def _meant(piece: str) -> str:
    """What a piece means: the character of an escape, nothing for NULs, otherwise itself.

    An escaped quote or backslash means one character too, but one that changes no syntax: its last
    digits are not those of a number that follows.
    """
    if len(piece) == 1 and piece != "\0":
        return piece
    if piece.startswith("\0"):
        return ""
    if not piece.startswith("\\u"):
        return piece
    character: str = json.loads(f'"{piece}"')
    return _NEUTRAL if character in _SYNTAX else character


def _at_the_cut(text: str) -> Iterator[Found]:
    """The digits before a cut: they may be all but the last ones of a card number."""
    if cut := _CUT_END.search(text):
        yield from _all_digits(text, *cut.span())


def _names_card_number(text: str) -> bool:
    """Whether a JSON text that could not be read has a card number field, or speaks of one."""
    return "cardnumber" in fold(text) or any(map(is_card_number_name, keys_in_text(text)))


def _json_values(text: str) -> Iterator[Found]:
    """The values of card number members at any depth; all digits of one that is nested."""
    behind = 0
    for member in _MEMBER.finditer(text):
        start, end = member.span(2)
        if start < behind or not is_card_number_name(_OTHER_ESCAPE.sub("", member[1])):
            continue
        if text[start] in "[{":
            _, behind = _DECODER.raw_decode(text, start)
            yield from _all_digits(text, start, behind)
        else:
            yield from _value(text, start, end)


def _value(text: str, start: int, end: int) -> Iterator[Found]:
    """A value that should be a card number; four digits are no more than may be shown anyway.

    The last four stay where it is digits and separators only: anything else could be what the last
    four digits belong to, such as an expiry date or a verification code.
    """
    places = _places(text, start, end)
    if len(places) <= LAST_DIGITS_SHOWN:
        return
    first, behind = places[0], places[-1] + 1
    is_number = len(places) <= CARD_NUMBER_DIGITS_MAX and CHAIN.fullmatch(text, first, behind)
    yield Found(first, places[-LAST_DIGITS_SHOWN] if is_number else behind, behind, behind)


def _runs(text: str, loose: re.Pattern[str]) -> Iterator[Found]:
    """Everything that has the digits of a card number, whatever they are and what divides them."""
    for run in loose.finditer(text):
        start, end = run.span()
        places = _places(text, start, end)
        if len(places) < CARD_NUMBER_DIGITS_MIN:
            continue
        if len(places) <= CARD_NUMBER_DIGITS_MAX and CHAIN.fullmatch(text, start, end):
            yield Found(start, places[-LAST_DIGITS_SHOWN], end, end)
        else:
            # More than one number, or more than a number: which digits are the last four?
            yield from _all_digits(text, start, end)


def _all_digits(text: str, start: int, end: int) -> Iterator[Found]:
    places = _places(text, start, end)
    if places:
        behind = places[-1] + 1
        yield Found(places[0], behind, behind, behind)


def _places(text: str, start: int, end: int) -> list[int]:
    return [match.start() for match in _DIGIT.finditer(text, start, end)]
