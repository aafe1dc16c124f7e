"""Large files in parts: the receipt is that of one run, whatever order, death or repetition."""

import gzip
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from processor.backoff import HAND_OVER_SECONDS
from processor.closing import Underway
from processor.domain.entries import PARTS_MAX
from processor.domain.file import ObjectVersion
from processor.domain.reject import Reason
from processor.domain.task import ProcessPart, StartAgain, render
from processor.errors import TaskUnreadable
from processor.reading import HEAD_BYTES
from tests.support.faults import Faults, Killed
from tests.support.part_files import FILES, mixed_csv, mixed_objects, ndjson
from tests.support.parts_world import PartsWorld, facts, facts_in_any_order
from tests.support.world import World, csv_file, csv_row

PART_BYTES = 300


DIVISIBLE = ["a.csv", "a.ndjson"]


def in_one_run(name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    world = World()
    return facts(world, world.process_file(FILES[name], name))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("seed", range(8))
def test_parts_in_any_order_some_twice_give_the_receipt_of_one_run(name: str, seed: int) -> None:
    world = PartsWorld(part_bytes=PART_BYTES)
    version = world.files.upload(FILES[name], name)

    receipt = world.process_to_the_end(version, random.Random(seed) if seed else None)

    assert (receipt["parts"] > 5) == (name in DIVISIBLE)
    receipt_facts, lines = facts(world, receipt)
    whole_facts, whole_lines = in_one_run(name)
    if seed == 0:
        assert (receipt_facts, lines) == (whole_facts, whole_lines)
    # Which of two contradicting records came first is the table's to say, once and for all.
    assert facts_in_any_order(receipt) == facts_in_any_order(whole_facts)
    assert [line["recordNumber"] for line in lines] == sorted(
        line["recordNumber"] for line in lines
    )


@pytest.mark.parametrize("name", FILES)
def test_a_part_that_runs_short_of_time_hands_on_its_remainder(name: str) -> None:
    world = PartsWorld()
    version = world.files.upload(FILES[name], name)
    world.clock.remaining = HAND_OVER_SECONDS - 1

    receipt = world.process_to_the_end(version)

    assert len(world.ledger.results(version.file_id)) >= 2
    assert receipt["parts"] == 1
    assert facts(world, receipt) == in_one_run(name)


@pytest.mark.parametrize(
    "name_and_data",
    [
        ("a.csv", csv_file(*(csv_row(f"T{number}") for number in range(25))) + b'X,"open\n' * 3),
        ("a.json", b"[" + b",".join(json.dumps(one).encode() for one in mixed_objects(25))),
        ("a.csv.gz", gzip.compress(mixed_csv(200), mtime=0)[:-9]),
    ],
)
def test_a_break_behind_a_hand_over_is_not_lost(name_and_data: tuple[str, bytes]) -> None:
    name, data = name_and_data
    world, whole = PartsWorld(), World()
    world.clock.remaining = HAND_OVER_SECONDS - 1

    receipt = world.process_to_the_end(world.files.upload(data, name))

    assert receipt["status"] == "broken"
    assert facts(world, receipt) == facts(whole, whole.process_file(data, name))


def test_a_plan_that_runs_short_of_time_is_gone_on_with() -> None:
    world = PartsWorld(part_bytes=PART_BYTES)
    version = world.files.upload(FILES["a.csv"], "a.csv")
    world.clock.remaining = HAND_OVER_SECONDS - 1

    receipt = world.process_to_the_end(version)

    assert any(key.endswith("/plan-00003.json") for key in world.results.objects)
    assert facts(world, receipt) == in_one_run("a.csv")


def test_planning_ndjson_reads_only_around_its_cuts() -> None:
    world = PartsWorld(part_bytes=1_000_000)
    data = ndjson(mixed_objects(60)) * 1_700
    version = world.files.upload(data, "a.ndjson")

    world.pipeline().process(version)

    # Ten cuts, each found in one short range, and the head of the file.
    head, *cuts = [length for _, length in world.files.reads]
    assert head + sum(cuts) < 0.8 * len(data)
    assert sum(cuts) <= 10 * HEAD_BYTES
    assert world.queue.events


@pytest.mark.parametrize("name", DIVISIBLE)
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_plan_killed_at_any_call_is_repaired_by_its_next_delivery(name: str, moment: str) -> None:
    calls = len(_calls_of(lambda world, version: world.pipeline().process(version), name))
    expected = in_one_run(name)

    for number in range(calls):
        world = PartsWorld(part_bytes=PART_BYTES)
        version = world.files.upload(FILES[name], name)
        world.set_faults(_killing(moment, number))
        with pytest.raises(Killed):
            world.pipeline().process(version)
        world.set_faults(Faults())

        receipt = world.process_to_the_end(version)

        assert facts_in_any_order(receipt) == facts_in_any_order(expected[0])


@pytest.mark.parametrize("name", DIVISIBLE)
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_task_killed_at_any_call_is_repaired_by_its_next_delivery(name: str, moment: str) -> None:
    expected = in_one_run(name)
    number = 0
    killed = True
    while killed:
        world = PartsWorld(part_bytes=PART_BYTES)
        version = world.files.upload(FILES[name], name)
        world.pipeline().process(version)
        killed = _deliver_all_but_kill_once(world, _killing(moment, number))

        assert facts_in_any_order(world.receipt(version)) == facts_in_any_order(expected[0])
        number += 7  # Every call of every part would take a minute and show the same again.


def _killing(moment: str, number: int) -> Faults:
    is_before = moment == "kill_before"
    return Faults(kill_before=number) if is_before else Faults(kill_after=number)


def _deliver_all_but_kill_once(world: PartsWorld, faults: Faults) -> bool:
    world.set_faults(faults)
    was_killed = False
    while world.queue.events:
        key = world.queue.events.pop(0)
        try:
            world.perform(key)
        except Killed:
            was_killed = True
            world.set_faults(Faults())
            world.queue.events.append(key)
    return was_killed


def _calls_of(run: Callable[[PartsWorld, ObjectVersion], object], name: str) -> list[str]:
    world = PartsWorld(part_bytes=PART_BYTES)
    version = world.files.upload(FILES[name], name)
    faults = world.set_faults(Faults())
    run(world, version)
    return faults.calls


@pytest.mark.parametrize("name", DIVISIBLE)
def test_tasks_whose_events_were_lost_are_queued_by_a_new_start(name: str) -> None:
    world = PartsWorld(part_bytes=PART_BYTES)
    version = world.files.upload(FILES[name], name)
    world.pipeline().process(version)
    chance = random.Random(1)
    for _ in range(3):
        # Half of all events get lost, at each stage.
        world.queue.events = [key for key in world.queue.events if chance.random() < 0.5]
        world.deliver_all()
    assert version.receipt_key not in world.results.objects

    world.pipeline().process(version, again=True)
    world.deliver_all()

    receipt = world.receipt(version)
    assert facts_in_any_order(receipt) == facts_in_any_order(in_one_run(name)[0])


def test_a_lost_segment_is_queued_by_a_new_start() -> None:
    world = PartsWorld()
    version = world.begin_short_of_time(FILES["a.json"], "a.json")
    world.queue.events.clear()
    assert isinstance(world.pipeline().process(version), Underway)
    assert world.queue.events == []

    world.pipeline().process(version, again=True)
    world.deliver_all()

    assert facts(world, world.receipt(version)) == in_one_run("a.json")


def test_a_double_hand_over_is_settled_by_the_first_one() -> None:
    world = PartsWorld()
    version = world.begin_short_of_time(FILES["a.csv"], "a.csv")
    first = world.ledger.results(version.file_id)

    # A second delivery that knew nothing of the first gets further before it hands on.
    world.ledger.faults = Faults(before=None)
    world.clock.remaining = 900.0
    hidden = world.ledger.parts.copy()
    world.ledger.parts.clear()
    faults = world.set_faults(Faults())
    faults.before = lambda name, _: (
        world.ledger.parts.update(hidden) if name == "record_part" else None
    )
    world.pipeline().process(version)
    faults.before = None
    world.deliver_all()

    assert world.ledger.results(version.file_id)[:1] == first
    assert facts(world, world.receipt(version)) == in_one_run("a.csv")


def test_each_part_is_read_to_its_own_end_whatever_broke_in_another() -> None:
    world = PartsWorld(part_bytes=PART_BYTES)
    objects = mixed_objects(60)
    objects[5]["cvv"] = "123"
    objects[55]["pin"] = "1234"

    receipt = world.process_to_the_end(world.files.upload(ndjson(objects), "a.ndjson"))

    assert receipt["status"] == "broken"
    assert receipt["fault"]["reason"] == Reason.SENSITIVE_AUTHENTICATION_DATA
    assert receipt["fault"]["recordNumber"] == 6
    assert [fault["recordNumber"] for fault in receipt["furtherFaults"]] == [56]
    assert receipt["outcomes"]["read"] == sum(
        result.totals.read for result in world.ledger.results(receipt["fileId"])
    )


def test_what_is_no_task_is_said_and_not_tried_again() -> None:
    world = PartsWorld()
    version = ObjectVersion("b", "k", "v")
    world.results.put("work/x.json", b"[]", "application/json")
    world.results.put("work/y.json", render(StartAgain(version)), "application/json")
    unregistered = ProcessPart(version)
    world.results.put(unregistered.key, render(unregistered), "application/json")

    for key in ("work/x.json", "work/y.json", unregistered.key):
        with pytest.raises(TaskUnreadable):
            world.perform(key)


def test_a_file_of_very_many_parts_has_one_receipt() -> None:
    world = PartsWorld(part_bytes=1)
    data = csv_file(*(csv_row(f"T{number}") for number in range(10_000)))

    receipt = world.process_to_the_end(world.files.upload(data))

    assert 9_000 < receipt["parts"] <= PARTS_MAX
    assert receipt["outcomes"]["stored"] == 10_000
