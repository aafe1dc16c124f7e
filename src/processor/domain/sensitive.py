"""Sensitive authentication data: track data, verification codes and PINs, known by a field's name.

Nobody may keep them after authorisation, not even encrypted. Source: PCI DSS 4.0.1, 3.3.1.

Two names that some senders use are left out, since they mean other things in real feeds: `cid`
(customer id) and `pincode`, `securitycode` (a postal code in India; a code of a security).
"""

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final

from processor.domain.field import FieldValue
from processor.domain.names import fold


class Sensitive(StrEnum):
    """What it is; named in place of the file's own spelling, which could be a value."""

    TRACK = "track"
    VERIFICATION_CODE = "cvv"
    PIN = "pin"


_PREFIX = r"(?:(?:credit|debit|payment|bank)?(?:cardholder|card|cc))?"
_WHICH = r"(?:[123]|i{1,3}|one|two|three)?"
_TRACK = (
    rf"(?:full|mag(?:netic)?stripe)?track{_WHICH}(?:equivalent)?(?:data)?{_WHICH}"
    r"(?:clear|raw|encrypted|enc)?"
    rf"|mag(?:netic)?stripe(?:data)?{_WHICH}|emvdata"
)
_CODES = r"(?:[id]?(?:cvv|cvc|ccv|csc|cvn|cvd)[123]?)+"
_VERIFICATION_CODE = (
    rf"{_CODES}(?:code|value|number|no|num|data|[34]?digits?)?|cvp2|cav2|verificationvalue[23]?"
    r"|card(?:verification|validation)(?:code|value|number)2?|card(?:security|secure)code"
    rf"|(?:verification|validation|security)(?:code|value|number){_CODES}"
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
_HINT = re.compile(rb"track|stripe|cv|csc|cav|pin|pvv|verif|valid|secur|emv")
"""Each name that any of the patterns matches has one of these in it."""

_DROPPED: Final = bytes(
    byte for byte in range(128) if not chr(byte).isalnum() and byte != ord("\n")
)
_QUOTED_KEY = re.compile(r"""["']([^"']*+)["']\s*+:""")
_BARE_KEY = re.compile(r"""[{,]([^{},:"'\[\]]*+):""")
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_ALTERNATIVE_ENDS = re.compile(r"[(/]")
_COLUMN_SEPARATOR = re.compile(r"[,;\t|]")


NAME_CHARACTERS_MAX: Final = 100
"""Longer ones, folded, are not looked at, nor remembered: none that means one of these is."""


def sensitive_name(name: str) -> Sensitive | None:
    """What a field of this name holds; None for anything that may be kept.

    Compared are letters and digits only, in lower case: `Card-CVV2`, `card_cvv2` and `CARDCVV2` are
    one name. A prefix such as `card` or `cc` does not matter, nor what stands behind a slash or a
    bracket: `CVV2/CVC2`, `CVV (3 digits)`.
    """
    kind = _known(fold(name))
    if kind is None and _ALTERNATIVE_ENDS.search(name):
        *alternatives, _ = _ALTERNATIVE_ENDS.split(name)
        return next((kind for part in alternatives if (kind := _known(fold(part)))), None)
    return kind


def _known(folded: str) -> Sensitive | None:
    return _matched(folded) if len(folded) <= NAME_CHARACTERS_MAX else None


@lru_cache(maxsize=1024)
def _matched(folded: str) -> Sensitive | None:
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


def keys_in_text(text: str) -> list[str]:
    """Whatever may be a key in a JSON text that no parser could read.

    Args:
        text: The text. Keys are what stands in quotes before a colon, whether or not quotes are
            balanced up to there, and what stands between a brace or comma and a colon; with its
            escapes as they are, and without them.
    """
    texts = (text, _ESCAPE.sub("", text)) if "\\" in text else (text,)
    return [key for one in texts for keys in (_QUOTED_KEY, _BARE_KEY) for key in keys.findall(one)]


def sensitive_in_text(text: str) -> Sensitive | None:
    """What the first sensitive key of a JSON text holds that no parser could read."""
    return sensitive_among(keys_in_text(text))


def sensitive_in_header(text: str) -> Sensitive | None:
    """What the first sensitive column holds that a line names which could be a header.

    In a file of two, one behind the other, the second one's header is a record like any other; a
    table under a wrong name begins with it. A line of one field is none, nor one with a field that
    begins with a digit: `PIN` is a value in it.
    """
    for line in text.splitlines():
        names = _COLUMN_SEPARATOR.split(line)
        kind = sensitive_among(names) if len(names) > 1 else None
        if kind and not any(map(_begins_with_digit, names)):
            return kind
    return None


def _begins_with_digit(name: str) -> bool:
    return name.lstrip(" \"'+-.[{")[:1].isdecimal()
