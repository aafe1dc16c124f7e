"""Sensitive authentication data: track data, verification codes and PINs, known by a field's name.

Nobody may keep them after authorisation, not even encrypted. Source: PCI DSS 4.0.1, 3.3.1.

Two names that some senders use are left out, since they mean other things in real feeds: `cid`
(customer id) and `pincode`, `securitycode` (a postal code in India; a code of a security).
"""

import re
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

from processor.domain.field import FieldValue
from processor.domain.names import alternatives_of, fold, is_card_number_name, path_of
from processor.domain.transaction import OPTIONAL_FIELDS, REQUIRED_FIELDS


class Sensitive(StrEnum):
    """What it is; named in place of the file's own spelling, which could be a value."""

    TRACK = "track"
    VERIFICATION_CODE = "cvv"
    PIN = "pin"


_CARD = r"(?:credit|debit|payment|bank)?(?:cardholder|card|cc)"
_FORM = r"(?:encrypted|enc|clear|plain|raw|hashed)"
_WHOSE = r"(?:user|customer|client|new|old|current|atm)"
_WHICH = r"(?:[123]|i{1,3}|one|two|three)?"
_TRACK = (
    rf"(?:full|mag(?:netic)?stripe)?track{_WHICH}(?:equivalent)?(?:data)?{_WHICH}"
    r"(?:clear|raw|encrypted|enc)?"
    rf"|mag(?:netic)?stripe(?:data)?{_WHICH}|emvdata"
)
_CODES = r"(?:[id]?(?:cvv|cvc|ccv|csc|cvn|cvd)[123]?|cv2)+"
_VERIFICATION_CODE = (
    rf"{_CODES}(?:code|value|number|no|num|data|[34]?digits?)?(?:hash|{_FORM})?"
    r"|cvp2|cav2|verificationvalue[23]?"
    r"|card(?:verification|validation)(?:code|value|number)2?|card(?:security|secure)code"
    rf"|(?:verification|validation|security)(?:code|value|number){_CODES}"
)
_PIN = rf"pin(?:block|data|number|no|num|value|offset|verificationvalue)?(?:hash|{_FORM})?|pvv"
_PATTERNS: Final = tuple(
    (kind, re.compile(f"{before}(?:{names})"))
    for kind, before, names in (
        (Sensitive.TRACK, f"{_FORM}?(?:{_CARD})?{_FORM}?", _TRACK),
        (
            Sensitive.VERIFICATION_CODE,
            f"{_FORM}?{_WHOSE}?(?:{_CARD})?{_FORM}?",
            _VERIFICATION_CODE,
        ),
        (Sensitive.PIN, f"{_FORM}?{_WHOSE}?(?:{_CARD})?{_FORM}?{_WHOSE}?", _PIN),
        # Without a card, a `pincode` is an Indian postal code.
        (Sensitive.PIN, f"{_FORM}?{_WHOSE}?(?:{_CARD}|atm){_FORM}?", "pincode"),
    )
)
_HINT = re.compile(rb"track|stripe|cv|csc|cav|pin|pvv|verif|valid|secur|emv")
"""Each name that any of the patterns matches has one of these in it."""

_ANSWER: Final = (
    "result|response|outcome|status|verified|validated|indicator|^avs"
    "|(?:check(?:s|ed)?|match(?:es|ed)?|presen(?:t|ce)|valid|flag)$"
)
_CHECK = re.compile(_ANSWER)
"""What a name has in it that tells of the data, as an issuer's answer does, and holds none."""

_ASIDE = re.compile(
    f"{_ANSWER}|(?:provided|entered|required|enabled|tries|retr(?:y|ies)|attempts?|count(?:er)?"
    "|length|type|method|mode|capability|error|reason)$"
)
"""What the last name of a path may be besides, and then it does not hold the data before it."""

_DROPPED: Final = bytes(
    byte for byte in range(128) if not chr(byte).isalnum() and byte != ord("\n")
)
_QUOTED_KEY = re.compile(r"""["'](?=([^"']*+)["']\s*+(?:[:=]|["'\d\[{]))""")
"""What is in quotes before a colon, an equals sign, or right before another value. Quotes need not
be balanced: what stands between any two is looked at."""

_QUOTED_COLON = re.compile(r"""["'](?=([^"':]*+):\s*+["'])""")
_BARE_KEY = re.compile(r"""(?:^|[{,;&\n])([^{},;&\n:="'\[\]]*+)[:=]""")
_KEYS: Final = (_QUOTED_KEY, _QUOTED_COLON, _BARE_KEY)
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_SEVERAL = re.compile(r"[.:\[\](/),]")
_COLUMN_SEPARATOR = re.compile(r"[,;\t|]")
_KNOWN_NAMES: Final = frozenset(map(fold, (*REQUIRED_FIELDS, *OPTIONAL_FIELDS)))
_KNOWN_NAMES_MIN: Final = 2


_JOINED_MAX: Final = 3
"""Names of a path that are read as one."""

_PATH_NAMES_MAX: Final = 100
"""Names at the end of a path that are looked at. No honest one has more; they take time."""

NAME_CHARACTERS_MAX: Final = 100
"""Longer ones, folded, are not looked at, nor remembered: none that means one of these is."""


def sensitive_name(name: str) -> Sensitive | None:
    """What a field of this name holds; None for anything that may be kept.

    Compared are letters and digits only, in lower case: `Card-CVV2`, `card_cvv2` and `CARDCVV2` are
    one name. A prefix such as `card`, `cc`, `user` or `encrypted` does not matter. Of a path
    (`payment.cvv`, `source[cvv]`) and of several names for one thing (`CVV2/CVC2`, `Code (CVV)`)
    each is looked at, unless they tell of a check (`cvv.result`, `AVS/CVV response`).
    """
    kind = _known(fold(name))
    if kind is None and _SEVERAL.search(name):
        return _in_path(path_of(name)[-_PATH_NAMES_MAX:])
    return kind


def _in_path(path: Sequence[str]) -> Sensitive | None:
    """What one of the names of a path holds, alone or with those before it (`card.security.code`).

    Not one with a check behind it: `checks.cvv` holds a code, as far as anybody knows, `cvv.check`
    holds an answer.
    """
    for end in range(len(path), 0, -1):
        starts = range(max(end - _JOINED_MAX, 0), end)
        for name in ["".join(path[start:end]) for start in starts]:
            if kind := _known(fold(name)) or _among_alternatives(alternatives_of(name)):
                return kind
        if _ASIDE.search(fold(path[end - 1])):
            return None
    return None


def _among_alternatives(names: Sequence[str]) -> Sensitive | None:
    """What the first of several folded names of one thing holds, if none tells of a check.

    A PIN only if that is named first: `Chip/PIN` and `Mode (PIN)` are ways to pay.
    """
    if any(map(_CHECK.search, names)):
        return None
    kinds = [_known(name) for at, name in enumerate(names) if at == 0 or name != Sensitive.PIN]
    return next(filter(None, kinds), None)


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
        text: The text. Keys are what stands in quotes before a colon, an equals sign or the next
            value, or with a colon in them, whether or not quotes are balanced up to there, and what
            stands between a brace, a comma or the like and a colon or equals sign; with its escapes
            as they are, and without them.
    """
    texts = (text, _ESCAPE.sub("", text)) if "\\" in text else (text,)
    return [key for one in texts for keys in _KEYS for key in keys.findall(one)]


def sensitive_in_text(text: str) -> Sensitive | None:
    """What the first sensitive key of a JSON text holds that no parser could read."""
    return sensitive_among(keys_in_text(text))


def sensitive_in_header(text: str) -> Sensitive | None:
    """What the first sensitive column holds that a line names which could be a header.

    In a file of two, one behind the other, the second one's header is a record like any other; a
    table under a wrong name begins with it. A line of one field is none, nor one with another field
    that begins with a digit, unless two of them are named like fields of a transaction: `PIN` is a
    value beside `2026-03-01`, and a name beside `3ds_status`.
    """
    for line in text.splitlines():
        names = _COLUMN_SEPARATOR.split(line)
        kind = sensitive_among(names) if len(names) > 1 else None
        if kind and _are_names(names):
            return kind
    return None


def _are_names(fields: Sequence[str]) -> bool:
    known = [one for one in fields if fold(one) in _KNOWN_NAMES or is_card_number_name(one)]
    if len(known) >= _KNOWN_NAMES_MIN:
        return True
    return not any(_begins_with_digit(field) and not sensitive_name(field) for field in fields)


def _begins_with_digit(name: str) -> bool:
    return name.lstrip(" \"'+-.[{")[:1].isdecimal()
