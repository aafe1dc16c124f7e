"""JSON files: the elements of one array, or one object."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.domain.position import Position
from processor.domain.reject import Reason
from processor.formats import open_records
from processor.formats.json import read_array, read_object
from processor.formats.records import RAW_BYTES_KEPT_MAX, RECORD_BYTES_MAX, Break, RawRecord
from tests.support.readings import (
    chunks_of,
    gaps_of,
    open_data,
    read,
    read_records,
    stream_that_breaks,
    values_and_defects,
)


def test_each_element_is_a_record_with_its_exact_bytes() -> None:
    data = b' [ {"a": "1"}\n,{"a":{"b":[{}]}} , {} ]\n'

    assert read_records(data) == [
        RawRecord(1, 3, b'{"a": "1"}', 10, ("a",), ("1",)),
        RawRecord(2, 15, b'{"a":{"b":[{}]}}', 16, ("a",), ({"b": [{}]},)),
        RawRecord(3, 34, b"{}", 2),
    ]
    assert str(open_data(data)) == "json"


@pytest.mark.parametrize("data", [b"[]", b" [ \n ] ", b"\xef\xbb\xbf[]\r\n"])
def test_empty_array_is_a_legal_file_of_no_records(data: bytes) -> None:
    assert read(data) == []


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (b'{"a":1,}', Reason.JSON_SYNTAX),
        (b'{"a":[1,2}', Reason.JSON_SYNTAX),
        (b'{"a":]}', Reason.JSON_SYNTAX),
        (b"{a:1}", Reason.JSON_SYNTAX),
        (b'{"a":"\n"}', Reason.JSON_SYNTAX),
        (b"nul", Reason.JSON_SYNTAX),
        (b"NaN", Reason.JSON_SYNTAX),
        (b"}", Reason.JSON_SYNTAX),
        (b"1:2", Reason.JSON_SYNTAX),
        (b"[1,}]", Reason.JSON_SYNTAX),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", Reason.JSON_DEPTH),
        (b'{"a":' * 70 + b"1" + b"}" * 70, Reason.JSON_DEPTH),
        (b"1", Reason.JSON_NOT_OBJECT),
        (b"null", Reason.JSON_NOT_OBJECT),
        (b'"a, ] } [\\" b"', Reason.JSON_NOT_OBJECT),
        (b'[{"a":"]"}, [1]]', Reason.JSON_NOT_OBJECT),
        (b'{"a":1,"a":2}', Reason.JSON_DUPLICATE_KEY),
        (b'{"a":"\\udc00"}', Reason.JSON_SURROGATE),
        (b'{"a":"\0"}', Reason.NUL_BYTE),
        (b'{"a":"\xff"}', Reason.BAD_ENCODING),
        (b"\xff", Reason.BAD_ENCODING),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1000, 1])
def test_bad_element_is_one_reject_and_its_neighbours_are_read(
    element: bytes, reason: Reason, chunk_bytes: int
) -> None:
    data = b'[{"n":"1"},' + element + b',{"n":"2"}, ' + element + b" ]"

    items = read(data, chunk_bytes=chunk_bytes)

    assert values_and_defects(items) == [["1"], reason, ["2"], reason]
    assert [item.raw for item in items if isinstance(item, RawRecord)][1::2] == [element] * 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'[{"a":"1"} {"a":"2"},{"a":"3"}]', [["1"], Reason.JSON_SYNTAX, ["3"]]),
        (b'[{"a":"1"}},{"a":"2"}]', [["1"], Reason.JSON_SYNTAX, ["2"]]),
        (b'[{"a":"1"}null]', [["1"], Reason.JSON_SYNTAX]),
        (b'[{"a":"1"}\xff]', [["1"], Reason.BAD_ENCODING]),
        (b'[{"a":"1"}{"a":1,"a":1}]', [["1"], Reason.JSON_SYNTAX]),
        (b'[,{"a":"1"}]', [Reason.JSON_SYNTAX, ["1"]]),
        (b'[{"a":"1"},,{"a":"2"}]', [["1"], Reason.JSON_SYNTAX, ["2"]]),
        (b'[{"a":"1"}, ]', [["1"], Reason.JSON_SYNTAX]),
        (b'[{"a":"1"},,]', [["1"], Reason.JSON_SYNTAX]),
        (b"[,]", [Reason.JSON_SYNTAX]),
    ],
)
def test_piece_that_should_not_be_there_is_a_reject_of_its_own(
    data: bytes, expected: list[Any]
) -> None:
    items = read(data)

    assert values_and_defects(items) == expected
    gaps_of(data, items)


def test_trailing_comma_is_refused_with_its_exact_place() -> None:
    assert read(b'[{"a":1}, ]')[1] == RawRecord(2, 8, b",", 1, defect=Reason.JSON_SYNTAX)


@pytest.mark.parametrize("tail", [b'{"a":"2', b'{"a":{"b":1}', b"[1", b'"x', b"12"])
def test_array_that_ends_within_an_element_keeps_what_came_before(tail: bytes) -> None:
    assert read(b'[{"a":"1"},' + tail)[1:] == [
        RawRecord(2, 11, tail, len(tail), defect=Reason.JSON_UNTERMINATED),
        Break(Reason.JSON_UNTERMINATED, 11, 2),
    ]


@pytest.mark.parametrize("data", [b'[{"a":"1"}', b'[{"a":"1"},', b'[{"a":"1"}\n'])
def test_array_that_is_not_closed_breaks_at_its_end(data: bytes) -> None:
    assert read(data)[1:] == [Break(Reason.JSON_UNTERMINATED, len(data), 2)]


def test_what_follows_the_array_is_refused_as_one() -> None:
    data = b'[{"a":"1"}]\n{"a":"2"}\n'

    assert read(data, chunk_bytes=5)[1:] == [
        RawRecord(2, 12, b'{"a":"2"}\n', 10, defect=Reason.JSON_TRAILING_DATA),
        Break(Reason.JSON_TRAILING_DATA, 12, 2),
    ]


def test_object_file_is_one_record_over_several_lines() -> None:
    data = b'\n{\n  "a": "1",\n  "b": {"c": [2]}\n}\n'

    assert read_records(data, "file.json") == [
        RawRecord(1, 1, data[1:-1], len(data) - 2, ("a", "b"), ("1", {"c": ["2"]}))
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{\n"a":"1",\n}', [Reason.JSON_SYNTAX]),
        (b'{\n"a":"1"', [Reason.JSON_UNTERMINATED, Reason.JSON_UNTERMINATED]),
        (b'{\n"a":"1"\n},\n', [["1"], Reason.JSON_TRAILING_DATA, Reason.JSON_TRAILING_DATA]),
        (b'{\n"a":"1"\n}\n{\n"a":"2"\n}', [["1"], *[Reason.JSON_TRAILING_DATA] * 2]),
    ],
)
def test_object_file_that_is_malformed(data: bytes, expected: list[Any]) -> None:
    assert values_and_defects(read(data, "file.json")) == expected


@pytest.mark.parametrize("chunk_bytes", [1 << 23, 65_536, 4099])
def test_element_over_the_limit_is_rejected_and_reading_goes_on(chunk_bytes: int) -> None:
    longest = b'{"a":"' + b"x" * (RECORD_BYTES_MAX - 8) + b'"}'
    too_long = b'{ "a":"' + b"x" * (RECORD_BYTES_MAX - 8) + b'"}'
    blank = b" \n" * RECORD_BYTES_MAX
    data = blank.join([b"[", longest, b",", too_long, b',{"a":"2"}', b"]", b""])

    items = read(data, chunk_bytes=chunk_bytes)

    whole, cut, after = items
    assert isinstance(whole, RawRecord)
    assert isinstance(cut, RawRecord)
    assert values_and_defects([after]) == [["2"]]
    assert (whole.defect, whole.raw) == (None, longest)
    assert (cut.defect, cut.byte_length) == (Reason.RECORD_TOO_LARGE, RECORD_BYTES_MAX + 1)
    assert cut.raw == too_long[:RAW_BYTES_KEPT_MAX]
    gaps_of(data, items)


def test_broken_stream_keeps_the_whole_records_and_gives_the_rest_as_one() -> None:
    def read_broken(data: bytes) -> list[RawRecord | Break]:
        reading = open_records(lambda _: stream_that_breaks(data, 3, Reason.GZIP_CORRUPT), "x")
        return list(reading.records)

    assert read_broken(b'[{"a":1},{"a"')[1:] == [
        RawRecord(2, 9, b'{"a"', 4, defect=Reason.GZIP_CORRUPT),
        Break(Reason.GZIP_CORRUPT, 9, 2),
    ]
    assert read_broken(b'[{"a":1},')[1:] == [Break(Reason.GZIP_CORRUPT, 9, 2)]
    assert read_broken(b'[{"a":1}]')[1:] == [Break(Reason.GZIP_CORRUPT, 9, 2)]
    assert read_broken(b'[{"a":1}]x')[1:] == [
        RawRecord(2, 9, b"x", 1, defect=Reason.GZIP_CORRUPT),
        Break(Reason.GZIP_CORRUPT, 9, 2),
    ]


SOUP = st.lists(
    st.sampled_from(
        [
            b"{",
            b"}",
            b'"',
            b"\\",
            b"\n",
            b" ",
            b"[",
            b"]",
            b",",
            b":",
            b"\xe4",
            b"\0",
            b"1",
            b"x",
            b'{"a":1}',
            b'{"a":{"b":"\\"}"}}',
            b'{"a":1,"a":1}',
            b',{"a":"]"},',
            b'{"a":[1,]}',
        ]
    ),
    max_size=40,
).map(b"".join)


@given(SOUP, st.integers(1, 60), st.sampled_from([read_array, read_object]))
def test_records_are_the_same_however_the_file_is_cut(
    soup: bytes, chunk_bytes: int, reader: Any
) -> None:
    data = (b"[" if reader is read_array else b"{") + soup

    whole = list(reader([data], Position()))
    cut = list(reader(chunks_of(data, chunk_bytes), Position()))

    assert cut == whole
    gaps = gaps_of(data, whole)
    assert all(not gap.strip(b" \t\r\n[],") for gap in gaps)
    assert all(gap.count(b",") <= 1 for gap in gaps)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def as_given(value: Any) -> Any:
    """A value as the formats give it: numbers as their digits."""
    if isinstance(value, dict):
        return {key: as_given(field) for key, field in value.items()}
    if isinstance(value, list):
        return [as_given(field) for field in value]
    return str(value) if type(value) is int else value


@given(
    st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), max_size=5),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.integers(1, 80),
)
def test_values_are_those_of_the_json_module(
    rows: list[dict[str, Any]], indent: int | None, ascii_only: bool, chunk_bytes: int
) -> None:
    data = json.dumps(rows, indent=indent, ensure_ascii=ascii_only).encode(errors="replace")
    expected = json.loads(data)

    items = read(data, chunk_bytes=chunk_bytes)

    assert [
        dict(zip(item.names, item.values, strict=True))
        for item in items
        if isinstance(item, RawRecord)
    ] == as_given(expected)
    assert all(isinstance(item, RawRecord) and item.defect is None for item in items)
    gaps_of(data, items)
