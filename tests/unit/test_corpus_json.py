"""JSONTestSuite, read as files, as lines of NDJSON and as elements of an array.

The formats must neither crash nor lose a byte, must not refuse the syntax of what is JSON (`y_`),
and must never let through what is not (`n_`). What a file means is no concern of theirs.
"""

from pathlib import Path

import pytest

from processor.domain.reject import Reason
from processor.formats.records import Break, RawRecord
from tests.support.corpora import json_suite, needs_corpora
from tests.support.readings import gaps_of, read, records_of

FILES = json_suite()

pytestmark = needs_corpora

# They say that the text is no JSON, or cannot be delimited as JSON.
SYNTAX = {Reason.JSON_SYNTAX, Reason.JSON_UNTERMINATED, Reason.JSON_TRAILING_DATA}
UNREADABLE = {Reason.BAD_ENCODING, Reason.NUL_BYTE, Reason.EMPTY_FILE}

NEIGHBOUR = b'{"n":"1"}'


def defects_of(items: list[RawRecord | Break]) -> set[Reason]:
    return {
        reason
        for item in items
        if (reason := item.reason if isinstance(item, Break) else item.defect) is not None
    }


def check_verdict(path: Path, defects: set[Reason]) -> None:
    if path.name.startswith("y_"):
        assert not defects & (SYNTAX | UNREADABLE)
    elif path.name.startswith("n_"):
        assert defects


def test_the_whole_suite_is_there() -> None:
    assert len(FILES) == 318


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_as_a_file(path: Path) -> None:
    data = path.read_bytes()

    items = read(data, "file.json")

    check_verdict(path, defects_of(items))
    gaps = gaps_of(data, items)
    # A file that is refused as a whole is one break; otherwise every byte is in a record, or is
    # punctuation of the array or white space.
    if any(isinstance(item, RawRecord) for item in items):
        assert all(not gap.strip(b" \t\r\n[],\xef\xbb\xbf") for gap in gaps)
    assert read(data, "file.json", chunk_bytes=1) == items


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_as_a_line_between_two_others(path: Path) -> None:
    line = path.read_bytes()
    data = NEIGHBOUR + b"\n" + line + b"\n" + NEIGHBOUR

    items = read(data, "file.ndjson")

    assert all(not gap.strip() for gap in gaps_of(data, items))
    assert not any(isinstance(item, Break) for item in items)
    first, *middle, last = records_of(items)
    assert first.raw == last.raw == NEIGHBOUR
    assert first.defect is last.defect is None
    if b"\n" not in line and line.strip():
        (record,) = middle
        assert record.raw == line
        # Without None, what is left are reasons.
        check_verdict(path, {record.defect} - {None})  # type: ignore[arg-type]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_as_an_element_of_an_array(path: Path) -> None:
    element = path.read_bytes()
    data = b"[" + NEIGHBOUR + b"," + element + b"," + NEIGHBOUR + b"]"

    items = read(data)

    gaps = gaps_of(data, items)
    assert all(not gap.strip(b" \t\r\n[],") for gap in gaps)
    assert records_of(items)[0].raw == NEIGHBOUR
    check_verdict(path, defects_of(items))
    if path.name.startswith("y_"):
        assert [record.raw for record in records_of(items)] == [
            NEIGHBOUR, element.strip(), NEIGHBOUR,
        ]  # fmt: skip
    assert read(data, chunk_bytes=1) == items
