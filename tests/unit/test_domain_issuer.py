"""Issuers: numbers that networks publish are known, and how many others pass is what is written."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from processor.domain.card import has_check_digit
from processor.domain.issuer import ISSUER_RANGES, issuer_of
from processor.domain.masking import MASK, is_card_number, mask

LENGTHS = range(13, 20)
BEGINNING_DIGITS = 6
BEGINNINGS = 1_000_000
FILE_FORMAT = Path(__file__).resolve().parents[2] / "docs" / "file-format.md"


def completed(digits: str, length: int) -> str:
    """A number of this beginning and length, zeros in it and a valid check digit behind it."""
    body = digits.ljust(length - 1, "0")
    return next(body + last for last in "0123456789" if has_check_digit(body + last))


@pytest.mark.parametrize(
    ("network", "number"),
    [
        # Source: test cards of Cybersource.
        *(("BORICA, PayPak", "2205430000003002"), ("Maestro", completed("679009", 16))),
        *(("Visa", "4464040000000007"), ("Maestro", "5078083000000002")),
        ("Maestro", "5062210000000009"),
        # Source: https://github.com/braintree/card-validator/issues/138.
        ("Belkart", "9112380099999999"),
        *(("UATP", completed("135412", 15)), ("JCB", completed("2131", 15))),
        *(("JCB", completed("3337", 16)), ("Diners Club", completed("306091", 16))),
        *(("UnionPay", completed("62", 14)), ("UnionPay", completed("81", 15))),
        *(("Maestro", completed("66", 16)), ("Maestro", completed("690032", 19))),
        *(("Maestro", completed("601640", 13)), ("GPN", completed("1946", 18))),
        *(("Carnet", completed("286900", 16)), ("China T-Union", completed("317", 19))),
        *(("Uzcard", completed("8600", 16)), ("mada", completed("968201", 16))),
        *(("Napas", completed("9704", 19)), ("Humo", completed("9860", 16))),
    ],
)
def test_a_number_of_a_network_is_known_and_masked(network: str, number: str) -> None:
    issuer = issuer_of(number)

    assert issuer is not None
    assert issuer.network == network
    assert is_card_number(number)
    assert mask(number) == (MASK * (len(number) - 4) + number[-4:], 1)


@pytest.mark.parametrize(
    "number",
    [completed("1800", 16), completed("69", 13), completed("86", 13), completed("2206", 16)],
)
def test_a_number_of_no_network_is_not(number: str) -> None:
    assert issuer_of(number) is None


def share_of_issuers(length: int) -> float:
    """How many of all beginnings are an issuer's, for numbers of a length."""
    beginnings: set[int] = set()
    for one in ISSUER_RANGES:
        if length in one.lengths:
            first = int(one.first.ljust(BEGINNING_DIGITS, "0"))
            last = int(one.last.ljust(BEGINNING_DIGITS, "9"))
            beginnings.update(range(first, last + 1))
    return len(beginnings) / BEGINNINGS


def share_masked(length: int) -> float:
    """How many of all numbers with a check digit are masked, zeros at their beginning included."""
    shares = {zeros: share_of_issuers(length - zeros) for zeros in range(length - 12)}
    if length == 15:
        # An international prefix, and a telephone number.
        del shares[2]
    return sum(share * 0.1**zeros for zeros, share in shares.items())


def written_shares(row: str) -> list[float]:
    """The percentages in a row of the document's table."""
    line = re.search(rf"^\| {row} .*$", FILE_FORMAT.read_text(encoding="utf-8"), re.MULTILINE)
    assert line is not None
    return [float(share) for share in re.findall(r"([0-9.]+) %", line[0])]


def test_the_document_says_how_many_numbers_pass_for_card_numbers() -> None:
    shares = [share_masked(length) * 100 for length in LENGTHS]

    assert written_shares("Any numbers") == [round(share / 10, 1) for share in shares]
    assert written_shares("With a check digit") == [round(share) for share in shares]


@pytest.mark.parametrize("length", LENGTHS)
def test_as_many_are_masked_in_a_sample(length: int) -> None:
    chance = random.Random(length)
    numbers = ["".join(chance.choices("0123456789", k=length)) for _ in range(8_000)]

    masked = sum(mask(number)[1] for number in numbers) / len(numbers)

    assert masked == pytest.approx(share_masked(length) / 10, abs=0.008)


def ean_13(chance: random.Random, prefix: str) -> str:
    """An article's number. Source: GS1 General Specifications, 7.9 (check digit)."""
    body = prefix + "".join(chance.choices("0123456789", k=12 - len(prefix)))
    total = sum(int(digit) * (1 + place % 2 * 2) for place, digit in enumerate(body))
    return body + str(-total % 10)


def telephone(chance: random.Random, prefix: str) -> str:
    return prefix + "".join(chance.choices("0123456789", k=13 - len(prefix)))


@pytest.mark.parametrize(
    ("make", "prefixes", "share"),
    [
        # Germany, Japan, the United Kingdom; China, France, Italy, the United States.
        (ean_13, ["400", "440", "450", "499", "500"], 0.1),
        (ean_13, ["690", "300", "370", "800", "019"], 0.0),
        # Germany and Hungary; China.
        (telephone, ["49151"], 0.1),
        (telephone, ["0049151", "8613", "36"], 0.0),
    ],
)
def test_articles_and_telephones_that_begin_like_a_card_are_masked_in_one_case_of_ten(
    make: Callable[[random.Random, str], str], prefixes: list[str], share: float
) -> None:
    chance = random.Random(13)
    numbers = [make(chance, chance.choice(prefixes)) for _ in range(8_000)]

    masked = sum(mask(number)[1] for number in numbers) / len(numbers)

    assert masked == pytest.approx(share, abs=0.01)
