"""Replays: linked, never stored twice, and uploaded only if they can be read."""

from pathlib import Path
from typing import Any

import pytest

from desk.errors import DeskError
from desk.replay import Replay, replay_file, replay_rejects
from processor.domain.file import OBJECT_KEY_BYTES_MAX
from processor.errors import ServiceUnavailable
from tests.support.desk_fakes import WorldUploads
from tests.support.faults import Faults
from tests.support.world import HEADER, MIXED, World, csv_file, csv_row


@pytest.fixture
def uploads() -> WorldUploads:
    return WorldUploads(World())


@pytest.fixture
def corrected(tmp_path: Path) -> Path:
    file = tmp_path / "corrected.CSV"
    file.write_bytes(csv_file(csv_row("C", "3.00")))
    return file


def link_of(replay: Replay) -> dict[str, str]:
    return {
        "key": replay.replayed.key,
        "versionId": replay.replayed.version,
        "kind": replay.kind.value,
        "receiptKey": replay.replayed.receipt_key,
    }


def test_a_replayed_file_is_linked_and_stores_nothing_twice(uploads: WorldUploads) -> None:
    first = uploads.world.files.upload(MIXED, "day 1.csv")
    receipt = uploads.world.process(first)
    stored = dict(uploads.world.table.items)

    replay = replay_file(uploads, "day 1.csv")
    replayed = uploads.world.process(*uploads.uploaded)

    assert (replay.replayed.key, replay.replayed.version) == (first.key, first.version)
    assert replay.replaying.receipt_key == uploads.uploaded[0].receipt_key
    assert replayed["replayOf"] == link_of(replay)
    assert replayed["outcomes"]["stored"] == 0
    assert replayed["outcomes"]["rejected"] == receipt["outcomes"]["rejected"]
    assert uploads.world.table.items == stored


def test_an_old_version_can_be_replayed(uploads: WorldUploads) -> None:
    old = uploads.world.files.upload(MIXED, "k.csv")
    uploads.world.files.upload(b"newer", "k.csv")

    replay = replay_file(uploads, "k.csv", old.version_id)

    assert replay.replayed.version == old.version
    assert uploads.world.files.objects["transaction-data", "k.csv", "v3"] == MIXED


def test_what_the_sender_said_stays_but_for_another_replay(uploads: WorldUploads) -> None:
    first = uploads.world.files.upload(MIXED, "k.csv")
    uploads.metadata[first] = {
        "sender": "partner",
        "odd": "ü",
        "replay-of": "rejects",
        "replay-of-key": "x",
    }

    replay = replay_file(uploads, "k.csv")

    assert uploads.metadata[uploads.uploaded[0]] == {
        "sender": "partner",
        "replay-of": "file",
        "replay-of-version": first.version,
    }
    assert not replay.metadata_dropped


def test_where_there_is_no_room_the_replay_s_own_metadata_stays(uploads: WorldUploads) -> None:
    first = uploads.world.files.upload(MIXED, "k.csv")
    uploads.metadata[first] = {"sender": "x" * 2030}

    replay = replay_file(uploads, "k.csv")

    assert set(uploads.metadata[uploads.uploaded[0]]) == {"replay-of", "replay-of-version"}
    assert replay.metadata_dropped


def bring(uploads: WorldUploads, key: str, version_id: str | None, corrected: Path) -> Replay:
    """Corrected records of a file, however many."""
    return replay_rejects(uploads, uploads.look(key, version_id).version, corrected, None)


@pytest.mark.parametrize("count", [0, 2, 10_000])
def test_another_number_of_records_than_were_rejected_is_refused(
    uploads: WorldUploads, corrected: Path, count: int
) -> None:
    version = uploads.world.files.upload(MIXED, "k.csv")
    corrected.write_bytes(csv_file(csv_row("C", "3.00")))

    with pytest.raises(DeskError, match=rf"it has 1 records, and {count:,} of .* in quarantine"):
        replay_rejects(uploads, version, corrected, count)

    assert uploads.uploaded == []
    assert replay_rejects(uploads, version, corrected, 1).created


def test_corrected_rejects_are_a_file_of_their_own_with_a_link(
    uploads: WorldUploads, corrected: Path
) -> None:
    first = uploads.world.files.upload(MIXED, "in/day 1.csv")
    uploads.world.process(first)

    replay = bring(uploads, "in/day 1.csv", None, corrected)
    receipt = uploads.world.process(*uploads.uploaded)

    assert replay.created
    assert replay.replaying.key.startswith("in/day 1.csv.corrected-")
    assert replay.replaying.key.endswith(".csv")
    assert receipt["replayOf"] == link_of(replay)
    assert receipt["outcomes"]["stored"] == receipt["outcomes"]["read"] == 1


def test_the_same_correction_is_uploaded_once_and_another_one_again(
    uploads: WorldUploads, corrected: Path
) -> None:
    old = uploads.world.files.upload(MIXED, "k.csv")
    new = uploads.world.files.upload(MIXED, "k.csv")

    first = bring(uploads, "k.csv", new.version_id, corrected)
    again = bring(uploads, "k.csv", new.version_id, corrected)
    of_old = bring(uploads, "k.csv", old.version_id, corrected)
    corrected.write_bytes(csv_file(csv_row("C", "4.00")))
    other = bring(uploads, "k.csv", new.version_id, corrected)

    assert [one.created for one in (first, again, of_old, other)] == [True, False, True, True]
    assert again.replaying == first.replaying
    assert len({one.replaying.key for one in (first, of_old, other)}) == 3


def test_a_correction_whose_reply_was_lost_is_found_and_not_uploaded_twice(
    uploads: WorldUploads, corrected: Path
) -> None:
    uploads.world.files.upload(MIXED, "k.csv")

    def lose(call: str, number: int) -> None:
        if call == "put_if_absent":
            raise ServiceUnavailable("PutObject: x")

    uploads.faults = Faults(after=lose)
    with pytest.raises(ServiceUnavailable):
        bring(uploads, "k.csv", None, corrected)
    uploads.faults = Faults()
    replay = bring(uploads, "k.csv", None, corrected)

    assert not replay.created
    assert len(uploads.uploaded) == 1
    assert replay.replaying.receipt_key == uploads.uploaded[0].receipt_key


@pytest.mark.parametrize("call", ["look", "copy"])
def test_a_call_that_fails_leaves_no_replay(uploads: WorldUploads, call: str) -> None:
    uploads.world.files.upload(MIXED, "k.csv")

    def fail(name: str, number: int) -> None:
        if name == call:
            raise ServiceUnavailable("x")

    uploads.faults = Faults(before=fail)

    with pytest.raises(ServiceUnavailable):
        replay_file(uploads, "k.csv")
    assert uploads.uploaded == []


@pytest.mark.parametrize("length", [1, 990, OBJECT_KEY_BYTES_MAX])
def test_the_key_of_a_correction_fits_whatever_it_corrects(
    uploads: WorldUploads, corrected: Path, length: int
) -> None:
    key = ("ü" * length).encode()[:length].decode(errors="ignore") or "k"
    uploads.world.files.upload(MIXED, key)

    replay = bring(uploads, key, None, corrected)

    assert len(replay.replaying.key.encode()) <= OBJECT_KEY_BYTES_MAX
    assert uploads.world.process(*uploads.uploaded)["replayOf"] == link_of(replay)


@pytest.mark.parametrize("name", ["c", "c.ü", "c." + "x" * 50, "c.t 1"])
def test_an_odd_ending_of_the_local_file_is_left_out(
    uploads: WorldUploads, corrected: Path, name: str
) -> None:
    uploads.world.files.upload(MIXED, "k.csv")

    replay = bring(uploads, "k.csv", None, corrected.rename(corrected.with_name(name)))

    assert replay.replaying.key.rpartition("-")[2].isalpha()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "EMPTY_FILE"),
        (HEADER, "no record"),
        (b"transactionId,timestamp,amount\nA,2026-03-01T12:00:00Z,1.00\n", "its header"),
        (csv_file(csv_row("A", "1,00")), "record 1 cannot be read: COLUMN_COUNT"),
        (csv_file(csv_row("A"), b"B,yesterday,1.00,EUR\n"), "record 2 is rejected: TIMESTAMP"),
        (csv_file(csv_row("A", "secret-value")), "record 1 is rejected: AMOUNT_FORMAT (amount)"),
        (csv_file(csv_row("A")) + b'B,"2026', "cannot be read: "),
        (b"\xff\xfe1\x002\x00", "cannot be read: "),
        (csv_file(*[csv_row("A", "x")] * 30), "record 10 is rejected"),
    ],
)
def test_a_correction_that_would_be_rejected_is_not_uploaded(
    uploads: WorldUploads, corrected: Path, body: bytes, problem: str
) -> None:
    uploads.world.files.upload(MIXED, "k.csv")
    corrected.write_bytes(body)

    with pytest.raises(DeskError) as refusal:
        bring(uploads, "k.csv", None, corrected)

    assert problem in str(refusal.value)
    assert "secret-value" not in str(refusal.value)
    assert "record 11" not in str(refusal.value)
    assert uploads.uploaded == []


def test_a_key_that_the_function_would_not_read_is_refused(
    uploads: WorldUploads, corrected: Path
) -> None:
    uploads.world.files.upload(MIXED, "a/4111111111111111.csv")

    with pytest.raises(DeskError, match="card number") as refusal:
        bring(uploads, "a/4111111111111111.csv", None, corrected)

    assert "4111111111111111" not in str(refusal.value)
    assert uploads.uploaded == []
    assert replay_file(uploads, "a/4111111111111111.csv").created


@pytest.mark.parametrize("body", [b"", csv_file(), csv_file(csv_row("A", "x")), b"a,b\n1,2\n"])
def test_a_card_number_in_the_name_of_a_correction_is_masked(
    uploads: WorldUploads, corrected: Path, body: bytes
) -> None:
    uploads.world.files.upload(MIXED, "k.csv")
    named = corrected.rename(corrected.with_name("4111111111111111.csv"))
    named.write_bytes(body)

    with pytest.raises(DeskError, match=r"^\*{12}1111\.csv: ") as refusal:
        bring(uploads, "k.csv", None, named)

    assert "4111111111111111" not in str(refusal.value)


@pytest.mark.parametrize("version_id", [None, "v9"])
def test_what_is_not_there_is_not_replayed(
    uploads: WorldUploads, corrected: Path, version_id: Any
) -> None:
    with pytest.raises(DeskError):
        replay_file(uploads, "k.csv", version_id)
    with pytest.raises(DeskError):
        bring(uploads, "k.csv", version_id, corrected)


def test_card_numbers_in_a_correction_are_judged_without_a_key_of_the_stack(
    uploads: WorldUploads, corrected: Path
) -> None:
    uploads.world.files.upload(MIXED, "k.csv")
    row = b"C,2026-03-01T12:00:00Z,1.00,EUR,4111111111111111\n"
    corrected.write_bytes(HEADER.strip() + b",cardNumber\n" + row)

    assert bring(uploads, "k.csv", None, corrected).created
