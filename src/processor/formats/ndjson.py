"""NDJSON: one JSON object a line.

Source: https://github.com/ndjson/ndjson-spec
"""

from collections.abc import Iterable

from processor.domain.position import Position
from processor.domain.reject import Reason
from processor.formats.json_text import ObjectReader
from processor.formats.records import Break, Records
from processor.formats.stream import WHITE_SPACE, Pieces, Unfinished, without_terminator

_LINE_END = b"\n"


def read(chunks: Iterable[bytes], start: Position) -> Records:
    """Reads the lines of a file, or of a part of one that begins at a line.

    A line ends at LF only; a CR before it belongs to the line end. Blank lines are no records.

    Args:
        chunks: The bytes from `start` on, in chunks of any size.
        start: Where the first of these bytes lies.
    """
    pieces = Pieces(chunks)
    lines = _Lines(start)
    for piece in pieces:
        yield from lines.take(piece)
    yield from lines.finish(pieces.broken)


class _Lines:
    def __init__(self, start: Position) -> None:
        self._offset = start.byte_offset
        self._number = start.record_number
        self._reader = ObjectReader()
        self._unfinished: Unfinished | None = None

    def take(self, piece: bytes) -> Records:
        """Gives the records that end in the piece, and keeps the beginning of the next."""
        begin = 0
        if self._unfinished is not None:
            begin = piece.find(_LINE_END) + 1
            self._unfinished.add(piece[:begin] if begin else piece)
            if begin:
                yield from self._close(self._unfinished)
        if begin or self._unfinished is None:
            end = max(begin, piece.rfind(_LINE_END) + 1)
            yield from self._whole_lines(piece[begin:end], self._offset + begin)
            self._unfinished = None
            if end < len(piece):
                self._unfinished = Unfinished(self._offset + end)
                self._unfinished.add(piece[end:])
        self._offset += len(piece)

    def _whole_lines(self, body: bytes, offset: int) -> Records:
        record = self._reader.record
        has_cr = b"\r" in body
        for line in body.split(_LINE_END):
            raw = line.removesuffix(b"\r") if has_cr else line
            # The quick test first: nearly every line begins with a brace.
            if raw.startswith(b"{") or raw.strip(WHITE_SPACE):
                yield record(self._number, offset, raw)
                self._number += 1
            offset += len(line) + 1

    def _close(self, line: Unfinished) -> Records:
        whole = line.whole
        if whole is None:
            yield line.too_long(self._number, _LINE_END)
            self._number += 1
            return
        raw = without_terminator(whole, _LINE_END)
        if raw.strip(WHITE_SPACE):
            yield self._reader.record(self._number, line.byte_offset, raw)
            self._number += 1

    def finish(self, broken: Reason | None) -> Records:
        """Gives the last line, if it has no end, and the break, if the stream broke."""
        line = self._unfinished
        if line is not None and broken is None:
            yield from self._close(line)
        elif line is not None and broken is not None and not _is_blank(line):
            yield line.tail(self._number, broken)
            yield Break(broken, line.byte_offset, self._number)
        elif broken is not None:
            yield Break(broken, self._offset, self._number)


def _is_blank(line: Unfinished) -> bool:
    whole = line.whole
    return whole is not None and not whole.strip(WHITE_SPACE)
