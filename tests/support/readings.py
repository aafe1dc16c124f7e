"""Reads files through the formats, and checks what must hold of any reading of any file."""

from collections.abc import Iterator

from processor.domain.reject import Reason
from processor.formats import Reading, open_records
from processor.formats.records import (
    RAW_BYTES_KEPT_MAX,
    RECORD_BYTES_MAX,
    Break,
    RawRecord,
    StreamBroken,
)


def chunks_of(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def stream_that_breaks(data: bytes, size: int, reason: Reason) -> Iterator[bytes]:
    yield from chunks_of(data, size)
    raise StreamBroken(reason)


def open_data(data: bytes, name: str = "file", chunk_bytes: int = 1 << 20) -> Reading:
    return open_records(lambda begin: chunks_of(data[begin:], chunk_bytes), name)


def read(data: bytes, name: str = "file", chunk_bytes: int = 1 << 20) -> list[RawRecord | Break]:
    return list(open_data(data, name, chunk_bytes).records)


def records_of(items: list[RawRecord | Break]) -> list[RawRecord]:
    return [item for item in items if isinstance(item, RawRecord)]


def read_records(data: bytes, name: str = "file") -> list[RawRecord]:
    """Reads a file that is expected not to break."""
    items = read(data, name)
    assert not any(isinstance(item, Break) for item in items), items
    return records_of(items)


def values_and_defects(items: list[RawRecord | Break]) -> list[list[object] | Reason]:
    """What a test mostly asks: the values of each record, or why there are none, and the break."""
    return [
        item.reason if isinstance(item, Break) else (item.defect or list(item.values))
        for item in items
    ]


def gaps_of(content: bytes, items: list[RawRecord | Break]) -> list[bytes]:
    """Checks that the records are what the file has there, in order, and returns what lies between.

    Args:
        content: The file, decompressed.
        items: What it was read as.
    """
    gaps = []
    end = 0
    records = records_of(items)
    for place, record in enumerate(records, start=1):
        assert record.number == place
        assert record.byte_offset >= end
        gaps.append(content[end : record.byte_offset])
        end = record.byte_offset + record.byte_length
        assert content[record.byte_offset : end].startswith(record.raw)
        assert end <= len(content)
        is_cut = len(record.raw) < record.byte_length
        assert not is_cut or len(record.raw) == RAW_BYTES_KEPT_MAX
        assert not is_cut or record.defect is not None
        assert len(record.raw) <= RECORD_BYTES_MAX
        assert (record.defect is None) or (record.names == () and list(record.values) == [])
        assert len(record.names) == len(record.values)
    gaps.append(content[end:])
    breaks = [item for item in items if isinstance(item, Break)]
    assert breaks == items[len(items) - len(breaks) :]
    assert len(breaks) <= 1
    if breaks:
        tail = [record for record in records if record.defect is breaks[0].reason][-1:]
        has_tail = bool(tail) and tail[0].number == breaks[0].record_number
        assert breaks[0].record_number == len(records) + (0 if has_tail else 1)
        assert not has_tail or breaks[0].byte_offset == tail[0].byte_offset
    return gaps
