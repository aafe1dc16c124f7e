"""Storing once: insert, try again, read back, judge."""

import random
from typing import Any

import pytest

from processor.backoff import Backoff
from processor.domain.control_totals import Outcome
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.judgement import Verdict
from processor.domain.reject import Reason
from processor.domain.transaction import Transaction, fingerprint_of
from processor.errors import OutOfTime, ServiceRefused, ServiceUnavailable
from processor.ports import InsertAnswer, Row
from processor.store import TransactionStore
from tests.support.fakes import (
    FakeClock,
    InMemoryKeys,
    InMemoryTable,
    Inserted,
    RecordingTelemetry,
)
from tests.support.faults import Faults


def source(key: str = "file.csv") -> SourceFile:
    version = ObjectVersion("bucket", key, "v1", "etag", 10)
    return SourceFile(version, 10, "etag", "text/csv", "aws:kms", "2026-03-01T00:00:00Z")


def row(transaction_id: str, number: int, amount_minor: int = 100) -> Row:
    transaction = Transaction(transaction_id, 0, "1970-01-01T00:00:00Z", amount_minor, "EUR")
    return Row(transaction, fingerprint_of(transaction.canonical_content()), number)


class Bench:
    """A store and all it stands on."""

    def __init__(self) -> None:
        self.table = InMemoryTable()
        self.clock = FakeClock()
        self.telemetry = RecordingTelemetry()
        self.keys = InMemoryKeys()

    def store(self, *rows: Row, key: str = "file.csv") -> list[Verdict]:
        backoff = Backoff(self.clock, self.telemetry, random.Random(7))
        store = TransactionStore(self.table, source(key), self.clock, backoff, self.keys)
        return store.finish(store.begin(rows))


def outcomes(verdicts: list[Verdict]) -> list[Outcome]:
    return [verdict.outcome for verdict in verdicts]


def test_new_rows_are_stored() -> None:
    bench = Bench()

    verdicts = bench.store(row("A", 1), row("B", 2))

    assert outcomes(verdicts) == [Outcome.STORED, Outcome.STORED]


def test_a_row_stored_by_an_earlier_attempt_is_still_stored() -> None:
    bench = Bench()
    bench.store(row("A", 1))

    verdicts = bench.store(row("A", 1))

    assert outcomes(verdicts) == [Outcome.STORED]


def test_the_same_content_in_another_record_is_a_duplicate_of_the_first() -> None:
    bench = Bench()
    bench.store(row("A", 1))

    (same_file,) = bench.store(row("A", 9))
    (other_file,) = bench.store(row("A", 1), key="other.csv")

    assert same_file.outcome is other_file.outcome is Outcome.DUPLICATE
    assert other_file.first_file == ("bucket", "file.csv", "v1")
    assert other_file.first_record_number == 1


def test_other_content_under_the_same_identity_is_a_conflict_and_changes_nothing() -> None:
    bench = Bench()
    bench.store(row("A", 1, 100))

    (verdict,) = bench.store(row("A", 2, 200))

    assert verdict.outcome is Outcome.CONFLICT
    assert verdict.reject is not None
    assert verdict.reject.reason is Reason.CONFLICT_ID_REUSED
    assert verdict.first_fingerprint == row("A", 1, 100).fingerprint
    ((stored, _, _),) = bench.table.items.values()
    assert stored.transaction.amount_minor == 100


def test_only_rows_that_failed_are_sent_again() -> None:
    bench = Bench()
    bench.table.refuse["B"] = [InsertAnswer.TRY_AGAIN, InsertAnswer.TRY_AGAIN]

    verdicts = bench.store(row("A", 1), row("B", 2), row("C", 3))

    assert outcomes(verdicts) == [Outcome.STORED] * 3
    assert bench.table.batches == [["A", "B", "C"], ["B"], ["B"]]
    assert len(bench.clock.slept) == 2


def test_mixed_answers_in_one_reply_are_judged_one_by_one() -> None:
    bench = Bench()
    bench.store(row("dup", 90), row("con", 91))
    bench.table.refuse = {"bad": [InsertAnswer.INVALID], "late": [InsertAnswer.TRY_AGAIN]}

    verdicts = bench.store(
        row("new", 1), row("dup", 2), row("con", 3, 999), row("bad", 4), row("late", 5)
    )

    assert outcomes(verdicts) == [
        Outcome.STORED,
        Outcome.DUPLICATE,
        Outcome.CONFLICT,
        Outcome.REJECTED,
        Outcome.STORED,
    ]
    assert verdicts[3].reject is not None
    assert verdicts[3].reject.reason is Reason.VALUE_OUT_OF_RANGE


def test_a_key_that_was_not_read_back_is_asked_again() -> None:
    bench = Bench()
    bench.store(row("A", 1), row("B", 2))
    bench.table.unread = [{"B"}]

    verdicts = bench.store(row("A", 8), row("B", 9))

    assert outcomes(verdicts) == [Outcome.DUPLICATE, Outcome.DUPLICATE]


def test_progress_starts_the_count_of_attempts_anew() -> None:
    bench = Bench()
    for name, failures in (("A", 10), ("B", 20), ("C", 30)):
        bench.table.refuse[name] = [InsertAnswer.TRY_AGAIN] * failures

    verdicts = bench.store(row("A", 1), row("B", 2), row("C", 3))

    assert outcomes(verdicts) == [Outcome.STORED] * 3


def test_attempts_without_progress_are_bounded() -> None:
    bench = Bench()
    bench.table.refuse["A"] = [InsertAnswer.TRY_AGAIN] * 100

    with pytest.raises(ServiceUnavailable, match="insert: 1 undone after 12 attempts"):
        bench.store(row("A", 1))


def test_no_row_is_sent_when_the_time_is_nearly_over() -> None:
    bench = Bench()
    bench.clock.remaining = 40

    with pytest.raises(OutOfTime, match="less than 45 s"):
        bench.store(row("A", 1))

    assert bench.table.batches == []


def test_a_table_that_takes_no_row_at_all_fails_the_file_and_rejects_none() -> None:
    bench = Bench()
    bench.table.refuse = {
        "A": [InsertAnswer.INVALID],
        "B": [InsertAnswer.TRY_AGAIN, InsertAnswer.INVALID],
    }

    with pytest.raises(ServiceRefused, match="none of 2 valid rows"):
        bench.store(row("A", 1), row("B", 2))


def test_reading_back_is_tried_again_while_the_table_is_busy() -> None:
    bench = Bench()
    bench.store(row("A", 1))
    faults = Faults()
    faults.before = lambda name, _: busy_once(faults, name)
    bench.table.faults = faults

    verdicts = bench.store(row("A", 2))

    assert outcomes(verdicts) == [Outcome.DUPLICATE]
    assert faults.calls == ["insert", "find", "find"]


def busy_once(faults: Faults, name: str) -> None:
    if name == "find" and faults.calls.count("find") == 1:
        raise ServiceUnavailable("BatchGetItem: ProvisionedThroughputExceededException")


def test_a_reply_that_got_lost_is_no_special_case() -> None:
    bench = Bench()
    replies = iter([True, False])
    original = bench.table.insert

    def lose_first_reply(*request: Any) -> Inserted:
        inserted = original(*request)
        if next(replies):
            inserted.told = [InsertAnswer.TRY_AGAIN] * len(inserted.told)
        return inserted

    # One reply of one fake is lost, as it would be.
    bench.table.insert = lose_first_reply  # type: ignore[assignment]

    verdicts = bench.store(row("A", 1), row("B", 2))

    assert outcomes(verdicts) == [Outcome.STORED, Outcome.STORED]
    assert bench.table.faults == Faults(calls=["insert", "insert", "find"])
