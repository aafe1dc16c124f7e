"""Forms: how a card number is written in a text, and the quick look for any of them.

Which of what is found here is one, `masking` decides.
"""

import re
from typing import Final

from processor.domain.escapes import resolved
from processor.domain.separators import GAP, SEPARATOR

FOUND_DIGITS_MIN: Final = 13
"""Shortest number that is looked for in text: with twelve digits, too much else looks alike."""

_GROUPED = re.compile(rf"\d(?:{SEPARATOR}?\d){{{FOUND_DIGITS_MIN - 1}}}")
PRINTED = re.compile(
    rf"\d(?=\d{{3}}((?:\\t|{GAP}){{1,3}})(?:\d{{4}}\1\d{{4}}\1(\d{{4}})|\d{{6}}\1(\d{{4,5}}))(?!\d))(?<!\d\d)"
)
"""The groups 4-4-4-4, 4-6-5 (American Express) and 4-6-4 (Diners Club), the same between any two
of them. Only the first digit is taken, so that those which overlap are found too."""

DOUBLE = re.compile(r"([0-9]\.(?<![\w.][0-9]\.)[0-9]{10,18})[eE]\+?(1[2-8])(?![0-9])")
"""A whole number of 13 to 19 digits, as programs write it that read it as floating-point."""

_FORMS: Final = (_GROUPED, PRINTED, DOUBLE)
_DIGIT_OR_OTHER = bytes(
    ord("0") if chr(byte).isdecimal() or not chr(byte).isascii() else ord("x")
    for byte in range(256)
)
"""Bytes of UTF-8: a digit, or anything that might be a digit or a separator beyond ASCII, as 0."""

_BETWEEN_DIGITS: Final = b" -\t._/|:\\teE+"
"""Everything in ASCII that may stand between the digits of a card number."""

LONG = re.compile(rf"\d(?:[teE+{GAP[1:]}{{0,3}}\d){{{FOUND_DIGITS_MIN - 1},}}")
"""Everything that a card number can be part of, in whatever form."""

_RUN = b"0" * FOUND_DIGITS_MIN

CHAIN: Final = re.compile(rf"\d++(?:{SEPARATOR}\d++)*+")
"""Groups of digits with single separators between them."""

TRACK = re.compile(
    r'\^[^\^?,;"\r\n]{1,26}(?:\^[^?,;"\r\n]{0,60}\??|$)|[=Dd]\d{4,}[Ff]?\??',
)
"""What follows a card number on a magnetic stripe: `^NAME^…` or `=YYMM…`, to the end sentinel.

Source: ISO/IEC 7813, tracks 1 and 2; EMV Book 3, tag 57 (`D` as separator, padded with `F`).
"""


def has_candidate(text: str) -> bool:
    """Whether a text can hold a card number at all. Nearly none does; nothing else is done then.

    Bytes first, at a tenth of the pattern's cost. They never miss what the pattern finds.
    """
    if len(text) < FOUND_DIGITS_MIN:
        return False
    return _has_form(text) or (
        ("%" in text or "\\" in text) and any(map(_has_form, resolved(text)))
    )


def _has_form(text: str) -> bool:
    run = text.encode("utf-8", "surrogatepass").translate(_DIGIT_OR_OTHER, _BETWEEN_DIGITS)
    return _RUN in run and any(form.search(text) for form in _FORMS)
