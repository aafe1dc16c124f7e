"""What awaits action: files that a person has to see to, each in one group, by what is to be done.

    no receipt ▸ broken or refused ▸ conflicts ▸ rejects          the first one that applies

A replay answers for the file that it replays, once it was read to its end: one of kind `file` for
all of it, those of kind `rejects` for its quarantine, once they have as many records. What is wrong
with the replay itself is told of the replay. A file that was sent again whole answers for a broken
one, if all that the broken one stored are its duplicates.
"""

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from desk.files import FileState
from desk.reading import Json
from processor.domain.control_totals import Outcome
from processor.domain.file import ObjectVersion, ReplayKind
from processor.domain.receipt import FileStatus

YOUNG: Final = timedelta(minutes=60)
"""A younger file without a receipt is on its way; `desk sweep` leaves it alone too."""


class Awaits(StrEnum):
    """Why a file awaits action, the most urgent first."""

    NO_RECEIPT = "noReceipt"
    UNREAD = "brokenOrRefused"
    CONFLICTS = "conflicts"
    REJECTS = "rejects"


class Answered:
    """Files that replays have answered for. Knows a replay once it was told of it."""

    def __init__(self) -> None:
        # Of ten thousand replays, 32 bytes each, and a number.
        self._read_counts: dict[str, Counter[bytes]] = {kind: Counter() for kind in ReplayKind}
        self._again_counts: Counter[bytes] = Counter()

    def add(self, state: FileState) -> None:
        """Takes note of a file, if it is a replay that was read to its end."""
        receipt = state.receipt
        if not receipt or receipt["status"] != FileStatus.PROCESSED.value:
            return
        for first in receipt["duplicates"]["firstStoredBy"]:
            named = ObjectVersion(first["bucket"], first["key"], first["versionId"])
            self._again_counts[bytes.fromhex(named.file_id)] += first["count"]
        replayed = receipt.get("replayOf")
        if not replayed:
            return
        version = ObjectVersion(state.file.version.bucket, replayed["key"], replayed["versionId"])
        counts = self._read_counts[replayed["kind"]]
        counts[bytes.fromhex(version.file_id)] += receipt["outcomes"]["read"]

    def is_replayed(self, version: ObjectVersion) -> bool:
        """Whether a replay brought the whole file again."""
        return bytes.fromhex(version.file_id) in self._read_counts[ReplayKind.FILE]

    def is_sent_again(self, version: ObjectVersion, stored_count: int) -> bool:
        """Whether later files had as many duplicates of this file's transactions as it stored."""
        file_id = bytes.fromhex(version.file_id)
        return 0 < stored_count <= self._again_counts[file_id]

    def are_corrected(self, version: ObjectVersion, count: int) -> bool:
        """Whether corrections brought as many records of this file again."""
        return self._read_counts[ReplayKind.REJECTS][bytes.fromhex(version.file_id)] >= count


def awaits(state: FileState, answered: Answered, now: datetime) -> Awaits | None:
    """What of a file awaits action; None if nothing does.

    Args:
        state: The file.
        answered: Has been told of every later file.
        now: The time.
    """
    receipt = state.receipt
    if receipt is None:
        return None if is_on_its_way(state, now) else Awaits.NO_RECEIPT
    found = _group_of(receipt)
    if found is None:
        return None
    if answered.is_replayed(state.file.version):
        return None
    outcomes = receipt["outcomes"]
    count = outcomes[Outcome.REJECTED.value] + outcomes[Outcome.CONFLICT.value]
    stored = outcomes[Outcome.STORED.value]
    if found is Awaits.UNREAD and answered.is_sent_again(state.file.version, stored):
        return None
    is_corrected = answered.are_corrected(state.file.version, count)
    return None if is_corrected and found is not Awaits.UNREAD else found


def is_on_its_way(state: FileState, now: datetime) -> bool:
    """Whether a file has no receipt, and has not had the time for one."""
    return state.receipt is None and now - state.file.uploaded_at < YOUNG


def _group_of(receipt: Json) -> Awaits | None:
    if receipt["status"] != FileStatus.PROCESSED.value:
        return Awaits.UNREAD
    outcomes = receipt["outcomes"]
    if outcomes[Outcome.CONFLICT.value]:
        return Awaits.CONFLICTS
    return Awaits.REJECTS if outcomes[Outcome.REJECTED.value] else None
