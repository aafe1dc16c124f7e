"""Crashes, repeated and simultaneous deliveries, failing services: the receipt stays true."""

import json
from typing import Any

import pytest

from processor.domain.file import ObjectVersion
from processor.errors import (
    EvidenceGone,
    ReceiptContradicted,
)
from tests.support.fakes import InMemoryFiles
from tests.support.faults import Faults, Killed
from tests.support.world import HEADER, MIXED, World, csv_file, csv_row, without_times


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
    faults = world.set_faults(Faults())
    faults.before = lambda name, _: _kill_at(name, "put_if_absent")
    with pytest.raises(Killed):
        world.process(version)
    world.files.delete(version)
    faults.before = None

    with pytest.raises(EvidenceGone, match="another delivery may have stored records"):
        world.process(version)

    assert version.receipt_key not in world.results.objects


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
    is_before = moment == "kill_before"
    world.set_faults(Faults(kill_before=number) if is_before else Faults(kill_after=number))
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
    assert world.telemetry.names().count("file_done") == 1
    assert world.amounts() == {"EUR": 330, "JPY": 500}
    assert all(len(versions) == 1 for versions in world.results.objects.values())


def test_a_contradicting_receipt_is_never_passed_over() -> None:
    world = World()
    version = world.files.upload(MIXED)
    world.process(version)
    key = version.receipt_key
    forged = json.loads(world.results.objects[key][0])
    forged["outcomes"]["stored"] = 99
    world.results.objects[key] = [json.dumps(forged).encode()]

    with pytest.raises(ReceiptContradicted, match="contradicts the ledger"):
        world.process(version)


def test_quarantine_of_other_content_becomes_a_new_version_that_the_receipt_names() -> None:
    world = World()
    version = world.files.upload(MIXED)
    key = version.quarantine_key(1, 1)
    world.results.objects[key] = [b'{"from": "an earlier release that died"}\n']

    receipt = world.process(version)

    (listed,) = receipt["quarantine"]["objects"]
    assert listed["versionId"] == "2"
    assert len(world.quarantine(receipt)) == 2


@pytest.mark.parametrize("number", range(CALLS))
def test_one_id_in_two_files_at_once_is_stored_by_one_of_them(number: int) -> None:
    world = World()
    first = world.files.upload(csv_file(csv_row("A"), csv_row("B"), csv_row("C")), "one.csv")
    second = world.files.upload(csv_file(csv_row("A"), csv_row("B", "2.00")), "two.csv")
    faults = world.set_faults(Faults())
    meanwhile: list[dict[str, Any]] = []

    def deliver_the_other(_: str, call: int) -> None:
        if call == number and not meanwhile:
            meanwhile.append({})
            meanwhile[0] = world.process(second)

    faults.before = deliver_the_other
    receipts = [world.process(first), *(meanwhile or [world.process(second)])]

    outcomes = [receipt["outcomes"] for receipt in receipts]
    assert sum(counts["stored"] for counts in outcomes) == len(world.table.items) == 3
    assert sum(counts["duplicate"] for counts in outcomes) == 1
    assert sum(counts["conflict"] for counts in outcomes) == 1
