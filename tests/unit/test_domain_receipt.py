"""The receipt: built from the ledger alone, the same bytes each time, and true."""

import copy
import json
from typing import Any

import pytest

from processor.domain.control_totals import CardCounts, Outcome, Totals
from processor.domain.entries import Fault, FileEntry, ListedReject, PartResult, QuarantineObject
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.receipt import (
    FIRST_REJECTS_MAX,
    RECEIPT_FORMAT,
    build_receipt,
    contradicts,
    parse,
    render,
)
from processor.domain.reject import Reason
from processor.domain.transaction import Transaction

VERSION = ObjectVersion("uploads", "ü.csv", "v1", "etag", 7)
SOURCE = SourceFile(VERSION, 7, "etag", "text/csv", "aws:kms", "2026-03-01T00:00:00Z")
ENTRY = FileEntry(VERSION, SOURCE, 1, 1, "2026-03-01T10:00:00.000Z")
TWO_PARTS = FileEntry(VERSION, SOURCE, 2, 2, "2026-03-01T10:00:00.000Z")


def totals_of(*outcomes: Outcome) -> Totals:
    totals = Totals()
    for outcome in outcomes:
        if outcome is Outcome.REJECTED:
            totals.add_rejected(Reason.CURRENCY)
        else:
            totals.add_valid(outcome, Transaction("T", 0, "t", 1, "EUR"), "0" * 63 + "1")
    return totals


def part(number: int = 1, *outcomes: Outcome, **attributes: Any) -> PartResult:
    result = PartResult(
        number,
        "csv",
        totals_of(*outcomes),
        recorded_at=f"2026-03-01T10:00:0{number}.000Z",
        software="processor 1",
    )
    return copy.replace(result, **attributes)


def receipt_of(*parts: PartResult, entry: FileEntry | None = None) -> dict[str, Any]:
    finished = entry or (ENTRY if len(parts) == 1 else TWO_PARTS)
    return build_receipt(finished, list(parts), "results")


def test_read_is_the_sum_of_the_four_outcomes() -> None:
    receipt = receipt_of(part(1, *Outcome, Outcome.STORED))

    assert receipt["outcomes"] == {
        "read": 5,
        "stored": 2,
        "duplicate": 1,
        "conflict": 1,
        "rejected": 1,
    }


def test_a_receipt_built_twice_is_the_same_byte_for_byte() -> None:
    parts = [part(1, *Outcome), part(2, Outcome.REJECTED)]

    bodies = {
        render(build_receipt(copy.deepcopy(TWO_PARTS), copy.deepcopy(parts), "results"))
        for _ in range(2)
    }

    assert len(bodies) == 1


def test_a_rendered_receipt_is_utf_8_json_for_people_that_parses_to_itself() -> None:
    receipt = receipt_of(part(1, *Outcome))

    body = render(receipt)

    assert parse(body) == receipt
    assert '"ü.csv"' in body.decode()
    assert body.endswith(b"}\n")


def test_parts_add_up_to_the_file() -> None:
    parts = [part(1, Outcome.STORED), part(2, Outcome.STORED, Outcome.CONFLICT, software="p 2")]

    receipt = receipt_of(*parts)

    assert receipt["outcomes"]["read"] == 3
    assert receipt["sums"] == {"EUR": {"stored": "0.02", "duplicate": "0.00", "conflict": "0.01"}}
    assert receipt["controlTotals"]["computed"]["recordCount"] == 3
    assert receipt["parts"] == 2
    assert receipt["startedAt"] == "2026-03-01T10:00:00.000Z"
    assert receipt["endedAt"] == "2026-03-01T10:00:02.000Z"
    assert receipt["software"] == ["p 2", "processor 1"]


def test_a_file_read_to_its_end_is_processed_even_without_records() -> None:
    receipt = receipt_of(part(1))

    assert (receipt["status"], receipt["fault"]) == ("processed", None)
    assert receipt["outcomes"]["read"] == 0
    assert receipt["notices"] == []


def test_a_file_that_broke_says_where_and_why() -> None:
    receipt = receipt_of(part(1, Outcome.STORED, fault=Fault(Reason.GZIP_TRUNCATED, 90, 2)))

    assert receipt["status"] == "broken"
    assert receipt["fault"] == {
        "reason": "GZIP_TRUNCATED",
        "byteOffset": 90,
        "recordNumber": 2,
        "field": None,
    }


def test_a_file_of_which_nothing_was_read_is_refused() -> None:
    receipt = receipt_of(part(1, fault=Fault(Reason.HEADER_MISMATCH, 0, 1, "amount")))

    assert receipt["status"] == "refused"
    assert receipt["fault"]["field"] == "amount"


def test_a_file_that_was_gone_has_what_the_event_said_of_it() -> None:
    entry = copy.replace(ENTRY, source=None)

    receipt = receipt_of(part(1, format=None, fault=Fault(Reason.OBJECT_GONE, 0, 1)), entry=entry)

    assert receipt["file"] == {
        "bucket": "uploads",
        "key": "ü.csv",
        "versionId": "v1",
        "size": 7,
        "eTag": "etag",
    }
    assert receipt["format"] is None


@pytest.mark.parametrize(
    ("outcomes", "senders", "notices"),
    [
        ([Outcome.DUPLICATE] * 2, {"a": 2}, ["DUPLICATE_FILE"]),
        ([Outcome.DUPLICATE] * 2, {"a": 1, "b": 1}, []),
        ([Outcome.DUPLICATE, Outcome.STORED], {"a": 1}, []),
        ([Outcome.DUPLICATE, Outcome.REJECTED], {"a": 1}, []),
        ([Outcome.DUPLICATE, Outcome.CONFLICT], {"a": 1}, []),
        ([Outcome.STORED], {}, []),
    ],
)
def test_a_file_is_called_a_duplicate_if_one_other_file_had_every_record(
    outcomes: list[Outcome], senders: dict[str, int], notices: list[str]
) -> None:
    result = part(1, *outcomes)
    for key, count in senders.items():
        result.totals.add_first_file(("uploads", key, "v0"), count)

    receipt = receipt_of(result)

    assert receipt["notices"] == notices
    assert receipt["duplicates"]["firstStoredBy"] == [
        {"bucket": "uploads", "key": key, "versionId": "v0", "count": count}
        for key, count in senders.items()
    ]


def test_card_numbers_of_all_parts_are_counted_and_the_key_named() -> None:
    parts = [part(1), part(2)]
    parts[0].totals.cards = CardCounts(1, 2, 3)
    parts[1].totals.cards = CardCounts(10, 20, 30)
    entry = copy.replace(TWO_PARTS, token_key_id="k2")

    receipt = receipt_of(*parts, entry=entry)

    assert receipt["cardNumbers"] == {
        "tokenized": 11,
        "masked": 22,
        "maskedInQuarantine": 33,
        "tokenKeyId": "k2",
    }


def test_without_tokens_no_key_is_named() -> None:
    result = part(1)
    result.totals.cards = CardCounts(0, 2, 3)

    receipt = receipt_of(result, entry=copy.replace(ENTRY, token_key_id="k2"))

    assert receipt["cardNumbers"]["tokenKeyId"] is None


@pytest.mark.parametrize(
    ("key", "notices"),
    [("a/4111111111111111.csv", ["CARD_NUMBER_IN_KEY"]), ("a/2026-03-01.csv", [])],
)
def test_a_card_number_in_the_key_is_noticed(key: str, notices: list[str]) -> None:
    version = copy.replace(VERSION, key=key)

    receipt = receipt_of(part(1), entry=copy.replace(ENTRY, object_version=version))

    assert receipt["notices"] == notices


def test_the_first_rejects_of_all_parts_are_listed_up_to_the_limit() -> None:
    rejects = [
        ListedReject(number, number * 10, Outcome.REJECTED, Reason.CURRENCY, "currency")
        for number in range(1, FIRST_REJECTS_MAX + 1)
    ]

    receipt = receipt_of(part(1, first_rejects=rejects[:7]), part(2, first_rejects=rejects))

    listed = receipt["firstRejects"]
    assert [reject["recordNumber"] for reject in listed] == [1, 2, 3, 4, 5, 6, 7, 1, 2, 3]
    assert listed[0] == {
        "recordNumber": 1,
        "byteOffset": 10,
        "outcome": "rejected",
        "reason": "CURRENCY",
        "field": "currency",
    }


def test_the_quarantine_is_listed_object_by_object() -> None:
    objects = [QuarantineObject(f"v{number}", "ab", 3) for number in (1, 2, 3)]

    receipt = receipt_of(part(1, quarantine=objects[:2]), part(2, quarantine=objects[2:]))

    assert receipt["quarantine"]["bucket"] == "results"
    assert receipt["quarantine"]["lineCount"] == 9
    assert [listed["key"] for listed in receipt["quarantine"]["objects"]] == [
        "rejected/ü.csv/v1/part-00001/00001.jsonl",
        "rejected/ü.csv/v1/part-00001/00002.jsonl",
        "rejected/ü.csv/v1/part-00002/00001.jsonl",
    ]
    assert receipt_of(part(1))["quarantine"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"fileId": "other"},
        {"status": "broken"},
        {"outcomes": {}},
        {"sums": {"EUR": {}}},
        {"controlTotals": None},
        {"reasons": {"CURRENCY": 1}},
    ],
)
def test_receipts_that_tell_other_facts_contradict_each_other(change: dict[str, Any]) -> None:
    receipt = receipt_of(part(1, Outcome.STORED))

    assert contradicts(receipt, receipt | change)
    assert contradicts(receipt | change, receipt)


def test_a_receipt_of_another_layout_may_say_more_but_no_other_facts() -> None:
    receipt = receipt_of(part(1, *Outcome))
    later = json.loads(render(receipt)) | {
        "receiptFormat": RECEIPT_FORMAT + 1,
        "endedAt": "later",
        "more": 1,
    }

    assert not contradicts(receipt, later)
    assert contradicts(receipt, later | {"sums": {}})


@pytest.mark.parametrize("name", ["file", "fault", "duplicates", "quarantine", "endedAt", "more"])
def test_a_receipt_of_the_same_layout_must_be_the_same(name: str) -> None:
    receipt = receipt_of(part(1, *Outcome))

    assert not contradicts(receipt, json.loads(render(receipt)))
    assert contradicts(receipt, receipt | {name: "forged"})


def test_a_file_that_waits_for_a_part_has_no_receipt() -> None:
    entry = copy.replace(ENTRY, parts_total=2, parts_done=1)

    with pytest.raises(ValueError, match="1 of 2 parts are recorded"):
        receipt_of(part(1), entry=entry)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b'{"fileId":', b"{}"])
def test_what_is_no_receipt_contradicts_every_receipt(body: bytes) -> None:
    assert contradicts(receipt_of(part(1)), parse(body))
