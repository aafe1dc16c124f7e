"""JSON files: one array, whose elements are the records, or one object, which is the record.

An array is never held whole: its elements are found one by one. One that is malformed but has an
end is one reject, and its neighbours are read. Where separators are wrong, the piece that should
not be there is the reject: a value without a comma before it, a comma without a value on either
side of it.
"""

import re
from collections.abc import Iterable
from enum import Enum

from processor.domain.position import Position
from processor.domain.reject import Reason
from processor.formats.json_text import ObjectReader
from processor.formats.json_values import WHOLE_OBJECT, ValueEnd
from processor.formats.records import Break, RawRecord, Records
from processor.formats.stream import Pieces, Unfinished, refused

_ELEMENT = re.compile(rb"[ \t\r\n]*+(" + WHOLE_OBJECT + rb")[ \t\r\n]*+,", re.DOTALL)
_NOT_WHITE = re.compile(rb"[^ \t\r\n]")

_PRECEDENCE = {reason: place for place, reason in enumerate(Reason)}


class _After(Enum):
    """What was read last."""

    NOTHING = 0
    OPENING = 1
    VALUE = 2
    COMMA = 3
    STRAY_COMMA = 4
    CLOSING = 5


def read_array(chunks: Iterable[bytes], start: Position) -> Records:
    """Reads the elements of the array that is the file.

    Args:
        chunks: The bytes from the opening bracket on, white space before it allowed.
        start: Where the first of these bytes lies.
    """
    return _read(chunks, _Document(start, is_array=True))


def read_array_on(chunks: Iterable[bytes], start: Position) -> Records:
    """Goes on reading the array that is the file, behind one of its elements.

    Args:
        chunks: The bytes from the end of the element on, its comma among them.
        start: Where the first of these bytes lies.
    """
    after = _After.STRAY_COMMA if start.after_stray_comma else _After.VALUE
    return _read(chunks, _Document(start, is_array=True, after=after))


def read_object(chunks: Iterable[bytes], start: Position) -> Records:
    """Reads the object that is the file; it may span lines.

    Args:
        chunks: The bytes from the opening brace on, white space before it allowed.
        start: Where the first of these bytes lies.
    """
    return _read(chunks, _Document(start, is_array=False))


def read_object_on(chunks: Iterable[bytes], start: Position) -> Records:
    """Goes on reading behind the object that is the file: nothing may follow it.

    Args:
        chunks: The bytes from the end of the object on.
        start: Where the first of these bytes lies.
    """
    return _read(chunks, _Document(start, is_array=False, after=_After.CLOSING))


def _read(chunks: Iterable[bytes], document: "_Document") -> Records:
    pieces = Pieces(chunks)
    for piece in pieces:
        yield from document.take(piece)
    yield from document.finish(pieces.broken)


class _Document:
    def __init__(self, start: Position, *, is_array: bool, after: _After = _After.NOTHING) -> None:
        self._offset = start.byte_offset
        self._number = start.record_number
        self._is_array = is_array
        self._after = after
        self._comma_offset = 0
        self._reader = ObjectReader()
        self._value_end = ValueEnd()
        self._unfinished: Unfinished | None = None

    def take(self, piece: bytes) -> Records:
        """Gives the records that end in the piece."""
        at = 0
        if self._unfinished is not None:
            # Behind the document nothing ends any more.
            is_over = self._after is _After.CLOSING
            at = -1 if is_over else self._value_end.find(piece, 0)
            self._unfinished.add(piece if at < 0 else piece[:at])
            if at >= 0:
                yield self._close(self._unfinished)
                self._unfinished = None
        if self._unfinished is None:
            yield from self._take_from(piece, at)
        self._offset += len(piece)

    def _take_from(self, piece: bytes, at: int) -> Records:
        while True:
            if self._after in (_After.OPENING, _After.COMMA, _After.STRAY_COMMA):
                while element := _ELEMENT.match(piece, at):
                    yield self._value(self._offset + element.start(1), element[1])
                    at = element.end()
                    self._after = _After.COMMA
                    self._comma_offset = self._offset + at - 1
            found = _NOT_WHITE.search(piece, at)
            if found is None:
                return
            at = found.start()
            if self._after is _After.CLOSING:
                self._unfinished = Unfinished(self._offset + at)
                self._unfinished.add(piece[at:])
                return
            if self._is_array and found[0] in b",[]" and not self._begins_value(found[0]):
                yield from self._punctuation(found[0], self._offset + at)
                at += 1
                continue
            end = self._value_end.find(piece, at)
            if end < 0:
                self._unfinished = Unfinished(self._offset + at)
                self._unfinished.add(piece[at:])
                return
            yield self._value(self._offset + at, piece[at:end])
            at = end

    def _begins_value(self, byte: bytes) -> bool:
        return byte == b"[" and self._after is not _After.NOTHING

    def _punctuation(self, byte: bytes, offset: int) -> Records:
        """Takes the bracket that opens the array, a comma, or the bracket that closes it."""
        if byte == b"[":
            self._after = _After.OPENING
        elif byte == b"]":
            if self._after is _After.COMMA:
                yield self._stray_comma(self._comma_offset)
            self._after = _After.CLOSING
        elif self._after is _After.VALUE:
            self._after = _After.COMMA
            self._comma_offset = offset
        else:
            self._after = _After.STRAY_COMMA
            yield self._stray_comma(offset)

    def _stray_comma(self, offset: int) -> RawRecord:
        record = refused(self._number, offset, b",", Reason.JSON_SYNTAX)
        self._number += 1
        return record

    def _value(self, offset: int, raw: bytes) -> RawRecord:
        return self._count(self._reader.record(self._number, offset, raw))

    def _close(self, value: Unfinished) -> RawRecord:
        whole = value.whole
        if whole is None:
            return self._count(value.too_long(self._number))
        return self._value(value.byte_offset, whole)

    def _count(self, record: RawRecord) -> RawRecord:
        """Numbers the next record, and refuses this one if no comma is before it."""
        if self._after is _After.VALUE:
            defect = record.defect or Reason.JSON_SYNTAX
            first = min(defect, Reason.JSON_SYNTAX, key=_PRECEDENCE.__getitem__)
            record = record._replace(names=(), values=(), defect=first)
        self._number += 1
        self._after = _After.VALUE if self._is_array else _After.CLOSING
        return record

    def finish(self, broken: Reason | None) -> Records:
        """Gives what has no end, and the break, if the document or the stream ended wrongly."""
        is_over = self._after is _After.CLOSING
        reason = broken
        if reason is None and not is_over:
            reason = Reason.JSON_UNTERMINATED
        elif reason is None and self._unfinished is not None:
            reason = Reason.JSON_TRAILING_DATA
        if reason is None:
            return
        offset = self._offset
        if self._unfinished is not None:
            offset = self._unfinished.byte_offset
            yield self._unfinished.tail(self._number, reason)
        yield Break(reason, offset, self._number)
