"""One JSON text to one raw record. What is not exactly one plain object is refused, with a reason.

Python's parser takes more than JSON is, and loses some of what JSON says: NaN, duplicate keys,
digits beyond a float, lone surrogates. Each of these is closed here. Source: RFC 8259; RFC 7493.
"""

import json
import re

from processor.domain.field import FieldValue, NumberText
from processor.domain.reject import Reason
from processor.formats.records import RECORD_BYTES_MAX, RawRecord
from processor.formats.stream import refused

JSON_DEPTH_MAX = 64
"""Most levels of objects and arrays in a record.

A transaction needs two or three. DynamoDB stores 32 levels; the parser's own limit of some
thousands depends on what else is on the stack, so that it would not give the same verdict twice.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

_WHITE_SPACE = re.compile(r"[ \t\r\n]*+")
_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _NotJson(ValueError):
    """Raised when the parser meets NaN or Infinity, which JSON has not; never leaves the module."""


def _refuse_constant(_name: str) -> FieldValue:
    raise _NotJson


class ObjectReader:
    """Reads JSON texts, one after the other. Not for two threads at once."""

    def __init__(self) -> None:
        self._has_duplicate_key = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=_refuse_constant,
        )

    def _object(self, pairs: list[tuple[str, FieldValue]]) -> dict[str, FieldValue]:
        # Only noted, not raised: a syntax error may follow, and comes first in the list of reasons.
        fields = dict(pairs)
        if len(fields) != len(pairs):
            self._has_duplicate_key = True
        return fields

    def record(self, number: int, byte_offset: int, raw: bytes) -> RawRecord:
        """Reads one record.

        Args:
            number: Number of the record in its file.
            byte_offset: Where it begins.
            raw: All its bytes.

        Returns:
            The record, with its fields in the order of the text, or with its first defect.
        """
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return refused(number, byte_offset, raw, Reason.BAD_ENCODING)
        fields = self._fields(raw, text)
        if isinstance(fields, Reason):
            return refused(number, byte_offset, raw, fields)
        names = tuple(fields)
        return RawRecord(number, byte_offset, raw, len(raw), names, tuple(fields.values()))

    def _fields(self, raw: bytes, text: str) -> dict[str, FieldValue] | Reason:
        value = _defect(raw) or self._parse(text)
        if isinstance(value, Reason):
            return value
        if self._has_duplicate_key:
            return Reason.JSON_DUPLICATE_KEY
        if _SURROGATE_ESCAPE.search(raw) and _has_surrogate(value):
            return Reason.JSON_SURROGATE
        return value

    def _parse(self, text: str) -> dict[str, FieldValue] | Reason:
        self._has_duplicate_key = False
        white = _WHITE_SPACE.match(text)
        try:
            value, end = self._decoder.raw_decode(text, white.end() if white else 0)
        except (json.JSONDecodeError, _NotJson):
            return Reason.JSON_SYNTAX
        if end != len(text) and not _WHITE_SPACE.fullmatch(text, end):
            return Reason.JSON_SYNTAX
        return value if isinstance(value, dict) else Reason.JSON_NOT_OBJECT


def _defect(raw: bytes) -> Reason | None:
    """Why a text is not even parsed."""
    if len(raw) > RECORD_BYTES_MAX:
        return Reason.RECORD_TOO_LARGE
    if b"\0" in raw:
        return Reason.NUL_BYTE
    return Reason.JSON_DEPTH if _is_too_deep(raw) else None


def _is_too_deep(raw: bytes) -> bool:
    """Whether brackets are nested too deep, those in strings not counted."""
    if raw.count(b"{") + raw.count(b"[") <= JSON_DEPTH_MAX:
        return False
    depth = deepest = 0
    for token in _STRING_OR_BRACKET.finditer(raw):
        first = raw[token.start()]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest > JSON_DEPTH_MAX


def _has_surrogate(value: FieldValue) -> bool:
    """Whether a string, or a key, has half of a pair: no UTF-8, so that it could not be stored."""
    if isinstance(value, str):
        return _SURROGATE.search(value) is not None
    if isinstance(value, dict):
        return any(_has_surrogate(key) or _has_surrogate(field) for key, field in value.items())
    if isinstance(value, list):
        return any(map(_has_surrogate, value))
    return False
