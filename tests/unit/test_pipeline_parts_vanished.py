"""Large files that are deleted for good meanwhile: none of them gets an untrue receipt."""

import pytest

from processor.domain.reject import Reason
from processor.errors import EvidenceGone
from tests.support.part_files import FILES
from tests.support.parts_world import PartsWorld

PART_BYTES = 300


def test_a_file_that_vanishes_while_its_parts_are_processed_gets_no_untrue_receipt() -> None:
    world = PartsWorld(part_bytes=PART_BYTES)
    version = world.files.upload(FILES["a.csv"], "a.csv")
    world.pipeline().process(version)
    key = world.queue.events.pop(0)
    world.deliver_all()
    world.files.delete(version)

    with pytest.raises(EvidenceGone):
        world.perform(key)
    with pytest.raises(EvidenceGone):
        world.pipeline().process(version, again=True)

    assert version.receipt_key not in world.results.objects


def test_a_file_that_was_planned_as_one_part_and_vanishes_gets_no_receipt_from_its_task() -> None:
    body = FILES["a.csv"]
    world = PartsWorld(part_bytes=len(body) - 1)
    version = world.files.upload(body, "a.csv")
    world.pipeline().process(version)
    (key,) = world.queue.events
    world.files.delete(version)

    # Another delivery of it may have stored records; none is counted.
    with pytest.raises(EvidenceGone):
        world.perform(key)

    assert version.receipt_key not in world.results.objects


@pytest.mark.parametrize("name", ["a.csv", "a.ndjson"])
def test_a_file_that_vanishes_before_its_plan_is_whole_is_not_closed_as_one_part(name: str) -> None:
    world = PartsWorld(part_bytes=PART_BYTES)
    version = world.begin_short_of_time(FILES[name], name)
    assert len(world.plans.plan(version.file_id)) == 1
    world.files.delete(version)

    for key in [key for key in world.queue.events if "/plan-" in key]:
        with pytest.raises(EvidenceGone):
            world.perform(key)
    with pytest.raises(EvidenceGone):
        world.pipeline().process(version)

    assert not world.ledger.load(version.file_id)[0].is_planned
    assert version.receipt_key not in world.results.objects


def test_a_file_whose_remainder_vanishes_stays_visible_however_often_its_event_comes() -> None:
    world = PartsWorld()
    version = world.begin_short_of_time(FILES["a.csv"], "a.csv")
    world.queue.events.clear()
    world.files.delete(version)

    for _ in range(2):
        with pytest.raises(EvidenceGone, match="handed on"):
            world.pipeline().process(version)

    assert version.receipt_key not in world.results.objects


def test_a_large_file_that_was_never_there_to_be_read_has_a_receipt_that_says_so() -> None:
    world = PartsWorld(part_bytes=PART_BYTES)
    version = world.files.upload(FILES["a.csv"], "a.csv")
    world.files.delete(version)

    receipt = world.process_to_the_end(version)

    assert receipt["fault"]["reason"] == Reason.OBJECT_GONE
