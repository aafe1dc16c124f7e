"""The rules of one record, their edges, and their order of precedence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.card import CardNumber, TokenizedCard
from processor.domain.field import FieldValue, NumberText, text_of
from processor.domain.layout import FIELD_NAME_BYTES_MAX
from processor.domain.reject import Reason, Reject
from processor.domain.transaction import Transaction
from processor.domain.validation import (
    REMEMBERED_NAMES_MAX,
    Validator,
    validate_header,
)
from tests.support.fakes import InMemoryKeys

VALID: dict[str, FieldValue] = {
    "transactionId": "T-1",
    "timestamp": "2026-03-01T12:00:00Z",
    "amount": "10.50",
    "currency": "EUR",
}
PRECEDENCE = list(Reason)


def tokenize(number: CardNumber) -> TokenizedCard:
    return InMemoryKeys().key("k1").tokenize(number)


def validate(fields: dict[str, FieldValue]) -> Transaction | Reject:
    return Validator(tokenize).validate(tuple(fields), tuple(fields.values()))


def test_a_valid_record_becomes_a_transaction() -> None:
    fields = VALID | {"accountId": "A-7", "merchant": "Café", "branch": "12", "note": ""}

    transaction = validate(fields)

    assert transaction == Transaction(
        "T-1",
        1_772_366_400_000,
        "2026-03-01T12:00:00Z",
        1050,
        "EUR",
        {"accountId": "A-7", "merchant": "Café"},
        {"branch": "12"},
    )


@pytest.mark.parametrize(
    "name", ["transactionId", "transaction_id", "TRANSACTION_ID", "TransactionID", "transactionid"]
)
def test_names_match_in_camel_case_snake_case_and_any_case(name: str) -> None:
    fields = {name: VALID["transactionId"]} | {
        other: value for other, value in VALID.items() if other != "transactionId"
    }

    transaction = validate(fields)

    assert isinstance(transaction, Transaction)
    assert transaction.transaction_id == "T-1"


@pytest.mark.parametrize("name", ["transaction-id", "transaction id", " transactionId", "id", "ID"])
def test_other_names_are_unknown_columns(name: str) -> None:
    fields = VALID | {name: "x"}

    transaction = validate(fields)

    assert isinstance(transaction, Transaction)
    assert transaction.extra == {name: "x"}


@pytest.mark.parametrize("name", VALID)
@pytest.mark.parametrize("absent", ["missing", None, ""])
def test_an_absent_empty_or_null_required_field_is_missing(name: str, absent: str | None) -> None:
    fields = {other: value for other, value in VALID.items() if other != name}
    if absent != "missing":
        fields[name] = absent

    assert validate(fields) == Reject(Reason.FIELD_MISSING, name)


@pytest.mark.parametrize("value", [True, False, [], ["x"], {}, {"amount": "1"}])
@pytest.mark.parametrize("name", [*VALID, "merchant"])
def test_a_known_field_that_is_neither_text_nor_number_is_refused(
    name: str, value: FieldValue
) -> None:
    assert validate(VALID | {name: value}) == Reject(Reason.FIELD_TYPE, name)


def test_two_names_that_mean_one_field_are_refused() -> None:
    assert validate(VALID | {"AMOUNT": "10.50"}) == Reject(Reason.FIELD_DUPLICATE, "amount")


@pytest.mark.parametrize("currency", ["eur", "BGN", "HRK", "XAU", "XTS", "EUR ", "978", "€"])
def test_a_currency_that_is_not_current_is_refused(currency: str) -> None:
    assert validate(VALID | {"currency": currency}) == Reject(Reason.CURRENCY, "currency")


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (NumberText("10.5"), None),
        (NumberText("1e5"), Reason.AMOUNT_FORMAT),
        (NumberText("1E400"), Reason.AMOUNT_FORMAT),
        (NumberText("-0.0"), Reason.AMOUNT_NEGATIVE_ZERO),
        (NumberText("12345678901234567890"), Reason.AMOUNT_RANGE),
    ],
)
def test_json_numbers_are_judged_by_their_digits(amount: NumberText, reason: Reason | None) -> None:
    judged = validate(VALID | {"amount": amount})

    if reason:
        assert judged == Reject(reason, "amount")
    else:
        assert isinstance(judged, Transaction)


# What breaks each field, with the reason for it. A field is broken in one way at a time; the ways
# include those that break two of its rules at once.
BREAKS: dict[str, list[tuple[FieldValue, Reason]]] = {
    "transactionId": [
        (None, Reason.FIELD_MISSING),
        (True, Reason.FIELD_TYPE),
        (" " * 3000, Reason.TRANSACTION_ID_FORMAT),
        ("x" * 2049, Reason.TRANSACTION_ID_LENGTH),
        ("VISA4111111111111111", Reason.CARD_NUMBER_MISPLACED),
    ],
    "accountId": [
        ({}, Reason.FIELD_TYPE),
        ("4111 1111 1111 1111", Reason.CARD_NUMBER_MISPLACED),
    ],
    "cardNumber": [
        ([], Reason.FIELD_TYPE),
        ("4111 1111 1111 111X", Reason.CARD_NUMBER_FORMAT),
        (NumberText("4111111111111112"), Reason.CARD_NUMBER_CHECK_DIGIT),
    ],
    "timestamp": [
        ("", Reason.FIELD_MISSING),
        ([], Reason.FIELD_TYPE),
        ("20240101", Reason.TIMESTAMP_FORMAT),
        ("1900-99-99T24:00:00", Reason.TIMESTAMP_OFFSET),
        ("1900-99-99T24:00:00Z", Reason.TIMESTAMP_RANGE),
    ],
    "currency": [
        (None, Reason.FIELD_MISSING),
        ({}, Reason.FIELD_TYPE),
        ("eur", Reason.CURRENCY),
    ],
    "amount": [
        ("", Reason.FIELD_MISSING),
        (False, Reason.FIELD_TYPE),
        ("1e5", Reason.AMOUNT_FORMAT),
        ("-0.00000000000000000000", Reason.AMOUNT_NEGATIVE_ZERO),
        ("1111111111111111111.111", Reason.AMOUNT_RANGE),
        ("1.001", Reason.AMOUNT_SCALE),
    ],
}


@given(
    st.fixed_dictionaries(
        {name: st.none() | st.sampled_from(breaks) for name, breaks in BREAKS.items()}
    ),
    st.permutations([*VALID, "accountId", "cardNumber"]),
)
@settings(max_examples=400, deadline=None)
def test_a_record_that_breaks_several_rules_gets_the_first_reason_of_the_list(
    broken: dict[str, tuple[FieldValue, Reason] | None], order: list[str]
) -> None:
    breaks = {name: chosen for name, chosen in broken.items() if chosen}
    good: dict[str, FieldValue] = {"accountId": "A-7", "cardNumber": "4111111111111111"}
    fields = VALID | good | {name: value for name, (value, _) in breaks.items()}

    judged = validate({name: fields[name] for name in order})

    if not breaks:
        assert isinstance(judged, Transaction)
        return
    first = min((reason for _, reason in breaks.values()), key=PRECEDENCE.index)
    assert isinstance(judged, Reject)
    assert judged.reason is first
    assert judged.field in {name for name, (_, reason) in breaks.items() if reason is first}


def test_every_reason_about_values_has_its_place_in_the_order() -> None:
    tried = {reason for breaks in BREAKS.values() for _, reason in breaks}
    begin = PRECEDENCE.index(Reason.FIELD_MISSING)
    end = PRECEDENCE.index(Reason.CARD_NUMBER_CHECK_DIGIT) + 1

    assert tried == set(PRECEDENCE[begin:end])


def test_a_header_with_all_required_names_is_good() -> None:
    assert validate_header(["note", "TIMESTAMP", "amount", "currency", "transaction_id"]) is None


@pytest.mark.parametrize("name", VALID)
def test_a_header_without_a_required_name_is_refused(name: str) -> None:
    names = [other for other in VALID if other != name]

    assert validate_header(names) == Reject(Reason.HEADER_MISMATCH, name)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["b", "b"], Reason.HEADER_DUPLICATE),
        (["b", " b "], Reason.HEADER_DUPLICATE),
        (["", " "], Reason.HEADER_DUPLICATE),
        ([""], Reason.HEADER_MISMATCH),
        ([" "], Reason.HEADER_MISMATCH),
        (["4111 1111 1111 1111"], Reason.HEADER_MISMATCH),
    ],
)
def test_unknown_columns_have_names_that_tell_them_apart(names: list[str], reason: Reason) -> None:
    assert validate_header([*VALID, *names]) == Reject(reason)


@pytest.mark.parametrize("others", [[], ["amount", "AMOUNT"], ["b", "b"], [""], [*VALID]])
def test_sensitive_data_in_a_header_is_told_before_anything_else(others: list[str]) -> None:
    reject = validate_header([*others, "Card CVV2"])

    assert reject == Reject(Reason.SENSITIVE_AUTHENTICATION_DATA, "cvv")


def test_a_header_that_names_a_field_twice_is_refused_before_one_that_lacks_a_field() -> None:
    assert validate_header(["amount", "Amount"]) == Reject(Reason.HEADER_DUPLICATE, "amount")


def test_a_file_without_header_is_refused_and_its_values_are_not_quoted() -> None:
    reject = validate_header(["4111111111111111", "2026-03-01T12:00:00Z", "10.50", "EUR"])

    assert reject == Reject(Reason.HEADER_MISMATCH, "transactionId")


def test_records_of_more_layouts_than_are_remembered_are_still_judged_right() -> None:
    validator = Validator(tokenize)

    count = REMEMBERED_NAMES_MAX // len(VALID) + 2
    extras = []
    for number in range(count):
        fields = VALID | {f"column {number}": "x"}
        transaction = validator.validate(tuple(fields), tuple(fields.values()))
        assert isinstance(transaction, Transaction)
        extras.append(transaction.extra)

    assert extras == [{f"column {number}": "x"} for number in range(count)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("as is ", "as is "),
        (NumberText("1.50e400"), "1.50e400"),
        (True, "true"),
        ([], "[]"),
        ({}, "{}"),
        ([NumberText("1.0"), "1.0", None, False], '[1.0,"1.0",null,false]'),
        ({"ü": {"b": ["x"], "a": NumberText("-0")}}, '{"ü":{"b":["x"],"a":-0}}'),
        ({'"': "\\\n"}, '{"\\"":"\\\\\\n"}'),
    ],
)
def test_unknown_columns_are_kept_as_text(value: FieldValue, text: str) -> None:
    assert text_of(value) == text
    assert type(text_of(value)) is str


FIELD_VALUES: st.SearchStrategy[FieldValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.text()
    | st.from_regex(r"-?[0-9]{1,9}", fullmatch=True).map(NumberText),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text() | st.sampled_from([*VALID, "AMOUNT", "type"]), FIELD_VALUES))
@settings(max_examples=300, deadline=None)
def test_any_record_is_a_transaction_or_a_reject(fields: dict[str, FieldValue]) -> None:
    assert isinstance(validate(fields), Transaction | Reject)
    assert isinstance(validate(VALID | fields), Transaction | Reject)


@pytest.mark.parametrize("name", ["", "n" * (FIELD_NAME_BYTES_MAX + 1), "ü" * 40_000])
def test_a_name_that_no_item_can_hold_is_refused(name: str) -> None:
    assert validate(VALID | {name: "x"}) == Reject(Reason.FIELD_NAME)
    assert validate_header((*VALID, name)) == Reject(Reason.HEADER_MISMATCH)


def test_a_long_name_is_kept() -> None:
    transaction = validate(VALID | {"n" * FIELD_NAME_BYTES_MAX: "x"})

    assert isinstance(transaction, Transaction)
