"""Masking: card numbers in free text are found, and all but their last four digits replaced.

A card number is 13 to 19 digits that have a valid check digit and an issuer's beginning and length:
in one run, in groups with single separators between them, in the groups that are printed on cards
with other separators, or as a floating-point number; with zeros before it or without, and with its
characters as they are or as escapes. What it is not: see `_may_be`.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Final, NamedTuple

from processor.domain.card import (
    CARD_NUMBER_DIGITS_MAX,
    LAST_DIGITS_SHOWN,
    check_sums,
    has_check_digit,
)
from processor.domain.escapes import readings
from processor.domain.forms import (
    CHAIN,
    DOUBLE,
    FOUND_DIGITS_MIN,
    LONG,
    PRINTED,
    TRACK,
    has_candidate,
)
from processor.domain.issuer import issuer_of
from processor.domain.other_numbers import without_other_numbers

MASK: Final = "*"

_GROUP = re.compile(r"\d++")
_DECIMAL_POINT = re.compile(r"(?<![\w.*])\d{1,3}\.$")
_PASSES_MAX = 2
"""How often a text is looked at, before a last time. Once is enough for any text that was not made
to need more; in such a one all long numbers are masked whole, so that the time has a bound."""

GROUPS_MAX: Final = 200
"""Groups of digits in one chain that are looked at one by one. No honest text has more: such a
chain is masked whole, so that the time it takes has a bound."""

_PHONE_DIGITS_MAX = 15
"""Source: ITU-T E.164, clause 6.1."""

_PHONE_ZEROS: Final = 2
"""Two zeros are a telephone's international prefix as well as what a field was filled up with. With
13 digits behind them they are taken for the former: no card has had so few since about 2000.
Source: ITU-T E.164, which recommends 00 for that prefix.
"""

_HEX_LETTERS: Final = frozenset("abcdefABCDEF")


class Found(NamedTuple):
    """Something in a text that is to be masked.

    Args:
        start: Its first digit.
        shown: First of the digits that stay; `end` if none does.
        end: Behind its last digit.
        tail_end: Behind the track data that follows and is masked whole; `end` if there is none.
        hidden: Where each digit up to `shown` is written, if some are written as escapes; empty if
            they are just what is decimal.
    """

    start: int
    shown: int
    end: int
    tail_end: int
    hidden: tuple[tuple[int, int], ...] = ()


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
    return _masked(text, in_each_reading(text, _long_numbers)), count + _clusters(found)


def has_card_number(text: str) -> bool:
    """Whether there is a card number in a text, for those that refuse one and do not mask it."""
    return next(find_card_numbers(text), None) is not None


def find_card_numbers(text: str) -> Iterator[Found]:
    """Gives all card numbers, those that overlap each other too: nobody knows which one is meant.

    Each begins and ends with a group of digits, so that an expiry date behind the number hides
    neither. A group of more than 19 digits, but for zeros before them, is no part of any. They come
    in no order.
    """
    if has_candidate(text):
        yield from in_each_reading(text, _card_numbers)


def in_each_reading(text: str, find: Callable[[str], Iterator[Found]]) -> Iterator[Found]:
    """What is found in a text as it is written, and in what it says once escapes are resolved."""
    yield from find(text)
    for plain, starts in readings(text):
        for found in find(plain):
            places = range(found.start, found.shown)
            hidden = [(starts[at], starts[at + 1]) for at in places if plain[at].isdecimal()]
            start, shown, end, tail_end = [starts[at] for at in found[:4]]
            yield Found(start, shown, end, tail_end, tuple(hidden))


def _long_numbers(text: str) -> Iterator[Found]:
    """Everything that a card number can be part of."""
    for match in LONG.finditer(text):
        yield Found(match.start(), match.end(), match.end(), match.end())


def _card_numbers(text: str) -> Iterator[Found]:
    text = without_other_numbers(text)
    for chain in CHAIN.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *chain.span())]
        if len(groups) > GROUPS_MAX:
            yield Found(chain.start(), chain.end(), chain.end(), chain.end())
            continue
        for part in _without_long(text, groups):
            for places in _numbers_of(text, part):
                yield _found(text, places)
    for printed in PRINTED.finditer(text):
        end = max(printed.end(2), printed.end(3))
        places = [place for place in range(printed.start(), end) if text[place].isdecimal()]
        is_number = is_card_number(_digits_at(text, places))
        if is_number and _may_be(text, places[0], len(places), is_one_group=False):
            yield _found(text, places)
    for double in DOUBLE.finditer(text):
        digit_count = int(double[2]) + 1
        if is_card_number(double[1].replace(".", "").ljust(digit_count, "0")[:digit_count]):
            # Its last digits are not where the mantissa ends: zeros may be left out there.
            end = double.end(1)
            yield Found(double.start(), end, end, end)


def _without_long(text: str, groups: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The groups between those that are too long for a part of a card number."""
    part: list[tuple[int, int]] = []
    for start, end in groups:
        is_short = end - start <= CARD_NUMBER_DIGITS_MAX
        if is_short or _digit_count(_digits_at(text, range(start, end))) <= CARD_NUMBER_DIGITS_MAX:
            part.append((start, end))
        elif part:
            yield part
            part = []
    yield part


def _found(text: str, places: list[int]) -> Found:
    end = places[-1] + 1
    track = TRACK.match(text, end)
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
    """The windows of whole groups with an issuer's beginning and length, zeros before it aside.

    Each as the places of its first digit and behind its last one, and whether it is one group.
    """
    # How many digits there are before each group, and behind the last one.
    bounds = list(accumulate([end - start for start, end in groups], initial=0))
    for first, start in enumerate(bounds[:-1]):
        # Where fields have a fixed length, numbers are filled up with zeros.
        head = bounds[first + 1] - _digit_count(digits[start : bounds[first + 1]])
        for last in range(bisect_left(bounds, head + FOUND_DIGITS_MIN, first), len(bounds)):
            stop = bounds[last]
            if stop - head > CARD_NUMBER_DIGITS_MAX or head == bounds[first + 1]:
                break
            is_phone = head - start == _PHONE_ZEROS and stop - head == FOUND_DIGITS_MIN
            if not is_phone and issuer_of(digits[head:stop]) is not None:
                yield start, stop, last == first + 1


def _digit_count(digits: str) -> int:
    """How many there are, zeros before them not counted."""
    return len(digits.lstrip("0"))


def _digits_at(text: str, places: Iterable[int]) -> str:
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
    for start, shown, end, tail_end, hidden in found:
        for from_place, to_place in hidden or ((start, shown),):
            for place in range(from_place, to_place):
                # Of an escape all that says which digit it is: `%34`, `\\uff14`.
                if text[place].isdecimal() or (hidden and text[place] in _HEX_LETTERS):
                    characters[place] = MASK
        characters[end:tail_end] = MASK * (tail_end - end)
    return "".join(characters)
