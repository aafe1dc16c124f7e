"""Canonical content and fingerprint: one content, one byte string; two contents, two."""

import hashlib
import json
from collections.abc import Mapping
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from processor.domain.field import FieldValue, NumberText
from processor.domain.money import MINOR_UNIT_DIGITS
from processor.domain.transaction import (
    OPTIONAL_FIELDS,
    Identity,
    Transaction,
    fingerprint_of,
)
from processor.domain.validation import Validator
from tests.support.fakes import InMemoryKeys

TEXT = st.text(
    alphabet=st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\{}:,\0\u2028é'),
    min_size=1,
    max_size=8,
)
TRANSACTIONS = st.builds(
    Transaction,
    TEXT,
    st.integers(0, 2**42),
    TEXT,
    st.integers(-(10**18), 10**18),
    st.sampled_from(sorted(MINOR_UNIT_DIGITS)),
    st.dictionaries(st.sampled_from(OPTIONAL_FIELDS), TEXT, max_size=3),
    st.dictionaries(TEXT | st.sampled_from(["amount", "extra", "type"]), TEXT, max_size=3),
    st.none(),
)


def transaction_of(fields: dict[str, FieldValue]) -> Transaction:
    transaction = Validator(InMemoryKeys().key("k1").tokenize).validate(
        tuple(fields), tuple(fields.values())
    )
    assert isinstance(transaction, Transaction)
    return transaction


def test_canonical_content_is_compact_json_of_texts_with_sorted_keys() -> None:
    transaction = Transaction(
        "T-1", 0, "1970-01-01T01:00:00+01:00", -5, "EUR", {"merchant": "Café"}, {"b": "2", "a": "1"}
    )

    content = transaction.canonical_content()

    assert (
        content
        == (
            '{"amount":"-0.05","currency":"EUR","extra":{"a":"1","b":"2"},"merchant":"Café",'
            '"timestamp":"1970-01-01T01:00:00+01:00","transactionId":"T-1"}'
        ).encode()
    )


def test_the_fingerprint_is_sha_256_in_hexadecimal() -> None:
    assert fingerprint_of(b"content") == hashlib.sha256(b"content").hexdigest()


def test_identity_is_the_id_and_the_record_s_own_time() -> None:
    transaction = transaction_of(
        {
            "transactionId": "T-1",
            "timestamp": "1970-01-01T00:00:01.5Z",
            "amount": "1",
            "currency": "EUR",
        }
    )

    assert transaction.identity == Identity("T-1", 1500)


def test_csv_text_and_json_number_give_one_content() -> None:
    text = {
        "transaction_id": "17",
        "timestamp": "2026-03-01T12:00:00Z",
        "amount": "10.50",
        "currency": "EUR",
        "batch": "7",
    }
    number: dict[str, FieldValue] = {
        "batch": NumberText("7"),
        "amount": NumberText("10.5"),
        "currency": "EUR",
        "timestamp": "2026-03-01T12:00:00Z",
        "transactionId": NumberText("17"),
    }

    contents = {
        transaction_of(dict(text)).canonical_content(),
        transaction_of(number).canonical_content(),
    }

    assert len(contents) == 1


def test_absent_empty_and_null_give_one_content() -> None:
    fields: dict[str, FieldValue] = {
        "transactionId": "T-1",
        "timestamp": "2026-03-01T12:00:00Z",
        "amount": "1",
        "currency": "EUR",
    }
    variants: list[dict[str, FieldValue]] = [
        fields,
        fields | {"merchant": "", "note": ""},
        fields | {"merchant": None, "note": None},
    ]

    contents = {transaction_of(variant).canonical_content() for variant in variants}

    assert len(contents) == 1


def test_times_that_differ_behind_the_millisecond_are_one_identity_with_two_contents() -> None:
    first, second = (
        transaction_of(
            {"transactionId": "T-1", "timestamp": time, "amount": "1", "currency": "EUR"}
        )
        for time in ("2026-03-01T12:00:00.0001Z", "2026-03-01T12:00:00.0002Z")
    )

    assert first.identity == second.identity
    assert first.canonical_content() != second.canonical_content()


@given(TRANSACTIONS, TRANSACTIONS)
@example(
    Transaction("a", 0, "t", 0, "EUR", {}, {"type": "x"}),
    Transaction("a", 0, "t", 0, "EUR", {"type": "x"}, {}),
)
@example(
    Transaction("a", 0, "t", 0, "EUR", {}, {"x": 'y","z":"'}),
    Transaction("a", 0, "t", 0, "EUR", {}, {"x": "y", "z": ""}),
)
@example(
    Transaction("a", 0, "t", 1, "EUR"),
    Transaction("a", 0, "t", 100, "JPY"),
)
@settings(max_examples=300, deadline=None)
def test_two_contents_never_give_one_canonical_content(
    first: Transaction, second: Transaction
) -> None:
    def content_of(transaction: Transaction) -> tuple[object, ...]:
        return (
            transaction.transaction_id,
            transaction.timestamp_text,
            transaction.amount_minor,
            transaction.currency,
            transaction.optional,
            transaction.extra,
        )

    same = content_of(first) == content_of(second)

    assert (first.canonical_content() == second.canonical_content()) is same


@given(TRANSACTIONS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_columns_changes_nothing(transaction: Transaction, random: Random) -> None:
    def shuffled(fields: Mapping[str, str]) -> dict[str, str]:
        names = list(fields)
        random.shuffle(names)
        return {name: fields[name] for name in names}

    other = Transaction(
        transaction.transaction_id,
        transaction.timestamp_ms,
        transaction.timestamp_text,
        transaction.amount_minor,
        transaction.currency,
        shuffled(transaction.optional),
        shuffled(transaction.extra),
    )

    assert other.canonical_content() == transaction.canonical_content()


@given(TRANSACTIONS)
@settings(max_examples=200, deadline=None)
def test_any_json_library_makes_the_canonical_content_again(transaction: Transaction) -> None:
    content = transaction.canonical_content()

    again = json.dumps(
        json.loads(content), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )

    assert again.encode() == content
