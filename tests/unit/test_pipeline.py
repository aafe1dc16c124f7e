"""The way of a file, in a world of fakes: what it must be after every fault."""

import gzip
import json

import pytest

from tests.support.fakes import BUCKET, RESULTS
from tests.support.world import HEADER, MIXED, World, csv_file, csv_row


def test_every_record_ends_in_one_outcome_and_the_receipt_adds_up() -> None:
    world = World()

    receipt = world.process_file(MIXED)

    assert receipt["outcomes"] == {
        "read": 6,
        "stored": 3,
        "duplicate": 1,
        "conflict": 1,
        "rejected": 1,
    }
    assert receipt["sums"] == {
        "EUR": {"stored": "3.30", "duplicate": "1.10", "conflict": "9.99"},
        "JPY": {"stored": "500", "duplicate": "0", "conflict": "0"},
    }
    assert receipt["controlTotals"]["declared"] is None
    assert receipt["controlTotals"]["computed"]["recordCount"] == 6
    assert receipt["controlTotals"]["computed"]["sums"] == {"EUR": "14.39", "JPY": "500"}
    assert receipt["reasons"] == {"TIMESTAMP_FORMAT": 1, "CONFLICT_ID_REUSED": 1}
    assert receipt["status"] == "processed"
    assert receipt["format"] == "csv"
    assert receipt["fault"] is None
    assert world.amounts() == {"EUR": 330, "JPY": 500}


def test_the_receipt_names_the_file_its_times_and_the_software() -> None:
    world = World()

    version = world.files.upload(MIXED, "in/march.csv")
    receipt = world.process(version)

    assert receipt["file"]["bucket"] == BUCKET
    assert receipt["file"]["key"] == "in/march.csv"
    assert receipt["file"]["versionId"] == version.version_id
    assert receipt["file"]["size"] == len(MIXED)
    assert receipt["file"]["eTag"] == version.etag
    assert receipt["fileId"] == version.file_id
    assert receipt["startedAt"] < receipt["endedAt"]
    assert receipt["software"] == ["transaction-processor test"]
    assert receipt == world.receipt(version)


def test_the_quarantine_holds_the_exact_bytes_in_file_order() -> None:
    world = World()

    receipt = world.process_file(MIXED)

    conflict, reject = world.quarantine(receipt)
    assert conflict["recordNumber"] == 4
    assert conflict["outcome"] == "conflict"
    assert conflict["raw"] == "B,2026-03-01T12:00:00Z,9.99,EUR"
    assert conflict["fingerprint"] != conflict["stored"]["fingerprint"]
    assert conflict["stored"]["recordNumber"] == 2
    assert reject["recordNumber"] == 5
    assert reject["reason"] == "TIMESTAMP_FORMAT"
    assert reject["field"] == "timestamp"
    assert reject["raw"] == "C,yesterday,1.00,EUR"
    assert MIXED[reject["byteOffset"] :].startswith(reject["raw"].encode())
    assert receipt["quarantine"]["bucket"] == RESULTS
    assert receipt["quarantine"]["lineCount"] == 2


def test_bytes_that_are_no_text_are_quarantined_as_base64() -> None:
    world = World()

    receipt = world.process_file(csv_file(b"\xff,2026-03-01T12:00:00Z,1.00,EUR\n", csv_row("B")))

    (line,) = world.quarantine(receipt)
    assert line["reason"] == "BAD_ENCODING"
    assert line["rawEncoding"] == "base64"
    assert receipt["outcomes"]["stored"] == 1


@pytest.mark.parametrize(
    ("key", "body", "form"),
    [
        ("f.csv", MIXED, "csv"),
        ("f.csv.gz", gzip.compress(MIXED), "csv+gzip"),
        (
            "f.ndjson",
            b"".join(
                json.dumps(
                    dict(
                        zip(
                            ("transactionId", "timestamp", "amount", "currency"),
                            line.split(","),
                            strict=True,
                        )
                    )
                ).encode()
                + b"\n"
                for line in MIXED.decode().splitlines()[1:]
            ),
            "ndjson",
        ),
    ],
)
def test_the_same_records_give_the_same_verdicts_in_every_format(
    key: str, body: bytes, form: str
) -> None:
    csv_world, world = World(), World()

    expected = csv_world.process_file(MIXED)
    receipt = world.process_file(body, key)

    assert receipt["format"] == form
    for section in ("outcomes", "sums", "controlTotals", "reasons"):
        assert receipt[section] == expected[section]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(csv_file(*(csv_row(f"T{n}") for n in range(999))))[:-400], "GZIP_TRUNCATED"),
        (csv_file(csv_row("A"), b'"B,2026-03-01T12:00:00Z,1.00,EUR\n'), "CSV_UNTERMINATED_QUOTE"),
    ],
)
def test_a_file_that_breaks_keeps_what_was_valid_before(body: bytes, reason: str) -> None:
    world = World()

    receipt = world.process_file(body)

    assert receipt["status"] == "broken"
    assert receipt["fault"]["reason"] == reason
    assert receipt["fault"]["recordNumber"] == receipt["outcomes"]["stored"] + 1
    assert receipt["outcomes"]["stored"] == len(world.table.items) > 0
    assert receipt["outcomes"]["rejected"] == 1


@pytest.mark.parametrize(
    ("body", "reason", "column"),
    [
        (b"", "EMPTY_FILE", None),
        (b"transactionId,timestamp,amount\nA,now,1\n", "HEADER_MISMATCH", "currency"),
        (b"transactionId,timestamp,amount,currency,Amount\n", "HEADER_DUPLICATE", "amount"),
        ("transactionId\n".encode("utf-16"), "BAD_ENCODING", None),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_any_write(
    body: bytes, reason: str, column: str | None
) -> None:
    world = World()

    receipt = world.process_file(body)

    assert receipt["status"] == "refused"
    assert receipt["fault"]["reason"] == reason
    assert receipt["fault"]["field"] == column
    assert receipt["outcomes"]["read"] == 0
    assert world.table.items == {}


def test_a_header_without_records_is_a_legal_zero_file() -> None:
    world = World()

    receipt = world.process_file(HEADER)

    assert receipt["status"] == "processed"
    assert receipt["outcomes"]["read"] == 0
    assert receipt["controlTotals"]["computed"]["recordCount"] == 0


def test_a_file_sent_twice_under_another_key_stores_nothing_new() -> None:
    world = World()
    body = csv_file(csv_row("A"), csv_row("B"))
    world.process_file(body, "one.csv")

    receipt = world.process_file(body, "two.csv")

    assert receipt["outcomes"]["duplicate"] == 2
    assert receipt["outcomes"]["stored"] == 0
    assert receipt["notices"] == ["DUPLICATE_FILE"]
    (first,) = receipt["duplicates"]["firstStoredBy"]
    assert first["key"] == "one.csv"
    assert first["count"] == 2


def test_a_corrected_file_stores_its_new_records_and_counts_the_rest() -> None:
    world = World()
    world.process_file(csv_file(csv_row("A"), b"B,bad,1.00,EUR\n"))

    receipt = world.process_file(csv_file(csv_row("A"), csv_row("B")))

    assert receipt["outcomes"]["stored"] == 1
    assert receipt["outcomes"]["duplicate"] == 1
    assert world.amounts() == {"EUR": 200}


def test_equal_rows_with_different_ids_are_both_stored() -> None:
    world = World()

    receipt = world.process_file(csv_file(csv_row("A"), csv_row("B")))

    assert receipt["outcomes"]["stored"] == 2


def test_within_a_file_the_first_of_two_contradicting_records_wins() -> None:
    world = World()
    rows = [csv_row(f"T{number}") for number in range(30)]
    rows.insert(3, csv_row("T0", "5.00"))
    rows.append(csv_row("T29", "5.00"))

    receipt = world.process_file(csv_file(*rows))

    assert receipt["outcomes"]["conflict"] == 2
    assert [line["recordNumber"] for line in world.quarantine(receipt)] == [4, 32]
    assert world.amounts() == {"EUR": 3000}
