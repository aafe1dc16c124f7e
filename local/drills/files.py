"""Files that drills send: made up, small, and alike at each run."""

from collections.abc import Iterable
from typing import Final

#: Published for tests: https://docs.stripe.com/testing
_TEST_CARD: Final = "4111111111111111"

_FIELDS: Final = ("transactionId", "timestamp", "amount", "currency", "accountId", "description")


def transactions(name: str, count: int, *, description: str = "Drill") -> str:
    """A file without a fault.

    Args:
        name: Begins the ids: no two files may have the same, or theirs are duplicates.
        count: How many.
        description: Of each, to make a file large.
    """
    rows = (
        (f"{name}-{number:05}", _time(number), f"{number % 500 + 1}.25", "EUR", "", description)
        for number in range(count)
    )
    return _csv(_FIELDS, rows)


def card_payments(name: str, count: int) -> str:
    """A file of payments by card, for which the processor needs its tokenisation key."""
    rows = (
        (f"{name}-{number:05}", _time(number), "12.50", "EUR", _TEST_CARD)
        for number in range(count)
    )
    return _csv(("transactionId", "timestamp", "amount", "currency", "cardNumber"), rows)


def yen_with_decimals(name: str, count: int) -> str:
    """A file whose sender writes every amount with two decimals, also of a currency without any."""
    rows = (
        (
            f"{name}-{number:05}",
            _time(number),
            f"{1000 + number}.00",
            ("EUR", "JPY", "USD")[number % 3],
            "",
            "",
        )
        for number in range(count)
    )
    return _csv(_FIELDS, rows)


def _time(number: int) -> str:
    return f"2026-03-02T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"


def _csv(fields: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in (fields, *rows))
