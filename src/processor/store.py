"""Stores transactions once: insert, try again, judge.

    INSERT ──▶ inserted ──────────────────────────▶ stored
          ├──▶ taken ──┬──────────┬─▶ same content ▶ duplicate  (its card's token under one key)
          │            │          └─▶ other content▶ conflict
          │            └▶ read back ▶ this record ─▶ stored     (by an attempt whose reply was lost,
          │               if not told by what,                   or that died: it finds itself)
          │               or by itself
          ├──▶ try again ─▶ back-off ─▶ INSERT, those rows alone
          └──▶ invalid ───────────────────────────▶ rejected

Between INSERT and reading back nothing can change the answer, since no item ever changes.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from processor.backoff import Backoff
from processor.domain.control_totals import Outcome
from processor.domain.file import SourceFile
from processor.domain.judgement import Verdict
from processor.domain.reject import Reason, Reject
from processor.domain.transaction import Identity, fingerprint_of
from processor.errors import ServiceRefused
from processor.ports import (
    Clock,
    InsertAnswer,
    InsertUnderway,
    Row,
    StoredItem,
    TokenizationKeys,
    TransactionTable,
)

_STORED: Final = Verdict(Outcome.STORED)


class Storing(NamedTuple):
    """Rows that were sent to the table, and whose verdicts are not known yet."""

    rows: Sequence[Row]
    underway: InsertUnderway

    def abandon(self) -> None:
        """Says that nobody will ask for the verdicts."""
        self.underway.abandon()


class TransactionStore:
    """Stores the rows of one file, exactly once whatever fails meanwhile.

    Args:
        table: Where to.
        source: The file they come from.
        clock: Tells when they were stored.
        backoff: For rows and calls that must be tried again.
        keys: For comparing cards with those of transactions stored under an earlier key.
    """

    def __init__(
        self,
        table: TransactionTable,
        source: SourceFile,
        clock: Clock,
        backoff: Backoff,
        keys: TokenizationKeys,
    ) -> None:
        self._table = table
        self._source = source
        self._clock = clock
        self._backoff = backoff
        self._keys = keys

    def begin(self, rows: Sequence[Row]) -> Storing:
        """Sends rows to the table, and leaves their answers to `finish`.

        Args:
            rows: At most ROWS_MAX, of identities that no row has which is still to be finished: two
                rows with one identity are never in flight together, so that the first in the file
                wins.

        Raises:
            OutOfTime: The invocation's time is nearly over.
        """
        self._backoff.require_time()
        return Storing(rows, self._table.insert(rows, self._source, self._clock.now()))

    def finish(self, storing: Storing) -> list[Verdict]:
        """Says what became of rows, one verdict a row, when each of them has one.

        Raises:
            ServiceUnavailable: Some row made no progress in too many attempts.
            ServiceRefused: The table takes no row at all, or may not be used.
            OutOfTime: The invocation's time is nearly over.
            ConfigurationInvalid: A transaction was stored under a key that nobody holds any more.
        """
        answers = storing.underway.answers()
        if answers.count(InsertAnswer.INSERTED) == len(answers):
            return [_STORED] * len(answers)
        pending = dict(enumerate(storing.rows))
        verdicts = self._settled(pending, answers)
        pending = {place: row for place, row in pending.items() if place not in verdicts}
        attempt = 1
        while pending:
            self._backoff.wait("insert", attempt, len(pending))
            settled = self._settled(pending, self.begin(list(pending.values())).underway.answers())
            verdicts |= settled
            pending = {place: row for place, row in pending.items() if place not in settled}
            attempt = 1 if settled else attempt + 1
        rows = storing.rows
        if len(rows) > 1 and all(one.outcome is Outcome.REJECTED for one in verdicts.values()):
            # One odd record is that record's fault; all of them are the table's, or ours.
            raise ServiceRefused(f"the table takes none of {len(rows)} valid rows")
        return [verdicts[place] for place in range(len(rows))]

    def _settled(
        self, pending: dict[int, Row], answers: Sequence[InsertAnswer | StoredItem]
    ) -> dict[int, Verdict]:
        """The verdicts that the answers to some rows allow, by the rows' places."""
        settled: dict[int, Verdict] = {}
        untold: dict[Identity, int] = {}
        for (place, row), answer in zip(pending.items(), answers, strict=True):
            if answer is InsertAnswer.INSERTED:
                settled[place] = _STORED
            elif answer is InsertAnswer.INVALID:
                reject = Reject(Reason.VALUE_OUT_OF_RANGE)
                settled[place] = Verdict(Outcome.REJECTED, reject)
            elif isinstance(answer, StoredItem) and not _is_row(answer, row, self._source):
                settled[place] = judge(row, self._source, answer, self._keys)
            elif answer is not InsertAnswer.TRY_AGAIN:
                # Nobody told, or a row is said to be there itself: that is not taken on trust.
                untold[row.transaction.identity] = place
        found = self._backoff.call(self._table.find, list(untold)) if untold else {}
        for identity, stored in found.items():
            place = untold[identity]
            settled[place] = judge(pending[place], self._source, stored, self._keys)
        return settled


def judge(row: Row, source: SourceFile, stored: StoredItem, keys: TokenizationKeys) -> Verdict:
    """Judges a row whose identity is taken, by who holds it.

    Same file and record number: this row itself, stored before. Same fingerprint: a duplicate. Else
    a conflict. All three compare things that never change, so the verdict never does. A fingerprint
    covers the card's token, so that it is taken under the key of the stored one: after a rotation
    the same transaction sent again is still the same.
    """
    if _is_row(stored, row, source):
        return _STORED
    first_file = (stored.bucket, stored.key, stored.version)
    if stored.fingerprint == _fingerprint_under(stored.token_key_id, row, keys):
        return Verdict(Outcome.DUPLICATE, None, first_file, stored.record_number)
    return Verdict(
        Outcome.CONFLICT,
        Reject(Reason.CONFLICT_ID_REUSED, "transactionId"),
        first_file,
        stored.record_number,
        stored.fingerprint,
    )


def _is_row(stored: StoredItem, row: Row, source: SourceFile) -> bool:
    """Whether an item is what this row became, by an earlier attempt."""
    version = source.object_version
    return (stored.record_number, stored.bucket, stored.key, stored.version) == (
        *(row.record_number, version.bucket, version.key, version.version),
    )


def _fingerprint_under(key_id: str | None, row: Row, keys: TokenizationKeys) -> str:
    """The row's fingerprint, its card's token made with this key; None for a key: as it is."""
    card = row.transaction.card
    if card is None or key_id is None or card.key_id == key_id:
        return row.fingerprint
    return fingerprint_of(row.transaction.under_key(keys.key(key_id)).canonical_content())
