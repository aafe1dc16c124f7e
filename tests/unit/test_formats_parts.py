"""Files read in parts: cuts lose no record, and reading goes on wherever it stopped."""

import gzip
import itertools
import json
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from processor.domain.position import Position
from processor.domain.reject import Reason
from processor.formats import OpenStream, open_part, open_records
from processor.formats.csv import Header
from processor.formats.csv_grammar import CR, LF, LineEnd
from processor.formats.cuts import Cut, csv_cuts, ndjson_count, ndjson_cut
from processor.formats.records import RECORD_BYTES_MAX, Break, RawRecord, StreamBroken
from tests.support.readings import chunks_of, stream_that_breaks

CSV_BITS = st.lists(
    st.sampled_from(
        [
            *(b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"\0", b"a", b"1,2\n", b'"x\n","y"\n'),
            *(b"\xff", b',"', b'",', b'","', b'a"', b'"a', b'"\n"', b"\n\n"),
        ]
    ),
    max_size=40,
).map(b"".join)
LINE_BITS = st.lists(
    st.sampled_from([b"\n", b"\r\n", b" \t\n", b'{"a":"1"}', b'{"a":1}\n', b"x", b" ", b"\r"]),
    max_size=40,
).map(b"".join)
ARRAY_BITS = st.lists(
    st.sampled_from([b",", b" ", b"1", b'{"a":"1"}', b'{"a":{"b":",]"}},', b"[", b"]", b'"', b"x"]),
    max_size=25,
).map(b"".join)
SIZES = st.integers(1, 50)


def opened(data: bytes, chunk_bytes: int) -> OpenStream:
    return lambda begin: chunks_of(data[begin:], chunk_bytes)


def part_of(
    data: bytes, chunk_bytes: int, name: str, start: Position, end: int | None = None
) -> list[RawRecord | Break]:
    def open_range(begin: int, end: int | None) -> Iterator[bytes]:
        return chunks_of(data[begin:end], chunk_bytes)

    return list(open_part(open_range, name, start, end).records)


def records_of(data: bytes, name: str) -> list[RawRecord | Break]:
    return list(open_records(opened(data, 1000), name).records)


def cuts_of(data: bytes, part_bytes: int, chunk_bytes: int) -> tuple[int, list[Cut]]:
    """Where the records of a CSV file begin, and where its parts end."""
    reading = open_records(opened(data, 1000), "x.csv")
    assert reading.header is not None
    begin = reading.begins.byte_offset
    chunks = chunks_of(data[begin:], chunk_bytes)
    return begin, list(csv_cuts(chunks, begin, reading.header, lambda at: at + part_bytes))


@given(CSV_BITS, st.sampled_from([b"\n", b"\r\n", b"\r"]), SIZES, SIZES)
@example(b"\r\n\r\n1,2\r\n\r\n", b"\r\n", 1, 1)
@example(b'1,"\n\n"\n\n', b"\n", 1, 2)
def test_parts_of_a_csv_file_hold_exactly_its_records(
    body: bytes, line_end: bytes, part_bytes: int, chunk_bytes: int
) -> None:
    data = b"a,b" + line_end + body
    whole = records_of(data, "x.csv")

    begin, cuts = cuts_of(data, part_bytes, chunk_bytes)

    in_parts: list[RawRecord | Break] = []
    number = 1
    for at, cut in pairwise([Cut(begin, 0), *cuts]):
        start = Position(at.byte_offset, number)
        part = part_of(data, chunk_bytes, "x.csv", start, cut.byte_offset)
        assert cut.record_count == sum(isinstance(one, RawRecord) for one in part)
        assert cut.byte_offset - at.byte_offset >= part_bytes or cut is cuts[-1]
        in_parts += part
        number += cut.record_count
    assert in_parts == whole
    assert [begin, *(cut.byte_offset for cut in cuts)][-1] == len(data)


def records_in(text: bytes, terminator: int) -> list[tuple[int, bool]]:
    """Where records and blank lines end, byte by byte, and which of them are records."""
    ends: list[tuple[int, bool]] = []
    state, begin = "field start", 0
    for at, byte in enumerate(text):
        if state == "quoted":
            state = "behind quote" if byte == ord('"') else "quoted"
        elif state != "unquoted" and byte == ord('"'):
            state = "quoted"
        elif byte == terminator:
            blank = (b"\n", b"\r\n") if terminator == ord("\n") else (b"\r",)
            ends.append((at + 1, text[begin : at + 1] not in blank))
            state, begin = "field start", at + 1
        else:
            state = "field start" if byte == ord(",") else "unquoted"
    if begin < len(text):
        ends.append((len(text), terminator != ord("\n") or text[begin:] != b"\r"))
    return ends


@pytest.mark.parametrize("line_end", [LF, CR])
@pytest.mark.parametrize(("chunk_bytes", "part_bytes"), [(1, 1), (2, 100), (7, 3)])
def test_cuts_of_every_short_text_are_the_ends_of_its_records(
    line_end: LineEnd, chunk_bytes: int, part_bytes: int
) -> None:
    header = Header(("a", "b"), line_end)
    for letters in itertools.product(b'",\n\ra', repeat=6):
        text = bytes(letters)
        ends = records_in(text, line_end.terminator[0])
        begin, expected = 0, []
        while begin < len(text):
            end = next((end for end, _ in ends if end >= begin + part_bytes), len(text))
            count = sum(is_record for at, is_record in ends if begin < at <= end)
            expected.append(Cut(end, count))
            begin = end

        cuts = list(csv_cuts(chunks_of(text, chunk_bytes), 0, header, lambda at: at + part_bytes))

        assert cuts == expected, text


def test_a_part_ends_at_the_first_record_behind_its_target() -> None:
    data = b"a\n" + b"1\n" * 100_000 + b'"2\n\n"\n' * 50_000

    begin, cuts = cuts_of(data, 50_001, 70_000)

    assert begin == 2
    assert [cut.byte_offset - begin for cut in cuts[:3]] == [50_002, 100_004, 150_006]
    assert [cut.record_count for cut in cuts[:3]] == [25_001, 25_001, 25_001]
    assert cuts[-1].byte_offset == len(data)
    assert sum(cut.record_count or 0 for cut in cuts) == 150_000


def test_a_record_longer_than_several_parts_is_in_one() -> None:
    data = b"a\n1\n" + b'"' + b"x\n" * 300_000 + b'"\n' + b"2\n"

    _, cuts = cuts_of(data, 10, 4096)

    assert [cut.record_count for cut in cuts] == [2, 1]


def test_what_breaks_a_stream_comes_out_of_the_scan() -> None:
    reading = open_records(opened(b"a\n1\n2\n", 10), "x.csv")
    assert reading.header is not None
    chunks = stream_that_breaks(b"1\n2\n", 2, Reason.OBJECT_GONE)

    with pytest.raises(StreamBroken):
        list(csv_cuts(chunks, 2, reading.header, lambda at: at + 100))


@given(LINE_BITS, SIZES, SIZES)
def test_parts_of_an_ndjson_file_hold_exactly_its_records(
    body: bytes, part_bytes: int, chunk_bytes: int
) -> None:
    data = b'{"a":"0"}\n' + body
    whole = records_of(data, "x.ndjson")

    in_parts: list[RawRecord | Break] = []
    begin, number = 0, 1
    while begin < len(data):
        end = ndjson_cut(opened(data, chunk_bytes), begin + part_bytes, len(data))
        count = ndjson_count(chunks_of(data[begin:end], chunk_bytes))
        start = Position(begin, number)
        part = part_of(data, chunk_bytes, "x.ndjson", start, end)
        assert len(part) == count
        assert end >= min(begin + part_bytes, len(data))
        in_parts += part
        begin, number = end, number + count
    assert in_parts == whole


@pytest.mark.parametrize("length", [RECORD_BYTES_MAX + 1, RECORD_BYTES_MAX + 2])
def test_a_blank_line_is_counted_as_it_is_read_however_long(length: int) -> None:
    data = b'{"a":"1"}\n' + b" " * length + b"\n" + b'{"a":"2"}\n'

    assert ndjson_count(chunks_of(data, 70_000)) == len(records_of(data, "x.ndjson"))


def test_a_cut_of_ndjson_reads_only_to_the_next_line_end() -> None:
    data = b'{"a":"1"}\n' * 100_000
    asked: list[int] = []

    def chunks(begin: int) -> Iterator[bytes]:
        for at in range(begin, len(data), 64):
            asked.append(at)
            yield data[at : at + 64]

    assert ndjson_cut(chunks, 500_003, len(data)) == 500_010
    assert asked == [500_002]


def compressed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def as_is(data: bytes) -> bytes:
    return data


@pytest.mark.parametrize("packed", [as_is, compressed])
@given(
    st.one_of(
        st.tuples(st.just("x.csv"), CSV_BITS.map(lambda body: b"a,b\n" + body)),
        st.tuples(st.just("x.csv"), CSV_BITS.map(lambda body: b"a,b\r" + body)),
        st.tuples(st.just("x.ndjson"), LINE_BITS.map(lambda body: b'{"a":"1"}\n' + body)),
        st.tuples(st.just("x.json"), ARRAY_BITS.map(lambda body: b"[" + body)),
        st.tuples(st.just("x.json"), ARRAY_BITS.map(lambda body: b'[{"a":1},' + body + b"]")),
        st.tuples(st.just("x.json"), ARRAY_BITS.map(lambda body: b'{"a":1}' + body)),
    ),
    SIZES,
)
@example(("x.json", b"[,,]"), 3)
@example(("x.json", b"[1 2,]x"), 3)
@example(("x.csv", b'a,b\n1,2\r\n\r\n"3\n",4\r\n,"'), 3)
def test_reading_goes_on_behind_any_record(
    packed: Callable[[bytes], bytes], file: tuple[str, bytes], chunk_bytes: int
) -> None:
    name, content = file
    data = packed(content)
    whole = records_of(data, name)

    for place, record in enumerate(whole):
        if isinstance(record, Break) or record.byte_length != len(record.raw):
            continue
        is_last_of_break = isinstance(whole[place + 1] if place + 1 < len(whole) else None, Break)
        if is_last_of_break and record.byte_offset == _break_offset(whole[place + 1]):
            continue  # What lies behind a break is accounted for with it.
        stray = record.raw == b"," and record.defect is Reason.JSON_SYNTAX
        end = record.byte_offset + record.byte_length
        start = Position(end, record.number + 1, after_stray_comma=stray)
        rest = part_of(data, chunk_bytes, name, start)
        assert rest == whole[place + 1 :]


def _break_offset(item: RawRecord | Break) -> int:
    return item.byte_offset


def test_a_part_reads_only_the_head_of_the_file_besides_itself() -> None:
    data = b"a\n" + b"1\n" * 200_000
    ranges: list[tuple[int, int | None]] = []

    def open_range(begin: int, end: int | None) -> Iterator[bytes]:
        ranges.append((begin, end))
        return chunks_of(data[begin:end], 4096)

    reading = open_part(open_range, "x.csv", Position(200_002, 100_001), 300_002)

    first = next(reading.records)
    assert isinstance(first, RawRecord)
    assert (first.number, first.byte_offset) == (100_001, 200_002)
    assert ranges == [(0, None), (200_002, 300_002)]


def test_only_uncompressed_csv_and_ndjson_can_be_cut() -> None:
    files = {
        "csv": b"a\n1\n",
        "ndjson": b'{"a":1}\n{"a":2}\n',
        "json array": json.dumps([{"a": "1"}]).encode(),
        "json object": b'{"a":\n1}',
        "csv+gzip": gzip.compress(b"a\n1\n"),
        "refused csv": b'"a\n1\n',
        "nothing": b"",
    }

    divisible = {
        name for name, data in files.items() if open_records(opened(data, 100), "x").is_divisible
    }

    assert divisible == {"csv", "ndjson"}
