"""A file that is processed again on purpose: linked to the first one, and never stored twice."""

from processor.domain.file import ReplayKind, ReplayOf
from tests.support.world import MIXED, World


def test_a_replay_is_a_file_of_its_own_that_links_to_the_first_one_s_receipt() -> None:
    world = World()
    first = world.files.upload(MIXED, "day 1.csv")
    receipt = world.process(first)
    again = world.files.upload(MIXED, "again.csv")
    world.files.replays[again] = (ReplayOf(first.key, first.version, ReplayKind.FILE), False)

    replayed = world.process(again)

    assert list(replayed)[1:3] == ["file", "replayOf"]
    assert replayed["replayOf"] == {
        "key": "day 1.csv",
        "versionId": first.version,
        "kind": "file",
        "receiptKey": first.receipt_key,
    }
    assert world.receipt(again) == replayed
    assert world.receipt(first) == receipt
    assert replayed["outcomes"] == {
        **receipt["outcomes"],
        "stored": 0,
        "duplicate": receipt["outcomes"]["stored"] + receipt["outcomes"]["duplicate"],
    }


def test_a_replay_whose_first_file_cannot_be_read_is_processed_and_noticed() -> None:
    world = World()
    version = world.files.upload(MIXED)
    world.files.replays[version] = (None, True)

    receipt = world.process(version)

    assert receipt["replayOf"] is None
    assert receipt["notices"] == ["REPLAY_UNREADABLE"]
    assert receipt["status"] == "processed"


def test_any_other_file_replays_nothing_nor_does_one_that_is_gone() -> None:
    world = World()
    gone = world.files.upload(MIXED)
    world.files.delete(gone)

    receipts = [world.process_file(MIXED), world.process(gone)]

    assert [receipt["replayOf"] for receipt in receipts] == [None, None]
    assert [receipt["notices"] for receipt in receipts] == [[], []]
