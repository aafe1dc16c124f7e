"""gzip: every member, every fault, no bomb, and nothing lost before a fault."""

import gzip
import random
import struct
import zlib
from collections.abc import Iterator

import pytest

from processor.domain.reject import Reason
from processor.formats import open_records
from processor.formats.gzip import (
    HARMLESS_BYTES_MAX,
    OUTPUT_BYTES_MAX,
    UNSUSPICIOUS_BYTES_MAX,
    decompress,
    is_bomb,
)
from processor.formats.records import Break, RawRecord, StreamBroken
from tests.support.readings import (
    chunks_of,
    gaps_of,
    open_data,
    read,
    stream_that_breaks,
    values_and_defects,
)

CSV = b"a,b\n1,2\n3,4\n5,6\n"
ROWS = [["1", "2"], ["3", "4"], ["5", "6"]]


def big_csv(rows: int) -> bytes:
    """A file that compresses as transactions do, a few times."""
    chance = random.Random(7)
    return b"a,b\n" + b"".join(b"%d,%d\n" % (row, chance.getrandbits(64)) for row in range(rows))


def decompress_until_broken(data: bytes, chunk_bytes: int) -> tuple[bytes, Reason | None]:
    content = bytearray()
    try:
        for piece in decompress(chunks_of(data, chunk_bytes)):
            content += piece
    except StreamBroken as broken:
        return bytes(content), broken.reason
    return bytes(content), None


def bomb(megabytes: int, member_count: int = 1) -> bytes:
    """Zeros that come to so many MiB, 1000 times what they take."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1024 * 1024)
    member = b"".join(compressor.compress(zeros) for _ in range(megabytes)) + compressor.flush()
    return member * member_count


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (CSV, "csv+gzip"),
        (b'{"a":"1"}\n{"a":"2"}\n', "ndjson+gzip"),
        (b'[{"a":"1"}]', "json+gzip"),
        (b'{\n"a":"1"}', "json+gzip"),
    ],
)
@pytest.mark.parametrize("file_name", ["file", "file.csv", "file.tar.GZ"])
def test_gzip_is_known_by_its_first_bytes_whatever_the_name(
    content: bytes, name: str, file_name: str
) -> None:
    reading = open_data(gzip.compress(content), file_name)
    items = list(reading.records)

    assert str(reading) == name
    assert items == read(content)
    gaps_of(content, items)


def test_gz_name_on_plain_data_is_plain() -> None:
    reading = open_data(CSV, "file.csv.gz")

    assert str(reading) == "csv"
    assert values_and_defects(list(reading.records)) == ROWS


@pytest.mark.parametrize("cut", range(len(CSV) + 1))
def test_all_members_are_read(cut: int) -> None:
    members = gzip.compress(CSV[:cut]) + gzip.compress(b"") + gzip.compress(CSV[cut:])

    assert values_and_defects(read(members)) == ROWS
    assert values_and_defects(read(members, chunk_bytes=1)) == ROWS


@pytest.mark.parametrize("chunk_bytes", [1, 1 << 20])
def test_zeros_may_pad_the_end(chunk_bytes: int) -> None:
    assert values_and_defects(read(gzip.compress(CSV) + bytes(600), "x", chunk_bytes)) == ROWS
    padded = gzip.compress(CSV) + bytes(5) + gzip.compress(b"7,8\n") + b"\0"
    assert values_and_defects(read(padded, "x", chunk_bytes)) == [*ROWS, ["7", "8"]]


@pytest.mark.parametrize("chunk_bytes", [1, 1 << 20])
@pytest.mark.parametrize("garbage", [b"x", b"\0\0garbage", b"\x1f\x8c", CSV])
def test_garbage_behind_the_end_keeps_all_records_and_breaks(
    garbage: bytes, chunk_bytes: int
) -> None:
    items = read(gzip.compress(CSV) + garbage, "x", chunk_bytes)

    assert values_and_defects(items) == [*ROWS, Reason.GZIP_CORRUPT]
    assert items[-1] == Break(Reason.GZIP_CORRUPT, len(CSV), 4)


@pytest.mark.parametrize("at", [-8, -5, -4, -1], ids=["crc", "crc", "length", "length"])
@pytest.mark.parametrize("chunk_bytes", [1, 1 << 20])
def test_wrong_check_sum_or_length_keeps_all_records_and_breaks(at: int, chunk_bytes: int) -> None:
    data = bytearray(gzip.compress(CSV))
    data[at] ^= 1

    items = read(bytes(data), "x", chunk_bytes)

    assert values_and_defects(items) == [*ROWS, Reason.GZIP_CORRUPT]


def test_file_cut_anywhere_keeps_a_prefix_and_breaks_wherever_the_stream_is_cut() -> None:
    content = big_csv(60)
    data = gzip.compress(content)
    whole = read(content)

    for length in range(2, len(data)):
        items = read(data[:length])
        assert items == read(data[:length], chunk_bytes=1)
        *before, last = items
        assert isinstance(last, Break)
        assert last.reason is Reason.GZIP_TRUNCATED
        good = [item for item in before if isinstance(item, RawRecord) and item.defect is None]
        assert good == whole[: len(good)]
        assert len(good) >= len(before) - 1


def test_fault_anywhere_gives_the_same_content_however_the_stream_is_cut() -> None:
    content = big_csv(200)
    data = gzip.compress(content)
    chance = random.Random(11)

    for at in range(12, len(data), 37):
        broken = bytearray(data)
        broken[at] ^= 1 << chance.randrange(8)
        whole = decompress_until_broken(bytes(broken), 1 << 20)
        assert whole == decompress_until_broken(bytes(broken), 1)
        assert whole == decompress_until_broken(bytes(broken), 1000)
        assert whole[1] in (Reason.GZIP_CORRUPT, Reason.GZIP_TRUNCATED)


def test_records_before_a_fault_in_the_middle_are_kept() -> None:
    content = big_csv(30_000)
    data = bytearray(gzip.compress(content))
    middle = len(data) // 2
    data[middle : middle + 4] = b"\xff\xff\xff\xff"

    items = read(bytes(data))

    *_, tail, last = items
    assert isinstance(tail, RawRecord)
    assert isinstance(last, Break)
    assert last.reason is tail.defect is Reason.GZIP_CORRUPT
    good = items[:-2]
    assert 10_000 < len(good) < 20_000
    assert sum(isinstance(item, RawRecord) and item.defect is None for item in good) >= 10_000


def test_gzip_within_gzip_is_refused() -> None:
    reading = open_data(gzip.compress(gzip.compress(CSV)))

    assert list(reading.records) == [Break(Reason.FORMAT_UNKNOWN, 0, 1)]
    assert (reading.format, str(reading)) == (None, "unknown+gzip")


def test_empty_content_is_an_empty_file() -> None:
    assert read(gzip.compress(b"")) == [Break(Reason.EMPTY_FILE, 0, 1)]
    assert read(gzip.compress(b" \n")) == [Break(Reason.EMPTY_FILE, 2, 1)]


def test_only_the_beginning_of_a_header_is_a_truncated_file() -> None:
    assert read(b"\x1f\x8b") == [Break(Reason.GZIP_TRUNCATED, 0, 1)]
    assert read(b"\x1f\x8b\x01" + bytes(7)) == [Break(Reason.GZIP_CORRUPT, 0, 1)]


@pytest.mark.parametrize("member_count", [1, 8])
def test_bomb_is_refused_before_any_record(member_count: int) -> None:
    small = gzip.compress(CSV)
    data = small + bomb(megabytes=96 // member_count, member_count=member_count)
    opened = []

    def open_stream(_: int) -> Iterator[bytes]:
        opened.append(1)
        return chunks_of(data, 5000)

    reading = open_records(open_stream, "file.csv.gz")

    assert list(reading.records) == [Break(Reason.GZIP_BOMB, 0, 1)]
    assert len(opened) == 1


def test_ratio_does_not_matter_below_the_limit() -> None:
    assert not is_bomb([bomb(megabytes=UNSUSPICIOUS_BYTES_MAX // 1024**2)])
    assert is_bomb([bomb(megabytes=UNSUSPICIOUS_BYTES_MAX // 1024**2 + 16)])


def test_file_too_short_to_be_a_bomb_is_opened_once_and_any_other_twice() -> None:
    def count_of_openings(data: bytes) -> int:
        opened = []

        def open_stream(_: int) -> Iterator[bytes]:
            opened.append(1)
            return chunks_of(data, 4000)

        rows = list(open_records(open_stream, "x").records)
        assert all(isinstance(row, RawRecord) and row.defect is None for row in rows)
        return len(opened)

    short, long = gzip.compress(big_csv(2_000)), gzip.compress(big_csv(9_000))
    assert len(short) < HARMLESS_BYTES_MAX < len(long)

    assert count_of_openings(short) == 1
    assert count_of_openings(long) == 2
    # The most that deflate can do, so that a shorter file need not be measured.
    assert HARMLESS_BYTES_MAX * 1032 < UNSUSPICIOUS_BYTES_MAX


def test_broken_files_are_no_bombs() -> None:
    data = bytearray(gzip.compress(big_csv(9_000)))

    assert not is_bomb([bytes(data[:-20])])
    assert not is_bomb([bytes(data) + b"garbage"])
    data[1000] ^= 255
    assert not is_bomb([bytes(data)])
    assert not is_bomb(stream_that_breaks(bytes(data[:500]), 100, Reason.OBJECT_CHANGED))


def test_absolute_limit_holds_whatever_the_ratio() -> None:
    content = big_csv(9_000)
    data = [gzip.compress(content)]

    assert not is_bomb(data, output_bytes_max=len(content))
    assert is_bomb(data, output_bytes_max=len(content) - 1)
    assert OUTPUT_BYTES_MAX > UNSUSPICIOUS_BYTES_MAX


def test_optional_parts_of_a_gzip_header_are_read_over() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = deflate.compress(CSV) + deflate.flush()
    flags = 4 | 8 | 16
    header = b"\x1f\x8b\x08" + bytes([flags]) + bytes(6) + b"\x03\0abc" + b"name\0" + b"comment\0"
    data = header + body + struct.pack("<II", zlib.crc32(CSV), len(CSV))

    assert values_and_defects(read(data, chunk_bytes=1)) == ROWS


def test_any_other_error_of_the_stream_passes_through() -> None:
    data = gzip.compress(big_csv(9_000))

    def stream(_: int) -> Iterator[bytes]:
        yield data[:70_000]
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        open_records(stream, "x")
