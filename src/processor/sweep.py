"""The sweep: finds every file without a receipt, says why, and starts it again.

    list versions ─▶ older than the limit? ─▶ ledger ─▶ receipt? ─▶ nothing to do
                                                     └▶ none     ─▶ task that starts it

It is the answer to a notification that got lost, and to a failed event that nobody sent again.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from processor.backoff import HAND_OVER_SECONDS, Backoff
from processor.domain.entries import FileEntry
from processor.domain.file import ObjectVersion
from processor.domain.task import StartAgain, SweepOn
from processor.ports import behind
from processor.task_queue import TaskQueue
from processor.world import Ports

DELIVERIES_MAX: Final = 24
"""Deliveries after which a file is reported by each sweep, and no longer started by it.

Each start is delivered up to three times: a file that failed so often fails for a reason that lasts
(see FailedEventsQueue for which), and needs a person. `StartAgain` by hand still works.
"""


@dataclass(slots=True)
class Swept:
    """What a sweep found.

    Args:
        versions: Versions that it looked at.
        without_receipt: How many had none, by the reason.
        started: How many of them were started again.
        goes_on: Whether another invocation goes on with the sweep.
    """

    versions: int = 0
    without_receipt: Counter[str] = field(default_factory=Counter)
    started: int = 0
    goes_on: bool = False


class Sweeper:
    """Looks after files that nobody else does.

    Args:
        ports: The world.
        backoff: For calls that must be tried again.
        queue: Where files are started again.
        data_bucket: Name of the bucket that is listed.
    """

    def __init__(self, ports: Ports, backoff: Backoff, queue: TaskQueue, data_bucket: str) -> None:
        self._ports = ports
        self._backoff = backoff
        self._queue = queue
        self._data_bucket = data_bucket

    def sweep(self, before: str, after: tuple[str, str] | None = None) -> Swept:
        """Sweeps the bucket, or the rest of it, as far as time allows.

        Args:
            before: Versions that were uploaded later are left alone. UTC, RFC 3339.
            after: Where in the listing to go on.
        """
        limit = datetime.fromisoformat(before)
        swept = Swept()
        while True:
            page = self._backoff.call(self._ports.files.list_versions, self._data_bucket, after)
            old = [version for version, uploaded in page.versions if uploaded < limit]
            after = self._look_at(old, after, swept) or page.after
            if after is None:
                return swept
            if self._is_short_of_time():
                self._queue.put_again(SweepOn(before, *after))
                swept.goes_on = True
                return swept

    def _look_at(
        self, versions: list[ObjectVersion], after: tuple[str, str] | None, swept: Swept
    ) -> tuple[str, str] | None:
        """Looks at as many versions as time allows, since each may be a task to write; and at the
        invocation's first one in any case, so that each invocation comes on.

        Args:
            versions: Those of a page.
            after: Where the page begins.
            swept: Is added to.

        Returns:
            Where to go on, behind the last one that it looked at; None if it looked at all.
        """
        file_ids = [version.file_id for version in versions]
        entries = self._backoff.call(self._ports.ledger.entries, file_ids)
        for version in versions:
            if swept.versions and self._is_short_of_time():
                return after
            self._see_to(version, entries.get(version.file_id), swept)
            after = behind(version)
        return None

    def _see_to(self, version: ObjectVersion, entry: FileEntry | None, swept: Swept) -> None:
        swept.versions += 1
        why = why_without_receipt(entry)
        if why is None:
            return
        is_started = entry is None or entry.deliveries < DELIVERIES_MAX
        if is_started:
            self._queue.put_again(StartAgain(version))
        swept.without_receipt[why] += 1
        swept.started += is_started
        self._ports.telemetry.swept(version, why, started=is_started)

    def _is_short_of_time(self) -> bool:
        return self._ports.clock.remaining_seconds() < HAND_OVER_SECONDS


def why_without_receipt(entry: FileEntry | None) -> str | None:
    """What is missing of a file; None if it has its receipt."""
    if entry is None:
        return "never begun: its notification is late or lost"
    if entry.has_receipt:
        return None
    if entry.finished:
        return "all parts done, receipt not known to be written"
    if not entry.is_planned:
        return "its plan is not complete"
    return "parts are not done"
