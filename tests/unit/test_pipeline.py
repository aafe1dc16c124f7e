"""The way of a file, in a world of fakes: what it must be after every fault."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from processor.domain.file import ObjectVersion
from processor.errors import (
    EvidenceGone,
    OutOfTime,
    ReceiptContradicted,
    ServiceRefused,
    ServiceUnavailable,
)
from tests.support.fakes import BUCKET, RESULTS, InMemoryFiles
from tests.support.faults import Faults, Killed
from tests.support.world import HEADER, World, csv_file, csv_row, without_times

MIXED = csv_file(
    csv_row("A", "1.10"),
    csv_row("B", "2.20"),
    csv_row("A", "1.10"),
    csv_row("B", "9.99"),
    b"C,yesterday,1.00,EUR\n",
    csv_row("D", "500", "JPY"),
)


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
    assert receipt["file"]["checksum"].startswith("SHA256:")
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


# --- Delivery -------------------------------------------------------------------------------------


def test_an_event_delivered_again_changes_nothing_and_says_so() -> None:
    world = World()
    version = world.files.upload(MIXED)
    first = world.process(version)
    items = dict(world.table.items)

    again = world.process(version)

    assert again == first
    assert world.table.items == items
    assert world.telemetry.names().count("file_done") == 1
    assert world.telemetry.names()[-1] == "file_seen_again"
    assert all(len(versions) == 1 for versions in world.results.objects.values())


def test_each_version_of_a_key_has_its_own_receipt_in_any_order() -> None:
    world = World()
    first = world.files.upload(csv_file(csv_row("A")), "same.csv")
    second = world.files.upload(csv_file(csv_row("B"), csv_row("C")), "same.csv")

    of_second = world.process(second)
    of_first = world.process(first)

    assert of_first["outcomes"]["stored"] == 1
    assert of_second["outcomes"]["stored"] == 2
    assert world.receipt(first) != world.receipt(second)


def test_an_event_without_version_pins_the_current_one() -> None:
    world = World()
    version = world.files.upload(csv_file(csv_row("A")))

    receipt = world.process(ObjectVersion(version.bucket, version.key))

    assert receipt["file"]["versionId"] == version.version_id


def test_an_unversioned_object_that_is_not_the_events_is_refused_unread() -> None:
    world = World(files=InMemoryFiles(versioned=False))
    old = world.files.upload(csv_file(csv_row("A")))
    world.files.upload(csv_file(csv_row("B")))

    receipt = world.process(old)

    assert receipt["status"] == "refused"
    assert receipt["fault"]["reason"] == "OBJECT_CHANGED"
    assert world.table.items == {}


def test_a_deleted_object_gets_a_receipt_that_says_so() -> None:
    world = World()
    version = world.files.upload(MIXED)
    world.files.delete(version)

    receipt = world.process(version)

    assert receipt["status"] == "refused"
    assert receipt["fault"]["reason"] == "OBJECT_GONE"
    assert receipt["outcomes"]["read"] == 0


def test_an_object_deleted_after_an_attempt_that_died_gets_no_untrue_receipt() -> None:
    world = World()
    version = world.files.upload(MIXED)
    world.table.refuse["D"] = []
    faults = world.set_faults(Faults())
    faults.before = lambda name, _: _kill_at(name, "put_if_absent")
    with pytest.raises(Killed):
        world.process(version)
    world.files.delete(version)
    faults.before = None

    with pytest.raises(EvidenceGone, match="an earlier attempt may have stored"):
        world.process(version)

    assert version.result_key("receipts", ".json") not in world.results.objects


def _kill_at(name: str, wanted: str) -> None:
    if name == wanted:
        raise Killed


def test_an_object_deleted_while_it_is_read_keeps_what_came_before() -> None:
    world = World()
    world.files.read_bytes_max = len(HEADER) + len(csv_row("A")) * 2 + 5
    body = csv_file(*(csv_row(f"T{number}") for number in range(6)))
    version = world.files.upload(body)
    faults = world.set_faults(Faults())

    def delete_before_second_read(name: str, _: int) -> None:
        if name == "read" and faults.calls.count("read") == 2:
            world.files.delete(version)

    faults.before = delete_before_second_read

    receipt = world.process(version)

    assert receipt["status"] == "broken"
    assert receipt["fault"]["reason"] == "OBJECT_GONE"
    assert receipt["outcomes"]["stored"] == len(world.table.items) == 2
    assert receipt["outcomes"]["read"] == sum(
        receipt["outcomes"][name] for name in ("stored", "duplicate", "conflict", "rejected")
    )


# --- Crashes --------------------------------------------------------------------------------------


def _undisturbed() -> tuple[dict[str, Any], int]:
    world = World()
    faults = world.set_faults(Faults())
    receipt = world.process(world.files.upload(MIXED))
    return receipt, len(faults.calls)


UNDISTURBED, CALLS = _undisturbed()


@pytest.mark.parametrize("number", range(CALLS))
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_killed_at_any_call_and_run_again_gives_the_undisturbed_receipt(
    number: int, moment: str
) -> None:
    world = World()
    version = world.files.upload(MIXED)
    world.set_faults(Faults(**{moment: number}))
    with pytest.raises(Killed):
        world.process(version)
    world.set_faults(Faults())

    receipt = world.process(version)

    assert without_times(receipt) == without_times(UNDISTURBED)
    assert without_times(world.receipt(version)) == without_times(UNDISTURBED)
    assert world.amounts() == {"EUR": 330, "JPY": 500}
    assert all(len(versions) == 1 for versions in world.results.objects.values())


@pytest.mark.parametrize("number", range(CALLS))
def test_two_deliveries_at_once_leave_one_receipt_and_one_set_of_items(number: int) -> None:
    world = World()
    version = world.files.upload(MIXED)
    faults = world.set_faults(Faults())
    nested: list[dict[str, Any]] = []

    def deliver_meanwhile(_: str, call: int) -> None:
        if call == number and not nested:
            nested.append({})
            nested[0] = world.process(version)

    faults.before = deliver_meanwhile

    receipt = world.process(version)

    assert without_times(receipt) == without_times(UNDISTURBED)
    assert without_times(nested[0]) == without_times(UNDISTURBED)
    assert world.amounts() == {"EUR": 330, "JPY": 500}
    assert all(len(versions) == 1 for versions in world.results.objects.values())


def test_a_contradicting_receipt_is_never_passed_over() -> None:
    world = World()
    version = world.files.upload(MIXED)
    world.process(version)
    key = version.result_key("receipts", ".json")
    forged = json.loads(world.results.objects[key][0])
    forged["outcomes"]["stored"] = 99
    world.results.objects[key] = [json.dumps(forged).encode()]

    with pytest.raises(ReceiptContradicted, match="contradicts the ledger"):
        world.process(version)


def test_a_quarantine_object_of_other_content_becomes_a_new_version_that_the_receipt_names() -> None:
    world = World()
    version = world.files.upload(MIXED)
    key = version.result_key("rejected", "/part-00001/00001.jsonl")
    world.results.objects[key] = [b'{"from": "an earlier release that died"}\n']

    receipt = world.process(version)

    (listed,) = receipt["quarantine"]["objects"]
    assert listed["versionId"] == "2"
    assert len(world.quarantine(receipt)) == 2


# --- Faults of the file ---------------------------------------------------------------------------


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
        (b"transactionId,timestamp,amount\nA,2026-03-01T12:00:00Z,1\n", "HEADER_MISMATCH", "currency"),
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


# --- Business duplicates --------------------------------------------------------------------------


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


# --- Faults of the services -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["insert", "put_if_absent", "record_part", "describe", "read"])
def test_a_service_that_refuses_leaves_no_receipt_and_the_next_attempt_is_true(name: str) -> None:
    world = World()
    version = world.files.upload(MIXED)
    faults = world.set_faults(Faults())

    def refuse(call: str, _: int) -> None:
        if call == name:
            raise ServiceRefused(f"{call}: AccessDenied")

    faults.before = refuse
    with pytest.raises(ServiceRefused, match="AccessDenied"):
        world.process(version)
    assert version.result_key("receipts", ".json") not in world.results.objects
    faults.before = None

    receipt = world.process(version)

    assert without_times(receipt) == without_times(UNDISTURBED)


def test_reading_goes_on_behind_what_a_broken_connection_delivered() -> None:
    world = World()
    world.files.read_bytes_max = 7

    receipt = world.process_file(MIXED)

    assert receipt["outcomes"] == UNDISTURBED["outcomes"]
    assert receipt["sums"] == UNDISTURBED["sums"]


def test_an_invocation_that_runs_out_of_time_ends_in_order() -> None:
    world = World()
    version = world.files.upload(MIXED)
    world.clock.remaining = 10

    with pytest.raises(OutOfTime):
        world.process(version)

    assert version.result_key("receipts", ".json") not in world.results.objects


def test_many_rejects_are_written_as_several_objects_in_file_order() -> None:
    world = World()
    rows = [f"T{number},bad,1.00,EUR,{'x' * 2000}\n".encode() for number in range(5000)]
    body = HEADER.replace(b"\n", b",note\n") + b"".join(rows)

    receipt = world.process_file(body)

    assert receipt["outcomes"]["rejected"] == 5000
    assert len(receipt["quarantine"]["objects"]) > 1
    lines = world.quarantine(receipt)
    assert [line["recordNumber"] for line in lines] == list(range(1, 5001))


def test_a_service_that_is_unavailable_is_named_and_raised() -> None:
    world = World()
    world.table.refuse["A"] = []
    faults = world.set_faults(Faults())

    def fail(call: str, _: int) -> None:
        if call == "find":
            raise ServiceUnavailable("BatchGetItem: InternalServerError")

    faults.before = fail

    with pytest.raises(ServiceUnavailable, match="BatchGetItem"):
        world.process_file(MIXED)


def _ids(receipt: dict[str, Any], world: World, choose: Callable[[dict[str, Any]], bool]) -> list[int]:
    return [line["recordNumber"] for line in world.quarantine(receipt) if choose(line)]


def test_within_a_file_the_first_of_two_contradicting_records_wins() -> None:
    world = World()
    rows = [csv_row(f"T{number}") for number in range(30)]
    rows.insert(3, csv_row("T0", "5.00"))
    rows.append(csv_row("T29", "5.00"))

    receipt = world.process_file(csv_file(*rows))

    assert receipt["outcomes"]["conflict"] == 2
    assert _ids(receipt, world, lambda line: line["outcome"] == "conflict") == [4, 32]
    assert world.amounts() == {"EUR": 3000}
