"""The sweep finds what has no receipt, says why, and starts it again."""

from datetime import timedelta

import pytest

from processor.backoff import HAND_OVER_SECONDS
from processor.domain.task import StartAgain
from processor.sweep import Swept
from tests.support.faults import Faults
from tests.support.part_files import FILES
from tests.support.parts_world import PartsWorld
from tests.support.world import csv_file, csv_row

PART_BYTES = 300


def test_the_sweep_starts_what_has_no_receipt_and_says_why() -> None:
    world = PartsWorld(part_bytes=PART_BYTES)
    done = world.files.upload(FILES["a.json"], "done.json")
    world.process_to_the_end(done)
    lost = world.files.upload(csv_file(csv_row("LOST")), "lost.csv")
    half = world.files.upload(FILES["a.csv"], "half.csv")
    world.pipeline().process(half)
    world.queue.events.clear()
    unmarked = world.files.upload(csv_file(csv_row("UNMARKED")), "unmarked.csv")
    world.process_to_the_end(unmarked)
    world.ledger.receipts.discard(unmarked.file_id)

    swept = world.pipeline().sweep(60)
    world.deliver_all()

    assert (swept.versions, swept.started, swept.goes_on) == (4, 3, False)
    told = {event[0].key: event[1] for name, event in world.telemetry.events if name == "swept"}
    assert set(told) == {"lost.csv", "half.csv", "unmarked.csv"}
    assert len(set(told.values())) == len(swept.without_receipt) == 3
    assert all(version.receipt_key in world.results.objects for version in (lost, half))
    again = world.pipeline().sweep(60)
    assert (again.started, dict(again.without_receipt)) == (0, {})


def test_the_sweep_leaves_young_files_alone() -> None:
    world = PartsWorld()
    world.files.uploaded_at = world.clock.now() - timedelta(minutes=59)
    world.files.upload(csv_file(csv_row("YOUNG")))

    swept = world.pipeline().sweep(60)

    assert (swept.versions, world.queue.events) == (0, [])


def test_a_sweep_that_runs_short_of_time_goes_on_in_another_invocation() -> None:
    world = PartsWorld()
    world.files.page_size = 2
    versions = [world.files.upload(csv_file(csv_row(f"S{n}")), f"{n}.csv") for n in range(7)]
    world.clock.remaining = HAND_OVER_SECONDS - 1

    first = world.pipeline().sweep(60)
    world.clock.remaining = 900.0
    world.deliver_all()

    assert (first.versions, first.goes_on) == (1, True)
    assert all(version.receipt_key in world.results.objects for version in versions)


@pytest.mark.parametrize("versioned", [True, False])
def test_a_sweep_that_runs_short_of_time_within_a_page_goes_on_behind_what_it_started(
    versioned: bool,
) -> None:
    world = PartsWorld()
    world.files.versioned = versioned
    versions = [world.files.upload(csv_file(csv_row(f"S{n}")), f"{n}.csv") for n in range(7)]
    world.clock.remaining = HAND_OVER_SECONDS + 25
    world.queue.faults = Faults(after=lambda *_: world.clock.sleep(10))

    steps = [world.pipeline().sweep(60)]
    while steps[-1].goes_on:
        world.clock.remaining = HAND_OVER_SECONDS + 25
        *starts, step = world.queue.events
        world.queue.events = starts
        again = world.perform(step)
        assert isinstance(again, Swept)
        steps.append(again)

    assert [step.versions for step in steps] == [3, 2, 2]
    assert [step.started for step in steps] == [3, 2, 2]
    assert world.queue.events == [StartAgain(version).key for version in versions]


def test_a_sweep_that_runs_short_of_time_goes_on_within_a_key() -> None:
    world = PartsWorld()
    for number in range(3):
        world.files.upload(csv_file(csv_row(f"S{number}")), "same.csv")
    world.clock.remaining = HAND_OVER_SECONDS - 1

    steps = [world.pipeline().sweep(60)]
    while steps[-1].goes_on:
        again = world.perform(world.queue.events.pop())
        assert isinstance(again, Swept)
        steps.append(again)

    assert [step.started for step in steps] == [1, 1, 1]


def test_a_sweep_that_runs_short_of_time_by_a_look_up_goes_on_with_that_page() -> None:
    world = PartsWorld()
    world.files.page_size = 2
    versions = [world.files.upload(csv_file(csv_row(f"S{n}")), f"{n}.csv") for n in range(4)]
    world.clock.remaining = HAND_OVER_SECONDS + 100
    world.ledger.faults = Faults(after=lambda *_: world.clock.sleep(60))

    first = world.pipeline().sweep(60)
    world.clock.remaining = 900.0
    second = world.perform(world.queue.events.pop())

    assert (first.versions, first.goes_on) == (2, True)
    assert isinstance(second, Swept)
    assert (second.versions, second.goes_on) == (2, False)
    assert world.queue.events == [StartAgain(version).key for version in versions]


def test_a_sweep_that_ends_short_of_time_leaves_nothing_to_go_on_with() -> None:
    world = PartsWorld()
    world.files.upload(csv_file(csv_row("ONLY")))
    world.clock.remaining = HAND_OVER_SECONDS - 1

    swept = world.pipeline().sweep(60)

    assert (swept.started, swept.goes_on, len(world.queue.events)) == (1, False, 1)


def test_a_file_that_fails_for_ever_is_reported_by_every_sweep_and_no_longer_started() -> None:
    world = PartsWorld(part_bytes=PART_BYTES)
    version = world.files.upload(FILES["a.csv"], "a.csv")
    for _ in range(30):
        world.pipeline().process(version)
    world.queue.events.clear()

    swept = world.pipeline().sweep(60)

    assert swept.started == 0
    assert sum(swept.without_receipt.values()) == 1
    assert world.queue.events == []
