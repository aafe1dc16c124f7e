"""Texts and ARNs compared with patterns, in which `*` is any text and `?` any one character."""

import re
from functools import cache
from typing import Final

from tests.support.policy.known import UnknownPolicyElementError

_ARN_PARTS: Final = 6
_SERVICE: Final = 2
_ANY: Final = "."
_ANY_BUT_COLON: Final = "[^:]"


def is_like(value: str, pattern: str) -> bool:
    """Whether a text matches a pattern.

    Nothing else is special. In particular `[` is not, which the standard library's `fnmatch` takes
    for a set of characters.
    """
    return _compiled(pattern, _ANY).fullmatch(value) is not None


def is_arn_like(value: str, pattern: str) -> bool:
    """Whether an ARN matches a pattern in a condition: each of its six parts by itself.

    Source: IAM User Guide, "Amazon Resource Name (ARN) condition operators".

    Raises:
        UnknownPolicyElementError: When the pattern is no ARN.
    """
    wanted = _parts(pattern)
    parts = value.split(":", _ARN_PARTS - 1)
    return len(parts) == _ARN_PARTS and all(map(is_like, parts, wanted))


def is_resource_like(value: str, pattern: str) -> bool:
    """Whether an ARN matches one of a statement's resources.

    A wildcard stands within one segment, from colon to colon. One `*` goes further: "If the `*`
    wildcard is the last character of a resource ARN segment, it can expand to match beyond the
    colon boundaries". That is sure of a `*` at the end of the pattern. How far any other reaches is
    not said, so a resource that only such a reach would match is not guessed at.
    Source: IAM User Guide, "IAM JSON policy elements: Resource", which also says that the service
    cannot be a wildcard.

    Raises:
        UnknownPolicyElementError: When the pattern is neither `*` nor an ARN, has a wildcard for
            the service, or would have to reach over a colon.
    """
    if pattern == "*":
        return True
    service = _parts(pattern)[_SERVICE]
    if "*" in service or "?" in service:
        raise UnknownPolicyElementError(f"wildcard for a service: {pattern}")
    within = _compiled(pattern.removesuffix("*"), _ANY_BUT_COLON).pattern
    reach = ".*" if pattern.endswith("*") else ""
    if re.fullmatch(within + reach, value, re.DOTALL):
        return True
    if is_like(value, pattern):
        raise UnknownPolicyElementError(f"{pattern} matches {value} only across a colon")
    return False


def _parts(pattern: str) -> list[str]:
    parts = pattern.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS:
        raise UnknownPolicyElementError(f"no ARN: {pattern}")
    return parts


@cache
def _compiled(text: str, one: str) -> re.Pattern[str]:
    wild = {"*": f"{one}*", "?": one}
    return re.compile("".join(wild.get(each, re.escape(each)) for each in text), re.DOTALL)
