"""Totals: each record counted once, sums exact, and parts add up to their file in any grouping."""

import copy
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.control_totals import (
    ACCEPTABLE,
    DUPLICATE_SOURCES_MAX,
    HASH_TOTAL_MODULUS,
    FirstFile,
    Outcome,
    Totals,
)
from processor.domain.reject import Reason
from processor.domain.transaction import Transaction, fingerprint_of

type Accepted = tuple[Outcome, Transaction]
type Record = Accepted | Reason | FirstFile

AMOUNTS_MINOR = st.integers(-(10**20), 10**20)
ACCEPTED = st.builds(
    lambda outcome, number, amount_minor, currency: (
        outcome,
        Transaction(f"T-{number}", 0, "t", amount_minor, currency),
    ),
    st.sampled_from(ACCEPTABLE),
    st.integers(0, 9),
    AMOUNTS_MINOR,
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
FIRST_FILES = st.tuples(st.just("bucket"), st.sampled_from(["a", "b"]), st.just("v"))
RECORDS = st.lists(ACCEPTED | st.sampled_from(Reason) | FIRST_FILES, max_size=12)


def fingerprint(transaction: Transaction) -> str:
    return fingerprint_of(transaction.canonical_content())


def totals_of(records: list[Record]) -> Totals:
    """Totals of some records; a bare first file counts where a duplicate came from."""
    totals = Totals()
    for record in records:
        if isinstance(record, Reason):
            totals.add_rejected(record)
        elif len(record) == 3:
            totals.add_first_file(record)
        else:
            outcome, transaction = record
            totals.add_valid(outcome, transaction, fingerprint(transaction))
            if outcome is Outcome.CONFLICT:
                totals.add_reason(Reason.CONFLICT_ID_REUSED)
    return totals


def sum_of(*parts: Totals) -> Totals:
    total = Totals()
    for part in parts:
        total.add(copy.deepcopy(part))
    return total


def test_a_file_without_records_has_zeros() -> None:
    totals = Totals()

    assert totals.read == 0
    assert totals.outcomes == dict.fromkeys(Outcome, 0)
    assert totals.control_totals_document() == {
        "recordCount": 0,
        "sums": {},
        "hashTotal": "0" * 16,
    }


def test_a_rejected_record_is_counted_and_never_summed() -> None:
    totals = Totals()

    totals.add_rejected(Reason.CURRENCY)

    assert totals.outcomes[Outcome.REJECTED] == totals.read == 1
    assert totals.sums_minor == {}
    assert totals.hash_total == 0
    assert totals.reasons == {Reason.CURRENCY: 1}


def test_the_hash_total_wraps_at_two_to_the_sixty_fourth() -> None:
    totals = Totals()
    transaction = Transaction("T-1", 0, "t", 1, "EUR")

    totals.add_valid(Outcome.STORED, transaction, "f" * 64)
    totals.add_valid(Outcome.STORED, transaction, "0" * 15 + "3" + "f" * 48)

    assert totals.hash_total == 2
    assert totals.control_totals_document()["hashTotal"] == "0000000000000002"


@pytest.mark.parametrize("outcome", ACCEPTABLE)
def test_every_valid_record_is_in_the_hash_total(outcome: Outcome) -> None:
    totals = Totals()

    totals.add_valid(outcome, Transaction("T-1", 0, "t", 1, "EUR"), "00000000000000ff" + "0" * 48)

    assert totals.hash_total == 255


@given(RECORDS)
@settings(max_examples=100, deadline=None)
def test_totals_equal_a_recount(records: list[Record]) -> None:
    totals = totals_of(records)

    accepted = [record for record in records if isinstance(record, tuple) and len(record) == 2]
    rejected = [record for record in records if isinstance(record, Reason)]
    assert totals.read == len(accepted) + len(rejected)
    for outcome in ACCEPTABLE:
        of_outcome = [transaction for found, transaction in accepted if found is outcome]
        assert totals.outcomes[outcome] == len(of_outcome)
        for currency in ("EUR", "JPY", "KWD"):
            assert totals.sums_minor.get(currency, {}).get(outcome, 0) == sum(
                transaction.amount_minor
                for transaction in of_outcome
                if transaction.currency == currency
            )
    assert totals.hash_total == (
        sum(int(fingerprint(transaction)[:16], 16) for _, transaction in accepted)
        % HASH_TOTAL_MODULUS
    )
    conflicts = totals.outcomes[Outcome.CONFLICT]
    assert sum(totals.reasons.values()) == len(rejected) + conflicts


@given(RECORDS, RECORDS, RECORDS)
@settings(max_examples=100, deadline=None)
def test_parts_add_up_in_any_grouping_to_the_totals_of_the_whole(
    first: list[Record], second: list[Record], third: list[Record]
) -> None:
    one, two, three = totals_of(first), totals_of(second), totals_of(third)

    left = sum_of(sum_of(one, two), three)
    right = sum_of(one, sum_of(two, three))

    assert left == right == totals_of(first + second + third)


@given(RECORDS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_totals_do_not_depend_on_the_order_of_the_records(
    records: list[Record], random: Random
) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)

    assert totals_of(shuffled) == totals_of(records)


@given(ACCEPTED, AMOUNTS_MINOR)
@settings(max_examples=100, deadline=None)
def test_another_amount_gives_another_hash_total(record: Accepted, amount_minor: int) -> None:
    _, before = record
    after = Transaction("T-1", 0, "t", amount_minor, before.currency)
    before = Transaction("T-1", 0, "t", before.amount_minor, before.currency)

    totals = [totals_of([(Outcome.STORED, transaction)]) for transaction in (before, after)]

    same_amount = before.amount_minor == after.amount_minor
    assert (totals[0].hash_total == totals[1].hash_total) is same_amount


def test_adding_a_part_leaves_the_part_as_it_was() -> None:
    part = totals_of([(Outcome.STORED, Transaction("T-1", 0, "t", 1, "EUR"))])
    before = copy.deepcopy(part)

    total = Totals()
    total.add(part)
    total.add(part)

    assert part == before
    assert total.sums_minor["EUR"][Outcome.STORED] == 2


def test_first_senders_beyond_the_limit_are_counted_without_their_names() -> None:
    totals = Totals()

    for number in range(DUPLICATE_SOURCES_MAX + 3):
        totals.add_first_file(("bucket", f"file-{number}", "v"))
    totals.add_first_file(("bucket", "file-0", "v"), 5)

    assert len(totals.duplicates) == DUPLICATE_SOURCES_MAX
    assert totals.duplicates["bucket", "file-0", "v"] == 6
    assert totals.duplicates_unnamed == 3


def test_no_duplicate_is_lost_where_parts_name_too_many_first_senders() -> None:
    parts = []
    for part in range(3):
        totals = Totals()
        for number in range(DUPLICATE_SOURCES_MAX + 1):
            totals.add_first_file(("bucket", f"file-{part}-{number}", "v"))
        parts.append(totals)

    total = sum_of(*parts)

    assert len(total.duplicates) == DUPLICATE_SOURCES_MAX
    named = sum(total.duplicates.values())
    assert named + total.duplicates_unnamed == 3 * (DUPLICATE_SOURCES_MAX + 1)


def test_documents_list_currencies_by_name_and_reasons_by_precedence() -> None:
    totals = totals_of(
        [
            (Outcome.STORED, Transaction("T-1", 0, "t", 10**20, "JPY")),
            (Outcome.CONFLICT, Transaction("T-2", 0, "t", -5, "EUR")),
            (Outcome.DUPLICATE, Transaction("T-3", 0, "t", 7, "EUR")),
            Reason.AMOUNT_SCALE,
            Reason.NUL_BYTE,
        ]
    )

    sums = totals.sums_document()

    assert list(sums) == ["EUR", "JPY"]
    assert sums["EUR"] == {"stored": "0.00", "duplicate": "0.07", "conflict": "-0.05"}
    assert sums["JPY"]["stored"] == "100000000000000000000"
    assert totals.control_totals_document()["sums"] == {
        "EUR": "0.02",
        "JPY": "100000000000000000000",
    }
    assert list(totals.reasons_document()) == ["NUL_BYTE", "AMOUNT_SCALE", "CONFLICT_ID_REUSED"]
