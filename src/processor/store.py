"""Stores transactions once: insert, try again, read back, judge.

    INSERT ──▶ inserted ──────────────────────────▶ stored
          ├──▶ exists ──▶ read back ─▶ this record ▶ stored     (by an attempt whose reply was lost,
          │                                                      or that died: it finds itself)
          │                         ├▶ same content ▶ duplicate  (its card's token under one key)
          │                         └▶ other content▶ conflict
          ├──▶ try again ─▶ back-off ─▶ INSERT, those rows alone
          └──▶ invalid ───────────────────────────▶ rejected

Between INSERT and reading back nothing can change the answer, since no item ever changes.
"""

from collections.abc import Sequence

from processor.backoff import Backoff
from processor.domain.control_totals import Outcome
from processor.domain.file import SourceFile
from processor.domain.judgement import Verdict
from processor.domain.reject import Reason, Reject
from processor.domain.transaction import fingerprint_of
from processor.errors import ServiceRefused
from processor.ports import Clock, InsertAnswer, Row, StoredItem, TokenizationKeys, TransactionTable


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

    def store(self, rows: Sequence[Row]) -> list[Verdict]:
        """Stores rows and says what became of each.

        Args:
            rows: At most ROWS_MAX, of different identities: two rows with one identity are never in
                flight together, so that the first in the file wins.

        Returns:
            One verdict a row.

        Raises:
            ServiceUnavailable: Some row made no progress in too many attempts.
            ServiceRefused: The table takes no row at all, or may not be used.
            OutOfTime: The invocation's time is nearly over.
            ConfigurationInvalid: A transaction was stored under a key that nobody holds any more.
        """
        verdicts: dict[int, Verdict] = {}
        pending = dict(enumerate(rows))
        attempt = 0
        while pending:
            self._backoff.require_time()
            settled = self._attempt(pending)
            verdicts |= settled
            pending = {place: row for place, row in pending.items() if place not in settled}
            if pending:
                attempt = 1 if settled else attempt + 1
                self._backoff.wait("insert", attempt, len(pending))
        if len(rows) > 1 and all(one.outcome is Outcome.REJECTED for one in verdicts.values()):
            # One odd record is that record's fault; all of them are the table's, or ours.
            raise ServiceRefused(f"the table takes none of {len(rows)} valid rows")
        return [verdicts[place] for place in range(len(rows))]

    def _attempt(self, pending: dict[int, Row]) -> dict[int, Verdict]:
        """One round trip, or two; the rows that got a verdict."""
        answers = self._table.insert(list(pending.values()), self._source, self._clock.now())
        by_place = dict(zip(pending, answers, strict=True))
        taken = [place for place, answer in by_place.items() if answer is InsertAnswer.EXISTS]
        identities = [pending[place].transaction.identity for place in taken]
        found = self._backoff.call(self._table.find, identities) if identities else {}
        settled = {}
        for place, answer in by_place.items():
            row = pending[place]
            if answer is InsertAnswer.INSERTED:
                settled[place] = Verdict(Outcome.STORED)
            elif answer is InsertAnswer.INVALID:
                reject = Reject(Reason.VALUE_OUT_OF_RANGE)
                settled[place] = Verdict(Outcome.REJECTED, reject)
            elif answer is InsertAnswer.EXISTS and row.transaction.identity in found:
                stored = found[row.transaction.identity]
                settled[place] = judge(row, self._source, stored, self._keys)
        return settled


def judge(row: Row, source: SourceFile, stored: StoredItem, keys: TokenizationKeys) -> Verdict:
    """Judges a row whose identity is taken, by who holds it.

    Same file and record number: this row itself, stored before. Same fingerprint: a duplicate. Else
    a conflict. All three compare things that never change, so the verdict never does. A fingerprint
    covers the card's token, so that it is taken under the key of the stored one: after a rotation
    the same transaction sent again is still the same.
    """
    version = source.object_version
    first_file = (stored.bucket, stored.key, stored.version)
    if first_file == (version.bucket, version.key, version.version) and (
        stored.record_number == row.record_number
    ):
        return Verdict(Outcome.STORED)
    if stored.fingerprint == _fingerprint_under(stored.token_key_id, row, keys):
        return Verdict(Outcome.DUPLICATE, None, first_file, stored.record_number)
    return Verdict(
        Outcome.CONFLICT,
        Reject(Reason.CONFLICT_ID_REUSED, "transactionId"),
        first_file,
        stored.record_number,
        stored.fingerprint,
    )


def _fingerprint_under(key_id: str | None, row: Row, keys: TokenizationKeys) -> str:
    """The row's fingerprint, its card's token made with this key; None for a key: as it is."""
    card = row.transaction.card
    if card is None or key_id is None or card.key_id == key_id:
        return row.fingerprint
    return fingerprint_of(row.transaction.under_key(keys.key(key_id)).canonical_content())
