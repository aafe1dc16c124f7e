"""A file larger than a part: planned, processed by several invocations, one receipt."""

import json

import pytest

from processor.planner import PART_BYTES
from tests.integration.delivery import Desk
from tests.integration.files import SNAKE, as_csv, as_ndjson, transaction

WIDE_BYTES = 300 * 1024
"""Records as long as an item may be, so that many bytes are few records."""


def wide_records(prefix: str) -> list[dict[str, str]]:
    """More than two parts of records; a duplicate, a conflict and a reject in the last part."""
    count = 2 * PART_BYTES // WIDE_BYTES + 10
    made = [
        transaction(prefix, number) | {"channel": f"{number:06}\n" * (WIDE_BYTES // 7)}
        for number in range(count)
    ]
    made.append(made[1])
    made.append(made[2] | {"amount": "77.77", "currency": "EUR"})
    made.append(transaction(prefix, count) | {"amount": "1,50"})
    return made


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_file_of_several_parts_gets_one_receipt(desk: Desk, run: str, kind: str) -> None:
    records = wide_records(f"{run}-parts-{kind}")
    body = as_csv(records, SNAKE) if kind == "csv" else as_ndjson(records)

    sent = desk.send(f"parts/wide.{kind}", body)
    receipt = desk.receipt(sent)

    assert receipt["parts"] > 2
    assert receipt["outcomes"] == {
        "read": len(records),
        "stored": len(records) - 3,
        "duplicate": 1,
        "conflict": 1,
        "rejected": 1,
    }
    lines = desk.quarantine(receipt)
    assert [line["recordNumber"] for line in lines] == [len(records) - 1, len(records)]
    assert [line["outcome"] for line in lines] == ["conflict", "rejected"]
    items = desk.items([f"{run}-parts-{kind}-{number:05}" for number in (0, len(records) - 4)])
    assert sorted(json.loads(str(item["recordNumber"])) for item in items) == [1, len(records) - 3]
