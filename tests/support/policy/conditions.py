"""The `Condition` of a statement, judged against the condition keys of one request.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators":

- Every operator and every key must hold; of several values one is enough. A negated operator holds
  when none of its values matches.
- A key that the request does not carry makes an operator false, a negated one true, and one that
  ends in `IfExists` true. `Null` asks for just that: "true" is absent, "false" present.
- Names of keys are matched without regard to case; values with it, unless the operator says so.
- In a `...Like` value `*` is any text and `?` any one character. The six parts of an ARN are
  compared one by one, so that no wildcard reaches beyond a colon; `ArnEquals` is `ArnLike`.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from tests.support.template import as_list

type _Comparison = Callable[[str, str], bool]

_ARN_PARTS: Final = 6


class UnknownPolicyElementError(Exception):
    """Raised when a policy says what this evaluator has no rule for: no guess is made."""


@cache
def _pattern(text: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(one, re.escape(one)) for one in text), re.DOTALL)


def is_like(value: str, pattern: str) -> bool:
    """Whether a text matches a pattern in which `*` is any text and `?` any one character.

    Nothing else is special. In particular `[` is not, which the standard library's `fnmatch` takes
    for a set of characters.
    """
    return _pattern(pattern).fullmatch(value) is not None


def _is_arn_like(value: str, pattern: str) -> bool:
    wanted = pattern.split(":", _ARN_PARTS - 1)
    if len(wanted) != _ARN_PARTS:
        raise UnknownPolicyElementError(f"no ARN: {pattern}")
    parts = value.split(":", _ARN_PARTS - 1)
    return len(parts) == _ARN_PARTS and all(map(is_like, parts, wanted))


def _is_equal(value: str, wanted: str) -> bool:
    return value == wanted


def _is_equal_ignoring_case(value: str, wanted: str) -> bool:
    return value.casefold() == wanted.casefold()


_AFFIRMATIVE: Final[dict[str, _Comparison]] = {
    "ArnEquals": _is_arn_like,
    "ArnLike": _is_arn_like,
    "Bool": _is_equal_ignoring_case,
    "NumericGreaterThanEquals": lambda value, wanted: float(value) >= float(wanted),
    "NumericLessThan": lambda value, wanted: float(value) < float(wanted),
    "StringEquals": _is_equal,
    "StringEqualsIgnoreCase": _is_equal_ignoring_case,
    "StringLike": is_like,
}
_NEGATED: Final[dict[str, _Comparison]] = {
    "ArnNotEquals": _is_arn_like,
    "ArnNotLike": _is_arn_like,
    "StringNotEquals": _is_equal,
    "StringNotEqualsIgnoreCase": _is_equal_ignoring_case,
    "StringNotLike": is_like,
}


def conditions_hold(conditions: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    """Whether a statement's condition lets it apply to a request.

    Args:
        conditions: The `Condition` element: operator, then key, then one value or several.
        keys: Condition keys that the request carries.

    Raises:
        UnknownPolicyElementError: When an operator is unknown, or a value holds a policy variable.
    """
    carried = {name.casefold(): value for name, value in keys.items()}
    return all(
        _operator_holds(
            operator, carried.get(key.casefold()), [text_of(one) for one in as_list(of)]
        )
        for operator, wanted in conditions.items()
        for key, of in wanted.items()
    )


def text_of(value: Any) -> str:
    """A value of a policy as AWS compares it: YAML's true and 1.2 are texts there.

    Raises:
        UnknownPolicyElementError: When it holds a policy variable, such as `${aws:username}`.
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "${" in text:
        raise UnknownPolicyElementError(f"policy variable: {text}")
    return text


def _operator_holds(operator: str, value: str | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return str(value is None).lower() in wanted
    name = operator.removesuffix("IfExists")
    if name in _NEGATED:
        return value is None or not any(_NEGATED[name](value, one) for one in wanted)
    if name not in _AFFIRMATIVE:
        raise UnknownPolicyElementError(f"operator {operator}")
    if value is None:
        return operator != name
    return any(_AFFIRMATIVE[name](value, one) for one in wanted)
