"""NDJSON: one object a line, and which defect each bad line has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.domain.field import NumberText
from processor.domain.position import Position
from processor.domain.reject import Reason
from processor.formats import open_records
from processor.formats.json_text import JSON_DEPTH_MAX
from processor.formats.ndjson import read as read_lines
from processor.formats.records import RAW_BYTES_KEPT_MAX, RECORD_BYTES_MAX, Break, RawRecord
from tests.support.readings import (
    chunks_of,
    gaps_of,
    read,
    read_records,
    stream_that_breaks,
    values_and_defects,
)

NAME = "file.ndjson"


def nested(levels: int) -> bytes:
    """An object so many levels deep."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_a_record_has_its_number_its_place_its_bytes_and_its_fields() -> None:
    data = b'{"a":"x","b":1.50}\r\n\n \t\n {"c":null} \n{}'

    assert read_records(data, NAME) == [
        RawRecord(1, 0, b'{"a":"x","b":1.50}', 18, ("a", "b"), ("x", "1.50")),
        RawRecord(2, 24, b' {"c":null} ', 12, ("c",), (None,)),
        RawRecord(3, 37, b"{}", 2),
    ]


def test_numbers_stay_the_digits_of_the_file() -> None:
    digits = ["1", "-0", "0.10", "1e400", "12345678901234567890.123456789", "9" * 5000]
    line = ('{"a":[' + ",".join(digits) + '],"b":"1"}').encode()

    numbers, text = read_records(line, NAME)[0].values

    assert isinstance(numbers, list)
    assert numbers == digits
    assert all(isinstance(number, NumberText) for number in numbers)
    assert type(text) is str


def test_nested_values_and_their_kinds_are_kept() -> None:
    line = '{"a":{"b":[true,false,null,{"ü":"\\u00fc\\ud83d\\ude00😀"}]}}'.encode()

    assert read_records(line, NAME)[0].values == ({"b": [True, False, None, {"ü": "üü😀😀"[1:]}]},)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", Reason.JSON_SYNTAX),
        (b'{"a":1,}', Reason.JSON_SYNTAX),
        (b"{'a':1}", Reason.JSON_SYNTAX),
        (b'{"a":01}', Reason.JSON_SYNTAX),
        (b'{"a":1}{"a":2}', Reason.JSON_SYNTAX),
        (b'{"a":1},', Reason.JSON_SYNTAX),
        (b'{"a":NaN}', Reason.JSON_SYNTAX),
        (b'{"a":-Infinity}', Reason.JSON_SYNTAX),
        (b'{"a":"\t"}', Reason.JSON_SYNTAX),
        (b'{"a":"\\x"}', Reason.JSON_SYNTAX),
        (b'\xef\xbb\xbf{"a":1}', Reason.JSON_SYNTAX),
        (b'{"a":1}\x0c', Reason.JSON_SYNTAX),
        ('{"a":1}\u2028'.encode(), Reason.JSON_SYNTAX),
        (b"# note", Reason.JSON_SYNTAX),
        (nested(JSON_DEPTH_MAX + 1), Reason.JSON_DEPTH),
        (nested(100_000), Reason.JSON_DEPTH),
        (b"[" * 100_000, Reason.JSON_DEPTH),
        (b'[{"a":1}]', Reason.JSON_NOT_OBJECT),
        (b'"text"', Reason.JSON_NOT_OBJECT),
        (b"null", Reason.JSON_NOT_OBJECT),
        (b"1.5", Reason.JSON_NOT_OBJECT),
        (b'{"a":1,"b":2,"a":1}', Reason.JSON_DUPLICATE_KEY),
        (b'{"a":1,"\\u0061":1}', Reason.JSON_DUPLICATE_KEY),
        (b'{"a":[{"b":1,"b":2}]}', Reason.JSON_DUPLICATE_KEY),
        (b'{"a":"\\ud800"}', Reason.JSON_SURROGATE),
        (b'{"a":"\\uDE00\\ud83d"}', Reason.JSON_SURROGATE),
        (b'{"a":{"b":[1,"\\udfff"]}}', Reason.JSON_SURROGATE),
        (b'{"\\ud800":1}', Reason.JSON_SURROGATE),
        (b'{"a":"\0"}', Reason.NUL_BYTE),
        (b'{"a":1}\0', Reason.NUL_BYTE),
        (b'{"a":"\xe4"}', Reason.BAD_ENCODING),
        (b'{"a":"\xed\xa0\x80"}', Reason.BAD_ENCODING),
    ],
)
def test_bad_line_is_one_reject_and_its_neighbours_are_read(line: bytes, reason: Reason) -> None:
    data = b'{"n":"1"}\n' + line + b'\n{"n":"2"}\r\n' + line

    items = read(data, NAME)

    assert values_and_defects(items) == [["1"], reason, ["2"], reason]
    assert [item.raw for item in items if isinstance(item, RawRecord)][1::2] == [line, line]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'\xff\0{"a":"\\ud800","a":1', Reason.BAD_ENCODING),
        (b'\0{"a":"\\ud800","a":1', Reason.NUL_BYTE),
        (b'[{"a":"\\ud800","a":1}', Reason.JSON_SYNTAX),
        (b'{"x":{"a":"\\ud800","a":1},"y":NaN}', Reason.JSON_SYNTAX),
        (b'[{"a":"\\ud800","a":1}]', Reason.JSON_NOT_OBJECT),
        (b'{"a":"\\ud800","a":1}', Reason.JSON_DUPLICATE_KEY),
    ],
)
def test_line_with_several_defects_has_the_first_of_the_list(line: bytes, reason: Reason) -> None:
    assert values_and_defects(read(b'{"a":"1"}\n' + line, NAME)) == [["1"], reason]


def test_deepest_allowed_object_is_read_and_brackets_in_strings_do_not_count() -> None:
    deepest = nested(JSON_DEPTH_MAX)
    in_string = b'{"a":"' + b'[{\\"' * 1000 + b'"}'

    assert values_and_defects(read(deepest + b"\n" + in_string, NAME))[1] == ['[{"' * 1000]
    assert read_records(deepest, NAME)[0].defect is None


def test_escaped_backslash_before_the_letters_of_a_surrogate_is_no_surrogate() -> None:
    assert values_and_defects(read(b'{"a":"\\\\ud800"}', NAME)) == [["\\ud800"]]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("chunk_bytes", [1 << 23, 65_536, 4099])
def test_record_over_the_limit_is_rejected_and_reading_goes_on(
    line_end: bytes, chunk_bytes: int
) -> None:
    longest = b'{"a":"' + b"x" * (RECORD_BYTES_MAX - 8) + b'"}'
    too_long = b" " + longest
    data = line_end.join([b'{"a":"1"}', longest, too_long, b'{"a":"2"}', too_long])

    items = read(data, NAME, chunk_bytes)

    good, whole, cut, after, last = items
    assert values_and_defects([good, after]) == [["1"], ["2"]]
    assert isinstance(whole, RawRecord)
    assert isinstance(cut, RawRecord)
    assert isinstance(last, RawRecord)
    assert (whole.defect, whole.raw) == (None, longest)
    assert (cut.defect, cut.byte_length) == (Reason.RECORD_TOO_LARGE, RECORD_BYTES_MAX + 1)
    assert cut.raw == too_long[:RAW_BYTES_KEPT_MAX]
    assert cut[2:] == last[2:]
    gaps_of(data, items)


def test_broken_stream_keeps_the_whole_records_and_gives_the_rest_as_one() -> None:
    def read_broken(data: bytes) -> list[RawRecord | Break]:
        reading = open_records(lambda _: stream_that_breaks(data, 3, Reason.GZIP_CORRUPT), NAME)
        return list(reading.records)

    assert read_broken(b'{"a":1}\n{"a":2}')[1:] == [
        RawRecord(2, 8, b'{"a":2}', 7, defect=Reason.GZIP_CORRUPT),
        Break(Reason.GZIP_CORRUPT, 8, 2),
    ]
    assert read_broken(b'{"a":1}\n  ')[1:] == [Break(Reason.GZIP_CORRUPT, 10, 2)]
    assert read_broken(b'{"a":1}\n')[1:] == [Break(Reason.GZIP_CORRUPT, 8, 2)]
    assert read_broken(b"") == [Break(Reason.GZIP_CORRUPT, 0, 1)]


def test_part_of_a_file_is_numbered_from_where_it_lies() -> None:
    items = list(read_lines(iter([b'{"a', b'":1}\n']), Position(500, 7)))

    assert items == [RawRecord(7, 500, b'{"a":1}', 7, ("a",), ("1",))]


SOUP = st.lists(
    st.sampled_from(
        [
            b"{",
            b"}",
            b'"',
            b"\\",
            b"\n",
            b"\r",
            b" ",
            b"[",
            b"]",
            b",",
            b"\xe4",
            b"\0",
            b"1",
            b'{"a":1}',
            b'{"a":"\xc3\xa9"}',
            b'{"a":1,"a":1}',
            b"\r\n",
        ]
    ),
    max_size=40,
).map(b"".join)


@given(SOUP, st.integers(1, 60))
def test_records_are_the_lines_that_are_not_blank_however_they_are_cut(
    data: bytes, chunk_bytes: int
) -> None:
    whole = list(read_lines([data], Position()))
    cut = list(read_lines(chunks_of(data, chunk_bytes), Position()))

    assert cut == whole
    assert all(not gap.strip() for gap in gaps_of(data, whole))
    assert [item.raw.strip() for item in whole if isinstance(item, RawRecord)] == [
        line.strip() for line in data.split(b"\n") if line.strip()
    ]
