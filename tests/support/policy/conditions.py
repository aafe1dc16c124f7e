"""The `Condition` of a statement, judged against the condition keys of one request.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators":

- Every operator and every key must hold; of several values one is enough. A negated operator holds
  when none of its values matches.
- A key that the request does not carry makes an operator false, a negated one true, and one that
  ends in `IfExists` true. `Null` asks for just that: "true" is absent, "false" present. What a
  request may lack is listed in known.py.
- Names of keys are matched without regard to case; values with it, unless the operator says so.
- In a `...Like` value `*` is any text and `?` any one character. The six parts of an ARN are
  compared one by one, so that no wildcard reaches beyond a colon; `ArnEquals` is `ArnLike`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.support.policy.known import UnknownPolicyElementError, require_known_key
from tests.support.policy.patterns import is_arn_like, is_like
from tests.support.template import as_list

type _Comparison = Callable[[str, str], bool]


def _is_equal(value: str, wanted: str) -> bool:
    return value == wanted


def _is_equal_ignoring_case(value: str, wanted: str) -> bool:
    return value.casefold() == wanted.casefold()


_AFFIRMATIVE: Final[dict[str, _Comparison]] = {
    "ArnEquals": is_arn_like,
    "ArnLike": is_arn_like,
    "Bool": _is_equal_ignoring_case,
    "NumericGreaterThanEquals": lambda value, wanted: float(value) >= float(wanted),
    "NumericLessThan": lambda value, wanted: float(value) < float(wanted),
    "StringEquals": _is_equal,
    "StringEqualsIgnoreCase": _is_equal_ignoring_case,
    "StringLike": is_like,
}
_NEGATED: Final[dict[str, _Comparison]] = {
    "ArnNotEquals": is_arn_like,
    "ArnNotLike": is_arn_like,
    "StringNotEquals": _is_equal,
    "StringNotEqualsIgnoreCase": _is_equal_ignoring_case,
    "StringNotLike": is_like,
}


def require_known_conditions(conditions: Mapping[str, Any]) -> None:
    """Lets a condition pass that can be judged, whatever the request.

    Raises:
        UnknownPolicyElementError: When an operator or a key is unknown, or a value holds a policy
            variable.
    """
    for operator, wanted in conditions.items():
        name = operator.removesuffix("IfExists")
        if operator != "Null" and name not in _AFFIRMATIVE.keys() | _NEGATED.keys():
            raise UnknownPolicyElementError(f"operator {operator}")
        for key, values in wanted.items():
            require_known_key(key)
            for value in as_list(values):
                text_of(value)


def conditions_hold(conditions: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    """Whether a statement's condition lets it apply to a request.

    Args:
        conditions: The `Condition` element: operator, then key, then one value or several.
        keys: Condition keys that the request carries.

    Raises:
        UnknownPolicyElementError: When any of its elements is unknown, also one that would not
            matter to this request.
    """
    require_known_conditions(conditions)
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
    if value is None:
        return operator != name
    return any(_AFFIRMATIVE[name](value, one) for one in wanted)
