"""Sensitive authentication data: track data, verification codes and PINs, known by a field's name.

Nobody may keep them after authorisation, not even encrypted. Source: PCI DSS 4.0.1, 3.3.1.

Two names that some senders use are left out, since they mean other things in real feeds: `cid`
(customer id) and `pincode`, `securitycode` (a postal code in India; a code of a security).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final

from processor.domain.field import FieldValue


class Sensitive(StrEnum):
    """What it is; named in place of the file's own spelling, which could be a value."""

    TRACK = "track"
    VERIFICATION_CODE = "cvv"
    PIN = "pin"


_PREFIX = r"(?:(?:credit|debit|payment|bank)?(?:cardholder|card|cc))?"
_TRACK = (
    r"(?:full)?track(?:[123]|i{1,3}|one|two|three)?(?:equivalent)?(?:data)?"
    r"|mag(?:netic)?stripe(?:data)?"
)
_VERIFICATION_CODE = (
    r"[id]?(?:cvv|cvc|ccv|csc|cvn|cvd)[123]?(?:code|value|number|no|num|data)?|cvp2|cav2"
    r"|card(?:verification|validation)(?:code|value|number)2?|card(?:security|secure)code"
)
_PIN = (
    r"(?:encrypted|enc|clear)?pin(?:block|data|number|no|num|value|offset|verificationvalue)?|pvv"
)
_PATTERNS: Final = tuple(
    (kind, re.compile(f"{_PREFIX}(?:{names})"))
    for kind, names in (
        (Sensitive.TRACK, _TRACK),
        (Sensitive.VERIFICATION_CODE, _VERIFICATION_CODE),
        (Sensitive.PIN, _PIN),
    )
)
_HINT = re.compile(rb"track|stripe|cv|csc|cav|pin|pvv|verif|valid|secur")
"""Each name that any of the patterns matches has one of these in it."""

_DROPPED: Final = bytes(
    byte for byte in range(128) if not chr(byte).isalnum() and byte != ord("\n")
)
_QUOTED_KEY = re.compile(r"""["']([^"'\\]{1,100}+)["']\s*+:""")
_BARE_KEY = re.compile(r"[{,]\s*+(\w++)\s*+:")


NAME_CHARACTERS_MAX: Final = 100
"""Longer names are not looked at, nor remembered: none that means one of these is so long."""


def sensitive_name(name: str) -> Sensitive | None:
    """What a field of this name holds; None for anything that may be kept.

    Compared are letters and digits only, in lower case: `Card-CVV2`, `card_cvv2` and `CARDCVV2` are
    one name. A prefix such as `card` or `cc` does not matter.
    """
    return _known(name) if len(name) <= NAME_CHARACTERS_MAX else None


@lru_cache(maxsize=1024)
def _known(name: str) -> Sensitive | None:
    plain = unicodedata.normalize("NFKC", name).casefold()
    folded = "".join(filter(str.isalnum, plain))
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(folded)), None)


def sensitive_among(names: Collection[str]) -> Sensitive | None:
    """What the first of these names that is sensitive holds."""
    if not _may_be_among(names):
        return None
    return next((kind for name in names if (kind := sensitive_name(name))), None)


def _may_be_among(names: Collection[str]) -> bool:
    """Whether one of these names may be sensitive: one look at all, however many there are."""
    text = "\n".join(names)
    if not text.isascii() or text.count("\n") >= len(names):
        return True
    return _HINT.search(text.lower().encode().translate(None, _DROPPED)) is not None


def sensitive_within(values: Iterable[FieldValue]) -> Sensitive | None:
    """What the first sensitive name within nested objects holds, at any depth."""
    return next((kind for value in values if (kind := _within(value))), None)


def _within(value: FieldValue) -> Sensitive | None:
    if isinstance(value, dict):
        return sensitive_among(value) or sensitive_within(value.values())
    return sensitive_within(value) if isinstance(value, list) else None


def sensitive_in_text(text: str) -> Sensitive | None:
    """What the first sensitive key of a JSON text holds that no parser could read.

    Args:
        text: The text, its escapes resolved. Keys are what stands in quotes before a colon, whether
            or not quotes are balanced up to there, and a bare word between a brace or comma and a
            colon.
    """
    return sensitive_among(_QUOTED_KEY.findall(text)) or sensitive_among(_BARE_KEY.findall(text))
