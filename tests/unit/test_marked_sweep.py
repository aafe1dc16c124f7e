"""What comes up beside the records tells no value: sweeps, lost evidence, tasks that are none.

Each file, and each task that somebody wrote, has a card number in its key, which is shown masked.
"""

import json
from collections.abc import Callable

import pytest

from processor.backoff import HAND_OVER_SECONDS
from processor.domain.file import ObjectVersion
from processor.domain.task import ProcessPart, StartAgain, SweepOn, render
from processor.sweep import DELIVERIES_MAX
from tests.support.emitted import Emitted
from tests.support.fakes import RESULTS
from tests.support.faults import Faults
from tests.support.leaks import deliver, findings, told
from tests.support.marked import CARDS
from tests.support.marked_parts import CARD_IN_KEY, FEW, FORMATS, MANY, arrive, task, to_the_end
from tests.support.parts_world import PartsWorld
from tests.support.quoting import ALL_VALUES, raising_where

WHOLE = 1024 * 1024
SWEEP = {"sweep": {"olderThanMinutes": 60}}


def swept(world: PartsWorld) -> list[Emitted]:
    """A sweep, and all that it starts."""
    run = deliver(world, event=SWEEP)
    started = [task(key) for key in world.queue.events]
    world.queue.events.clear()
    return [run, *to_the_end(world, *started)]


def test_no_sweep_tells_a_value() -> None:
    world, lost = arrive("csv")
    half = world.files.upload(FORMATS["ndjson"](*FEW), f"in/{CARD_IN_KEY} half.ndjson")
    world.set_faults(Faults(kill_after=9))
    killed = deliver(world, half)
    world.set_faults(Faults())

    runs = [killed, *swept(world), *swept(world)]

    assert runs[1].output.count("file without receipt") == 2
    assert all(version.receipt_key in world.results.objects for version in (lost, half))
    assert findings(world, *runs) == []


def test_no_sweep_that_is_handed_on_tells_a_value() -> None:
    world, _ = arrive("csv")
    for number in range(3):
        world.files.upload(b"", f"in/{CARD_IN_KEY} {number}.csv")
    world.files.page_size = 2
    world.clock.remaining = HAND_OVER_SECONDS - 1

    runs = swept(world)

    assert [key for key in world.results.objects if key.startswith("work/sweep/")]
    assert sum(run.output.count("file without receipt") for run in runs) >= 4
    assert findings(world, *runs) == []


def test_a_file_that_is_started_no_more_tells_no_value() -> None:
    world, version = arrive("csv")
    world.set_faults(Faults(before=raising_where(lambda name, _: name == "read", "refused")))
    runs = [deliver(world, version) for _ in range(DELIVERIES_MAX)]

    runs += swept(world)

    assert '"started":false' in runs[-1].output
    assert findings(world, *runs) == []


@pytest.mark.parametrize("name", ["list_versions", "entries", "put"])
@pytest.mark.parametrize("kind", ["throttled", "of the service"])
def test_no_sweep_that_fails_tells_a_value(name: str, kind: str) -> None:
    world, _ = arrive("csv")
    world.set_faults(Faults(before=raising_where(lambda called, _: called == name, kind)))

    run = deliver(world, event=SWEEP)

    assert "EventFailed" in run.error
    assert findings(world, run) == []


@pytest.mark.parametrize(
    "there", [ALL_VALUES, json.dumps({"outcomes": ALL_VALUES, "file": FEW[0]}), "[]"]
)
def test_a_receipt_that_contradicts_the_ledger_tells_no_value(there: str) -> None:
    world, version = arrive("csv")
    world.results.objects[version.receipt_key] = [there.encode()]

    runs = to_the_end(world, version)

    assert "ReceiptContradicted" in runs[-1].error
    # What is searched besides is what the processor wrote, and this receipt is none of that.
    del world.results.objects[version.receipt_key]
    assert findings(world, *runs) == []


def test_a_quarantine_that_is_written_over_another_attempt_s_tells_no_value() -> None:
    world, version = arrive("csv", part_bytes=WHOLE)
    key = version.quarantine_key(1, 1)
    world.results.objects[key] = [json.dumps({"raw": ALL_VALUES}).encode()]

    runs = to_the_end(world, version)

    assert len(world.results.objects[key]) == 2
    assert "file done" in runs[-1].output
    world.results.objects[key].pop(0)
    assert findings(world, *runs) == []


type Vanishing = Callable[[], tuple[PartsWorld, list[Emitted]]]


def vanishes_at(name: str, world: PartsWorld, version: ObjectVersion) -> Faults:
    """Faults by which a file is deleted for good behind the first call of a name."""
    return Faults(after=lambda called, _: world.files.delete(version) if called == name else None)


def while_it_is_cut(ending: str) -> Vanishing:
    def run() -> tuple[PartsWorld, list[Emitted]]:
        world, version = arrive(ending)
        world.set_faults(vanishes_at("read", world, version))
        return world, [deliver(world, version)]

    return run


def between_two_planners() -> tuple[PartsWorld, list[Emitted]]:
    world, version = arrive("csv")
    world.clock.remaining = HAND_OVER_SECONDS - 1
    runs = [deliver(world, version)]
    world.files.delete(version)
    (key,) = [key for key in world.queue.events if "/plan-" in key]
    return world, [*runs, deliver(world, task(key))]


def while_it_is_counted() -> tuple[PartsWorld, list[Emitted]]:
    world, version = arrive("ndjson")
    runs = [deliver(world, version)]
    world.files.delete(version)
    return world, [*runs, *(deliver(world, task(key)) for key in world.queue.events)]


def before_a_part_is_read() -> tuple[PartsWorld, list[Emitted]]:
    world, version = arrive("csv")
    runs = [deliver(world, version)]
    world.files.delete(version)
    return world, [*runs, *(deliver(world, task(key)) for key in world.queue.events)]


def before_its_event_comes_again() -> tuple[PartsWorld, list[Emitted]]:
    world, version = arrive("csv")
    runs = [deliver(world, version)]
    world.files.delete(version)
    return world, [*runs, deliver(world, version)]


def behind_a_hand_over() -> tuple[PartsWorld, list[Emitted]]:
    world, version = arrive("csv", MANY, WHOLE)
    world.clock.remaining = HAND_OVER_SECONDS - 1
    runs = [deliver(world, version)]
    world.files.delete(version)
    return world, [*runs, deliver(world, version)]


def behind_a_kill() -> tuple[PartsWorld, list[Emitted]]:
    world, version = arrive("csv", part_bytes=WHOLE)
    world.set_faults(Faults(kill_after=4))
    runs = [deliver(world, version)]
    world.set_faults(vanishes_at("describe", world, version))
    return world, [*runs, deliver(world, version)]


VANISHING: dict[str, tuple[Vanishing, str]] = {
    "while a CSV file is cut": (while_it_is_cut("csv"), "while it was planned"),
    "while an NDJSON file is cut": (while_it_is_cut("ndjson"), "while it was planned"),
    "between two planners": (between_two_planners, "while it was planned"),
    "while it is counted": (while_it_is_counted, "while it was counted"),
    "before a part is read": (before_a_part_is_read, "another delivery may have"),
    "before its event comes again": (before_its_event_comes_again, "another delivery may have"),
    "behind a hand-over": (behind_a_hand_over, "what was handed on of it is gone"),
    "behind a kill": (behind_a_kill, "another delivery may have"),
}


@pytest.mark.parametrize("name", VANISHING)
def test_no_file_that_vanishes_tells_a_value(name: str) -> None:
    vanish, text = VANISHING[name]

    world, runs = vanish()

    assert "EvidenceGone" in runs[-1].error
    assert text in runs[-1].error
    assert findings(world, *runs) == []


KEY = f"work/{CARD_IN_KEY}.json"
VERSION = ObjectVersion("bucket", f"in/{CARD_IN_KEY}.csv", "v1")
UNREADABLE: dict[str, tuple[str, bytes]] = {
    "values": (KEY, ALL_VALUES.encode()),
    "values in JSON": (KEY, json.dumps({"task": ALL_VALUES, "key": FEW[0]}).encode()),
    "another task": (KEY, render(StartAgain(VERSION))),
    "a task of a file that nobody registered": (
        ProcessPart(VERSION).key,
        render(ProcessPart(VERSION)),
    ),
    "no digits between": (f"work/{CARDS['card in a key']}.json", b"{}"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_task_tells_no_value(name: str) -> None:
    key, body = UNREADABLE[name]
    world = PartsWorld()
    world.results.put(key, body, "application/json")

    run = deliver(world, task(key))

    assert "TaskUnreadable" in run.error
    assert told(run) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_sweep_since_a_card_number_and_a_task_that_is_gone_tell_none(is_there: bool) -> None:
    world = PartsWorld()
    forged = SweepOn(CARD_IN_KEY, CARD_IN_KEY, CARD_IN_KEY)
    if is_there:
        world.results.put(forged.key, render(forged), "application/json")

    run = deliver(world, task(forged.key))

    assert ("ValueError" if is_there else "KeyError") in run.error
    assert told(run) == []


def test_a_file_whose_entry_is_lost_tells_no_value() -> None:
    world, version = arrive("ndjson")
    runs = [deliver(world, version)]
    world.set_faults(
        Faults(after=lambda name, _: world.ledger.files.clear() if name == "entry" else None)
    )

    runs.append(deliver(world, task(world.queue.events[-1])))

    assert "version v1 is not registered" in runs[-1].error
    assert findings(world, *runs) == []


def test_the_results_bucket_tells_of_no_other_object_of_its_own() -> None:
    world = PartsWorld()

    run = deliver(world, ObjectVersion(RESULTS, f"receipts/in/{CARD_IN_KEY}.csv/v1.json"))

    assert "ignored" in run.output
    assert told(run) == []
