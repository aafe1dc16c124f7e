"""CSV: where records end, what their fields are, and which defect each bad one has."""

from collections.abc import Iterator

import pytest

from processor.domain.position import Position
from processor.domain.reject import Reason
from processor.formats import open_records
from processor.formats.csv import Header
from processor.formats.csv import read as read_rows
from processor.formats.csv_grammar import LF
from processor.formats.records import RAW_BYTES_KEPT_MAX, RECORD_BYTES_MAX, Break, RawRecord
from tests.support.readings import (
    gaps_of,
    open_data,
    read,
    read_records,
    stream_that_breaks,
    values_and_defects,
)

ABC = b"a,b,c\n"


def test_a_record_has_its_number_its_place_its_bytes_and_its_fields() -> None:
    data = b"a,b\r\n\r\n1,2\r\n3,4"

    records = read_records(data)

    assert records == [
        RawRecord(1, 7, b"1,2", 3, ("a", "b"), ["1", "2"]),
        RawRecord(2, 12, b"3,4", 3, ("a", "b"), ["3", "4"]),
    ]
    assert records[0].names is records[1].names


def test_header_is_known_before_the_first_record() -> None:
    reading = open_data(b'transactionId, Amount ,"x,""y"""\n1,2,3\n')

    assert reading.header is not None
    assert reading.header.names == ("transactionId", " Amount ", 'x,"y"')
    assert str(reading) == "csv"


def test_file_with_only_a_header_is_a_legal_file_of_no_records() -> None:
    assert read(b"a,b,c") == []
    assert read(b"a,b,c\r\n") == []
    assert read(b"a,b,c\r") == []


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("last", [b"", b"LINE_END", b"LINE_ENDLINE_END"])
def test_line_end_may_be_lf_crlf_or_cr_and_the_last_may_be_missing(
    line_end: bytes, last: bytes
) -> None:
    data = line_end.join([b"a,b", b"1,2", b'"3","4"', b"5,6"])

    items = read(data + last.replace(b"LINE_END", line_end))

    assert values_and_defects(items) == [["1", "2"], ["3", "4"], ["5", "6"]]


def test_lf_and_crlf_may_be_mixed() -> None:
    assert values_and_defects(read(b'a,b\n1,2\r\n3,4\n"5",6\r\n7,8')) == [
        ["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"],
    ]  # fmt: skip


def test_last_line_end_of_a_file_may_have_lost_its_lf() -> None:
    assert values_and_defects(read(b"a,b\r\n1,2\r\n3,4\r")) == [["1", "2"], ["3", "4"]]


def test_quoted_fields_keep_separators_line_ends_and_quotes_exactly() -> None:
    data = ABC + b'"1,1","2\r\n2\n\r2","3""3"\r\n"""","",""""""\n'

    assert values_and_defects(read(data)) == [
        ["1,1", "2\r\n2\n\r2", '3"3'],
        ['"', "", '""'],
    ]


@pytest.mark.parametrize("text", ["\u2028", "\x85", "\x0b", "\x1c", "\ufeff", "\xa0", " "])
def test_what_other_readers_take_for_a_line_end_is_an_ordinary_character(text: str) -> None:
    data = f"a,b\n{text}1{text},2{text}\n{text},\n".encode()

    assert values_and_defects(read(data)) == [[f"{text}1{text}", f"2{text}"], [text, ""]]


def test_line_of_spaces_is_a_record_but_an_empty_line_is_none() -> None:
    assert values_and_defects(read(b"a\n\n  \n\r\nx\n")) == [["  "], ["x"]]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'x"y,2,3', Reason.CSV_QUOTE),
        (b'1, "x, y",3', Reason.CSV_QUOTE),
        (b'1,"x"y,3', Reason.CSV_QUOTE),
        (b'1,"x" ,3', Reason.CSV_QUOTE),
        (b'1,2,3"', Reason.CSV_QUOTE),
        (b'1,"x"\r,3', Reason.CSV_QUOTE),
        (b"1,2\r3,4", Reason.CSV_BARE_CR),
        (b"1,2,3\r", Reason.CSV_BARE_CR),
        (b'1,"2",3\r4', Reason.CSV_BARE_CR),
        (b"1,2", Reason.COLUMN_COUNT),
        (b"1,2,3,", Reason.COLUMN_COUNT),
        (b'1,"2"', Reason.COLUMN_COUNT),
        (b"1,2\0,3", Reason.NUL_BYTE),
        (b'1,"2\0",3', Reason.NUL_BYTE),
        (b"1,\xe4,3", Reason.BAD_ENCODING),
        (b'1,"\xc0\xaf",3', Reason.BAD_ENCODING),
        (b"1,\xed\xa0\x80,3", Reason.BAD_ENCODING),
    ],
)
def test_bad_record_is_one_reject_and_its_neighbours_are_read(line: bytes, reason: Reason) -> None:
    data = ABC + b'1,2,3\r\n"4",5,6\r\n' + line + b"\r\n7,8,9\r\n" + line + b'\r\n"0",0,0'

    items = read(data)

    assert values_and_defects(items) == [
        ["1", "2", "3"], ["4", "5", "6"], reason, ["7", "8", "9"], reason, ["0", "0", "0"],
    ]  # fmt: skip
    assert [item.raw for item in items if isinstance(item, RawRecord) and item.defect] == [line] * 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'\xff\0x"\r,', Reason.BAD_ENCODING),
        (b'\0x"\r,', Reason.NUL_BYTE),
        (b'x"\r,', Reason.CSV_QUOTE),
        (b"x\r,", Reason.CSV_BARE_CR),
        (b"x,", Reason.COLUMN_COUNT),
    ],
)
def test_record_with_several_defects_has_the_first_of_the_list(line: bytes, reason: Reason) -> None:
    assert values_and_defects(read(ABC + line + b"\n1,2,3\n")) == [reason, ["1", "2", "3"]]


def test_lf_outside_quotes_is_a_defect_in_a_file_of_cr_lines() -> None:
    data = b'a,b\r1,2\r3\n,4\r"5\n\r",6\r\n7,8\r9,0'

    assert values_and_defects(read(data)) == [
        ["1", "2"], Reason.CSV_BARE_CR, ["5\n\r", "6"], Reason.CSV_BARE_CR, ["9", "0"],
    ]  # fmt: skip


def test_quote_that_never_closes_ends_the_file_and_keeps_what_came_before() -> None:
    data = ABC + b'1,2,3\n4,"5,6\n7,8,9\n'

    items = read(data)

    assert items[1:] == [
        RawRecord(2, 12, b'4,"5,6\n7,8,9\n', 13, defect=Reason.CSV_UNTERMINATED_QUOTE),
        Break(Reason.CSV_UNTERMINATED_QUOTE, 12, 2),
    ]


def test_of_a_long_unterminated_record_only_the_beginning_is_kept_and_all_is_counted() -> None:
    tail = b'4,"' + b"x,y,z\n" * 300_000

    items = read(ABC + b"1,2,3\n" + tail)

    record = items[1]
    assert isinstance(record, RawRecord)
    assert record.raw == tail[:RAW_BYTES_KEPT_MAX]
    assert record.byte_length == len(tail)
    assert items[2] == Break(Reason.CSV_UNTERMINATED_QUOTE, 12, 2)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("quote", [b"", b'"'])
@pytest.mark.parametrize("chunk_bytes", [1 << 23, 65_536, 4099])
def test_record_over_the_limit_is_rejected_and_reading_goes_on(
    line_end: bytes, quote: bytes, chunk_bytes: int
) -> None:
    longest = quote + b"x" * (RECORD_BYTES_MAX - 2 - 2 * len(quote)) + quote + b",y"
    data = line_end.join([b"a,b", b"1,2", longest, b"x" + longest, b"3,4", b"x" + longest])

    items = read(data, chunk_bytes=chunk_bytes)

    good, whole, cut, after, last = items
    assert values_and_defects([good, after]) == [["1", "2"], ["3", "4"]]
    assert isinstance(whole, RawRecord)
    assert isinstance(cut, RawRecord)
    assert isinstance(last, RawRecord)
    assert (whole.defect, whole.raw) == (None, longest)
    assert (cut.defect, cut.byte_length) == (Reason.RECORD_TOO_LARGE, RECORD_BYTES_MAX + 1)
    assert cut.raw == (b"x" + longest)[:RAW_BYTES_KEPT_MAX]
    assert cut[2:] == last[2:]
    gaps_of(data, items)


def test_too_long_record_that_is_not_utf8_has_that_defect_first() -> None:
    long = b"1," + b"\xc3\xa4" * RECORD_BYTES_MAX

    items = read(b"a,b\n" + long + b"\n" + long + b"\xc3\n" + b"\xff" + long)

    assert values_and_defects(items) == [
        Reason.RECORD_TOO_LARGE, Reason.BAD_ENCODING, Reason.BAD_ENCODING,
    ]  # fmt: skip


def test_field_longer_than_the_csv_module_takes_is_read() -> None:
    field = "x" * 200_000 + '"'

    quoted = '"' + field.replace('"', '""') + '"'
    assert read_records(f"a,b\n{quoted},{'y' * 200_000}\n".encode())[0].values == [
        field,
        "y" * 200_000,
    ]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b'a,"b"c', Reason.CSV_QUOTE),
        (b'a,b"c', Reason.CSV_QUOTE),
        (b"a,\xe4", Reason.BAD_ENCODING),
        (b"a,b\0", Reason.FORMAT_UNKNOWN),
        (b"a,b\x1b", Reason.FORMAT_UNKNOWN),
        (b'a,"b', Reason.CSV_UNTERMINATED_QUOTE),
        (b"a," + b"b" * RECORD_BYTES_MAX, Reason.RECORD_TOO_LARGE),
        (b"a," + b"\xc3\xa4" * RECORD_BYTES_MAX, Reason.RECORD_TOO_LARGE),
        (b"a,\xe4" + b"b" * RECORD_BYTES_MAX, Reason.BAD_ENCODING),
    ],
)
def test_bad_header_refuses_the_file_before_any_record(header: bytes, reason: Reason) -> None:
    reading = open_data(b"\n" + header + b"\n1,2,3\n")

    assert list(reading.records) == [Break(reason, 1, 1)]
    assert reading.header is None


def test_header_longer_than_the_first_look_is_read() -> None:
    names = [f"column-{place:09}" for place in range(9_000)]

    reading = open_data(
        ",".join(names).encode() + b"\r\n" + b"1," * 8_999 + b"\r\n", chunk_bytes=99
    )

    assert reading.header is not None
    assert reading.header.names == tuple(names)
    assert values_and_defects(list(reading.records)) == [["1"] * 8_999 + [""]]


def test_broken_stream_keeps_the_whole_records_and_gives_the_rest_as_one() -> None:
    def read_broken(data: bytes) -> list[RawRecord | Break]:
        reading = open_records(lambda _: stream_that_breaks(data, 3, Reason.GZIP_TRUNCATED), "x")
        return list(reading.records)

    assert read_broken(b"a,b\n1,2\n3,4")[1:] == [
        RawRecord(2, 8, b"3,4", 3, defect=Reason.GZIP_TRUNCATED),
        Break(Reason.GZIP_TRUNCATED, 8, 2),
    ]
    assert read_broken(b"a,b\r\n1,2\r\n\r")[1:] == [Break(Reason.GZIP_TRUNCATED, 11, 2)]
    assert read_broken(b"a,b\n1,2\n")[1:] == [Break(Reason.GZIP_TRUNCATED, 8, 2)]
    assert read_broken(b"a,b") == [Break(Reason.GZIP_TRUNCATED, 0, 1)]
    assert read_broken(b'a,b\n1,"2\n')[1:] == [Break(Reason.GZIP_TRUNCATED, 4, 1)]


def test_any_other_error_of_the_stream_passes_through() -> None:
    def stream(_: int) -> Iterator[bytes]:
        yield b"a,b\n1,2\n"
        yield b"x" * 100_000
        raise ConnectionError("gone")

    reading = open_records(stream, "x")

    with pytest.raises(ConnectionError, match="gone"):
        list(reading.records)


def test_part_of_a_file_is_read_with_the_header_of_the_file() -> None:
    header = Header(("a", "b"), LF)

    items = list(read_rows(iter([b"3,", b"4\n5,6\n"]), Position(1000, 41), header))

    assert items == [
        RawRecord(41, 1000, b"3,4", 3, ("a", "b"), ["3", "4"]),
        RawRecord(42, 1004, b"5,6", 3, ("a", "b"), ["5", "6"]),
    ]
