"""IBANs and creditor references in a text: of their digits, many would pass for a card number."""

import re
import string
from collections.abc import Iterator
from functools import cache
from typing import Final

_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
    "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 "
    "IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 "
    "MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 "
    "SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
IBAN_LENGTHS: Final = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
"""Country -> characters of its IBANs. Source: SWIFT, IBAN Registry (ISO 13616-2)."""

_BEGINNING = re.compile(r"(?<![^\W_])[A-Za-z]{2}(?=[0-9]{2})")
_VALUES = str.maketrans({letter: str(int(letter, 36)) for letter in string.ascii_letters})
"""Each letter as its number: A is 10, Z is 35."""

_CREDITOR_REFERENCE: Final = "RF"
"""What it begins with: two check digits follow, and up to 21 letters and digits.

Source: ISO 11649, clause 5; in groups of four on paper.
"""

_REFERENCE_REST = re.compile(
    r"[0-9]{2}(?:[A-Za-z0-9]{1,21}|(?: [0-9]{4}){1,5}(?: [0-9]{1,4})?)(?![^\W_])"
)
"""In groups only of digits: with letters in them, no card number is seen there anyway."""


def iban_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where IBANs and creditor references begin and end: with valid check digits, maybe grouped."""
    for beginning in _BEGINNING.finditer(text):
        start = beginning.start()
        for end in _ends(text, beginning):
            if _has_check_digits(text[start:end]):
                yield start, end
                break


def _ends(text: str, beginning: re.Match[str]) -> Iterator[int]:
    """Where what begins there may end, the longest first."""
    kind = beginning[0].upper()
    if kind in IBAN_LENGTHS:
        rest = _rest(IBAN_LENGTHS[kind]).match(text, beginning.end())
        if rest:
            yield rest.end()
    elif kind == _CREDITOR_REFERENCE:
        rest = _REFERENCE_REST.match(text, beginning.end())
        end = rest.end() if rest else -1
        # A number behind it looks like one more group.
        while end > beginning.end():
            yield end
            end = text.rfind(" ", beginning.end(), end)


@cache
def _rest(length: int) -> re.Pattern[str]:
    """What follows the country. There are many, and most files need none: made when needed."""
    return re.compile(rf"(?:[ -]?[A-Za-z0-9]){{{length - 2}}}(?![^\W_])")


def _has_check_digits(written: str) -> bool:
    """Source: ISO 13616-1, clause 6, and ISO 11649, clause 6; ISO/IEC 7064, MOD 97-10."""
    plain = written.replace(" ", "").replace("-", "")
    return int((plain[4:] + plain[:4]).translate(_VALUES)) % 97 == 1
