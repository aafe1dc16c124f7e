"""Card numbers: what is one, its token, and that it is never printed."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.domain.card import (
    CardNumber,
    TokenizationKey,
    check_sums,
    has_check_digit,
    key_id_of,
    parse_card_number,
)
from processor.domain.reject import Reason

KEY = TokenizationKey("k1", b"s3cr3t" * 8)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("4111111111111111", "4111111111111111"),
        ("4111 1111 1111 1111", "4111111111111111"),
        ("3782-822463-10005", "378282246310005"),
        ("4111-1111 1111-1111", "4111111111111111"),
        ("676770000005", "676770000005"),
        ("6205500000000000004", "6205500000000000004"),
        ("0000000000000000", "0000000000000000"),
        ("0004539578763621486", "4539578763621486"),
        ("0004 5395 7876 3621 486", "4539578763621486"),
        ("0000676770000005", "676770000005"),
        ("000000000000018", "000000000000018"),
    ],
)
def test_digits_with_single_separators_are_a_card_number(text: str, digits: str) -> None:
    assert parse_card_number(text) == CardNumber(digits)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "4111", "41111111111", "62055000000000000040", "4111111111111111 "),
        *(" 4111111111111111", "4111  1111 1111 1111", "4111--111111111111", "4111.1111.1111.1111"),
        *("************1111", "411111******1111", "4111111111111111\n", "+4111111111111111"),
        *("٤١١١١١١١١١١١١١١١", "4111\u00a01111\u00a01111\u00a01111", "4.111111111111111e15"),
    ],
)
def test_anything_else_has_not_the_form_of_one(text: str) -> None:
    assert parse_card_number(text) is Reason.CARD_NUMBER_FORMAT


@pytest.mark.parametrize("place", range(16))
def test_every_single_wrong_digit_is_found(place: int) -> None:
    digits = "5555555555554444"
    other = str((int(digits[place]) + 1) % 10)

    wrong = digits[:place] + other + digits[place + 1 :]

    assert parse_card_number(wrong) is Reason.CARD_NUMBER_CHECK_DIGIT


@pytest.mark.parametrize("body", ["411111111111111", "37828224631000", "7992739871", "0"])
def test_just_one_of_ten_digits_is_the_check_digit(body: str) -> None:
    good = [digit for digit in "0123456789" if has_check_digit(body + digit)]

    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    assert good == [str(-total % 10)]


def test_the_token_is_the_hmac_of_the_digits_under_the_key() -> None:
    expected = hmac.new(b"s3cr3t" * 8, b"card-number:4111111111111111", hashlib.sha256).digest()

    card = KEY.tokenize(CardNumber("4111111111111111"))

    key_id, _, text = card.token.partition(".")
    assert key_id == card.key_id == key_id_of(card.token) == "k1"
    assert base64.urlsafe_b64decode(text + "=") == expected
    assert "=" not in card.token
    assert card.last_four == "1111"


def test_a_token_depends_on_number_and_key_and_not_on_grouping_or_zeros() -> None:
    grouped, plain = parse_card_number("4111 1111 1111 1111"), CardNumber("4111111111111111")
    assert isinstance(grouped, CardNumber)
    other_key = TokenizationKey("k1", b"0th3r!" * 8)

    assert KEY.tokenize(grouped) == KEY.tokenize(plain)
    padded = parse_card_number("0004111111111111111")
    assert isinstance(padded, CardNumber)
    assert KEY.tokenize(padded) == KEY.tokenize(plain)
    assert KEY.tokenize(plain).token != KEY.tokenize(CardNumber("4242424242424242")).token
    assert KEY.tokenize(plain).token != other_key.tokenize(plain).token


def test_neither_number_nor_key_is_printed() -> None:
    card = KEY.tokenize(CardNumber("4111111111111111"))

    for shown in (repr(card), str(card), f"{card.number}", repr(card.number), repr(KEY)):
        assert "411111" not in shown
        assert "s3cr3t" not in shown
    assert repr(card.number) == "CardNumber(…1111)"


@given(st.text("0123456789", min_size=2, max_size=40))
def test_sums_tell_of_every_part_whether_it_has_a_check_digit(digits: str) -> None:
    sums = check_sums(digits)

    for start in range(len(digits) - 1):
        for stop in range(start + 2, len(digits) + 1):
            difference = sums[stop % 2][stop] - sums[stop % 2][start]
            assert (difference % 10 == 0) == has_check_digit(digits[start:stop])
