"""The separators are those of Unicode's categories, and what stands for one in bytes."""

import re
import sys
import unicodedata

import pytest

from processor.domain.masking import MASK, mask
from processor.domain.separators import GAP, SEPARATOR

CATEGORIES = {"Zs", "Pd", "Cf"}
LETTERS_AND_MARKS = {"Lo", "Mn", "So"}
SEPARATORS = [chr(code) for code in range(sys.maxunicode + 1) if re.fullmatch(SEPARATOR, chr(code))]


def test_every_space_dash_and_format_character_is_a_separator() -> None:
    expected = {
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in CATEGORIES
    }

    assert expected - set(SEPARATORS) == set()


def test_nothing_else_is_but_what_stands_for_one_or_cannot_be_seen() -> None:
    others = {one for one in SEPARATORS if unicodedata.category(one) not in CATEGORIES}

    surrogates = {one for one in others if "\ud800" <= one <= "\udfff"}
    assert surrogates == set("\udc96\udc97\udca0\udcad")
    # A dash that came later than the Unicode of this Python.
    assert others - surrogates - {"\u2212", "\U00010d6e"} == {
        one for one in others if unicodedata.category(one) in LETTERS_AND_MARKS
    }
    assert not any(one.isdecimal() for one in SEPARATORS)
    assert len(SEPARATORS) == 487


@pytest.mark.parametrize(
    "separator",
    [
        *("\uff0d", "\ufe63", "\u2000", "\u2001", "\u2002", "\u2004", "\u2005", "\u2006", "\u2008"),
        *("\u200a", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202e", "\u2060", "\u2066"),
        *("\u2069", "\ufeff", "\u061c", "\ufe0f", "\u2800", "\U000e0020", "\udc96", "\udc97"),
        *("\udcad", "\udca0"),
    ],
)
def test_each_joins_the_digits_of_a_number(separator: str) -> None:
    number = separator.join(["453957", "876362", "1486"])

    assert mask(number) == (separator.join([MASK * 6, MASK * 6, "1486"]), 1)


def test_a_gap_is_any_separator_and_more() -> None:
    assert all(re.fullmatch(GAP, one) for one in [*SEPARATORS, *"\t._/|:+\\"])
    assert not any(re.fullmatch(GAP, one) for one in '0aA,;"\n*%')
