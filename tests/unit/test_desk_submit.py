"""Files are planned before anything is sent, sent some at once, and awaited to their receipts."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.errors import DeskError
from desk.reading import OperatorClock, backoff
from desk.submit import SUBMISSION, ReceiptWatch, Submission, plan, upload
from processor.domain.file import ObjectVersion
from processor.errors import ServiceRefused, ServiceUnavailable
from tests.support.desk_fakes import WorldResults
from tests.support.fakes import BUCKET
from tests.support.world import MIXED, World

CARD = "4111111111111111"
PATIENCE = backoff(OperatorClock(lambda _: None))


@dataclass
class RecordingSender:
    """Sends into nothing; some keys fail."""

    failures: dict[str, Exception] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)

    def send(
        self, file: Path, key: str, metadata: dict[str, str], sent: Callable[[int], None]
    ) -> str | None:
        if key in self.failures:
            raise self.failures[key]
        sent(file.stat().st_size)
        self.sent[key] = metadata[SUBMISSION]
        return f"v-{key}"


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())


def test_a_folder_stands_for_its_files_by_their_paths_within_it(tmp_path: Path) -> None:
    write(tmp_path, "in/b.csv", "in/deep/a.csv", "in/.hidden", "in/.git/x", "one.csv")
    (tmp_path / "in" / "nowhere.csv").symlink_to("gone")

    planned = plan([tmp_path / "in", tmp_path / "one.csv"], "day/")

    assert [one.key for one in planned.files] == ["day/b.csv", "day/deep/a.csv", "day/one.csv"]
    assert planned.files[0].size_bytes == len("in/b.csv")
    assert (planned.hidden, planned.dangling) == (2, 1)


@pytest.mark.parametrize(
    ("names", "given", "said"),
    [
        (["a/x.csv", "b/x.csv"], ["a/x.csv", "b/x.csv"], "would both become in/x.csv"),
        ([], ["nowhere"], "is not there"),
        (["e/.hidden"], ["e"], "there is no file in .*, but 1 hidden"),
        ([f"{CARD}.csv"], [f"{CARD}.csv"], "would hold a card number"),
    ],
)
def test_what_cannot_be_submitted_is_told_before_anything_is_sent(
    tmp_path: Path, names: list[str], given: list[str], said: str
) -> None:
    write(tmp_path, *names)
    paths = [tmp_path / name for name in given]

    with pytest.raises(DeskError, match=said) as told:
        plan(paths, "in/")
    assert CARD not in str(told.value)


def test_a_key_too_long_for_s3_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.csv")

    with pytest.raises(DeskError, match="would take over 1024 bytes"):
        plan([tmp_path / "a.csv"], "é" * 510)


def test_one_that_fails_stops_none_of_the_others(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "b.csv", "c.csv", "d.csv")
    failures = {
        "a.csv": ServiceRefused("PutObject: AccessDenied"),
        "b.csv": DeskError("the upload failed"),
        "c.csv": PermissionError(13, "Permission denied"),
    }
    sender = RecordingSender(failures)
    sent_bytes: list[int] = []

    done = {
        one.version.key: one
        for one in upload(plan([tmp_path], "").files, BUCKET, sender, sent_bytes.append)
    }

    assert done["a.csv"].failure == "PutObject: AccessDenied"
    assert done["b.csv"].failure == "the upload failed"
    assert "Permission denied" in done["c.csv"].failure
    assert done["d.csv"].version == ObjectVersion(BUCKET, "d.csv", "v-d.csv")
    assert done["d.csv"].is_awaited
    assert not done["a.csv"].is_awaited
    assert sent_bytes == [len("d.csv")]


def test_what_is_being_sent_when_it_is_interrupted_is_told_and_the_rest_is_not_sent(
    tmp_path: Path,
) -> None:
    names = [f"{number}.csv" for number in range(9)]
    write(tmp_path, *names)
    gate = threading.Event()

    class SlowSender(RecordingSender):
        """All but the first file wait for the gate."""

        def send(
            self, file: Path, key: str, metadata: dict[str, str], sent: Callable[[int], None]
        ) -> str | None:
            if key != "0.csv":
                assert gate.wait(10)
            return super().send(file, key, metadata, sent)

    sender = SlowSender()
    uploading = upload(plan([tmp_path], "").files, BUCKET, sender, lambda _: None)
    told = [next(uploading)]
    threading.Timer(0.2, gate.set).start()

    told.append(uploading.throw(KeyboardInterrupt()))

    def take_the_rest() -> None:
        for one in uploading:
            told.append(one)  # noqa: PERF402  Those until the interruption are looked at.

    with pytest.raises(KeyboardInterrupt):
        take_the_rest()

    assert {one.version.key for one in told} == set(sender.sent)
    assert 2 <= len(sender.sent) < len(names)


def test_every_upload_has_a_name_of_its_own_that_no_number_can_be_found_in(tmp_path: Path) -> None:
    write(tmp_path, *(f"{number}.csv" for number in range(20)))
    sender = RecordingSender()

    list(upload(plan([tmp_path], "").files, BUCKET, sender, lambda _: None))

    names = set(sender.sent.values())
    assert len(names) == 20
    assert all(name.isalpha() and name.islower() for name in names)


def submitted(world: World, key: str) -> Submission:
    return Submission(Path(key), world.files.upload(MIXED, key))


def test_receipts_are_awaited_until_all_are_there() -> None:
    world = World()
    here, later = submitted(world, "here.csv"), submitted(world, "later.csv")
    failed = Submission(Path("failed"), ObjectVersion(BUCKET, "failed"), failure="no")
    world.process(here.version)

    def process_the_other(_: float) -> None:
        world.process(later.version)

    arrived: list[int] = []

    watch = ReceiptWatch(WorldResults(world), PATIENCE, OperatorClock(process_the_other))

    watch.wait([here, later, failed], 60, arrived.append)

    assert here.receipt == world.receipt(here.version)
    assert later.receipt == world.receipt(later.version)
    assert failed.receipt is None
    assert sum(arrived) == 2


def test_waiting_ends_when_the_time_is_up() -> None:
    never = submitted(World(), "never.csv")
    slept: list[float] = []

    class Clock(OperatorClock):
        """Each look at it is ten seconds later."""

        def now(self) -> datetime:
            return datetime(2026, 3, 1, 0, 0, next(seconds), tzinfo=UTC)

    seconds = itertools.count(0, 10)

    ReceiptWatch(WorldResults(World()), PATIENCE, Clock(slept.append)).wait([never], 25)

    assert never.receipt is None
    assert slept == [1.0, 1.0]


def test_receipts_that_may_not_be_read_end_the_waiting() -> None:
    class Refusing:
        def read(self, key: str, version_id: str | None = None) -> bytes | None:
            raise ServiceRefused("GetObject: AccessDenied")

    with pytest.raises(ServiceRefused, match="GetObject"):
        ReceiptWatch(Refusing(), PATIENCE).wait([submitted(World(), "a.csv")], 60)


def test_a_busy_service_is_asked_again() -> None:
    world = World()
    file = submitted(world, "a.csv")
    world.process(file.version)
    results, refusals = WorldResults(world), iter([True, True, False])

    class Busy:
        def read(self, key: str, version_id: str | None = None) -> bytes | None:
            if next(refusals):
                raise ServiceUnavailable("GetObject: SlowDown")
            body: bytes | None = results.read(key, version_id)
            return body

    ReceiptWatch(Busy(), PATIENCE).wait([file], 60)

    assert file.receipt is not None
