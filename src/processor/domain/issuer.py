"""Issuers: which digits a card number of a payment network begins with, and how long it is.

The check digit alone does not tell a card number: one in ten of all numbers has a valid one, and
0000000000000000 too. With the issuer's range, one in 27 of all numbers of 16 digits still passes,
and one in 40 to 90 of the other lengths; of those that have a check digit of this kind, one in
three with 16 digits, and one in four to ten of the others.
"""

from typing import Final, NamedTuple


class IssuerRange(NamedTuple):
    """Numbers of one network that begin alike.

    Args:
        network: Whose numbers they are.
        first: First prefix of the range.
        last: Last prefix of the range, as long as the first.
        lengths: How many digits such a number may have.
    """

    network: str
    first: str
    last: str
    lengths: frozenset[int]


_ANY_FROM_16: Final = frozenset({16, 17, 18, 19})
_16: Final = frozenset({16})

ISSUER_RANGES: Final = tuple(
    IssuerRange(network, first, last, frozenset(lengths))
    for network, first, last, lengths in (
        # Source: Visa, https://developer.visa.com (first digit 4); 13 digits until about 2000.
        ("Visa", "4", "4", {13, 16, 18, 19}),
        # Source: Mastercard Rules, account ranges 510000-559999 and 222100-272099.
        ("Mastercard", "51", "55", _16),
        ("Mastercard", "2221", "2720", _16),
        # Source: American Express, "34 or 37, 15 digits"; ISO/IEC 7812 register.
        ("American Express", "34", "34", {15}),
        ("American Express", "37", "37", {15}),
        # Source: Discover Global Network, IIN ranges of issuers (Discover, Diners Club).
        ("Discover", "6011", "6011", _ANY_FROM_16),
        ("Discover", "644", "649", _ANY_FROM_16),
        ("Discover", "65", "65", _ANY_FROM_16),
        ("Diners Club", "300", "305", {14, 15, 16, 17, 18, 19}),
        ("Diners Club", "3095", "3095", {14, 15, 16, 17, 18, 19}),
        ("Diners Club", "36", "36", {14, 15, 16, 17, 18, 19}),
        ("Diners Club", "38", "39", {14, 15, 16, 17, 18, 19}),
        # Source: JCB, IIN range 3528-3589 (also in the list of Discover Global Network).
        ("JCB", "3528", "3589", _ANY_FROM_16),
        # Source: UnionPay International, IIN ranges 62 and 81.
        ("UnionPay", "62", "62", _ANY_FROM_16),
        ("UnionPay", "81", "81", _ANY_FROM_16),
        # Source: Mastercard, Maestro account ranges; https://github.com/braintree/credit-card-type.
        ("Maestro", "50", "50", {13, 14, 15, *_ANY_FROM_16}),
        ("Maestro", "56", "59", {13, 14, 15, *_ANY_FROM_16}),
        ("Maestro", "63", "63", {13, 14, 15, *_ANY_FROM_16}),
        ("Maestro", "67", "67", {13, 14, 15, *_ANY_FROM_16}),
        # Source: https://github.com/braintree/credit-card-type (Mir, Hipercard);
        # https://en.wikipedia.org/wiki/Payment_card_number (RuPay, Troy).
        ("Mir", "2200", "2204", _ANY_FROM_16),
        ("RuPay", "60", "60", _16),
        ("RuPay", "82", "82", _16),
        ("Hipercard", "606282", "606282", _16),
        ("Troy", "9792", "9792", _16),
    )
)
"""Source of all that have no other: ISO/IEC 7812-2, and the network's publication as named."""

_BY_FIRST_DIGIT: Final = {
    digit: tuple(one for one in ISSUER_RANGES if one.first[0] <= digit <= one.last[0])
    for digit in "0123456789"
}


def issuer_of(digits: str) -> IssuerRange | None:
    """The range that a number of this beginning and length lies in; None if no network has it."""
    for one in _BY_FIRST_DIGIT[digits[0]]:
        if one.first <= digits[: len(one.first)] <= one.last and len(digits) in one.lengths:
            return one
    return None
