"""One part, from raw records to its result: validate, store, account, quarantine, in file order."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from processor.backoff import HAND_OVER_SECONDS
from processor.domain.control_totals import Outcome, Totals
from processor.domain.entries import Fault, ListedReject, PartResult
from processor.domain.judgement import Verdict
from processor.domain.position import Position
from processor.domain.receipt import FIRST_REJECTS_MAX
from processor.domain.reject import Reason, Reject
from processor.domain.task import ProcessPart
from processor.domain.transaction import (
    CONTENT_BYTES_MAX,
    Identity,
    Transaction,
    fingerprint_of,
)
from processor.domain.validation import Validator
from processor.formats.records import Break, RawRecord
from processor.ports import ROWS_MAX, Clock, Row
from processor.quarantine import Quarantine
from processor.redaction import sensitive_in_record
from processor.store import Storing, TransactionStore

WAITING_MAX: Final = 500
"""Records held back until those before them are settled, so that everything is accounted in file
order and memory stays bounded however many rejects come in a row."""

WAITING_BYTES_MAX: Final = 2 * 1024 * 1024

RAW_BYTES_SMALL: Final = 4 * 1024
"""A record up to here may wait with its parsed values: a few hundred of them are no matter."""

TIME_CHECKED_EVERY: Final = ROWS_MAX
"""Records after which the time left is looked at: a batch or two, however it goes."""


IN_FLIGHT_MAX: Final = 8
"""Batches that are sent before the answers to the first of them are waited for: so many as are read
and judged while the table takes its time, a few milliseconds."""

type _Waiting = tuple[RawRecord, Row | Reject]
"""A record whose account waits for the rows before it: either a reject, or a row in flight."""


class _Batch:
    """Records in file order, and the rows among them once they are sent."""

    __slots__ = ("identities", "storing", "waiting")

    def __init__(self) -> None:
        self.waiting: list[_Waiting] = []
        self.identities: list[Identity] = []
        self.storing: Storing | None = None


class PartProcessor:
    """Takes the records of one part in order, and says in the end what became of them.

    Args:
        store: Where valid records go.
        quarantine: Where the others go.
        validator: The rules.
        clock: Tells how much time is left.
        is_json: Whether names come with each record, so that a record which cannot be read may name
            sensitive authentication data. A CSV file's names are judged before, but for those of
            another header among its records.
    """

    def __init__(
        self,
        store: TransactionStore,
        quarantine: Quarantine,
        validator: Validator,
        clock: Clock,
        *,
        is_json: bool,
    ) -> None:
        self._store = store
        self._quarantine = quarantine
        self._validator = validator
        self._clock = clock
        self._is_json = is_json
        self._totals = Totals()
        self._first_rejects: list[ListedReject] = []
        self._open = _Batch()
        self._rows: list[Row] = []
        self._sent: deque[_Batch] = deque()
        self._waiting_count = 0
        self._waiting_bytes = 0
        self._in_flight: set[Identity] = set()

    def process(self, task: ProcessPart, records: Iterable[RawRecord | Break]) -> PartResult:
        """Processes records to the last one, to a break, or until time is short.

        What came before a break is kept. When time is short, everything taken so far is settled,
        and the rest is the result's remainder.

        A record with sensitive authentication data is such a break: nothing of it may be kept, nor
        of what lies behind it. Source: PCI DSS 4.0.1, 3.3.1.
        """
        try:
            return self._process(task, records)
        finally:
            # Whatever ended it: nothing of this invocation goes on behind it.
            for batch in self._sent:
                if batch.storing:
                    batch.storing.abandon()

    def _process(self, task: ProcessPart, records: Iterable[RawRecord | Break]) -> PartResult:
        fault = remainder = last = None
        for record in records:
            if isinstance(record, Break):
                fault = Fault(record.reason, record.byte_offset, record.record_number)
                break
            # Looked at before the next record is taken: what lies behind a break comes right before
            # it, and the two must not be parted.
            if last and record.number % TIME_CHECKED_EVERY == 0 and self._is_short_of_time():
                remainder = _behind(last)
                break
            judged = self._judge(record)
            if isinstance(judged, Reject):
                judged = self._looked_through(record, judged)
                if judged.reason is Reason.SENSITIVE_AUTHENTICATION_DATA:
                    fault = Fault(judged.reason, record.byte_offset, record.number, judged.field)
                    break
            self._take(record, judged)
            last = record
        self._settle()
        return PartResult(
            task.part_number,
            totals=self._totals,
            fault=fault,
            first_rejects=self._first_rejects,
            quarantine=self._quarantine.close(),
            segment=task.segment,
            remainder=remainder,
        )

    def _is_short_of_time(self) -> bool:
        return self._clock.remaining_seconds() < HAND_OVER_SECONDS

    def _take(self, record: RawRecord, judged: Row | Reject) -> None:
        batch = self._open
        if isinstance(judged, Row):
            identity = judged.transaction.identity
            if identity in self._in_flight:
                self._settle()
                batch = self._open
            self._in_flight.add(identity)
            batch.identities.append(identity)
            self._rows.append(judged)
        if len(record.raw) > RAW_BYTES_SMALL:
            # The parsed values are needed no more, and may be many times as large as the bytes.
            record = record._replace(names=(), values=())
        batch.waiting.append((record, judged))
        self._waiting_count += 1
        self._waiting_bytes += len(record.raw)
        if self._waiting_count >= WAITING_MAX or self._waiting_bytes >= WAITING_BYTES_MAX:
            self._settle()
        elif len(self._rows) == ROWS_MAX:
            self._send()

    def _send(self) -> None:
        """Sends the rows of the open batch; settles the oldest one if too many are under way."""
        batch, self._open = self._open, _Batch()
        rows, self._rows = self._rows, []
        self._sent.append(batch)
        if rows:
            batch.storing = self._store.begin(rows)
        if len(self._sent) > IN_FLIGHT_MAX:
            self._settle_oldest()

    def _looked_through(self, record: RawRecord, reject: Reject) -> Reject:
        """The reject, unless the record's bytes hold names of sensitive authentication data."""
        # Names that came with a whole record have been judged. All else may hide some.
        if self._is_json and record.defect is None:
            return reject
        sensitive = sensitive_in_record(record, is_json=self._is_json)
        if sensitive:
            return Reject(Reason.SENSITIVE_AUTHENTICATION_DATA, sensitive.value)
        return reject

    def _judge(self, record: RawRecord) -> Row | Reject:
        if record.defect:
            return Reject(record.defect)
        transaction = self._validator.validate(record.names, record.values)
        if not isinstance(transaction, Transaction):
            return transaction
        content = transaction.canonical_content()
        if len(content) > CONTENT_BYTES_MAX:
            return Reject(Reason.ITEM_TOO_LARGE)
        return Row(transaction, fingerprint_of(content), record.number)

    def _settle(self) -> None:
        """Settles everything that was taken so far."""
        if self._open.waiting:
            self._send()
        while self._sent:
            self._settle_oldest()

    def _settle_oldest(self) -> None:
        """Waits for the verdicts of the oldest batch, and accounts for it, in file order."""
        batch = self._sent[0]
        verdicts = iter(self._store.finish(batch.storing) if batch.storing else ())
        for record, judged in batch.waiting:
            if isinstance(judged, Row):
                self._account_row(record, judged, next(verdicts))
            else:
                verdict = Verdict(Outcome.REJECTED, judged)
                self._account_reject(record, verdict, judged, None)
        self._sent.popleft()
        self._in_flight.difference_update(batch.identities)
        self._waiting_count -= len(batch.waiting)
        self._waiting_bytes -= sum([len(record.raw) for record, _ in batch.waiting])

    def _account_row(self, record: RawRecord, row: Row, verdict: Verdict) -> None:
        if verdict.outcome is not Outcome.REJECTED:
            self._totals.add_valid(verdict.outcome, row.transaction, row.fingerprint)
        if verdict.outcome is Outcome.DUPLICATE and verdict.first_file:
            self._totals.add_first_file(verdict.first_file)
        if verdict.reject:
            self._account_reject(record, verdict, verdict.reject, row.fingerprint)

    def _account_reject(
        self, record: RawRecord, verdict: Verdict, reject: Reject, fingerprint: str | None
    ) -> None:
        if verdict.outcome is Outcome.REJECTED:
            self._totals.add_rejected(reject.reason)
        else:
            self._totals.add_reason(reject.reason)
        masked_count = self._quarantine.add(record, verdict, reject, fingerprint)
        self._totals.cards.masked_in_quarantine += masked_count
        if len(self._first_rejects) < FIRST_REJECTS_MAX:
            self._first_rejects.append(
                ListedReject(
                    record.number, record.byte_offset, verdict.outcome, reject.reason, reject.field
                )
            )


def _behind(record: RawRecord) -> Position:
    """Where reading goes on behind a record: right before what separates it from the next one."""
    is_stray_comma = record.defect is Reason.JSON_SYNTAX and record.raw == b","
    end = record.byte_offset + record.byte_length
    return Position(end, record.number + 1, after_stray_comma=is_stray_comma)
