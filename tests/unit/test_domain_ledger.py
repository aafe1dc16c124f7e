"""Ledger documents: plain enough for any table, and back without a loss."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.control_totals import ACCEPTABLE, CardCounts, Outcome, Totals
from processor.domain.entries import Fault, FileEntry, ListedReject, PartResult, QuarantineObject
from processor.domain.file import ObjectVersion, ReplayKind, ReplayOf, SourceFile
from processor.domain.ledger import (
    entry_from_document,
    entry_to_document,
    result_from_document,
    result_to_document,
)
from processor.domain.reject import Reason

TEXT = st.text(max_size=5)
COUNT = st.integers(0, 2**63)
AMOUNT_MINOR = st.integers(-(10**30), 10**30)

VERSIONS = st.builds(
    ObjectVersion, TEXT, TEXT, st.none() | TEXT, st.none() | TEXT, st.none() | COUNT
)
TOTALS = st.builds(
    Totals,
    st.fixed_dictionaries(dict.fromkeys(Outcome, COUNT)),
    st.dictionaries(
        st.sampled_from(["EUR", "JPY"]),
        st.fixed_dictionaries(dict.fromkeys(ACCEPTABLE, AMOUNT_MINOR)),
    ),
    st.integers(0, 2**64 - 1),
    st.dictionaries(st.sampled_from(Reason), COUNT, max_size=3),
    st.dictionaries(st.tuples(TEXT, TEXT, TEXT), COUNT, max_size=3),
    COUNT,
    st.builds(CardCounts, COUNT, COUNT, COUNT),
)
LISTED = st.builds(
    ListedReject,
    COUNT,
    COUNT,
    st.sampled_from(Outcome),
    st.sampled_from(Reason),
    st.none() | TEXT,
)
RESULTS = st.builds(
    PartResult,
    st.integers(1, 99999),
    st.none() | st.sampled_from(["csv", "json+gzip"]),
    TOTALS,
    st.none() | st.builds(Fault, st.sampled_from(Reason), COUNT, COUNT, st.none() | TEXT),
    st.lists(LISTED, max_size=2),
    st.lists(st.builds(QuarantineObject, st.none() | TEXT, TEXT, COUNT), max_size=2),
    TEXT,
    TEXT,
)


REPLAYS = st.one_of(
    st.tuples(st.builds(ReplayOf, TEXT, TEXT, st.sampled_from(ReplayKind)), st.just(value=False)),
    st.tuples(st.none(), st.booleans()),
)


@st.composite
def entries(draw: st.DrawFn) -> FileEntry:
    version = draw(VERSIONS)
    source = None
    if draw(st.booleans()):
        version = ObjectVersion(version.bucket, version.key, version.version_id, "e", 1)
        facts = draw(st.tuples(TEXT, TEXT, TEXT))
        source = SourceFile(version, 1, "e", *facts, *draw(REPLAYS))
    key_id = draw(st.none() | TEXT)
    return FileEntry(version, source, draw(COUNT), draw(COUNT), draw(TEXT), draw(COUNT), key_id)


def is_plain(value: object) -> bool:
    """Whether a value holds only texts, whole numbers, None, lists and maps by text."""
    if isinstance(value, list):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(name, str) and is_plain(member) for name, member in value.items())
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))


@given(entries())
@settings(max_examples=150, deadline=None)
def test_a_file_s_entry_survives_the_way_through_json(entry: FileEntry) -> None:
    document = entry_to_document(entry)

    assert is_plain(document)
    assert entry_from_document(json.loads(json.dumps(document))) == entry


@given(RESULTS)
@settings(max_examples=150, deadline=None)
def test_a_part_s_result_survives_the_way_through_json(result: PartResult) -> None:
    document = result_to_document(result)

    assert is_plain(document)
    assert result_from_document(json.loads(json.dumps(document))) == result


def test_what_else_an_item_holds_is_left_out() -> None:
    entry = FileEntry(ObjectVersion("b", "k"), None, 1, 0, "2026-03-01T00:00:00Z")
    document = entry_to_document(entry) | {"fileId": "x", "entry": "FILE", "more": 1}

    assert entry_from_document(document) == entry


def test_documents_of_a_time_before_card_numbers_are_read() -> None:
    entry = FileEntry(ObjectVersion("b", "k"), None, 1, 0, "2026-03-01T00:00:00Z")
    entry_document = entry_to_document(entry)
    result_document = result_to_document(PartResult(1))
    del entry_document["tokenKeyId"]
    del result_document["totals"]["cards"]

    assert entry_from_document(entry_document) == entry
    assert result_from_document(result_document) == PartResult(1)


def test_an_entry_of_a_time_before_replays_replays_nothing() -> None:
    version = ObjectVersion("b", "k", "v", "e", 1)
    source = SourceFile(version, 1, "e", "text/csv", "aws:kms", "2026-03-01T00:00:00Z")
    entry = FileEntry(version, source, 1, 0, "2026-03-01T00:00:00Z")
    document = entry_to_document(entry)
    del document["source"]["replayOf"]

    assert entry_from_document(document) == entry


@pytest.mark.parametrize("section", ["fault", "firstRejects", "totals"])
def test_an_unknown_reason_is_an_error_and_never_dropped(section: str) -> None:
    result = PartResult(
        1,
        fault=Fault(Reason.CURRENCY, 0, 1),
        first_rejects=[ListedReject(1, 0, Outcome.REJECTED, Reason.CURRENCY, None)],
    )
    result.totals.add_rejected(Reason.CURRENCY)
    document = json.loads(json.dumps(result_to_document(result)))
    document[section] = json.loads(json.dumps(document[section]).replace("CURRENCY", "FROM_LATER"))

    with pytest.raises(ValueError, match="FROM_LATER"):
        result_from_document(document)
