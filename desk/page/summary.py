"""The numbers of a page, counted from the states of files in one pass.

Nothing is kept of a file but what a page shows: lists are cut, the rest of them is counted.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Context, Decimal, Inexact, Rounded
from heapq import heappush, heapreplace
from typing import Final

from desk.awaiting import Answered, Awaits, awaits, is_on_its_way
from desk.files import NO_RECEIPT, FileState
from desk.page.bins import DURATION_NAMES, Bins, duration_bin_of
from desk.reading import Json
from processor.domain.control_totals import ACCEPTABLE, Outcome
from processor.domain.receipt import FileStatus

AWAITING_LISTED_MAX: Final = 25
"""Of each group: what a person can see to in a day."""

SLOWEST_MAX: Final = 10
CONFLICTS_MAX: Final = 25
LATEST_MAX: Final = 200

STATUSES: Final = (*(status.value for status in FileStatus), NO_RECEIPT)
OUTCOMES: Final = tuple(outcome.value for outcome in Outcome)

_EXACT: Final = Context(prec=1000, traps=[Inexact, Rounded])
"""Sums of money. A receipt has 18 digits an amount and no more than all the world's records: what
would have to be rounded is an error."""


@dataclass(slots=True)
class Listed:
    """The first files of a list, and how many it has.

    Args:
        limit: How many are kept.
        files: The first ones.
        count: All of them.
    """

    limit: int
    files: list[FileState] = field(default_factory=list)
    count: int = 0

    def add(self, state: FileState) -> None:
        """Counts a file, and keeps it if there is room."""
        self.count += 1
        if len(self.files) < self.limit:
            self.files.append(state)

    @property
    def more(self) -> int:
        """Those that are counted only."""
        return self.count - len(self.files)


class Slowest:
    """The files that took longest."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, FileState]] = []
        self._seen = 0

    def add(self, seconds: float, state: FileState) -> None:
        """Takes note of a file."""
        self._seen += 1
        one = (seconds, -self._seen, state)  # Of equal ones, the one that was seen first stays.
        if len(self._heap) < SLOWEST_MAX:
            heappush(self._heap, one)
        elif one > self._heap[0]:
            heapreplace(self._heap, one)

    def ordered(self) -> list[tuple[float, FileState]]:
        """Seconds and file, the slowest first."""
        return [(seconds, state) for seconds, _, state in sorted(self._heap, reverse=True)]


@dataclass(slots=True)
class Summary:
    """All numbers of a page.

    Args:
        period: Which files were asked for, by the time of their upload.
        made_at: When. UTC.
        failed_event_count: Events in FailedEventsQueue.
        statuses: Files by status.
        size_bytes: Of all files.
        records: Records by outcome, and `read`.
        sums: Currency -> outcome -> sum.
        reasons: Records in quarantine by reason.
        reason_files: Files with a reason, by reason.
        notices: Files by notice.
        on_their_way_count: Files without a receipt that have not had the time for one.
        files_over_time: Status -> files, a bin of the period each.
        records_over_time: Outcome -> records, a bin each, by the time of the file's upload.
        durations: Files by how long they took, a bin of DURATION_NAMES each.
        slowest: The files that took longest.
        awaiting: What awaits action.
        conflicts: Files with conflicts, answered or not.
        first_files: File id -> key and version of the files that it conflicts with, where known.
        latest: All files.
    """

    period: Bins
    made_at: datetime
    failed_event_count: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    size_bytes: int = 0
    records: Counter[str] = field(default_factory=Counter)
    sums: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    reason_files: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    on_their_way_count: int = 0
    files_over_time: dict[str, list[int]] = field(default_factory=dict)
    records_over_time: dict[str, list[int]] = field(default_factory=dict)
    durations: list[int] = field(default_factory=lambda: [0] * len(DURATION_NAMES))
    slowest: Slowest = field(default_factory=Slowest)
    awaiting: dict[Awaits, Listed] = field(
        default_factory=lambda: {group: Listed(AWAITING_LISTED_MAX) for group in Awaits}
    )
    conflicts: Listed = field(default_factory=lambda: Listed(CONFLICTS_MAX))
    first_files: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    latest: Listed = field(default_factory=lambda: Listed(LATEST_MAX))

    def __post_init__(self) -> None:
        bin_count = len(self.period.begins)
        self.files_over_time = {status: [0] * bin_count for status in STATUSES}
        self.records_over_time = {outcome: [0] * bin_count for outcome in OUTCOMES}

    @property
    def file_count(self) -> int:
        """All files of the period."""
        return self.latest.count

    @property
    def awaiting_count(self) -> int:
        """Files that await action."""
        return sum(listed.count for listed in self.awaiting.values())

    def sums_shown(self) -> dict[str, dict[str, str]]:
        """Sums as exact texts, by currency."""
        return {
            currency: {outcome: f"{amount:f}" for outcome, amount in by_outcome.items()}
            for currency, by_outcome in sorted(self.sums.items())
        }


def summarize(
    states: Iterable[FileState], period: Bins, made_at: datetime, failed_event_count: int = 0
) -> Summary:
    """Counts files.

    Args:
        states: The files of the period, the last one first, as FileReading gives them: so that a
            replay is known when the file comes that it replays.
        period: The period.
        made_at: When; young files are those that are young then. UTC.
        failed_event_count: Events in FailedEventsQueue.
    """
    summary = Summary(period, made_at, failed_event_count)
    answered = Answered()
    for state in states:
        _count_file(summary, state)
        if state.receipt is not None:
            _count_receipt(summary, state, state.receipt)
        answered.add(state)
        group = awaits(state, answered, made_at)
        if group is not None:
            summary.awaiting[group].add(state)
    return summary


def _count_file(summary: Summary, state: FileState) -> None:
    at = summary.period.bin_of(state.file.uploaded_at)
    summary.statuses[state.status] += 1
    # A status that a later release brings is counted; charts and tables have those of today.
    if state.status in summary.files_over_time:
        summary.files_over_time[state.status][at] += 1
    summary.size_bytes += state.file.size_bytes
    summary.latest.add(state)
    summary.on_their_way_count += is_on_its_way(state, summary.made_at)


def _count_receipt(summary: Summary, state: FileState, receipt: Json) -> None:
    at = summary.period.bin_of(state.file.uploaded_at)
    outcomes = receipt["outcomes"]
    summary.records["read"] += outcomes["read"]
    for outcome in OUTCOMES:
        summary.records[outcome] += outcomes[outcome]
        summary.records_over_time[outcome][at] += outcomes[outcome]
    for currency, by_outcome in receipt["sums"].items():
        _add_sums(summary.sums.setdefault(currency, {}), by_outcome)
    summary.reasons.update(receipt["reasons"])
    summary.reason_files.update(receipt["reasons"].keys())
    summary.notices.update(receipt.get("notices", []))
    if outcomes[Outcome.CONFLICT.value]:
        summary.conflicts.add(state)
    seconds = seconds_of(receipt)
    summary.durations[duration_bin_of(seconds)] += 1
    summary.slowest.add(seconds, state)


def _add_sums(sums: dict[str, Decimal], added: dict[str, str]) -> None:
    for outcome in ACCEPTABLE:
        amount = Decimal(added[outcome.value])
        known = sums.get(outcome.value)
        sums[outcome.value] = amount if known is None else _EXACT.add(known, amount)


def seconds_of(receipt: Json) -> float:
    """How long a file took, from when it was registered until its last part was recorded."""
    started, ended = (datetime.fromisoformat(receipt[name]) for name in ("startedAt", "endedAt"))
    return max((ended - started).total_seconds(), 0.0)
