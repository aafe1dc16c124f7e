"""Exact money: amounts as whole minor units of one ISO 4217 currency."""

import re
from types import MappingProxyType
from typing import Final

from processor.domain.reject import Reason

AMOUNT_DIGITS_MAX: Final = 18
"""Most digits of an amount written with all digits of its minor unit, as it is stored.

Source: ISO 20022 ActiveCurrencyAndAmount, totalDigits 18.
"""

_AMOUNT = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)
_TWO_DECIMALS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW "
    "ZWG"
)
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"

MINOR_UNIT_DIGITS: Final = MappingProxyType(
    {
        code: digits
        for digits, codes in (
            (0, _NO_DECIMALS),
            (2, _TWO_DECIMALS),
            (3, _THREE_DECIMALS),
            (4, _FOUR_DECIMALS),
        )
        for code in codes.split()
    }
)
"""Current currency -> digits of its minor unit. Codes without one (gold, test, none) are absent.

Source: ISO 4217 list one, published 2026-01-01, https://www.six-group.com/en/products-services/
financial-information/data-standards.html; a test compares it with another reading of that list.
"""


def parse_amount(text: str, currency: str) -> int | Reason:
    """Reads a decimal amount as minor units: ("10.5", "EUR") is 1050. Nothing is rounded.

    The pattern is checked before any number is made, so that neither `Decimal`'s wide syntax (NaN,
    1_000, other scripts' digits) nor the cost of a giant exponent is ever reached.

    Args:
        text: ASCII digits with an optional leading minus and point. No plus, grouping, exponent,
            leading zeros or white space: what is not declared is not guessed.
        currency: A key of MINOR_UNIT_DIGITS.

    Returns:
        Signed minor units, or the first of AMOUNT_FORMAT, AMOUNT_NEGATIVE_ZERO, AMOUNT_RANGE and
        AMOUNT_SCALE that applies.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return Reason.AMOUNT_FORMAT
    sign, whole, fraction = match.groups("")
    if sign and not (whole + fraction).strip("0"):
        return Reason.AMOUNT_NEGATIVE_ZERO
    scale = MINOR_UNIT_DIGITS[currency]
    if len(whole) + scale > AMOUNT_DIGITS_MAX:
        return Reason.AMOUNT_RANGE
    if len(fraction) > scale:
        return Reason.AMOUNT_SCALE
    return int(sign + whole + fraction.ljust(scale, "0"))


def format_amount(amount_minor: int, currency: str) -> str:
    """Writes minor units as the decimal text with all of the currency's digits: 1050 is "10.50"."""
    scale = MINOR_UNIT_DIGITS[currency]
    if not scale:
        return str(amount_minor)
    digits = str(abs(amount_minor)).rjust(scale + 1, "0")
    return f"{'-' if amount_minor < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"
