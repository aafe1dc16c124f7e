"""CSV with a header, as RFC 4180 has it, the field separator a comma.

Lines without a quote are records, and are taken many at a time; a record with quotes is checked by
one pattern; only what that pattern refuses, or what goes on in the next piece, is looked at step by
step.
"""

import codecs
import re
from collections.abc import Iterable
from typing import NamedTuple

from processor.domain.position import Position
from processor.domain.reject import Reason
from processor.formats.csv_grammar import (
    ANY_LINE_END,
    CR,
    LF,
    WELL_FORMED,
    WELL_QUOTED,
    LineEnd,
    RecordEnd,
    split_fields,
)
from processor.formats.records import RECORD_BYTES_MAX, Break, RawRecord, Records
from processor.formats.stream import Pieces, Source, Unfinished, refused, without_terminator

_HEADER_BYTES_EXPECTED = 64 * 1024

# The name of a column has none of them; a file that is not text soon has one.
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")


class Header(NamedTuple):
    """What must be known of a file to read records anywhere in it.

    Args:
        names: The column names as the file spells them.
        line_end: How the records of the file end.
    """

    names: tuple[str, ...]
    line_end: LineEnd = LF


def read_header(source: Source) -> Header | Reason:
    """Reads the first record of a file, and leaves the source where the next one begins.

    Args:
        source: At the header; blank lines before it are gone.

    Returns:
        The header, or why the file as a whole cannot be read.
    """
    # The second look is for a header of unusual length, and for a CR that may be half of a CRLF.
    for size in (_HEADER_BYTES_EXPECTED, RECORD_BYTES_MAX + len("\r\n") + 1):
        head = source.peek(size)
        ends = RecordEnd(ANY_LINE_END)
        end = ends.find(head, 0)
        if len(head) < size or 0 <= end < size:
            break
    if end < 0:
        if len(head) < size and source.broken is not None:
            return source.broken
        if len(head) < size and ends.is_in_quotes:
            return Reason.CSV_UNTERMINATED_QUOTE
        end = len(head)
    line_end = LF
    if head[end - 1 : end + 1] == b"\r\n":
        end += 1
    elif head[end - 1 : end] == b"\r":
        line_end = CR
    names = _names(without_terminator(head[:end], line_end.terminator))
    if isinstance(names, Reason):
        return names
    source.drop(end)
    return Header(names, line_end)


def _names(raw: bytes) -> tuple[str, ...] | Reason:
    try:
        # A header that is too long is not whole, and may end within a character.
        text, _ = codecs.utf_8_decode(raw, "strict", len(raw) <= RECORD_BYTES_MAX)
    except UnicodeDecodeError:
        return Reason.BAD_ENCODING
    if _CONTROL.search(text):
        return Reason.FORMAT_UNKNOWN
    if len(raw) > RECORD_BYTES_MAX:
        return Reason.RECORD_TOO_LARGE
    if not WELL_FORMED.fullmatch(raw):
        return Reason.CSV_QUOTE
    return tuple(split_fields(text))


def read(chunks: Iterable[bytes], start: Position, header: Header) -> Records:
    """Reads the records of a file, or of a part of one that begins at a record.

    Blank lines are no records. The last record needs no line end.

    Args:
        chunks: The bytes from `start` on, the header not among them, in chunks of any size.
        start: Where the first of these bytes lies.
        header: The header of the file.
    """
    pieces = Pieces(chunks)
    rows = _Rows(start, header)
    for piece in pieces:
        yield from rows.take(piece)
    yield from rows.finish(pieces.broken)


class _Rows:
    def __init__(self, start: Position, header: Header) -> None:
        self._offset = start.byte_offset
        self._number = start.record_number
        self._names = header.names
        self._line_end = header.line_end
        self._ends = RecordEnd(header.line_end.stop)
        self._unfinished: Unfinished | None = None

    def take(self, piece: bytes) -> Records:
        """Gives the records that end in the piece, and keeps the beginning of the next."""
        begin = 0
        if self._unfinished is not None:
            begin = self._ends.find(piece, 0)
            self._unfinished.add(piece if begin < 0 else piece[:begin])
            if begin >= 0:
                yield from self._close(self._unfinished)
                self._unfinished = None
        if self._unfinished is None:
            yield from self._take_from(piece, begin)
        self._offset += len(piece)

    def _take_from(self, piece: bytes, at: int) -> Records:
        line_end = self._line_end
        while at < len(piece):
            quote = piece.find(b'"', at)
            stop = quote if quote >= 0 else len(piece)
            plain_end = piece.rfind(line_end.terminator, at, stop) + 1
            if plain_end > at:
                yield from self._plain_lines(piece[at:plain_end], self._offset + at)
                at = plain_end
                continue
            record = line_end.record.match(piece, at) if quote >= 0 else None
            if record is not None:
                yield self._well_formed(piece[at : record.start(1)], self._offset + at)
                at = record.end()
                continue
            end = self._ends.find(piece, at)
            if end < 0:
                self._unfinished = Unfinished(self._offset + at)
                self._unfinished.add(piece[at:])
                return
            raw = without_terminator(piece[at:end], line_end.terminator)
            yield self._row(raw, self._offset + at)
            at = end

    def _plain_lines(self, body: bytes, offset: int) -> Records:
        """Takes lines, all of them with their line ends and none with a quote."""
        terminator = self._line_end.terminator
        separator = terminator
        is_clean = b"\0" not in body
        if self._line_end.other in body:
            separator = b"\r\n"
            crlf_count = body.count(separator)
            is_clean &= crlf_count == body.count(b"\r") == body.count(b"\n")
        if not is_clean:
            yield from self._mixed_lines(body, offset)
            return
        names, width, number = self._names, len(self._names), self._number
        for raw in body.split(separator):
            if raw:
                try:
                    values = raw.decode().split(",")
                except UnicodeDecodeError:
                    values = []
                if len(values) == width:
                    yield RawRecord(number, offset, raw, len(raw), names, values)
                else:
                    self._number = number
                    yield self._row(raw, offset)
                number += 1
            offset += len(raw) + len(separator)
        self._number = number

    def _mixed_lines(self, body: bytes, offset: int) -> Records:
        """Takes lines of which some may have a CR or a NUL too many."""
        terminator = self._line_end.terminator
        for line in body.split(terminator):
            raw = without_terminator(line + terminator, terminator)
            if raw:
                yield self._row(raw, offset)
            offset += len(line) + len(terminator)

    def _well_formed(self, raw: bytes, offset: int) -> RawRecord:
        """A row that the pattern takes: as `_row`, in fewer steps."""
        if len(raw) <= RECORD_BYTES_MAX and b"\0" not in raw:
            try:
                values = split_fields(raw.decode())
            except UnicodeDecodeError:
                values = []
            if len(values) == len(self._names):
                number = self._number
                self._number = number + 1
                return RawRecord(number, offset, raw, len(raw), self._names, values)
        return self._row(raw, offset)

    def _row(self, raw: bytes, offset: int) -> RawRecord:
        number = self._number
        self._number += 1
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return refused(number, offset, raw, Reason.BAD_ENCODING)
        defect = _defect(raw)
        if defect is not None:
            return refused(number, offset, raw, defect)
        values = split_fields(text)
        if len(values) != len(self._names):
            return refused(number, offset, raw, Reason.COLUMN_COUNT)
        return RawRecord(number, offset, raw, len(raw), self._names, values)

    def _close(self, row: Unfinished) -> Records:
        whole = row.whole
        if whole is None:
            yield row.too_long(self._number, self._line_end.terminator)
            self._number += 1
            return
        raw = without_terminator(whole, self._line_end.terminator)
        if raw:
            yield self._row(raw, row.byte_offset)

    def finish(self, broken: Reason | None) -> Records:
        """Gives the last row, if it has no line end, and the break, if the file ends wrongly."""
        row = self._unfinished
        reason = broken
        if reason is None and self._ends.is_in_quotes:
            reason = Reason.CSV_UNTERMINATED_QUOTE
        if reason is None:
            if row is not None:
                yield from self._close(row)
            return
        if row is None or row.whole == b"\r":
            yield Break(reason, self._offset, self._number)
            return
        yield row.tail(self._number, reason)
        yield Break(reason, row.byte_offset, self._number)


def _defect(raw: bytes) -> Reason | None:
    if len(raw) > RECORD_BYTES_MAX:
        return Reason.RECORD_TOO_LARGE
    if b"\0" in raw:
        return Reason.NUL_BYTE
    if WELL_FORMED.fullmatch(raw):
        return None
    return Reason.CSV_BARE_CR if WELL_QUOTED.fullmatch(raw) else Reason.CSV_QUOTE
