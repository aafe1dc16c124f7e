"""Names of fields, compared by what a person reads: the one answer to what a name means.

Two questions hang on it, and both are about what may not be kept: whether a field is a card number,
and whether it is sensitive authentication data.
"""

import unicodedata
from functools import lru_cache
from typing import Final

_DROPPED: Final = bytes(byte for byte in range(128) if not chr(byte).isalnum())

REMEMBERED_CHARACTERS_MAX: Final = 100
"""Longer names are folded anew each time, so that hostile ones cost time and not memory."""

CARD_NUMBER_NAMES: Final = frozenset(
    {
        *("cardnumber", "cardno", "cardnum", "ccnumber"),
        *("creditcardnumber", "debitcardnumber", "primaryaccountnumber"),
    }
)
"""Folded names of a card number. Not `pan`, which is India's tax number in real feeds."""


def fold(name: str) -> str:
    """Letters and digits only, without case or typographic form: `Card-Number` is `cardnumber`."""
    if name.isascii():
        return name.encode().translate(None, _DROPPED).decode().lower()
    return _remembered(name) if len(name) <= REMEMBERED_CHARACTERS_MAX else _fold(name)


def _fold(name: str) -> str:
    # Without marks first: to put very many of them in order takes very long.
    letters = "".join(letter for letter in name if not unicodedata.combining(letter))
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", letters).casefold()))


_remembered = lru_cache(maxsize=1024)(_fold)


def is_card_number_name(name: str) -> bool:
    """Whether a field of this name holds a card number, however it is spelled and separated."""
    return fold(name) in CARD_NUMBER_NAMES
