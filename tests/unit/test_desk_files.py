"""The state of files, read from bucket, ledger and receipts alike."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.files import NO_RECEIPT, FileReading
from desk.reading import OperatorClock, backoff
from desk.summary import needs_a_person, remark_of, state_document
from processor.errors import ServiceRefused
from tests.support.desk_fakes import WorldResults
from tests.support.desk_shell import UPLOADED_AT, WorldListing
from tests.support.faults import Faults
from tests.support.world import MIXED, World, csv_file, csv_row


def reading_of(world: World) -> FileReading:
    patience = backoff(OperatorClock(lambda _: None))
    return FileReading(WorldListing(world), world.ledger, WorldResults(world), patience)


def test_files_come_with_the_last_one_first_and_within_their_time() -> None:
    world = World()
    for number in range(5):
        world.files.upload(MIXED, f"{number}.csv")
    reading = reading_of(world)

    def keys(begin: int, end: int) -> list[str]:
        since, until = (UPLOADED_AT + timedelta(minutes=one) for one in (begin, end))
        return [one.version.key for one in reading.uploaded("", since, until)]

    assert [one.version.key for one in reading.uploaded()] == [f"{n}.csv" for n in (4, 3, 2, 1, 0)]
    assert keys(1, 3) == ["2.csv", "1.csv"]
    assert [one.version.key for one in reading.uploaded("3")] == ["3.csv"]


def test_each_state_is_its_file_s_over_more_than_one_page_of_the_ledger() -> None:
    world = World()
    receipts = {}
    for number in range(230):
        version = world.files.upload(csv_file(csv_row(f"T{number}")), f"{number:03}.csv")
        if number % 3:
            receipts[version.key] = world.process(version)
    reading = reading_of(world)
    told: list[int] = []

    states = list(reading.states(reading.uploaded(), told.append))

    assert [one.file.version.key for one in states] == [f"{n:03}.csv" for n in range(229, -1, -1)]
    for state in states:
        key = state.file.version.key
        assert state.receipt == receipts.get(key)
        assert (state.entry is not None) == (key in receipts)
        assert state.status == ("processed" if key in receipts else NO_RECEIPT)
    assert sum(told) == 230


def test_what_a_file_waits_for_is_said() -> None:
    world = World()
    never = world.files.upload(MIXED, "never.csv")
    world.process(world.files.upload(MIXED, "done.csv"))
    begun = world.files.upload(MIXED, "begun.csv")
    world.process(begun)
    del world.results.objects[begun.receipt_key]
    world.ledger.receipts.clear()
    reading = reading_of(world)

    waits = {one.file.version.key: one.waits_for for one in reading.states(reading.uploaded())}

    assert waits == {
        never.key: "never begun: its notification is late or lost",
        "done.csv": "",
        "begun.csv": "all parts done, receipt not known to be written",
    }


def test_a_receipt_that_is_gone_though_the_ledger_knows_it_is_said() -> None:
    world = World()
    version = world.files.upload(MIXED, "a.csv")
    world.process(version)
    del world.results.objects[version.receipt_key]
    reading = reading_of(world)

    (state,) = reading.states(reading.uploaded())

    assert state.waits_for == "the receipt is gone"


def test_what_may_not_be_read_ends_the_reading() -> None:
    world = World()
    world.process(world.files.upload(MIXED, "a.csv"))
    reading = reading_of(world)

    def refuse(*_: object) -> None:
        raise ServiceRefused("BatchGetItem: AccessDenied")

    world.ledger.faults = Faults(before=refuse)

    with pytest.raises(ServiceRefused, match="BatchGetItem"):
        list(reading.states(reading.uploaded()))


def test_documents_and_remarks_tell_what_is_out_of_the_ordinary() -> None:
    world = World()
    world.process(world.files.upload(b"", "refused.csv"))
    world.process(world.files.upload(csv_file(csv_row("A")), "good.csv"))
    reading = reading_of(world)

    good, refused = reading.states(reading.uploaded())

    assert (remark_of(good), remark_of(refused)) == ("", "EMPTY_FILE")
    assert state_document(good)["uploadedAt"] == "2026-03-02T12:01:00.000Z"
    assert good.receipt is not None
    assert refused.receipt is not None
    assert not needs_a_person(good.receipt)
    assert needs_a_person(refused.receipt)
    assert datetime.now(UTC) > good.file.uploaded_at
