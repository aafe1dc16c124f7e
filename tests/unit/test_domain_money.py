"""Amounts: what is read as money, exactly, and what is refused."""

from decimal import Decimal
from typing import Any, cast

import iso4217
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.money import (
    AMOUNT_DIGITS_MAX,
    MINOR_UNIT_DIGITS,
    format_amount,
    parse_amount,
)
from processor.domain.reject import Reason

EXACT_MINOR_MAX = 10**AMOUNT_DIGITS_MAX - 1


@pytest.mark.parametrize(
    ("text", "currency", "amount_minor"),
    [
        ("10.5", "EUR", 1050),
        ("10.50", "EUR", 1050),
        ("10", "EUR", 1000),
        ("0", "EUR", 0),
        ("0.00", "EUR", 0),
        ("0.01", "EUR", 1),
        ("-0.01", "EUR", -1),
        ("-10.50", "EUR", -1050),
        ("10", "JPY", 10),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("999999999999999999", "JPY", 999_999_999_999_999_999),
        ("9999999999999999.99", "EUR", 999_999_999_999_999_999),
    ],
)
def test_a_plain_decimal_becomes_minor_units(text: str, currency: str, amount_minor: int) -> None:
    assert parse_amount(text, currency) == amount_minor


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "NaN", "nan", "sNaN", "Infinity", "-Infinity", "inf", "1_000.5"),
        *("\u0661\u0660.\u0665", "\uff11\uff10.\uff15", "\u00b2", "\u2212 5", "\u22125.00"),
        *(" 10.5\n", "10.5\n", " 10.5", "10.5 ", "\u00a010.5", "10.5\0", "1 000.00"),
        *("1e5", "1E5", "1e999999999", "1E+300000", "0x10", "1/2"),
        *("1,50", "1.234,56", "1,234.56", "1'000.00", "(5.00)", "5.00-", "+5", "--5", "-"),
        *("$5", "5$", "EUR 5", "\u20ac5", "5 EUR"),
        *("007", "00", "-007", "00.5", ".5", "-.5", "5.", ".", "1.2.3"),
    ],
)
def test_what_is_no_plain_ascii_decimal_is_refused(text: str) -> None:
    assert parse_amount(text, "EUR") is Reason.AMOUNT_FORMAT


@pytest.mark.parametrize("text", ["-0", "-0.0", "-0.00", "-0.000000000000000000000000"])
def test_negative_zero_is_refused(text: str) -> None:
    assert parse_amount(text, "EUR") is Reason.AMOUNT_NEGATIVE_ZERO


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1" * 19, "JPY"),
        ("1" * 19, "EUR"),
        ("-" + "1" * 19, "EUR"),
        ("1" * 17 + ".11", "EUR"),
        ("1" + "0" * 18, "EUR"),
        ("12345678901234567", "EUR"),  # 17 digits as written, 19 as stored
    ],
)
def test_more_than_eighteen_digits_are_refused(text: str, currency: str) -> None:
    assert parse_amount(text, currency) is Reason.AMOUNT_RANGE


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("10.5", "JPY"),
        ("10.0", "JPY"),
        ("1.2345", "KWD"),
        ("1.001", "EUR"),
        ("1.000", "EUR"),
        ("1.00001", "CLF"),
    ],
)
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str) -> None:
    assert parse_amount(text, currency) is Reason.AMOUNT_SCALE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-0.0000000000000000000", Reason.AMOUNT_NEGATIVE_ZERO),
        ("-0.000", Reason.AMOUNT_NEGATIVE_ZERO),
        ("1111111111111111111.111", Reason.AMOUNT_RANGE),
        ("-0.000e1", Reason.AMOUNT_FORMAT),
    ],
)
def test_an_amount_that_breaks_several_rules_gets_the_first_reason(
    text: str, reason: Reason
) -> None:
    assert parse_amount(text, "EUR") is reason


def test_a_giant_amount_is_refused_without_being_computed() -> None:
    # int() itself raises for more than 4,300 digits.
    reasons = {parse_amount("9" * 1_000_000, "EUR"), parse_amount("1e" + "9" * 1_000_000, "EUR")}

    assert reasons == {Reason.AMOUNT_RANGE, Reason.AMOUNT_FORMAT}


def test_the_currency_table_is_the_published_list() -> None:
    # At run time the package's currencies are enum members, which its type stub does not tell.
    published = {
        currency.code: currency.exponent
        for currency in cast("Any", iso4217.Currency)
        if currency.exponent is not None
    }

    assert dict(MINOR_UNIT_DIGITS) == published


@pytest.mark.parametrize(
    "code",
    [
        *("BGN", "HRK", "DEM", "ANG", "SLL", "VEF", "ZWL", "CUC"),
        *("XXX", "XTS", "XAU", "XAG", "XDR", "XSU", "XUA", "XBA"),
        *("eur", "Eur", "EUR ", "", "EU", "978", "\uff25UR", "BTC"),
    ],
)
def test_historic_unit_less_and_misspelled_currencies_are_unknown(code: str) -> None:
    assert code not in MINOR_UNIT_DIGITS


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (0, "EUR", "0.00"),
        (1, "EUR", "0.01"),
        (-1, "EUR", "-0.01"),
        (1050, "EUR", "10.50"),
        (-5, "JPY", "-5"),
        (0, "JPY", "0"),
        (1, "KWD", "0.001"),
        (-12345, "CLF", "-1.2345"),
        (10**40, "EUR", "1" + "0" * 38 + ".00"),
    ],
)
def test_amounts_are_written_with_all_digits_of_the_minor_unit(
    amount_minor: int, currency: str, text: str
) -> None:
    assert format_amount(amount_minor, currency) == text


@given(
    st.integers(-EXACT_MINOR_MAX, EXACT_MINOR_MAX),
    st.sampled_from(sorted(MINOR_UNIT_DIGITS)),
)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_back_as_the_same_amount(amount_minor: int, currency: str) -> None:
    assert parse_amount(format_amount(amount_minor, currency), currency) == amount_minor


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15
    )
)
@settings(max_examples=300, deadline=None)
def test_an_amount_is_the_decimal_that_its_text_says(amount: Decimal) -> None:
    text = format(abs(amount) if amount == 0 else amount, "f")

    amount_minor = parse_amount(text, "EUR")

    assert isinstance(amount_minor, int)
    assert Decimal(amount_minor).scaleb(-2) == amount


@given(st.text(max_size=30), st.sampled_from(["EUR", "JPY", "KWD"]))
@settings(max_examples=500, deadline=None)
def test_any_text_is_an_amount_or_a_reason(text: str, currency: str) -> None:
    parsed = parse_amount(text, currency)

    assert isinstance(parsed, int | Reason)


@given(st.lists(st.integers(-EXACT_MINOR_MAX, EXACT_MINOR_MAX), max_size=50))
@settings(max_examples=100, deadline=None)
def test_sums_of_the_largest_amounts_are_exact(amounts_minor: list[int]) -> None:
    texts = [format_amount(amount_minor, "EUR") for amount_minor in amounts_minor]

    parsed = [parse_amount(text, "EUR") for text in texts]

    assert sum(amount for amount in parsed if isinstance(amount, int)) == sum(amounts_minor)
