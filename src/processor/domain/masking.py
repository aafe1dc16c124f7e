"""Masking: card numbers in free text are found, and all but their last four digits replaced.

A card number is 13 to 19 digits that have a valid check digit and an issuer's beginning and length:
in one run, in groups with single separators between them, in the groups that are printed on cards
with other separators, or as a floating-point number. What it is not: see `_may_be`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final, NamedTuple

from processor.domain.card import (
    CARD_NUMBER_DIGITS_MAX,
    LAST_DIGITS_SHOWN,
    check_sums,
    has_check_digit,
)
from processor.domain.issuer import issuer_of
from processor.domain.other_numbers import without_other_numbers

FOUND_DIGITS_MIN: Final = 13
"""Shortest number that is looked for in text: with twelve digits, too much else looks alike."""

MASK: Final = "*"

SEPARATOR: Final = "[ \u00a0\u00ad\u2003\u2007\u2009\u200b\u202f\u3000\udca0\u2010-\u2015\u2212-]"
"""A space or a hyphen, or what word processors put in their place. U+DCA0 is Latin-1's no-break
space, as Python decodes that byte where it is no UTF-8 ("surrogateescape")."""

_GAP: Final = rf"[\t._/|:\\{SEPARATOR[1:]}"
"""What else people write between the groups that are printed on cards. A raw JSON record has `\\/`
and `\\t` for two of them."""

_GROUPED = re.compile(rf"\d(?:{SEPARATOR}?\d){{{FOUND_DIGITS_MIN - 1}}}")
_PRINTED = re.compile(
    rf"\d(?=\d{{3}}((?:\\t|{_GAP}){{1,3}})(?:\d{{4}}\1\d{{4}}\1(\d{{4}})|\d{{6}}\1(\d{{4,5}}))(?!\d))(?<!\d\d)"
)
"""The groups 4-4-4-4, 4-6-5 (American Express) and 4-6-4 (Diners Club), the same between any two
of them. Only the first digit is taken, so that those which overlap are found too."""

_DOUBLE = re.compile(r"([0-9]\.(?<![\w.][0-9]\.)[0-9]{10,18})[eE]\+?(1[2-8])(?![0-9])")
"""A whole number of 13 to 19 digits, as programs write it that read it as floating-point."""

_FORMS: Final = (_GROUPED, _PRINTED, _DOUBLE)
_DIGIT_OR_OTHER = bytes(
    ord("0") if chr(byte).isdecimal() or not chr(byte).isascii() else ord("x")
    for byte in range(256)
)
"""Bytes of UTF-8: a digit, or anything that might be a digit or a separator beyond ASCII, as 0."""

_BETWEEN_DIGITS: Final = b" -\t._/|:\\teE+"
"""Everything in ASCII that may stand between the digits of a card number."""

_LONG = re.compile(rf"\d(?:[teE+{_GAP[1:]}{{0,3}}\d){{{FOUND_DIGITS_MIN - 1},}}")
"""Everything that a card number can be part of, in whatever form."""

_RUN = b"0" * FOUND_DIGITS_MIN

CHAIN: Final = re.compile(rf"\d++(?:{SEPARATOR}\d++)*+")
"""Groups of digits with single separators between them."""

_GROUP = re.compile(r"\d++")
_TRACK = re.compile(
    r'\^[^\^?,;"\r\n]{1,26}(?:\^[^?,;"\r\n]{0,60}\??|$)|[=Dd]\d{4,}[Ff]?\??',
)
"""What follows a card number on a magnetic stripe: `^NAME^…` or `=YYMM…`, to the end sentinel.

Source: ISO/IEC 7813, tracks 1 and 2; EMV Book 3, tag 57 (`D` as separator, padded with `F`).
"""

_DECIMAL_POINT = re.compile(r"(?<![\w.*])\d{1,3}\.$")
_PASSES_MAX = 2
"""How often a text is looked at, before a last time. Once is enough for any text that was not made
to need more; in such a one all long numbers are masked whole, so that the time has a bound."""

GROUPS_MAX: Final = 200
"""Groups of digits in one chain that are looked at one by one. No honest text has more: such a
chain is masked whole, so that the time it takes has a bound."""

_PHONE_DIGITS_MAX = 15
"""Source: ITU-T E.164, clause 6.1."""


class Found(NamedTuple):
    """Something in a text that is to be masked.

    Args:
        start: Its first digit.
        shown: First of the digits that stay; `end` if none does.
        end: Behind its last digit.
        tail_end: Behind the track data that follows and is masked whole; `end` if there is none.
    """

    start: int
    shown: int
    end: int
    tail_end: int


def has_candidate(text: str) -> bool:
    """Whether a text can hold a card number at all. Nearly none does; nothing else is done then.

    Bytes first, at a tenth of the pattern's cost. They never miss what the pattern finds.
    """
    if len(text) < FOUND_DIGITS_MIN:
        return False
    run = text.encode("utf-8", "surrogatepass").translate(_DIGIT_OR_OTHER, _BETWEEN_DIGITS)
    return _RUN in run and any(form.search(text) for form in _FORMS)


def mask(text: str, more: Iterable[Found] = ()) -> tuple[str, int]:
    """Masks all card numbers of a text: `4111 1111 1111 1111` becomes `**** **** **** 1111`.

    The result has the length of the text. It holds no card number any more, so that masking it
    again changes nothing: what the masked digits may have hidden is looked for until there is none.

    Args:
        text: Any text.
        more: What else the caller wants masked in it.

    Returns:
        The masked text, the same object if there was nothing, and how many numbers were masked.
    """
    count = 0
    found = sorted([*more, *find_card_numbers(text)])
    for _ in range(_PASSES_MAX):
        if not found:
            return text, count
        count += _clusters(found)
        text = _masked(text, found)
        found = sorted(find_card_numbers(text))
    if not found:
        return text, count
    long = (Found(match.start(), match.end(), *[match.end()] * 2) for match in _LONG.finditer(text))
    return _masked(text, long), count + _clusters(found)


def has_card_number(text: str) -> bool:
    """Whether there is a card number in a text, for those that refuse one and do not mask it."""
    return next(find_card_numbers(text), None) is not None


def find_card_numbers(text: str) -> Iterator[Found]:
    """Gives all card numbers, those that overlap each other too: nobody knows which one is meant.

    Each begins and ends with a group of digits, so that an expiry date behind the number hides
    neither. A group of more than 19 digits is no part of any. They come in no order.
    """
    if not has_candidate(text):
        return
    text = without_other_numbers(text)
    for chain in CHAIN.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *chain.span())]
        if len(groups) > GROUPS_MAX:
            yield Found(chain.start(), chain.end(), chain.end(), chain.end())
            continue
        for part in _without_long(groups):
            for places in _numbers_of(text, part):
                yield _found(text, places)
    for printed in _PRINTED.finditer(text):
        end = max(printed.end(2), printed.end(3))
        places = [place for place in range(printed.start(), end) if text[place].isdecimal()]
        is_number = is_card_number(_digits_at(text, places))
        if is_number and _may_be(text, places[0], len(places), is_one_group=False):
            yield _found(text, places)
    for double in _DOUBLE.finditer(text):
        digit_count = int(double[2]) + 1
        if is_card_number(double[1].replace(".", "").ljust(digit_count, "0")[:digit_count]):
            # Its last digits are not where the mantissa ends: zeros may be left out there.
            yield Found(double.start(), *[double.end(1)] * 3)


def _without_long(groups: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The groups between those that are too long for a part of a card number."""
    part: list[tuple[int, int]] = []
    for start, end in groups:
        if end - start <= CARD_NUMBER_DIGITS_MAX:
            part.append((start, end))
        elif part:
            yield part
            part = []
    yield part


def _found(text: str, places: list[int]) -> Found:
    end = places[-1] + 1
    track = _TRACK.match(text, end)
    return Found(places[0], places[-LAST_DIGITS_SHOWN], end, track.end() if track else end)


def _numbers_of(text: str, groups: list[tuple[int, int]]) -> Iterator[list[int]]:
    """The windows of whole groups that are card numbers: the place of each digit."""
    places = [place for group in groups for place in range(*group)]
    if len(places) < FOUND_DIGITS_MIN:
        return
    digits = _digits_at(text, places)
    windows = list(_windows_of_issuers(digits, groups))
    # Most numbers begin like no card: nothing is summed up for them.
    sums = check_sums(digits) if windows else ([], [])
    for start, stop, is_one_group in windows:
        of_stop = sums[stop % 2]
        is_valid = (of_stop[stop] - of_stop[start]) % 10 == 0
        if is_valid and _may_be(text, places[start], stop - start, is_one_group=is_one_group):
            yield places[start:stop]


def _windows_of_issuers(
    digits: str, groups: list[tuple[int, int]]
) -> Iterator[tuple[int, int, bool]]:
    """The windows of whole groups with an issuer's beginning and length.

    Each as the places of its first digit and behind its last one, and whether it is one group.
    """
    # How many digits there are before each group, and behind the last one.
    bounds = list(accumulate([end - start for start, end in groups], initial=0))
    for first, start in enumerate(bounds[:-1]):
        for last in range(bisect_left(bounds, start + FOUND_DIGITS_MIN, first), len(bounds)):
            stop = bounds[last]
            if stop - start > CARD_NUMBER_DIGITS_MAX:
                break
            if issuer_of(digits[start:stop]) is not None:
                yield start, stop, last == first + 1


def _digits_at(text: str, places: list[int]) -> str:
    """The digits at some places, whatever script they are in, as ASCII ones."""
    digits = "".join([text[place] for place in places])
    return digits if digits.isascii() else "".join(map(str, map(int, digits)))


def is_card_number(digits: str) -> bool:
    """Whether ASCII digits have an issuer's beginning and length, and a valid check digit."""
    return issuer_of(digits) is not None and has_check_digit(digits)


def _may_be(text: str, start: int, digit_count: int, *, is_one_group: bool) -> bool:
    """Whether digits may be a card number, by what is right before them.

    They are not within a token that mixes letters and digits (`VISA4111…` is only letters before,
    `a3f4111…` is a hash), not behind `+` (a telephone number), and not the decimals of a number
    (`0.4111…`).
    """
    before = text[start - 1 : start]
    if before.isalpha():
        at = start - 1
        while at > 0 and text[at - 1].isalpha():
            at -= 1
        return not text[at - 1 : at].isalnum()
    if before == "+":
        return digit_count > _PHONE_DIGITS_MAX
    if before == ".":
        return not (is_one_group and _DECIMAL_POINT.search(text, max(0, start - 6), start))
    return True


def _clusters(found: Iterable[Found]) -> int:
    """How many there are, those that overlap counted as one. In order of `start`."""
    count = end = 0
    for one in found:
        count += count == 0 or one.start >= end
        end = max(end, one.tail_end)
    return count


def _masked(text: str, found: Iterable[Found]) -> str:
    characters = list(text)
    for start, shown, end, tail_end in found:
        for place in range(start, shown):
            if text[place].isdecimal():
                characters[place] = MASK
        characters[end:tail_end] = MASK * (tail_end - end)
    return "".join(characters)
