"""Submitting files: uploads as the bucket wants them, and the receipts that they end in.

files ─▶ keys ─▶ upload (some at once) ─▶ version ─▶ wait for its receipt
"""

import secrets
import string
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from desk.errors import DeskError
from desk.files import READERS
from desk.reading import Json, OperatorClock, Results, read_receipt
from processor.backoff import Backoff
from processor.domain.file import OBJECT_KEY_BYTES_MAX, ObjectVersion
from processor.domain.masking import has_card_number, mask
from processor.errors import ProcessorError

SUBMISSION: Final = "submission"
"""Metadata of every upload: letters that no other one has, by which its version is found."""

UPLOADS_AT_ONCE: Final = 4
"""Each of them sends the parts of a large file at once, too."""

POLL_SECONDS: Final = 1.0
_SUBMISSION_LETTERS: Final = 24


class Sender(Protocol):
    """TransactionDataBucket, as a sender has it."""

    def send(
        self, file: Path, key: str, metadata: dict[str, str], sent: Callable[[int], None]
    ) -> str | None:
        """Uploads a file, encrypted and with its checksum, in parts if it is large.

        Args:
            file: The file.
            key: Its key.
            metadata: Its user metadata.
            sent: Is told of bytes that were sent.

        Returns:
            The version id of the upload; None if the caller may not look for it.

        Raises:
            DeskError: The file cannot be read.
            ServiceUnavailable, ServiceRefused: It cannot be uploaded now, or may not.
        """
        ...


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that is to be uploaded.

    Args:
        file: Where it lies.
        key: Its key.
        size_bytes: Its size.
    """

    file: Path
    key: str
    size_bytes: int


class Plan(NamedTuple):
    """What is to be uploaded.

    Args:
        files: The files.
        hidden: Files of folders that are left out, as their names begin with a dot.
        dangling: Links of folders that lead nowhere.
    """

    files: list[Planned]
    hidden: int = 0
    dangling: int = 0


@dataclass(slots=True)
class Submission:
    """What became of a file that was to be submitted.

    Args:
        file: Where it lies.
        version: What it became in the bucket; None if it was not uploaded.
        receipt: Its receipt, once it is there.
        failure: Why it was not uploaded; empty if it was.
    """

    file: Path
    version: ObjectVersion
    receipt: Json | None = None
    failure: str = ""

    @property
    def is_awaited(self) -> bool:
        """Whether its receipt can still come, and be found."""
        return not self.failure and self.receipt is None and self.version.version_id is not None


def plan(paths: Sequence[Path], prefix: str) -> Plan:
    """Which files are meant, and their keys: a file's name; in a folder the path within it.

    Raises:
        DeskError: A path is not there or a folder without files, two files would have one key, or a
            key would be too long or hold a card number. Nothing was uploaded.
    """
    planned: dict[str, Planned] = {}
    hidden = dangling = 0
    for path in paths:
        found = _Found(path)
        hidden, dangling = hidden + found.hidden, dangling + found.dangling
        for file, name in found.files:
            key = prefix + name
            if key in planned:
                raise DeskError(
                    f"{_shown(file)} and {_shown(planned[key].file)} would both become "
                    f"{mask(key)[0]}: submit them apart, with --prefix"
                )
            planned[key] = Planned(file, _accepted(key, file), file.stat().st_size)
    return Plan(list(planned.values()), hidden, dangling)


class _Found:
    """The files of a path, each with its name: a file's own, or the path within the folder."""

    def __init__(self, path: Path) -> None:
        self.files: list[tuple[Path, str]] = []
        self.hidden = self.dangling = 0
        if path.is_file():
            self.files.append((path, path.name))
            return
        if not path.is_dir():
            what = "is no regular file or folder" if path.exists() else "is not there"
            raise DeskError(f"{_shown(path)} {what}")
        for file in sorted(path.rglob("*")):
            self._add(file, file.relative_to(path))
        if not self.files:
            hidden = f", but {self.hidden} hidden" if self.hidden else ""
            raise DeskError(f"there is no file in {_shown(path)}{hidden}")

    def _add(self, file: Path, name: Path) -> None:
        if file.is_symlink() and not file.exists():
            self.dangling += 1
        elif not file.is_file():
            return
        elif any(part.startswith(".") for part in name.parts):
            self.hidden += 1
        else:
            self.files.append((file, name.as_posix()))


def _accepted(key: str, file: Path) -> str:
    if has_card_number(key):
        raise DeskError(
            f"the key of {_shown(file)} would hold a card number, and keys are in every log: "
            "rename it"
        )
    if len(key.encode()) > OBJECT_KEY_BYTES_MAX:
        raise DeskError(f"the key of {_shown(file)} would take over {OBJECT_KEY_BYTES_MAX} bytes")
    return key


def _shown(file: Path) -> str:
    return mask(str(file))[0]


def upload(
    planned: Sequence[Planned], bucket: str, sender: Sender, sent: Callable[[int], None]
) -> Generator[Submission]:
    """Uploads files, some at once, and gives each when it is done with. One that fails stops none.

    Args:
        planned: The files.
        bucket: TransactionDataBucket's name.
        sender: Where they go.
        sent: Is told of bytes that were sent.
    """
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        underway: dict[Future[str | None], Planned] = {
            pool.submit(sender.send, one.file, one.key, {SUBMISSION: _letters()}, sent): one
            for one in planned
        }
        try:
            for done in as_completed(list(underway)):
                yield _submission(underway.pop(done), bucket, done)
        except KeyboardInterrupt:
            # What is being sent is sent to its end, so that of each file it is known what it is.
            begun = [one for one in underway if not one.cancel()]
            for done in as_completed(begun):
                yield _submission(underway.pop(done), bucket, done)
            raise


def _submission(planned: Planned, bucket: str, done: "Future[str | None]") -> Submission:
    try:
        version_id = done.result()
    except (DeskError, ProcessorError, OSError) as error:
        failure = str(error) or type(error).__name__
        return Submission(planned.file, ObjectVersion(bucket, planned.key), failure=failure)
    return Submission(planned.file, ObjectVersion(bucket, planned.key, version_id))


def _letters() -> str:
    """Letters alone: digits could be a card number by chance."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(_SUBMISSION_LETTERS))


class ReceiptWatch:
    """Waits for receipts.

    Args:
        results: TransactionResultsBucket.
        patience: For calls that must be tried again.
        clock: Tells how long it waits already.
    """

    def __init__(
        self, results: Results, patience: Backoff, clock: OperatorClock | None = None
    ) -> None:
        self._results = results
        self._patience = patience
        self._clock = clock or OperatorClock()

    def wait(
        self,
        submissions: Sequence[Submission],
        seconds_max: float,
        arrived: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Waits until all are there, or the time is up, and puts each into its submission.

        Args:
            submissions: What was uploaded; of files that were not, nothing is awaited.
            seconds_max: How long to wait.
            arrived: Is told how many more are there.

        Raises:
            ServiceUnavailable, ServiceRefused: Receipts cannot be read now, or may not.
        """

        def look(one: Submission) -> None:
            one.receipt = read_receipt(self._results, one.version, self._patience)
            arrived(one.receipt is not None)

        ends_at = self._clock.now() + timedelta(seconds=seconds_max)
        with ThreadPoolExecutor(READERS) as pool:
            while awaited := [one for one in submissions if one.is_awaited]:
                for _ in pool.map(look, awaited):
                    pass  # Only so that an error is raised here.
                left = (ends_at - self._clock.now()).total_seconds()
                if left <= 0:
                    return
                if any(one.is_awaited for one in awaited):
                    self._clock.sleep(min(POLL_SECONDS, left))
