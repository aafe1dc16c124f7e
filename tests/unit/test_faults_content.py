"""Faults in what is sent: columns in another order, and control records that nobody declared."""

import zlib

import pytest

from tests.support.world import HEADER, World, csv_file, csv_row


def test_columns_in_another_order_and_spelling_are_the_same_transactions() -> None:
    world = World()
    world.process_file(csv_file(csv_row("A", "1.10"), csv_row("B", "2.20")), "one.csv")
    other = (
        b"CURRENCY,Amount,transaction_id,TimeStamp\n"
        b"EUR,1.10,A,2026-03-01T12:00:00Z\n"
        b"EUR,2.20,B,2026-03-01T12:00:00Z\n"
    )

    receipt = world.process_file(other, "two.csv")

    assert receipt["outcomes"]["duplicate"] == receipt["outcomes"]["read"] == 2
    assert receipt["notices"] == ["DUPLICATE_FILE"]


RIGHT = b"TRAILER,2,3.30\n"
WRONG = b"TRAILER,3,9.99\n"
ROWS = (csv_row("A", "1.10"), csv_row("B", "2.20"))


@pytest.mark.parametrize(
    ("rows", "trailers"),
    [
        pytest.param([*ROWS], 0, id="missing"),
        pytest.param([*ROWS, RIGHT], 1, id="right"),
        pytest.param([*ROWS, WRONG], 1, id="wrong"),
        pytest.param([*ROWS, RIGHT, RIGHT], 2, id="twice"),
        pytest.param([ROWS[0], RIGHT, ROWS[1]], 1, id="with a row behind it"),
    ],
)
def test_a_trailer_is_never_taken_for_a_transaction_nor_believed(
    rows: list[bytes], trailers: int
) -> None:
    world = World()

    receipt = world.process_file(HEADER + b"".join(rows))

    assert receipt["outcomes"] == {
        "read": 2 + trailers,
        "stored": 2,
        "duplicate": 0,
        "conflict": 0,
        "rejected": trailers,
    }
    assert receipt["reasons"] == ({"COLUMN_COUNT": trailers} if trailers else {})
    assert receipt["controlTotals"]["declared"] is None
    assert receipt["controlTotals"]["computed"]["sums"] == {"EUR": "3.30"}
    assert [line["raw"].encode() + b"\n" for line in world.quarantine(receipt)] == [
        row for row in rows if row not in ROWS
    ]


def test_a_sum_over_any_number_of_the_largest_amounts_is_exact() -> None:
    world = World()
    largest = "9999999999999999.99"
    rows = [csv_row(f"T{number}", largest) for number in range(1001)]

    receipt = world.process_file(csv_file(*rows))

    assert receipt["sums"]["EUR"]["stored"] == "10009999999999999989.99"
    assert receipt["controlTotals"]["computed"]["sums"]["EUR"] == "10009999999999999989.99"


def test_a_gzip_bomb_is_refused_before_anything_is_stored_or_quarantined() -> None:
    world = World()
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    line = csv_row("A")
    # Valid rows first, so that whoever reads on finds something to store.
    bomb = compressor.compress(csv_file(*[line] * 1000))
    bomb += b"".join(compressor.compress(line * 40_000) for _ in range(64)) + compressor.flush()

    receipt = world.process_file(bomb, "bomb.csv.gz")

    assert (receipt["status"], receipt["fault"]["reason"]) == ("refused", "GZIP_BOMB")
    assert receipt["outcomes"]["read"] == 0
    assert world.table.batches == []
    assert [key.partition("/")[0] for key in world.results.objects] == ["receipts"]
