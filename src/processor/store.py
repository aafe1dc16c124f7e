"""Stores transactions once: insert, try again, read back, judge.

    INSERT ──▶ inserted ──────────────────────────▶ stored
          ├──▶ exists ──▶ read back ─▶ this record ▶ stored     (by an attempt whose reply was lost,
          │                                                      or that died: it finds itself)
          │                         ├▶ same content ▶ duplicate
          │                         └▶ other content▶ conflict
          ├──▶ try again ─▶ back-off ─▶ INSERT, those rows alone
          └──▶ invalid ───────────────────────────▶ rejected

Between INSERT and reading back nothing can change the answer, since no item ever changes.
"""

import random
from collections.abc import Sequence
from typing import Final

from processor.domain.control_totals import Outcome
from processor.domain.file import SourceFile
from processor.domain.judgement import Verdict
from processor.domain.reject import Reason, Reject
from processor.errors import OutOfTime, ServiceUnavailable
from processor.ports import Clock, InsertAnswer, Row, StoredItem, Telemetry, TransactionTable

ATTEMPTS_MAX: Final = 12
"""Attempts in a row without progress; with the delays below, about 25 s on average."""

BACKOFF_SECONDS_FIRST: Final = 0.05
BACKOFF_SECONDS_MAX: Final = 5.0

TIME_RESERVE_SECONDS: Final = 15.0
"""Kept free at the end of an invocation, for a call under way and for logging the failure."""


def require_time(clock: Clock) -> None:
    """Raises OutOfTime when the invocation's time is nearly over."""
    if clock.remaining_seconds() < TIME_RESERVE_SECONDS:
        raise OutOfTime(f"less than {TIME_RESERVE_SECONDS:.0f} s of the invocation remain")


class TransactionStore:
    """Stores the rows of one file, exactly once whatever fails meanwhile.

    Args:
        table: Where to.
        source: The file they come from.
        clock: For back-off within the invocation's time.
        telemetry: Is told of retries.
        jitter: Spreads the retries of parallel invocations.
    """

    def __init__(
        self,
        table: TransactionTable,
        source: SourceFile,
        clock: Clock,
        telemetry: Telemetry,
        jitter: random.Random,
    ) -> None:
        self._table = table
        self._source = source
        self._clock = clock
        self._telemetry = telemetry
        self._jitter = jitter

    def store(self, rows: Sequence[Row]) -> list[Verdict]:
        """Stores rows and says what became of each.

        Args:
            rows: At most ROWS_MAX, of different identities: two rows with one identity are never in
                flight together, so that the first in the file wins.

        Returns:
            One verdict a row.

        Raises:
            ServiceUnavailable: Some row was not stored in ATTEMPTS_MAX attempts without progress.
            OutOfTime: The invocation's time was nearly over first.
        """
        verdicts: dict[int, Verdict] = {}
        pending = dict(enumerate(rows))
        attempt = 0
        while pending:
            require_time(self._clock)
            settled = self._attempt(pending)
            verdicts |= settled
            pending = {place: row for place, row in pending.items() if place not in settled}
            if pending:
                attempt = 1 if settled else attempt + 1
                self._back_off(attempt, len(pending))
        return [verdicts[place] for place in range(len(rows))]

    def _attempt(self, pending: dict[int, Row]) -> dict[int, Verdict]:
        """One round trip, or two; the rows that got a verdict."""
        answers = self._table.insert(list(pending.values()), self._source, self._clock.now())
        by_place = dict(zip(pending, answers, strict=True))
        taken = [place for place, answer in by_place.items() if answer is InsertAnswer.EXISTS]
        found = (
            self._table.find([pending[place].transaction.identity for place in taken])
            if taken
            else {}
        )
        settled = {}
        for place, answer in by_place.items():
            row = pending[place]
            if answer is InsertAnswer.INSERTED:
                settled[place] = Verdict(Outcome.STORED)
            elif answer is InsertAnswer.INVALID:
                reject = Reject(Reason.VALUE_OUT_OF_RANGE)
                settled[place] = Verdict(Outcome.REJECTED, reject)
            elif answer is InsertAnswer.EXISTS and row.transaction.identity in found:
                settled[place] = judge(row, self._source, found[row.transaction.identity])
        return settled

    def _back_off(self, attempt: int, count: int) -> None:
        if attempt >= ATTEMPTS_MAX:
            raise ServiceUnavailable(f"{count} rows were not stored in {attempt} attempts")
        self._telemetry.retrying("insert", attempt, count)
        ceiling = min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_FIRST * 2**attempt)
        self._clock.sleep(self._jitter.uniform(0, ceiling))


def judge(row: Row, source: SourceFile, stored: StoredItem) -> Verdict:
    """Judges a row whose identity is taken, by who holds it.

    Same file and record number: this row itself, stored before. Same fingerprint: a duplicate. Else
    a conflict. All three compare things that never change, so the verdict never does.
    """
    version = source.object_version
    first_file = (stored.bucket, stored.key, stored.version)
    if first_file == (version.bucket, version.key, version.version) and (
        stored.record_number == row.record_number
    ):
        return Verdict(Outcome.STORED)
    if stored.fingerprint == row.fingerprint:
        return Verdict(Outcome.DUPLICATE, None, first_file, stored.record_number)
    return Verdict(
        Outcome.CONFLICT,
        Reject(Reason.CONFLICT_ID_REUSED, "transactionId"),
        first_file,
        stored.record_number,
        stored.fingerprint,
    )
