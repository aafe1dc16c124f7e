"""Masking: every network's numbers are found in any text, and nothing else is."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from processor.domain.card import has_check_digit
from processor.domain.escapes import resolved
from processor.domain.forms import has_candidate
from processor.domain.issuer import ISSUER_RANGES, issuer_of
from processor.domain.masking import MASK, find_card_numbers, is_card_number, mask

# Source: the test numbers that Stripe, Adyen, PayPal and Braintree publish.
TEST_NUMBERS = {
    "Visa": ["4111111111111111", "4242424242424242", "4012888888881881", "4222222222222"],
    "Mastercard": ["5555555555554444", "5105105105105100", "2223003122003222"],
    "American Express": ["378282246310005", "371449635398431"],
    "Discover": ["6011111111111117", "6011000990139424", "6500000000000002"],
    "Diners Club": ["30569309025904", "38520000023237", "36227206271667", "3056930009020004"],
    "JCB": ["3530111333300000", "3566002020360505"],
    "UnionPay": ["6200000000000005", "6205500000000000004", "8171999927660000"],
    "Maestro": ["6771798021000008", "6759649826438453"],
    "Hipercard": ["6062826786276634"],
    "Mir": ["2202474301322987"],
    "Troy": ["9792030394440796"],
}
NUMBERS = [number for numbers in TEST_NUMBERS.values() for number in numbers]


def masked(number: str) -> str:
    return MASK * (len(number) - 4) + number[-4:]


@pytest.mark.parametrize(
    ("network", "number"), [(name, one) for name, ones in TEST_NUMBERS.items() for one in ones]
)
def test_every_network_s_numbers_are_known(network: str, number: str) -> None:
    issuer = issuer_of(number)

    assert is_card_number(number)
    assert issuer is not None
    assert issuer.network in {network, "RuPay" if network == "Hipercard" else network}
    assert mask(number) == (masked(number), 1)


def test_each_range_can_be_met_and_is_as_long_at_both_ends() -> None:
    for one in ISSUER_RANGES:
        assert len(one.first) == len(one.last)
        assert one.first <= one.last
        for length in one.lengths:
            assert 13 <= length <= 19
            assert issuer_of(one.first.ljust(length, "0")) is not None
            assert issuer_of(one.last.ljust(length, "9")) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4111 1111 1111 1111", "**** **** **** 1111"),
        ("4111-1111-1111-1111", "****-****-****-1111"),
        ("4111 1111 1111 1111 12/27", "**** **** **** 1111 12/27"),
        ("4111 1111 1111 1111 12 27", "**** **** **** 1111 12 27"),
        ("03 4111 1111 1111 1111", "03 **** **** **** 1111"),
        ("3782 822463 10005.", "**** ****** *0005."),
        ("4222 2222 2222 2", "**** **** *222 2"),
        ("VISA4111111111111111", "VISA************1111"),
        ("ref:x4111111111111111EUR", "ref:x************1111EUR"),
        ("tx_4111111111111111_2", "tx_************1111_2"),
        ("pan=4111111111111111;", "pan=************1111;"),
        ("4111111111111111,5555555555554444", "************1111,************4444"),
        ("4111111111111111.5555555555554444", "************1111.************4444"),
        ("4111\u00a01111\u00a01111\u00a01111", "****\u00a0****\u00a0****\u00a01111"),
        ("4111\u20111111\u20111111\u20111111", "****\u2011****\u2011****\u20111111"),
        (
            "\u0664\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661",
            "************\u0661\u0661\u0661\u0661",
        ),
        (
            " ".join(["\uff14\uff11\uff11\uff11", *["\uff11" * 4] * 3]),
            "**** **** **** " + "\uff11" * 4,
        ),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "* * * * * * * * * * * * 1 1 1 1"),
        ("+4111111111111111", "+************1111"),
        ("Müller 🙂 4111111111111111 ü", "Müller 🙂 ************1111 ü"),
        ("RF77 4111 1111 1111 1111", "RF77 **** **** **** 1111"),
        ("4.111111111111111E15", "*.***************E15"),
        ("4.111111111111111e+15 EUR", "*.***************e+15 EUR"),
        ("-4.1111111111111110E15", "-*.****************E15"),
        ("3.5301113333E15", "*.**********E15"),
        ("[4.222222222222E12]", "[*.************E12]"),
        ("1.4111.1111.1111.1111", "1.****.****.****.1111"),
        ("4112.4111.1111.1111.1111", "4112.****.****.****.1111"),
        ("VISA4111/1111/1111/1111 12/27", "VISA****/****/****/1111 12/27"),
        (
            ".".join(["\u0664" + "\u0661" * 3, *["\u0661" * 4] * 3]),
            "****.****.****." + "\u0661" * 4,
        ),
    ],
)
def test_a_card_number_is_masked_wherever_it_stands(text: str, expected: str) -> None:
    assert mask(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%B4111111111111111^DOE/JOHN^27121010000?", "%B************1111" + 22 * MASK),
        (";4111111111111111=27121010000012345?", ";************1111" + 19 * MASK),
        ("4111111111111111D27121010000012345F", "************1111" + 19 * MASK),
        ("4111111111111111D251210100000000", "************1111" + 16 * MASK),
        ("4111111111111111d25121010000000f", "************1111" + 16 * MASK),
        ("4111.1111.1111.1111=2712101", "****.****.****.1111" + 8 * MASK),
        ("4111111111111111^DOE/JOHN", "************1111" + 9 * MASK),
        ("4111111111111111 = 3", "************1111 = 3"),
        ("4111111111111111=12", "************1111=12"),
        ("4111111111111111^2", "************1111**"),
    ],
)
def test_track_data_behind_a_number_is_masked_whole(text: str, expected: str) -> None:
    assert mask(text) == (expected, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000000000000000",
        "4111111111111112",
        "1234567890123452",
        "411111111111111",
        "41111111111111111111",
        "4111    1111    1111    1111",
        "4111.1111/1111.1111",
        "4111.1111.1111.1112",
        "14111.1111.1111.1111",
        "4111.1111.1111.11111",
        "4111.111111.111111",
        "41.11.1111.1111.1111",
        "4111\n1111\n1111\n1111",
        "+3714.496353.98431",
        "4.111111111111112E15",
        "4.111111111111111E14",
        "1.4.111111111111111E15",
        "4.111111111111111E151",
        "550e8400-e29b-41d4-a716-446655440000",
        "41111111-1111-4111-1111-111111111111",
        "00000000-0000-4111-1111-111111111111",
        "a3f4111111111111111",
        "9b74c9897bac770ffc029102a200c5de4111111111111111"[:40],
        "4111111111111111a251210100000000",
        "4111111111111111abcdef0123456789",
        "DE89 3704 0044 0532 0130 00",
        "DK5000400440116243",
        "FI2112345600000785",
        "RF5112555917477561",
        "RF56 4111 1111 1111 1111",
        "rf56 4111 1111 1111 1111 2027",
        "BE68 5390 0754 7034",
        "2026-03-01T12:30:00.123456789+01:00",
        "20260301123000123",
        "1772366400000",
        "1772366400000000",
        "+4915112345678",
        "+49 1511 2345678",
        "0.4111111111111111",
        "12.5555555555554444",
        "1234567890123.45",
        "ORDER-2026-000123-0004",
        "****-****-****-1111",
    ],
)
def test_near_misses_stay_as_they_are(text: str) -> None:
    assert mask(text) == (text, 0)


@pytest.mark.parametrize(
    "text",
    [
        "4242 " * 7,
        "4242424242424242 " * 5,
        "4111 " + "1111 " * 3 + "4242 " * 4,
        "5 " * 40,
        "4" * 19,
    ],
)
def test_numbers_that_overlap_leave_none_behind(text: str) -> None:
    result, _ = mask(text)

    assert list(find_card_numbers(result)) == []
    assert mask(result) == (result, 0)


PIECES = st.sampled_from(
    [
        *(*NUMBERS, "4111 1111 1111 1111", "3782-822463-10005", "4242 4242"),
        *(*"0123456789 -^=.+*aZ?\n\u0664", "\u00a0", "\udca0", "é"),
        *("DE", "DE89370400440532013000", "^DOE/J^", "=2712"),
        *("4111.1111.1111.1111", "3782__822463__10005", "/", "_", "\t", "\u200b"),
        *("4.111111111111111", "E15", "e+15", "RF5112555917477561"),
        *("%3D", "%34", "%2534", "%20", "\\u0022", "\\u0034", "\\\\", "\\x31", "000", "%", "+"),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join) | st.text()


@given(TEXTS)
@settings(max_examples=600, deadline=None)
@example("4111111111111111=2712x4111111111111111=2712x4111111111111111")
@example("4111111111111111^AB^0a4111111111111111")
def test_masking_leaves_no_number_and_keeps_everything_else(text: str) -> None:
    result, count = mask(text)

    assert list(find_card_numbers(result)) == []
    assert mask(result) == (result, 0)
    assert len(result) == len(text)
    assert all(after in (before, MASK) for before, after in zip(text, result, strict=True))
    assert (count == 0) == (result == text) == (not list(find_card_numbers(text)))
    assert count == 0 or result is not text


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_the_quick_look_finds_what_the_patterns_find(text: str) -> None:
    forms = (
        r"\d(?:[ \u00a0\u200b\udca0-]?\d){12}",
        r"(?<!\d)\d{4}([._/|:+\\\t -]{1,3})(\d{4}\1\d{4}\1\d{4}|\d{6}\1\d{4,5})(?!\d)",
        r"(?<![\w.])[0-9]\.[0-9]{10,18}[eE]\+?1[2-8](?!\d)",
    )

    expected = any(re.search(form, one) for form in forms for one in (text, *resolved(text)))

    assert has_candidate(text) == expected


@given(
    st.sampled_from(NUMBERS),
    st.lists(st.sampled_from(["", " ", "-"]), min_size=19, max_size=19),
    st.sampled_from(["", "card ", "(", "VISA", "№", ": ", "é"]),
    st.sampled_from(["", " 12/27", ")", "EUR", ".", ", ", "é"]),
)
@settings(max_examples=300, deadline=None)
def test_a_number_in_any_grouping_shows_its_last_four_digits_only(
    number: str, separators: list[str], before: str, behind: str
) -> None:
    grouped = "".join(digit + gap for digit, gap in zip(number, separators, strict=False))
    grouped = grouped.rstrip(" -")

    result, _ = mask(before + grouped + behind)

    shown = re.sub(r"[^0-9]", "", result[len(before) : len(before) + len(grouped)])
    assert shown == number[-4:]


@given(st.integers(0, 10**15).map(str))
@settings(max_examples=200, deadline=None)
def test_a_number_without_check_digit_or_issuer_is_none(digits: str) -> None:
    assert is_card_number(digits) == (has_check_digit(digits) and issuer_of(digits) is not None)
