"""Which format a file has: what it contains decides, its name only where the content fits two.

`docs/file-format.md` tells senders the same rules.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Literal, NamedTuple

from processor.domain.position import FILE_BEGINS, Position
from processor.domain.reject import Reason
from processor.formats import csv, gzip, json, ndjson
from processor.formats.json_values import ValueEnd
from processor.formats.records import Break, Records
from processor.formats.stream import WHITE_SPACE, Source

type Format = Literal["csv", "ndjson", "json"]
type Compression = Literal["gzip"]
type OpenStream = Callable[[int], Iterator[bytes]]
"""Gives the bytes of a file from an offset on."""

type OpenRange = Callable[[int, int | None], Iterator[bytes]]
"""The same, to a second offset; to the end of the file if there is none."""

_HEAD_BYTES = 64 * 1024

_UTF8_SIGNATURE = b"\xef\xbb\xbf"
# Those of UTF-32 begin with one of these or with a NUL. Source: The Unicode Standard, section 23.8.
_UTF16_SIGNATURES = (b"\xff\xfe", b"\xfe\xff")
_ENCODING_UNIT_BYTES_MAX = 4

_NDJSON_ENDINGS = (".ndjson", ".jsonl")
_OBJECT_LINE = re.compile(rb"^[ \t\r]*+\{", re.MULTILINE)


class _Layout(Enum):
    ARRAY = 0
    OBJECT = 1
    OBJECT_LINES = 2
    CSV = 3


class Reading(NamedTuple):
    """A file that has been recognised, and its records.

    Args:
        format: What the records are written in; None if that was not found out.
        compression: What the file as a whole is compressed with.
        records: The records, and the break if there is one. For one pass.
        header: The header of a CSV file; None if there is none.
        begins: Where the first record begins.
    """

    format: Format | None
    compression: Compression | None
    records: Records
    header: csv.Header | None = None
    begins: Position = FILE_BEGINS

    def __str__(self) -> str:
        """As receipts name it: `csv`, `csv+gzip`; `unknown` for what was not recognised."""
        name = self.format or "unknown"
        return f"{name}+{self.compression}" if self.compression else name

    @property
    def is_divisible(self) -> bool:
        """Whether the file may be cut into parts that are read each for itself."""
        if self.compression:
            return False
        return self.header is not None or self.format == "ndjson"


def open_records(open_stream: OpenStream, name: str) -> Reading:
    """Recognises a file and begins to read it.

    Reads as far as that needs; a gzip file of more than some 60 KB is read through once to see that
    it is no bomb, before any record is given. What the stream raises comes out unchanged, here or
    while the records are read, except StreamBroken, which becomes a break.

    Args:
        open_stream: Gives the bytes of the file from an offset on; called with 0, once or twice.
        name: The name of the file; only its ending matters.
    """
    return _open(lambda begin, _: open_stream(begin), name.lower(), None, None)


def open_part(open_range: OpenRange, name: str, start: Position, end: int | None) -> Reading:
    """Recognises a file again, and reads its records from one place in it to another.

    The file is recognised by its own head, wherever the part ends: the head of a part could look
    like another format.

    Args:
        open_range: Gives bytes of the file; called for its head, and then for the part.
        name: The name of the file; only its ending matters.
        start: Where to begin: where a record begins, or where the one before it ends. A gzip file
            is read from its beginning, and the place is one in its content.
        end: Where the part ends; None for the end of the file, as always of a gzip file.
    """
    return _open(open_range, name.lower(), start, end)


def _open(open_range: OpenRange, name: str, start: Position | None, end: int | None) -> Reading:
    source = Source(open_range(0, None), 0)
    if source.peek(len(gzip.MAGIC)) != gzip.MAGIC:
        return _open_text(_Text(source, name, None, start, lambda at: open_range(at, end)))
    # Of a part it is known: the part before it was read.
    is_harmless = len(source.peek(gzip.HARMLESS_BYTES_MAX + 1)) <= gzip.HARMLESS_BYTES_MAX
    if start is None and not is_harmless:
        if gzip.is_bomb(source):
            return _refuse(Reason.GZIP_BOMB, source, "gzip")
        source = Source(open_range(0, None), 0)
    content = Source(gzip.decompress(source), 0)
    if content.peek(len(gzip.MAGIC)) == gzip.MAGIC:
        return _refuse(Reason.FORMAT_UNKNOWN, content, "gzip")
    return _open_text(_Text(content, name.removesuffix(".gz"), "gzip", start, None))


class _Text(NamedTuple):
    """A file without what it was compressed with, and where in it to begin.

    Args:
        source: Its content from the beginning.
        name: Its name, in lower case.
        compression: What it was compressed with.
        start: Where to begin; None for the first record.
        open_rest: Gives the bytes from an offset on; None of a file that is compressed.
    """

    source: Source
    name: str
    compression: Compression | None
    start: Position | None
    open_rest: OpenStream | None

    def from_start(self) -> tuple[Iterable[bytes], Position]:
        """The content from the start on; from where the source is, if there is none."""
        if self.start is None:
            return self.source, Position(self.source.byte_offset)
        if self.open_rest:
            return self.open_rest(self.start.byte_offset), self.start
        self.source.skip_to(self.start.byte_offset)
        return self.source, self.start


def _open_text(text: _Text) -> Reading:
    source, compression = text.source, text.compression
    layout = _recognise(source, text.name)
    if isinstance(layout, Reason):
        return _refuse(layout, source, compression)
    begins = Position(source.byte_offset)
    is_first = text.start is None
    if layout is _Layout.ARRAY:
        read = json.read_array if is_first else json.read_array_on
        return Reading("json", compression, read(*text.from_start()), begins=begins)
    if layout is _Layout.OBJECT:
        read = json.read_object if is_first else json.read_object_on
        return Reading("json", compression, read(*text.from_start()), begins=begins)
    if layout is _Layout.OBJECT_LINES:
        return Reading("ndjson", compression, ndjson.read(*text.from_start()), begins=begins)
    header = csv.read_header(source)
    if isinstance(header, Reason):
        is_text = header not in (Reason.BAD_ENCODING, Reason.FORMAT_UNKNOWN)
        return _refuse(header, source, compression, "csv" if is_text else None)
    begins = Position(source.byte_offset)
    rows = csv.read(*text.from_start(), header)
    return Reading("csv", compression, rows, header, begins)


def _recognise(source: Source, name: str) -> _Layout | Reason:
    """Finds the layout, and leaves the source at the first line that is not blank."""
    if source.peek(len(_UTF8_SIGNATURE)) == _UTF8_SIGNATURE:
        source.drop(len(_UTF8_SIGNATURE))
    head = source.peek(_ENCODING_UNIT_BYTES_MAX)
    # The first character of any text is ASCII here, so that UTF-16 and UTF-32 show a NUL at once.
    if head.startswith(_UTF16_SIGNATURES) or b"\0" in head:
        return Reason.BAD_ENCODING
    head = _skip_blank_lines(source)
    first = head.lstrip(WHITE_SPACE)[:1]
    if not first:
        return source.broken or Reason.EMPTY_FILE
    if first == b"[":
        return _Layout.ARRAY
    if name.endswith(_NDJSON_ENDINGS):
        # A table is none: what its lines hold could not be told by names, neither kept nor masked.
        return _Layout.OBJECT_LINES if _OBJECT_LINE.search(head) else Reason.FORMAT_UNKNOWN
    if first == b"{":
        return _Layout.OBJECT_LINES if _has_object_lines(head, name) else _Layout.OBJECT
    return Reason.FORMAT_UNKNOWN if name.endswith(".json") else _Layout.CSV


def _refuse(
    reason: Reason,
    source: Source,
    compression: Compression | None,
    found: Format | None = None,
) -> Reading:
    return Reading(found, compression, iter((Break(reason, source.byte_offset, 1),)))


def _skip_blank_lines(source: Source) -> bytes:
    """Leaves out white space up to the first line that has more than that; returns what follows."""
    while head := source.peek(_HEAD_BYTES):
        line = head.lstrip(WHITE_SPACE)
        if line:
            white = head[: len(head) - len(line)]
            source.drop(max(white.rfind(b"\n"), white.rfind(b"\r")) + 1)
            break
        source.drop(len(head))
    return source.peek(_HEAD_BYTES)


def _has_object_lines(head: bytes, name: str) -> bool:
    """Whether a file that begins with a brace has an object on each line, rather than one on many.

    Args:
        head: Its first bytes; the whole file, if it is shorter than _HEAD_BYTES.
        name: Its name; decides when there is one object on one line, which is both.
    """
    line, _, rest = head.partition(b"\n")
    rest = rest.lstrip(WHITE_SPACE)
    is_whole_file = len(head) < _HEAD_BYTES
    if len(line) == len(head) and not is_whole_file:
        return True
    begin = line.index(b"{")
    end = ValueEnd().find(line, begin)
    if end >= 0 and not line[end:].strip(WHITE_SPACE):
        return bool(rest) or not is_whole_file or not name.endswith(".json")
    return rest.startswith(b"{") and not line.rstrip().endswith((b":", b"[", b","))
