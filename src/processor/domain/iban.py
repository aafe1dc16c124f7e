"""IBANs in a text: bank account numbers, of which one in ten would pass for a card number."""

import re
from collections.abc import Iterator
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
_REST = {
    length: re.compile(rf"(?:[ -]?[A-Za-z0-9]){{{length - 2}}}(?![^\W_])")
    for length in set(IBAN_LENGTHS.values())
}


def iban_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where IBANs begin and end: in one run or in groups, with valid check digits."""
    for beginning in _BEGINNING.finditer(text):
        length = IBAN_LENGTHS.get(beginning[0].upper())
        rest = _REST[length].match(text, beginning.end()) if length else None
        if rest and _has_check_digits(text[beginning.start() : rest.end()]):
            yield beginning.start(), rest.end()


def _has_check_digits(iban: str) -> bool:
    """Source: ISO 13616-1, clause 6; ISO/IEC 7064, MOD 97-10."""
    plain = iban.replace(" ", "").replace("-", "")
    digits = "".join(str(int(character, 36)) for character in plain[4:] + plain[:4])
    return int(digits) % 97 == 1
