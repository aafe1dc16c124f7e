"""Names of fields, compared by what a person reads: the one answer to what a name means.

Two questions hang on it, and both are about what may not be kept: whether a field is a card number,
and whether it is sensitive authentication data.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_DROPPED: Final = bytes(byte for byte in range(128) if not chr(byte).isalnum())

REMEMBERED_CHARACTERS_MAX: Final = 100
"""Longer names are folded anew each time, so that hostile ones cost time and not memory."""

_LOOK_ALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТХҮѴаԁеһіјкмнопрԛгѕстѵԝхуӏ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹαεικνορτυχγηϲ",
    "ABESIJKMHOPCTXYVadehijkmhonpqrsctvwxyl" + "ABEZHIKMNOPTYXCaeikvoptuxync",
)
"""Cyrillic and Greek letters, as the Latin ones that a person takes them for.

Source: Unicode Technical Standard 39, confusables.txt; and small letters that look so in some fonts
only (U+0433, U+043A, U+043C, U+043D, U+043F, U+0442, U+03B5, U+03B7, U+03C4, U+03C7).
"""

_PATH: Final = re.compile(r"[.:](?!\s)|[\[\]]")
"""Between the names of a path: `payment.cvv`, `source[cvv]`, `card:cvv`."""

_ALTERNATIVES: Final = re.compile(r"[(/),.:]")
"""Between several names of one thing: `CVV2/CVC2`, `Code (CVV)`."""

_CARD_NUMBER: Final = re.compile(
    r"(?:(?:(?:new|old|full|clear|plain|raw)?(?:credit|debit|payment|bank|prepaid|customer)?card)"
    r"(?:number|num|nbr|nr|no|pan)"
    r"|cc(?:number|num|nbr)|(?:card)?primaryaccount(?:number|num|nbr|nr|no))[0-9]{0,2}"
)
"""Folded names of a card number. Not `pan`, which is India's tax number in real feeds, nor `ccno`,
which is a cost centre's."""

_OTHER_NAME: Final = "pan"
"""What stands for a card number beside another of its names: `Card number (PAN)`."""

_TAIL_NAMES_MAX: Final = 3
"""Names at the end of a path that are read as one: `payment.card.number`."""


def fold(name: str) -> str:
    """Letters and digits only, without case or typographic form: `Card-Number` is `cardnumber`.

    Cyrillic and Greek letters that look like Latin ones are these.
    """
    if name.isascii():
        return name.encode().translate(None, _DROPPED).decode().lower()
    return _remembered(name) if len(name) <= REMEMBERED_CHARACTERS_MAX else _fold(name)


def _fold(name: str) -> str:
    # Without marks first: to put very many of them in order takes very long.
    letters = "".join(letter for letter in name if not unicodedata.combining(letter))
    # Some are look-alikes as they are written, some in their normal form.
    written = letters.translate(_LOOK_ALIKES)
    latin = unicodedata.normalize("NFKC", written).translate(_LOOK_ALIKES)
    return "".join(filter(str.isalnum, latin.casefold()))


_remembered = lru_cache(maxsize=1024)(_fold)


def path_of(name: str) -> list[str]:
    """The names that a name is a path of, as they are written; itself, if it is none."""
    return [one for one in _PATH.split(name) if one]


def alternatives_of(name: str) -> list[str]:
    """The folded names that stand beside each other in one: `CVV2/CVC2` has two."""
    return [folded for one in _ALTERNATIVES.split(name) if (folded := fold(one))]


def is_card_number_name(name: str) -> bool:
    """Whether a field of this name holds a card number, however it is spelled and separated.

    Of a path the end decides (`payment.cardNumber`), whatever it counts (`cardNumber[0]`).
    """
    if len(name) <= REMEMBERED_CHARACTERS_MAX:
        return _remembered_card_number(name)
    return _is_card_number(name)


def _is_card_number(name: str) -> bool:
    if _CARD_NUMBER.fullmatch(fold(name)):
        return True
    path = [one for one in path_of(name) if not fold(one).isdecimal()]
    tails = ("".join(path[-count:]) for count in range(1, min(len(path), _TAIL_NAMES_MAX) + 1))
    return any(map(_is_any_card_number, tails))


def _is_any_card_number(name: str) -> bool:
    """Whether all of a thing's names are a card number's: `Card number (PAN)`, not `PAN`."""
    others = [one for one in alternatives_of(name) if not _CARD_NUMBER.fullmatch(one)]
    return set(others) <= {_OTHER_NAME} and len(others) < len(alternatives_of(name))


_remembered_card_number = lru_cache(maxsize=1024)(_is_card_number)
