"""Services that refuse, are busy or vanish: the file waits or is accounted for, never wrongly."""

import json
from typing import Any

import pytest

from processor.domain.file import ObjectVersion
from processor.domain.receipt import RECEIPT_FORMAT
from processor.errors import EvidenceGone, OutOfTime, ServiceRefused, ServiceUnavailable
from processor.ports import InsertAnswer
from tests.support.fakes import InMemoryFiles
from tests.support.faults import Faults, Killed
from tests.support.world import HEADER, MIXED, World, csv_file, csv_row, without_times

UNDISTURBED = World().process_file(MIXED)
ROWS = csv_file(*(csv_row(f"T{number:04}") for number in range(4000)))
READ_BYTES_MAX = 70_000
"""More than recognising a format looks at: records are stored before the second read."""


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
    assert version.receipt_key not in world.results.objects
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

    assert version.receipt_key not in world.results.objects


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
    faults = world.set_faults(Faults())

    def fail(call: str, _: int) -> None:
        if call == "find":
            raise ServiceUnavailable("BatchGetItem: InternalServerError")

    faults.before = fail

    with pytest.raises(ServiceUnavailable, match="BatchGetItem"):
        world.process_file(MIXED)


@pytest.mark.parametrize(
    "name",
    ["describe", "register", "read", "insert", "find", "put_if_absent", "record_part", "load"],
)
def test_a_service_that_is_busy_for_a_while_costs_time_and_nothing_else(name: str) -> None:
    world = World()
    faults = world.set_faults(Faults())

    def busy_twice(call: str, _: int) -> None:
        if call == name and faults.calls.count(name) <= 2:
            raise ServiceUnavailable(f"{call}: SlowDown")

    faults.before = busy_twice if name != "insert" else None
    if name == "insert":
        world.table.refuse = {"A": [InsertAnswer.TRY_AGAIN] * 2}

    receipt = world.process_file(MIXED)

    assert without_times(receipt) == without_times(UNDISTURBED)
    assert len(world.clock.slept) == 2


def test_an_object_that_vanishes_while_read_again_gets_no_untrue_receipt() -> None:
    world = World()
    world.files.read_bytes_max = READ_BYTES_MAX
    version = world.files.upload(ROWS)
    faults = world.set_faults(Faults())
    faults.before = lambda name, _: kill_at(faults, name, "insert", 3)
    with pytest.raises(Killed):
        world.process(version)
    faults = world.set_faults(Faults())

    def delete_before_second_read(name: str, _: int) -> None:
        if name == "read" and faults.calls.count("read") == 2:
            world.files.delete(version)

    faults.before = delete_before_second_read

    with pytest.raises(EvidenceGone):
        world.process(version)

    assert version.receipt_key not in world.results.objects


def kill_at(faults: Faults, name: str, wanted: str, count: int) -> None:
    if name == wanted and faults.calls.count(wanted) == count:
        raise Killed


def test_no_receipt_leaves_out_what_another_delivery_stored_before_a_deletion() -> None:
    world = World()
    world.files.read_bytes_max = READ_BYTES_MAX
    version = world.files.upload(ROWS)
    slow = world.set_faults(Faults())
    other = Faults()
    met: list[str] = []

    def meanwhile(name: str, _: int) -> None:
        if name == "insert" and not met:
            met.append(name)
            world.set_faults(other)
            other.before = lambda call, _: kill_at(other, call, "insert", 3)
            with pytest.raises(Killed):
                world.process(version)
            world.files.delete(version)
            world.set_faults(slow)

    slow.before = meanwhile

    with pytest.raises(EvidenceGone, match="another delivery may have stored records"):
        world.process(version)

    assert len(world.table.items) > 0
    assert version.receipt_key not in world.results.objects


def test_a_gone_object_gets_its_receipt_even_if_the_first_attempt_at_it_died() -> None:
    world = World()
    version = world.files.upload(MIXED)
    world.files.delete(version)
    faults = world.set_faults(Faults())
    faults.before = lambda name, _: kill_at(faults, name, "record_part", 1)
    with pytest.raises(Killed):
        world.process(version)
    world.set_faults(Faults())

    receipt = world.process(version)

    assert receipt["fault"]["reason"] == "OBJECT_GONE"


def test_a_finished_file_stays_finished_after_its_object_is_deleted() -> None:
    world = World()
    version = world.files.upload(MIXED)
    first = world.process(version)
    world.files.delete(version)

    again = world.process(version)

    assert again == first
    assert world.telemetry.names()[-1] == "file_seen_again"


def test_an_unversioned_object_that_is_overwritten_while_read_keeps_what_came_before() -> None:
    world = World(files=InMemoryFiles(versioned=False, read_bytes_max=READ_BYTES_MAX))
    version = world.files.upload(ROWS)
    faults = world.set_faults(Faults())

    def overwrite_before_second_read(name: str, _: int) -> None:
        if name == "read" and faults.calls.count("read") == 2:
            world.files.upload(csv_file(csv_row("NEW")))

    faults.before = overwrite_before_second_read

    receipt = world.process(version)

    assert receipt["status"] == "broken"
    assert receipt["fault"]["reason"] == "OBJECT_CHANGED"
    assert receipt["outcomes"]["stored"] == len(world.table.items) > 0
    assert "NEW" not in {identity.transaction_id for identity in world.table.items}


def test_a_lost_reply_to_the_receipt_leaves_one_receipt_and_tells_nothing_twice() -> None:
    world = World()
    faults = world.set_faults(Faults())
    put = world.results.put_if_absent

    def put_and_lose_the_reply(key: str, body: bytes, content_type: str) -> Any:
        answer = put(key, body, content_type)
        if key.startswith("receipts/") and answer.created:
            raise ServiceUnavailable("PutObject: ReadTimeoutError")
        return answer

    # One reply of one fake is lost, as it would be.
    world.results.put_if_absent = put_and_lose_the_reply  # type: ignore[method-assign]

    world.process_file(MIXED)

    # Nobody can tell whose receipt it is; what was done is told with the part.
    assert world.telemetry.names()[-2:] == ["retrying", "file_seen_again"]
    assert world.telemetry.names().count("part_done") == 1
    assert faults.calls.count("put_if_absent") == 3


def test_what_is_answered_is_what_the_bucket_holds_whoever_recorded_it() -> None:
    world = World(software="first release")
    version = world.files.upload(MIXED)
    faults = world.set_faults(Faults())
    met: list[str] = []

    def other_release_is_quicker(name: str, _: int) -> None:
        if name == "record_part" and not met:
            met.append(name)
            world.software = "second release"
            world.process(version)

    faults.before = other_release_is_quicker

    receipt = world.process(version)

    assert receipt == world.receipt(version)
    assert receipt["software"] == ["second release"]
    assert receipt["receiptFormat"] == RECEIPT_FORMAT
    assert world.telemetry.names().count("file_done") == 1


def test_a_file_of_rejects_alone_also_ends_in_time() -> None:
    world = World()
    world.files.read_bytes_max = 700
    version = world.files.upload(HEADER + b"bad\n" * 2000)
    faults = world.set_faults(Faults())

    def let_time_pass(name: str, _: int) -> None:
        if name == "read":
            world.clock.remaining -= 300

    faults.before = let_time_pass

    with pytest.raises(OutOfTime):
        world.process(version)

    assert json.loads(world.ledger.files[version.file_id])["deliveries"] == 1
    assert faults.calls.count("read") == 3


def test_a_finished_file_learns_nothing_more_and_contradicts_no_receipt() -> None:
    world = World()
    version = world.files.upload(MIXED)
    world.files.delete(version)
    first = world.process(ObjectVersion(version.bucket, version.key, version.version_id))

    again = world.process(version)

    assert again == first == world.receipt(version)
    assert first["fault"]["reason"] == "OBJECT_GONE"
