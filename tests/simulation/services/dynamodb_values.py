"""Typed values of DynamoDB: what is allowed, how large it is, and how two compare."""

import base64
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

ITEM_BYTES_MAX: Final = 400 * 1024
_DIGITS_MAX: Final = 38
_EXPONENT_MAX: Final = 125
_EXPONENT_MIN: Final = -130
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,9})?")
_SHORT_WHOLE: Final = re.compile(r"-?[1-9]\d{0,37}|0")
_SCALARS: Final = frozenset({"S", "N", "B"})


class Refused(Exception):
    """What the service answers instead of doing it.

    Args:
        code: Of the error of a single operation, as "ValidationException".
        message: The service's own words.
        item: The item that the condition found, where it is asked for.
    """

    def __init__(self, code: str, message: str, item: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.item = item


def invalid(message: str) -> Refused:
    """A request against the rules."""
    return Refused("ValidationException", message)


def normalized(value: dict[str, Any]) -> dict[str, Any]:
    """A copy of a value as the service keeps it: numbers in their shortest form, sets in order.

    Raises:
        Refused: ValidationException.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    """
    if len(value) != 1:
        raise invalid("Supplied AttributeValue must contain exactly one of the supported datatypes")
    if "S" in value or "BOOL" in value:
        return value.copy()
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return {"N": normalized_number(content)}
        case "B":
            return {"B": bytes(content)}
        case "NULL":
            return {"NULL": True}
        case "L":
            return {"L": [normalized(member) for member in content]}
        case "M":
            return {"M": {name: normalized(member) for name, member in content.items()}}
        case "SS" | "NS" | "BS":
            members = [normalized_number(text) if kind == "NS" else text for text in content]
            if not members or len(set(members)) != len(members):
                raise invalid("One or more parameter values were invalid: an empty or doubled set")
            return {kind: sorted(members, key=Decimal) if kind == "NS" else sorted(members)}
    raise invalid("Supplied AttributeValue is empty, must contain exactly one of the datatypes")


@lru_cache(maxsize=4096)
def normalized_number(text: str) -> str:
    """Up to 38 digits, from 1E-130 to 9.9…E+125."""
    if _SHORT_WHOLE.fullmatch(text):
        return text
    if not _NUMBER.fullmatch(text):
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}")
    number = Decimal(text)
    if not number:
        return "0"
    sign, digits, exponent = number.as_tuple()
    shortest = "".join(map(str, digits)).strip("0")
    trailing = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    if len(shortest) > _DIGITS_MAX:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    if number.adjusted() > _EXPONENT_MAX:
        raise invalid("Number overflow. Attempting to store a number with magnitude larger than")
    if number.adjusted() < _EXPONENT_MIN:
        raise invalid("Number underflow. Attempting to store a number with magnitude smaller than")
    whole = Decimal((sign, tuple(map(int, shortest)), int(exponent) + trailing))
    return format(whole, "f")


def size_of(item: dict[str, Any]) -> int:
    """Bytes of an item: its attributes' names and values.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    size = 0
    for name, value in item.items():
        size += _text_size(name) + _value_size(value)
    return size


def is_small(item: dict[str, Any]) -> bool:
    """Whether an item is no larger than allowed for certain, seen from how long it is in Python:
    no character is shorter there, and none has more than four bytes."""
    return 4 * len(repr(item)) <= ITEM_BYTES_MAX


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _value_size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return _text_size(content)
        case "N":
            return _number_size(content)
        case "B":
            return len(content)
        case "L":
            return 3 + sum(1 + _value_size(member) for member in content)
        case "M":
            return 3 + len(content) + size_of(content)
        case "SS":
            return sum(map(_text_size, content))
        case "NS":
            return sum(map(_number_size, content))
        case "BS":
            return sum(map(len, content))
        case _:
            return 1


@lru_cache(maxsize=4096)
def _number_size(text: str) -> int:
    """About a byte for two digits, and one; one more for a sign."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


def comparable(value: dict[str, Any]) -> Any:
    """What a key, or an operand of `<`, is ordered by: text, number or bytes.

    The order of text by code points is that of its UTF-8 bytes.
    """
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content


def same_scalar_type(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether two values have an order."""
    (kind,) = left
    return kind in _SCALARS and kind in right


def text_of(value: dict[str, Any]) -> str:
    """A key's value for an error's message."""
    ((_, content),) = value.items()
    return base64.b64encode(content).decode() if isinstance(content, bytes) else str(content)
