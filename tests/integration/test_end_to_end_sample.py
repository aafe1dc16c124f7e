"""The sample of 10,000 transactions, and a file that is larger than the memory it may take."""

import itertools
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.delivery import Desk, Sent
from tests.integration.deployed import Json, Stack
from tests.integration.function_process import run_handler
from tests.integration.recount import Recount, read_csv, recount
from tests.support.events import s3_event

SAMPLE = Path(__file__).parents[2] / "events" / "files" / "transactions.csv"
LARGE_BYTES_MIN = 30 * 1024 * 1024
EXTRA_MEMORY_BYTES_MAX = 28 * 1024 * 1024
"""What a file of 30 MB may cost above one of a few bytes: some ranges of 4 MiB, and their rows."""


@pytest.fixture(scope="module")
def sent(desk: Desk, run: str) -> Sent:
    # Its transactions renamed, so that no earlier run on this stack has stored them.
    body = SAMPLE.read_bytes().replace(b"TX-2026-", f"{run}-".encode())
    return desk.send("sample/transactions.csv", body)


@pytest.fixture(scope="module")
def receipt(desk: Desk, sent: Sent) -> Json:
    return desk.receipt(sent)


@pytest.fixture(scope="module")
def counted(sent: Sent) -> Recount:
    return recount(read_csv(sent.body))


def test_the_samples_receipt_is_what_a_separate_recount_says(
    receipt: Json, counted: Recount
) -> None:
    assert receipt["outcomes"]["read"] == 10_000
    assert receipt["outcomes"] == counted.outcomes_document()
    assert receipt["sums"] == counted.sums_document()
    assert receipt["controlTotals"]["computed"] == counted.control_totals_document()


def test_the_samples_items_add_up_to_the_receipt(
    desk: Desk, sent: Sent, receipt: Json, counted: Recount
) -> None:
    items = desk.items_by_file([sent])[sent.version.version]

    sums: Counter[str] = Counter()
    for item in items:
        sums[item["currency"]] += item["amount"]
    assert len(items) == receipt["outcomes"]["stored"]
    assert sums == {name: Decimal(each["stored"]) for name, each in receipt["sums"].items()}
    assert {item["fingerprint"] for item in items} == {
        fingerprint for _, fingerprint, _ in counted.stored.values()
    }


def test_the_samples_quarantine_holds_the_bytes_of_the_file(
    desk: Desk, sent: Sent, receipt: Json
) -> None:
    lines = desk.quarantine(receipt)

    assert len(lines) == receipt["outcomes"]["rejected"] + receipt["outcomes"]["conflict"]
    assert Counter(line["reason"] for line in lines) == receipt["reasons"]
    for line in lines:
        end = line["byteOffset"] + line["byteLength"]
        assert sent.body[line["byteOffset"] : end] == line["raw"].encode()
    for listed, line in itertools.zip_longest(receipt["firstRejects"], lines[:10]):
        assert {name: line[name] for name in listed} == listed


@pytest.mark.usefixtures("notifications_lost")
def test_memory_does_not_grow_with_a_json_array(stack: Stack, desk: Desk, run: str) -> None:
    small = desk.send("memory/small.json", json_array(run, 0, records=1, filler_bytes=10))
    large = desk.send("memory/large.json", json_array(run, 1, records=340, filler_bytes=100_000))
    assert len(large.body) > LARGE_BYTES_MIN

    baseline = run_handler(stack, s3_event(small.version))
    measured = run_handler(stack, s3_event(large.version))

    assert measured.answer["files"][0]["outcomes"]["stored"] == 340
    assert measured.peak_memory_bytes - baseline.peak_memory_bytes < EXTRA_MEMORY_BYTES_MAX


def json_array(run: str, file: int, records: int, filler_bytes: int) -> bytes:
    """A JSON array of few but long records, so that it is the size that counts."""
    return json.dumps(
        [
            {
                "transactionId": f"{run}-memory-{file}-{number}",
                "timestamp": "2026-03-01T12:00:00Z",
                "amount": "1.00",
                "currency": "EUR",
                "description": f"{number % 10}" * filler_bytes,
            }
            for number in range(records)
        ]
    ).encode()
