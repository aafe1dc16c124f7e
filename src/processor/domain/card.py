"""Card numbers, and what is kept instead of them: a keyed token and the last four digits."""

import base64
import hmac
import re
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, NamedTuple

from processor.domain.reject import Reason

CARD_NUMBER_DIGITS_MIN: Final = 12
"""Shortest number that a network issues (Maestro)."""

CARD_NUMBER_DIGITS_MAX: Final = 19
"""Source: ISO/IEC 7812-1, clause 4: a primary account number has at most 19 digits."""

LAST_DIGITS_SHOWN: Final = 4
"""Source: PCI DSS 4.0.1, 3.4.1: at most the BIN and the last four digits may be displayed."""

_FORM = re.compile(r"[0-9]+(?:[ -][0-9]+)*+", re.ASCII)
_TOKEN_MESSAGE: Final = b"card-number:"
"""Before the digits, so that no other use of the key can ever give a card number's token."""

_CHECK_MESSAGE: Final = b"key-check-value"

_DOUBLED = str.maketrans("0123456789", "0246813579")
"""Each digit doubled, the two digits of the result added up."""


def has_check_digit(digits: str) -> bool:
    """Whether the last of these ASCII digits is the check digit of those before.

    Source: ISO/IEC 7812-1, Annex B (the Luhn formula).
    """
    doubled = digits[-2::-2].translate(_DOUBLED)
    return (sum(map(int, digits[::-2])) + sum(map(int, doubled))) % 10 == 0


def check_sums(digits: str) -> tuple[list[int], list[int]]:
    """What tells of any part of these ASCII digits whether its last one is its check digit.

    Returns:
        Sums of the digits before each place, once with those at even places doubled, once with
        those at odd ones. `digits[start:stop]` has a check digit if, in the sums of `stop % 2`,
        those of `start` and `stop` differ by a multiple of ten.
    """
    both = zip(map(int, digits), map(int, digits.translate(_DOUBLED)), strict=True)
    pairs = [
        (doubled, plain) if place % 2 == 0 else (plain, doubled)
        for place, (plain, doubled) in enumerate(both)
    ]
    return (
        list(accumulate((even for even, _ in pairs), initial=0)),
        list(accumulate((odd for _, odd in pairs), initial=0)),
    )


@dataclass(frozen=True, slots=True, repr=False)
class CardNumber:
    """A card number in memory, on its way to a token. Printed, it shows its last four digits only.

    Args:
        digits: 12 to 19 ASCII digits with a valid check digit.
    """

    digits: str

    @property
    def last_four(self) -> str:
        """What of it may be kept readable."""
        return self.digits[-LAST_DIGITS_SHOWN:]

    def __repr__(self) -> str:
        return f"CardNumber(…{self.last_four})"


def parse_card_number(text: str) -> CardNumber | Reason:
    """Reads a card number: ASCII digits, a single space or hyphen between groups of them.

    Zeros before it are left out as long as 12 digits remain: where a field has a fixed length,
    numbers are filled up with them, and each number must have one token.

    Returns:
        The number, or the first of CARD_NUMBER_FORMAT and CARD_NUMBER_CHECK_DIGIT that applies. The
        issuer is not judged: the field says that it is a card number.
    """
    if not _FORM.fullmatch(text):
        return Reason.CARD_NUMBER_FORMAT
    digits = text.replace(" ", "").replace("-", "")
    if not CARD_NUMBER_DIGITS_MIN <= len(digits) <= CARD_NUMBER_DIGITS_MAX:
        return Reason.CARD_NUMBER_FORMAT
    if not has_check_digit(digits):
        return Reason.CARD_NUMBER_CHECK_DIGIT
    plain = digits.lstrip("0")
    return CardNumber(plain if len(plain) >= CARD_NUMBER_DIGITS_MIN else digits)


class TokenizedCard(NamedTuple):
    """A card number and its token. Stored are `token` and `last_four`, never the number.

    Args:
        number: The number; needed again if a token under another key must be compared.
        token: `<key id>.<base64url of the HMAC, no padding>`.
    """

    number: CardNumber
    token: str

    @property
    def last_four(self) -> str:
        return self.number.last_four

    @property
    def key_id(self) -> str:
        """Id of the key that the token was made with."""
        return key_id_of(self.token)


@dataclass(frozen=True, slots=True)
class TokenizationKey:
    """A key under which card numbers become tokens.

    The same number gives the same token as long as the key is the same, so that transactions of one
    card are found without anybody knowing the card. A keyed hash, since the few billion numbers of
    an issuer are tried through in minutes. Source: PCI DSS 4.0.1, 3.5.1.1.

    Args:
        id: `[a-z0-9]{1,16}`; the first part of each token.
        secret: The key; never printed.
    """

    id: str
    secret: bytes = field(repr=False)

    @property
    def check_value(self) -> str:
        """16 hexadecimal digits by which a key is recognised, and which do not help to find it."""
        return hmac.digest(self.secret, _CHECK_MESSAGE, "sha256")[:8].hex()

    def tokenize(self, number: CardNumber) -> TokenizedCard:
        """The number with its token: HMAC-SHA-256 over all of its digits."""
        digest = hmac.digest(self.secret, _TOKEN_MESSAGE + number.digits.encode(), "sha256")
        text = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return TokenizedCard(number, f"{self.id}.{text}")


def key_id_of(token: str) -> str:
    """Id of the key that a stored token was made with."""
    return token.partition(".")[0]
