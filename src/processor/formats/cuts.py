"""Where a file may be cut into parts, and how many records lie between two cuts.

The boundaries are those at which `csv.read` and `ndjson.read` see a record end, so that the parts
of a file hold exactly its records. Nothing is decoded and no record is looked at for itself where
that can be avoided: counting must cost little against processing.

A cut lies near the end of a part, and yet all bytes of a CSV before it must be read: whether a line
end lies in quotes is decided by every quote before it, and the number of a part's first record by
every record. NDJSON is cut by reading at the cuts alone; counting is left to the parts.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from processor.formats.csv import Header
from processor.formats.csv_grammar import LF, LineEnd, RecordEnd
from processor.formats.stream import LENGTH_HELD_MAX, PIECE_BYTES_MAX, WHITE_SPACE

_LINE_END = b"\n"
_BLANK_LINE = re.compile(rb"\n[" + WHITE_SPACE.replace(b"\n", b"") + rb"]*+(?=\n)")


class Cut(NamedTuple):
    """The end of a part.

    Args:
        byte_offset: Offset behind its last byte.
        record_count: Records in it; None if they were not counted.
    """

    byte_offset: int
    record_count: int | None


def csv_cuts(
    chunks: Iterable[bytes], begin: int, header: Header, next_target: Callable[[int], int]
) -> Iterator[Cut]:
    """Cuts a CSV file, or the rest of one, into parts of whole records.

    What the chunks raise comes out unchanged.

    Args:
        chunks: The bytes from `begin` on, in chunks of any size.
        begin: Offset of the first of these bytes, where a record begins.
        header: The header of the file.
        next_target: Where a part that begins at an offset should end. It ends at the first end of a
            record there or behind; the last one ends with the bytes.
    """
    scan = _CsvScan(begin, header, next_target)
    for chunk in chunks:
        for at in range(0, len(chunk), PIECE_BYTES_MAX):
            yield from scan.take(chunk[at : at + PIECE_BYTES_MAX])
    yield from scan.finish()


class _CsvScan:
    """Looks for cuts piece by piece.

    Up to a target records are only counted; behind it the end of one is looked for, step by step.
    """

    def __init__(self, begin: int, header: Header, next_target: Callable[[int], int]) -> None:
        self._offset = self._begin = begin
        self._next_target = next_target
        self._target = next_target(begin)
        self._records = _RecordCount(header.line_end)

    def take(self, piece: bytes) -> Iterator[Cut]:
        """Gives the cuts in the piece."""
        while piece:
            # The byte before the target may be the terminator that makes it a cut.
            before_target = max(0, self._target - len(b"\n") - self._offset)
            piece = self._count(piece, before_target)
            end = self._records.end_in(piece)
            piece = self._count(piece, end if end > 0 else len(piece))
            if end > 0:
                yield self._cut()
                self._target = self._next_target(self._offset)

    def finish(self) -> Iterator[Cut]:
        """Gives the end of the bytes as the last cut, if anything is left before it."""
        self._records.finish()
        if self._offset > self._begin:
            yield self._cut()

    def _count(self, piece: bytes, end: int) -> bytes:
        """Counts the records before an offset in the piece, and gives what is left of it."""
        self._records.add(piece[:end])
        self._offset += min(end, len(piece))
        return piece[end:]

    def _cut(self) -> Cut:
        cut = Cut(self._offset, self._records.count)
        self._begin, self._records.count = self._offset, 0
        return cut


class _RecordCount:
    """Counts records in consecutive bytes.

    Quoted fields are taken out of the bytes, all of a piece at once; each terminator that is left
    ends a record. Of the record that goes on in the next bytes only so much is kept as decides how
    those are to be read: a few bytes that leave a reader in the same state.

    Attributes:
        count: Records that have ended; blank lines are none.
    """

    def __init__(self, line_end: LineEnd) -> None:
        self.count = 0
        self._line_end = line_end
        self._terminator = line_end.terminator
        self._blank_lines = (b"", b"\r") if line_end is LF else (b"",)
        self._begun = b""

    def add(self, data: bytes) -> None:
        """Takes the bytes that follow."""
        if not data:
            return
        # A terminator before them, so that the first record begins as all others do.
        body = outside = self._terminator + self._begun + data
        is_quoted_last = False
        if b'"' in body:
            segments = self._line_end.quoted.split(body)
            # Something for each quoted field, so that its line does not seem blank.
            outside = b"x".join(segments)
            is_quoted_last = not segments[-1]
        self.count += self._records_in(outside)
        if is_quoted_last:
            is_open = (body.count(b'"') - outside.count(b'"')) % 2
            # One that is closed may still go on: the next quote would be the second of a pair.
            self._begun = b',"' if is_open else b',""'
        else:
            self._begun = self._end_of(outside[outside.rindex(self._terminator) + 1 :])

    def _records_in(self, outside: bytes) -> int:
        if not self._line_end.blank.search(outside):
            return outside.count(self._terminator) - 1
        # What lies before the first terminator, and behind the last one, is no line.
        lines = outside.split(self._terminator)[1:-1]
        return len(lines) - sum(lines.count(blank) for blank in self._blank_lines)

    def _end_of(self, record: bytes) -> bytes:
        if record in self._blank_lines:
            return record
        return b"," if record.endswith(b",") else b"x"

    def end_in(self, data: bytes) -> int:
        """Where the current record ends in the bytes that follow, which are not taken; or -1."""
        ends = RecordEnd(self._line_end.stop)
        ends.find(self._begun, 0)
        return ends.find(data, 0)

    def finish(self) -> None:
        """Counts the last record, if it has no terminator."""
        self.count += self._begun not in self._blank_lines


def ndjson_cut(open_stream: Callable[[int], Iterator[bytes]], target: int, size_bytes: int) -> int:
    """Where the first line begins at or behind an offset, found by reading just there.

    Args:
        open_stream: Gives the bytes of the file from an offset on.
        target: The offset; not 0.
        size_bytes: Size of the file, which is the answer where no line begins.
    """
    if target >= size_bytes:
        return size_bytes
    byte_offset = target - 1
    for chunk in open_stream(byte_offset):
        end = chunk.find(_LINE_END) + 1
        if end:
            return byte_offset + end
        byte_offset += len(chunk)
    return size_bytes


def ndjson_count(chunks: Iterable[bytes]) -> int:
    """How many records whole lines hold: all that are not blank.

    Args:
        chunks: The bytes, in chunks of any size. The last line needs no line end.
    """
    count = 0
    line = _Line()
    for chunk in chunks:
        for at in range(0, len(chunk), PIECE_BYTES_MAX):
            piece = chunk[at : at + PIECE_BYTES_MAX]
            first_end = piece.find(_LINE_END) + 1
            line.add(piece[:first_end] if first_end else piece)
            if first_end:
                last_end = piece.rfind(_LINE_END) + 1
                count += line.is_record + _lines_with_content(piece[first_end:last_end])
                line = _Line()
                line.add(piece[last_end:])
    return count + line.is_record


class _Line:
    """A line that may go on in the next piece."""

    def __init__(self) -> None:
        self.byte_length = 0
        self.is_blank = True

    def add(self, data: bytes) -> None:
        self.byte_length += len(data)
        self.is_blank = self.is_blank and not data.strip(WHITE_SPACE)

    @property
    def is_record(self) -> bool:
        """A line too long to be held is one whatever it holds: nobody looks."""
        return not self.is_blank or self.byte_length > LENGTH_HELD_MAX


def _lines_with_content(body: bytes) -> int:
    """Lines that are not blank, in whole lines."""
    return body.count(_LINE_END) - len(_BLANK_LINE.findall(_LINE_END + body))
