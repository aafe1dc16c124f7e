"""One part: what is held back, and what is too large."""

import random
from collections.abc import Iterator

import pytest

from processor.backoff import Backoff
from processor.domain.judgement import Verdict
from processor.domain.reject import Reason, Reject
from processor.domain.task import ProcessPart
from processor.domain.transaction import CONTENT_BYTES_MAX
from processor.domain.validation import Validator
from processor.formats.records import RawRecord
from processor.part import WAITING_MAX, PartProcessor
from processor.quarantine import Quarantine
from processor.redaction import Redactor
from processor.store import TransactionStore
from tests.support.contracts import a_source
from tests.support.fakes import (
    FakeClock,
    InMemoryKeys,
    InMemoryResults,
    InMemoryTable,
    RecordingTelemetry,
)
from tests.support.world import World, csv_row

NAMES = ("transactionId", "timestamp", "amount", "currency", "note")


class CountingQuarantine(Quarantine):
    """Counts what has been accounted for."""

    added = 0

    def add(
        self, record: RawRecord, verdict: Verdict, reject: Reject, fingerprint: str | None
    ) -> int:
        self.added += 1
        return super().add(record, verdict, reject, fingerprint)


def test_records_that_wait_are_bounded_however_many_rejects_come_in_a_row() -> None:
    clock = FakeClock()
    backoff = Backoff(clock, RecordingTelemetry(), random.Random(1))
    source = a_source()
    task = ProcessPart(source.object_version)
    quarantine = CountingQuarantine(InMemoryResults(), task, backoff, Redactor(NAMES))
    keys = InMemoryKeys()
    store = TransactionStore(InMemoryTable(), source, clock, backoff, keys)
    validator = Validator(keys.key("k1").tokenize)
    most_waiting = 0

    def rejects() -> Iterator[RawRecord]:
        nonlocal most_waiting
        for number in range(1, 4 * WAITING_MAX):
            most_waiting = max(most_waiting, number - 1 - quarantine.added)
            yield RawRecord(number, number, b"x", 1, defect=Reason.COLUMN_COUNT)

    part = PartProcessor(store, quarantine, validator, clock, is_json=False)
    result = part.process(task, rejects())

    assert result.totals.read == quarantine.added == 4 * WAITING_MAX - 1
    assert most_waiting < WAITING_MAX


@pytest.mark.parametrize(("excess", "stored"), [(0, 1), (1, 0)])
def test_a_transaction_that_no_item_can_hold_is_rejected(excess: int, stored: int) -> None:
    world = World()
    header = ",".join(NAMES).encode() + b"\n"
    row = csv_row("A").rstrip(b"\n") + b","
    world.process_file(header + row + b"n\n", "small.csv")
    ((small, _, _),) = world.table.items.values()
    room = CONTENT_BYTES_MAX - len(small.transaction.canonical_content()) + 1
    world = World()

    receipt = world.process_file(header + row + b"n" * (room + excess) + b"\n" + csv_row("B"))

    assert receipt["outcomes"]["stored"] == stored
    assert receipt["reasons"].get("ITEM_TOO_LARGE", 0) == 1 - stored
    assert receipt["reasons"]["COLUMN_COUNT"] == 1
