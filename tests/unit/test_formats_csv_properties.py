"""CSV of any content: the records of RFC 4180's state machine, the values of the csv module."""

import csv
import io
from typing import Literal

from hypothesis import example, given
from hypothesis import strategies as st

from processor.domain.position import Position
from processor.formats.csv import Header
from processor.formats.csv import read as read_rows
from processor.formats.csv_grammar import CR, LF, LineEnd
from processor.formats.records import RawRecord
from tests.support.readings import chunks_of, gaps_of, read, values_and_defects

SOUP = st.text(st.sampled_from('",\r\n a1é\0'), max_size=60).map(str.encode) | st.lists(
    st.sampled_from([b'"', b",", b"\n", b"\r\n", b"\r", b"x", b"\xe4", b'"y"', b'""', b"1,2\n"]),
    max_size=40,
).map(b"".join)


def boundaries(data: bytes, terminator: int) -> list[bytes]:
    """The state machine of RFC 4180 as plainly as it can be written: the records, ends included."""
    records, record, state = [], bytearray(), "start"
    for byte in data:
        record.append(byte)
        is_quote = byte == ord('"')
        if state == "quoted":
            state = "closing" if is_quote else "quoted"
        elif is_quote and state in ("start", "closing"):
            state = "quoted"
        elif byte == terminator:
            records.append(bytes(record))
            record, state = bytearray(), "start"
        else:
            state = "start" if byte == ord(",") else "unquoted"
    return [*records, bytes(record)] if record else records


@given(SOUP, st.sampled_from([LF, CR]), st.integers(1, 70))
@example(b'"a""', LF, 4)
def test_records_are_those_of_the_plain_state_machine_however_they_are_cut(
    data: bytes, line_end: LineEnd, chunk_bytes: int
) -> None:
    header = Header(("a", "b"), line_end)

    whole = list(read_rows([data], Position(), header))
    cut = list(read_rows(chunks_of(data, chunk_bytes), Position(), header))

    assert cut == whole
    gaps = gaps_of(data, whole)
    assert all(not gap.strip(b"\r\n") for gap in gaps)
    strip = b"\r\n" if line_end is LF else b"\r"
    expected = [
        record for record in boundaries(data, line_end.terminator[0]) if record.strip(strip)
    ]
    found = [item for item in whole if isinstance(item, RawRecord) and item.raw.strip(strip)]
    assert [record.raw.strip(strip) for record in found] == [
        record.strip(strip) for record in expected
    ]


FIELDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
) | st.text(st.sampled_from('",\r\nx '), max_size=6)


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(FIELDS, min_size=width, max_size=width), max_size=6)
    ),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 50),
)
def test_well_formed_files_have_the_values_that_the_csv_module_reads(
    rows: list[list[str]], quoting: Literal[0, 1], line_end: str, chunk_bytes: int
) -> None:
    text = io.StringIO(newline="")
    width = len(rows[0]) if rows else 1
    names = [f"name{place}" for place in range(width)]
    csv.writer(text, quoting=quoting, lineterminator=line_end).writerows([names, *rows])
    data = text.getvalue().encode()

    items = read(data, chunk_bytes=chunk_bytes)

    expected = list(csv.reader(io.StringIO(text.getvalue(), newline=""), strict=True))[1:]
    assert values_and_defects(items) == [row for row in expected if row]
