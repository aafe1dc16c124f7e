"""Masking: card numbers in free text are found, and all but their last four digits replaced.

A card number is 13 to 19 digits, in one run or in groups with single separators between them, that
have a valid check digit and an issuer's beginning and length. What it is not: see `_may_be`.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final, NamedTuple

from processor.domain.card import (
    CARD_NUMBER_DIGITS_MAX,
    LAST_DIGITS_SHOWN,
    check_sums,
    has_check_digit,
)
from processor.domain.iban import iban_spans
from processor.domain.issuer import issuer_of

FOUND_DIGITS_MIN: Final = 13
"""Shortest number that is looked for in text: with twelve digits, too much else looks alike."""

MASK: Final = "*"

SEPARATOR: Final = "[ \u00a0\u2007\u2009\u202f\udca0\u2010-\u2015\u2212-]"
"""A space or a hyphen, or what word processors put in their place. U+DCA0 is Latin-1's no-break
space, as Python decodes that byte where it is no UTF-8 ("surrogateescape")."""

_CANDIDATE = re.compile(rf"\d(?:{SEPARATOR}?\d){{{FOUND_DIGITS_MIN - 1}}}")
_DIGIT_OR_OTHER = bytes(
    ord("0") if chr(byte).isdecimal() or not chr(byte).isascii() else ord("x")
    for byte in range(256)
)
"""Bytes of UTF-8: a digit, or anything that might be a digit or a separator beyond ASCII, as 0."""

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

_UUID = re.compile(r"(?<![^\W_])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![^\W_])")
_HASH = re.compile(
    r"(?<![^\W_])(?=[0-9]*[a-fA-F])[0-9a-fA-F]{32}(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{32})?(?![^\W_])"
)
_DECIMAL_POINT = re.compile(r"(?<![\w.*])\d{1,3}\.$")
_PASSES_MAX = 8
"""How often a masked text is looked at again. One is enough for any text that was not made to need
more; in such a one all long numbers are masked whole, so that the time it takes has a bound."""

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
    run = text.encode("utf-8", "surrogatepass").translate(_DIGIT_OR_OTHER, b" -")
    return _RUN in run and _CANDIDATE.search(text) is not None


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
        found = list(find_card_numbers(text))
    return _masked(text, _long_chains(text)), count + _clusters(found)


def _long_chains(text: str) -> Iterator[Found]:
    """All digits of everything that is as long as a card number."""
    for chain in CHAIN.finditer(text):
        if sum(map(str.isdecimal, chain[0])) >= FOUND_DIGITS_MIN:
            yield Found(chain.start(), chain.end(), chain.end(), chain.end())


def find_card_numbers(text: str) -> Iterator[Found]:
    """Gives all card numbers, those that overlap each other too: nobody knows which one is meant.

    Each begins and ends with a group of digits, so that an expiry date behind the number hides
    neither. A group of more than 19 digits is no part of any.
    """
    if not has_candidate(text):
        return
    others: list[tuple[int, int]] | None = None
    for chain in CHAIN.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *chain.span())]
        if len(groups) > GROUPS_MAX:
            yield Found(chain.start(), chain.end(), chain.end(), chain.end())
            continue
        for start, end, places in _numbers_of(text, groups):
            if others is None:
                others = list(_other_numbers(text))
            if any(start < other_end and end > begin for begin, other_end in others):
                continue
            track = _TRACK.match(text, end)
            shown = places[-LAST_DIGITS_SHOWN]
            yield Found(start, shown, end, track.end() if track else end)


def _numbers_of(text: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int, list[int]]]:
    """The windows of whole groups that are card numbers: start, end, place of each digit."""
    places = [place for group in groups for place in range(*group)]
    if len(places) < FOUND_DIGITS_MIN:
        return
    digits = "".join(str(int(text[place])) for place in places)
    sums = check_sums(digits)
    # How many digits there are before each group, and behind the last one.
    bounds = list(accumulate((end - start for start, end in groups), initial=0))
    for first, start in enumerate(bounds[:-1]):
        for last in range(first + 1, len(bounds)):
            stop = bounds[last]
            if stop - start > CARD_NUMBER_DIGITS_MAX:
                break
            of_stop = sums[stop % 2]
            if stop - start < FOUND_DIGITS_MIN or (of_stop[stop] - of_stop[start]) % 10:
                continue
            if issuer_of(digits[start:stop]) is None:
                continue
            if _may_be(text, places[start], stop - start, is_one_group=last == first + 1):
                yield places[start], places[stop - 1] + 1, places[start:stop]


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


def _other_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where things lie that are known not to be card numbers, whatever digits they hold."""
    yield from iban_spans(text)
    for pattern in (_UUID, _HASH):
        yield from (match.span() for match in pattern.finditer(text))


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
