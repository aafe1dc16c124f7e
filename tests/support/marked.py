"""Marked values: texts that occur nowhere by chance, and the search for them in what was emitted.

Every field of a record has a mark of its own, so that a finding names the field that leaked.
"""

import base64
import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

MARKS: Final = {
    "transactionId": "zqTid-K7vXw2Jp",
    "timestamp": "2017-07-23T04:17:53.917+01:00",
    "timestamp in ms": "1500779873917",
    "amount": "81726354.91",
    "amount in minor units": "8172635491",
    "accountId": "zqAcc/M9dQs5Fn",
    "type": "zqTyp+X4gLr8Ub",
    "merchant": 'zq "Mer" & ünß\\N3kZc6Hd',
    "description": "zqDes\nT8pVy1Rm, ü",
    "reference": "zqRef=J5wBs9Ga",
    "column name": "zqCol6Yh2Ek",
    "column value": "zqVal ÄÖÜß 4Qf7Lt",
    "bad value": "zqBad0Dx3Wu8Si",
}
"""By field. Some hold what an encoding writes in its own way: quotes, controls, other letters."""

CARDS: Final = {
    "card in its own field": "4539578763621486",
    "card in the description": "5425233430109903",
    "card in an unknown column": "374245455400126",
    "card in the merchant": "6011000991300009",
    "card in the reference": "3530111333300000",
    "card in a bad record": "4916338506082832",
    "card of wrong check digit": "4716108999716532",
    "card in a key": "5200828282828210",
}
"""Test numbers that issuers and payment processors publish; 4716108999716532 has a wrong end.

They are written here without separators; wherever groups are wanted, grouped() makes them.
"""

TEXT_WINDOW: Final = 8
"""Characters in a row that tell a mark: a message that cuts a value off leaves the rest."""

DIGIT_WINDOW: Final = 10
"""Digits in a row that tell a card number: its first eight and last four may be shown.

Source: PCI DSS 4.0.1, requirement 3.4.1.
"""

DISTINCT_DIGITS_MIN: Final = 3

_TIME_OF_DAY = re.compile(r"(?=.*[T:])[-T:.\d]+")
"""A part of a time without its year: once a day it is the time of a log line."""

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]{1,3}(?=\d)")


def grouped(card: str, separator: str = " ") -> str:
    """A card number as people write it, in groups of four."""
    return separator.join(card[start : start + 4] for start in range(0, len(card), 4))


class Search:
    """Finds values in texts, as they are, in part, and in the encodings that hide them.

    Args:
        marks: Values by name.
        cards: Card numbers by name; found with any separators and in digits of any script, too.
    """

    def __init__(self, marks: Mapping[str, str] = MARKS, cards: Mapping[str, str] = CARDS) -> None:
        self._needles = [
            (name, encoding, needle)
            for name, value in marks.items()
            for encoding, needle in _text_needles(value)
        ] + [
            (name, encoding, needle)
            for name, card in cards.items()
            for form in (card, grouped(card), grouped(card, "-"))
            for encoding, needle in encodings(form)
        ]
        self._digits = [
            (name, "digits in a row", window)
            for name, card in cards.items()
            for window in (card, *_telling_windows(card))
        ]

    def findings(self, channels: Mapping[str, str]) -> list[str]:
        """What was found, as "channel: name, encoding", without the value itself."""
        found = {
            f"{channel}: {name}, {encoding}"
            for channel, text in channels.items()
            for text_searched, needles in (
                (text, self._needles),
                (joined_digits(text), self._digits),
            )
            for name, encoding, needle in needles
            if needle in text_searched
        }
        return sorted(found)


def joined_digits(text: str) -> str:
    """A text with digits of all scripts as ASCII, and no separators between them."""
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    return _BETWEEN_DIGITS.sub("", text)


def _text_needles(value: str) -> Iterator[tuple[str, str]]:
    for window in _windows(value, TEXT_WINDOW):
        if not _TIME_OF_DAY.fullmatch(window):
            yield "in part", window
    yield from encodings(value)


def _telling_windows(card: str) -> Iterator[str]:
    """Parts of a number that occur nowhere by chance, as `0000000000` does."""
    return (
        window for window in _windows(card, DIGIT_WINDOW) if len(set(window)) >= DISTINCT_DIGITS_MIN
    )


def _windows(value: str, size: int) -> Iterator[str]:
    return (value[start : start + size] for start in range(max(1, len(value) - size + 1)))


def encodings(value: str) -> Iterator[tuple[str, str]]:
    """The forms that a value takes on its way into a log, an address or a fingerprint."""
    data = value.encode()
    yield "as it is", value
    yield "backwards", value[::-1]
    yield "repr", repr(value)[1:-1]
    yield "repr of bytes", repr(data)[2:-1]
    yield "JSON", json.dumps(value)[1:-1]
    yield "JSON in JSON", json.dumps(json.dumps(value))[3:-3]
    yield "JSON escapes", "".join(f"\\u{ord(sign):04x}" for sign in value)
    yield "XML", html.escape(value)
    yield "URL", quote(value, safe="")
    yield "URL path", quote(value)
    yield "URL form", quote_plus(value)
    yield "hexadecimal", data.hex()
    yield "hexadecimal", data.hex().upper()
    yield from (("Base64", text) for text in _base64(data))
    for algorithm in ("sha256", "sha1", "md5", "sha512"):
        digest = hashlib.new(algorithm, data).digest()
        yield algorithm, digest.hex()
        yield algorithm, digest.hex().upper()
        yield from ((f"{algorithm} in Base64", text) for text in _base64(digest))


def _base64(data: bytes) -> Iterator[str]:
    """Base64 of data wherever it stands in what was encoded: it begins at one of three places."""
    for before, signs_before in ((0, 0), (1, 2), (2, 3)):
        whole = bytes(before) + data
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # The last sign also holds bits of what follows, unless it ends with the data.
            text = encode(whole).decode().rstrip("=")
            yield text[signs_before : None if len(whole) % 3 == 0 else -1]


def luhn_is_valid(digits: str) -> bool:
    """Whether a number's check digit is right; computed apart from the processor's own way.

    Source: ISO/IEC 7812-1, annex B.
    """
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def texts_of(document: object, skipped: Iterable[str] = ()) -> str:
    """All of a document's names and texts, without the members of these names."""
    if isinstance(document, Mapping):
        return "\n".join(
            f"{name}\n{texts_of(member, skipped)}"
            for name, member in document.items()
            if name not in skipped
        )
    if isinstance(document, list | tuple):
        return "\n".join(texts_of(member, skipped) for member in document)
    return str(document)
