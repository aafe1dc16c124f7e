"""The grammar of CSV records: where they end, whether they are well formed, what their fields are.

A quote opens a quoted field only at the start of a field; anywhere else it is a character like any
other as far as boundaries go, and a defect of its record. So a stray quote in the middle of a field
costs the record it is in, never the records after it. Source: RFC 4180, section 2.
"""

import csv
import itertools
import re
from enum import Enum
from typing import Final, NamedTuple

_QUOTED = rb'"[^"]*+(?:""[^"]*+)*+"'


def _record(unquoted: bytes) -> bytes:
    field = rb"(?:" + _QUOTED + rb"|" + unquoted + rb")"
    return field + rb"(?:," + field + rb")*+"


_WELL_FORMED = _record(rb'[^",\r\n]*+')

WELL_FORMED = re.compile(_WELL_FORMED)
"""Matches a whole record, without its terminator, that has no defect."""

WELL_QUOTED = re.compile(_record(rb'[^",]*+'))
"""Matches a whole record, without its terminator, whose quotes are where they may be."""

_FIELD_CHARACTERS_MAX: Final = 128 * 1024
"""Longest field of Python's csv module, a setting of the whole process. A record up to here
has no longer one. Source: https://docs.python.org/3/library/csv.html#csv.field_size_limit (its
default is in Modules/_csv.c)."""

_FIELD = re.compile(r',("[^"]*+(?:""[^"]*+)*+"|[^,]*+)')


class LineEnd(NamedTuple):
    """How the records of a file end.

    Args:
        terminator: The byte that ends a record.
        other: The byte of the two, CR and LF, that does not; LF may have a CR right before it.
        record: Matches a record that has no defect and its terminator, which is group 1.
        stop: Matches what ends a field that is not quoted.
        quoted: Matches quoted fields that follow each other in one record, in bytes where a record
            begins behind the first terminator, if they are looked for from the beginning. One that
            is open where the bytes end reaches to there. What follows a closing quote up to the
            next comma is not part of it; a stray quote is not matched.
        blank: Matches a terminator with a blank line behind it.
    """

    terminator: bytes
    other: bytes
    record: re.Pattern[bytes]
    stop: re.Pattern[bytes]
    quoted: re.Pattern[bytes]
    blank: re.Pattern[bytes]


def _quoted(terminator: bytes) -> re.Pattern[bytes]:
    # A literal first, as that is what is searched for fastest. Then one step for each pair of
    # quotes within a field, and for each comma between two fields.
    return re.compile(rb'"(?<=[,%b]")[^"]*+(?:",?+"[^"]*+)*+(?:"|\Z)' % terminator)


LF = LineEnd(
    terminator=b"\n",
    other=b"\r",
    record=re.compile(_WELL_FORMED + rb"(\r?\n)"),
    stop=re.compile(rb"[,\n]"),
    quoted=_quoted(b"\n"),
    blank=re.compile(rb"\n(?=\r?\n)"),
)
CR = LineEnd(
    terminator=b"\r",
    other=b"\n",
    record=re.compile(_WELL_FORMED + rb"(\r)"),
    stop=re.compile(rb"[,\r]"),
    quoted=_quoted(b"\r"),
    blank=re.compile(rb"\r(?=\r)"),
)

ANY_LINE_END = re.compile(rb"[,\r\n]")
"""Ends a field that is not quoted as long as it is not known how records end."""


class _In(Enum):
    FIELD_START = 0
    UNQUOTED = 1
    QUOTED = 2
    QUOTED_AFTER_QUOTE = 3


class RecordEnd:
    """Looks for the end of one record after the other, in any number of pieces.

    Each byte is seen once, however long the record and however short the pieces.

    Args:
        stop: Ends a field that is not quoted: the comma, or a terminator.
    """

    def __init__(self, stop: re.Pattern[bytes]) -> None:
        self._stop = stop
        self._state = _In.FIELD_START

    @property
    def is_in_quotes(self) -> bool:
        """Whether a quoted field is open where the bytes have ended."""
        return self._state is _In.QUOTED

    def find(self, data: bytes, begin: int) -> int:
        """Goes on looking.

        Args:
            data: Bytes that follow those of the call before.
            begin: Where in them to begin; where a record begins, if the call before found an end.

        Returns:
            Where in `data` the record has ended, behind its terminator, or -1 if it goes on.
        """
        at = begin
        while at < len(data):
            if self._state is _In.QUOTED:
                at = data.find(b'"', at) + 1
                if at == 0:
                    return -1
                self._state = _In.QUOTED_AFTER_QUOTE
            elif self._state is not _In.UNQUOTED and data[at] == ord('"'):
                # Opens the field; or is the second quote of a pair, which stands for one.
                self._state = _In.QUOTED
                at += 1
            else:
                stop = self._stop.search(data, at)
                if stop is None:
                    self._state = _In.UNQUOTED
                    return -1
                self._state = _In.FIELD_START
                at = stop.end()
                if stop[0] != b",":
                    return at
        return -1


def field_span(text: str, column: int) -> tuple[int, int]:
    """Where a field of a well-formed record lies in it, its quotes included.

    Args:
        text: The record.
        column: Which field, from 0; there must be so many.
    """
    match = next(itertools.islice(_FIELD.finditer("," + text), column, None))
    return match.start(1) - 1, match.end(1) - 1


def split_fields(text: str) -> list[str]:
    """The fields of a well-formed record, quotes resolved."""
    if len(text) <= _FIELD_CHARACTERS_MAX:
        fields: list[str] = next(csv.reader((text,)))
        return fields
    return [
        field[1:-1].replace('""', '"') if field.startswith('"') else field
        for field in _FIELD.findall("," + text)
    ]
