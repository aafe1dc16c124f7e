"""Where a file may be cut into parts, and how many records lie between two cuts.

The boundaries are those at which `csv.read` and `ndjson.read` see a record end, so that the parts
of a file hold exactly its records. Nothing is decoded and no record is looked at for itself where
that can be avoided: counting must cost little against processing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from processor.formats.csv import Header
from processor.formats.csv_grammar import LF, RecordEnd
from processor.formats.stream import LENGTH_HELD_MAX, PIECE_BYTES_MAX, WHITE_SPACE

_LINE_END = b"\n"
_BLANK_LINE_BEGINS = tuple(_LINE_END + white.to_bytes() for white in WHITE_SPACE)
_BLANK_BYTES_MAX = len(b"\r\n")


@dataclass(frozen=True, slots=True)
class Cut:
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

    A record that goes on in the next piece is held only as far as a blank line can be long.
    """

    def __init__(self, begin: int, header: Header, next_target: Callable[[int], int]) -> None:
        self._offset = self._begin = begin
        self._next_target = next_target
        self._target = next_target(begin)
        self._count = 0
        self._line_end = header.line_end
        self._blank_lines = (b"", b"\r") if header.line_end is LF else (b"",)
        self._ends = RecordEnd(header.line_end.stop)
        self._unfinished: bytes | None = None

    def take(self, piece: bytes) -> Iterator[Cut]:
        """Gives the cuts in the piece."""
        at = 0
        if self._unfinished is not None:
            at = self._ends.find(piece, 0)
            self._hold(piece if at < 0 else piece[:at])
            if at >= 0:
                self._close()
                yield from self._cut_at(at)
        while 0 <= at < len(piece):
            at = self._skip_records(piece, at)
            if at >= 0:
                yield from self._cut_at(at)
        self._offset += len(piece)

    def finish(self) -> Iterator[Cut]:
        """Gives the end of the bytes as the last cut, if anything is left before it."""
        if self._unfinished is not None:
            self._close()
        if self._offset > self._begin:
            yield Cut(self._offset, self._count)

    def _cut_at(self, at: int) -> Iterator[Cut]:
        """Cuts where a record has ended, if the part is long enough."""
        end = self._offset + at
        if end >= self._target:
            yield Cut(end, self._count)
            self._begin, self._count = end, 0
            self._target = self._next_target(end)

    def _skip_records(self, piece: bytes, at: int) -> int:
        """Counts records from where one begins, up to the target at most, or but one.

        Returns:
            Where in the piece they end, or -1 if the last one goes on in the next piece.
        """
        terminator = self._line_end.terminator
        quote = piece.find(b'"', at)
        stop = quote if quote >= 0 else len(piece)
        plain_end = piece.rfind(terminator, at, stop) + 1
        if plain_end > at:
            target = piece.find(terminator, max(at, self._target - 1 - self._offset), stop) + 1
            plain_end = target or plain_end
            self._count += self._lines(piece[at:plain_end])
            return plain_end
        record = self._line_end.record.match(piece, at) if quote >= 0 else None
        end = record.end() if record else self._ends.find(piece, at)
        if end >= 0:
            # A record with a quote in it is not blank.
            self._count += 1
        else:
            self._unfinished = b""
            self._hold(piece[at:])
        return end

    def _lines(self, body: bytes) -> int:
        """Lines that are not blank, in lines without a quote, all with their terminators."""
        terminator = self._line_end.terminator
        count = body.count(terminator)
        if (
            not body.startswith((terminator, b"\r\n"))
            and terminator * 2 not in body
            and b"\n\r\n" not in body
        ):
            return count
        blank = sum(line in self._blank_lines for line in body.split(terminator))
        # What follows the last terminator is no line.
        return count - (blank - 1)

    def _hold(self, data: bytes) -> None:
        held = self._unfinished or b""
        self._unfinished = held + data[: _BLANK_BYTES_MAX + 1 - len(held)]

    def _close(self) -> None:
        """Counts the record that has ended, unless it is a blank line."""
        content = (self._unfinished or b"").removesuffix(self._line_end.terminator)
        self._count += content not in self._blank_lines
        self._unfinished = None


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


@dataclass(slots=True)
class _Line:
    """A line that may go on in the next piece."""

    byte_length: int = 0
    is_blank: bool = True

    def add(self, data: bytes) -> None:
        self.byte_length += len(data)
        self.is_blank = self.is_blank and not data.strip(WHITE_SPACE)

    @property
    def is_record(self) -> bool:
        """A line too long to be held is one whatever it holds: nobody looks."""
        return not self.is_blank or self.byte_length > LENGTH_HELD_MAX


def _lines_with_content(body: bytes) -> int:
    may_begin_blank = _LINE_END + body[:1] in _BLANK_LINE_BEGINS
    if not may_begin_blank and not any(begin in body for begin in _BLANK_LINE_BEGINS):
        return body.count(_LINE_END)
    return sum(1 for line in body.split(_LINE_END) if line.strip(WHITE_SPACE))
