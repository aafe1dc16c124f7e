"""Memory does not grow with the file, nor with a record that has no end; nor does time explode."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest

from processor.formats import open_records
from processor.formats.records import RECORD_BYTES_MAX, Break

FILE_BYTES = 24 * 1024 * 1024
# Of very small things, which take long when each is traced.
SLOW_BYTES = 2 * 1024 * 1024
CHUNK_BYTES = 512 * 1024
# Two chunks, a record, and the pieces in work; far less than a file.
PEAK_BYTES_MAX = 6 * 1024 * 1024


def repeated(
    first: bytes, unit: bytes, last: bytes = b"", file_bytes: int = FILE_BYTES
) -> Iterator[bytes]:
    """A long file, made as it is read."""
    yield first
    chunk = unit * (CHUNK_BYTES // len(unit))
    for _ in range(file_bytes // len(chunk)):
        # A copy each: what a reader keeps counts.
        yield bytes(bytearray(chunk))
    yield last


def compressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(1, zlib.DEFLATED, 31)
    for chunk in chunks:
        yield compressor.compress(chunk)
    yield compressor.flush()


# Padded to some KB: tracing every small object would make the test slow and prove nothing more.
PAD = b"x" * 4000
OBJECT = b'{"a":"' + PAD + b'","b":{"c":["1",{}]}}'

FILES: dict[str, Callable[[], Iterator[bytes]]] = {
    "csv": lambda: repeated(b"a,b\n", b"1," + PAD + b"\n"),
    "csv with quotes": lambda: repeated(b"a,b\r\n", b'1,"' + PAD + b'\n"\r\n'),
    "csv of blank lines": lambda: repeated(b"a,b\n1,2\n", b"\n", file_bytes=SLOW_BYTES),
    "csv that is one line": lambda: repeated(b"a,b\n", b"x" * 997),
    "csv of an open quote": lambda: repeated(b'a,b\n1,"', b"1," + PAD + b"\n"),
    "ndjson": lambda: repeated(b'{"a":1}\n', OBJECT + b"\n"),
    "ndjson that is one line": lambda: repeated(b'{"a":"', PAD),
    "array": lambda: repeated(b"[{}", b",\n" + OBJECT, b"]"),
    "array of blanks": lambda: repeated(b"[{}", b" ", b"]"),
    "array that is one string": lambda: repeated(b'["', PAD, b'"]'),
    "array of open objects": lambda: repeated(b"[", b'{"a":', b"]", SLOW_BYTES),
    "array with a tail": lambda: repeated(b"[]", OBJECT),
    "object": lambda: repeated(b'{\n"a":"', PAD, b'"}'),
    "blank lines": lambda: repeated(b"", b"\n"),
    "gzip": lambda: compressed(repeated(b"a,b\n", b"1," + PAD + b"\n")),
    "gzip of empty members": lambda: repeated(
        gzip.compress(b"a\n1\n"), gzip.compress(b""), file_bytes=SLOW_BYTES
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_memory_does_not_grow_with_the_file(name: str) -> None:
    tracemalloc.start()
    try:
        count = sum(1 for _ in open_records(lambda _: FILES[name](), "x").records)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count > 0
    assert peak < PEAK_BYTES_MAX


@pytest.mark.parametrize(
    "record",
    [
        b"x" * RECORD_BYTES_MAX,
        b'"' + b'""' * (RECORD_BYTES_MAX // 2),
        b'"' + b"x\n" * (RECORD_BYTES_MAX // 2),
        b"," * RECORD_BYTES_MAX,
        b"[" + b'{"a":' * (RECORD_BYTES_MAX // 5),
        b'["' + b"\\\\" * (RECORD_BYTES_MAX // 2),
        b"[" + b"[" * RECORD_BYTES_MAX,
        b'{"a":"' + b"x" * RECORD_BYTES_MAX,
    ],
    ids=lambda record: record[:6].decode(),
)
def test_long_record_in_very_short_chunks_is_read_in_one_pass(record: bytes) -> None:
    data = b"a,b\n" + record if record[:1] not in b"[{" else record

    # Looking at each byte again with every chunk would take minutes here.
    items = list(
        open_records(lambda _: (data[at : at + 7] for at in range(0, len(data), 7)), "x").records
    )

    assert items
    assert not isinstance(items[0], Break)
