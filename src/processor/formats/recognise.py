"""Which format a file has: what it contains decides, its name only where the content fits two.

`docs/file-format.md` tells senders the same rules.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from processor.domain.reject import Reason
from processor.formats import csv, gzip, json, ndjson
from processor.formats.json_values import ValueEnd
from processor.formats.records import Break, Position, Records
from processor.formats.stream import WHITE_SPACE, Source

type Format = Literal["csv", "ndjson", "json"]
type Compression = Literal["gzip"]
type OpenStream = Callable[[], Iterator[bytes]]

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


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that has been recognised, and its records.

    Args:
        format: What the records are written in; None if that was not found out.
        compression: What the file as a whole is compressed with.
        records: The records, and the break if there is one. For one pass.
        header: The column names of a CSV file, as it spells them; None if there are none.
    """

    format: Format | None
    compression: Compression | None
    records: Records
    header: tuple[str, ...] | None = None

    def __str__(self) -> str:
        """As receipts name it: `csv`, `csv+gzip`; `unknown` for what was not recognised."""
        name = self.format or "unknown"
        return f"{name}+{self.compression}" if self.compression else name


def open_records(open_stream: OpenStream, name: str, start: Position | None = None) -> Reading:
    """Recognises a file and begins to read it.

    Reads as far as that needs; a gzip file of more than some 60 KB is read through once to see that
    it is no bomb, before any record is given. What the stream raises comes out unchanged, here or
    while the records are read, except StreamBroken, which becomes a break.

    Args:
        open_stream: Gives the bytes of the file from its beginning; called once or twice.
        name: The name of the file; only its ending matters.
        start: Where the file begins; not at 0 if it lies within another.
    """
    start = start or Position()
    source = Source(open_stream(), start.byte_offset)
    if source.peek(len(gzip.MAGIC)) != gzip.MAGIC:
        return _open_text(source, name.lower(), start.record_number, None)
    if len(source.peek(gzip.HARMLESS_BYTES_MAX + 1)) > gzip.HARMLESS_BYTES_MAX:
        if gzip.is_bomb(source):
            return _refuse(Reason.GZIP_BOMB, source, start.record_number, "gzip")
        source = Source(open_stream(), start.byte_offset)
    content = Source(gzip.decompress(source), start.byte_offset)
    if content.peek(len(gzip.MAGIC)) == gzip.MAGIC:
        return _refuse(Reason.FORMAT_UNKNOWN, content, start.record_number, "gzip")
    return _open_text(content, name.lower().removesuffix(".gz"), start.record_number, "gzip")


def _open_text(source: Source, name: str, number: int, compression: Compression | None) -> Reading:
    layout = _recognise(source, name)
    if isinstance(layout, Reason):
        return _refuse(layout, source, number, compression)
    position = Position(source.byte_offset, number)
    if layout is _Layout.ARRAY:
        return Reading("json", compression, json.read_array(source, position))
    if layout is _Layout.OBJECT:
        return Reading("json", compression, json.read_object(source, position))
    if layout is _Layout.OBJECT_LINES:
        return Reading("ndjson", compression, ndjson.read(source, position))
    header = csv.read_header(source)
    if isinstance(header, Reason):
        is_text = header not in (Reason.BAD_ENCODING, Reason.FORMAT_UNKNOWN)
        return _refuse(header, source, number, compression, "csv" if is_text else None)
    rows = csv.read(source, Position(source.byte_offset, number), header)
    return Reading("csv", compression, rows, header.names)


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
    number: int,
    compression: Compression | None,
    found: Format | None = None,
) -> Reading:
    return Reading(found, compression, iter((Break(reason, source.byte_offset, number),)))


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
