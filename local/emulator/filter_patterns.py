"""Filter patterns for JSON log events, as far as the metric filters of a trail use them.

    { ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ...) }

Known are `=` and `!=` with a quoted or bare text, which may begin or end with `*`; `EXISTS` and
`NOT EXISTS`; `&&`, which binds stronger than `||`; parentheses; selectors of members by name. A
comparison with a member that is not there is false, whatever the operator. Anything else, numeric
comparisons, regular expressions, array elements, terms of unstructured text, is refused: a filter
that is not understood must not look like one that finds nothing.

Source: CloudWatch Logs User Guide, "Filter pattern syntax", "Using filter patterns to match terms
in JSON log events".
"""

import functools
import json
import re
from collections.abc import Callable
from typing import Any

#: Whether a JSON event, parsed, passes.
Condition = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<sign> && | \|\| | != | [(){}=] )
      | (?P<selector> \$ (?: \. [A-Za-z_] [\w-]* )+ (?! [\w.\[*-] ) )
      | "(?P<quoted> [^"\\]* )"
      | (?P<bare> [\w.:/*@-]+ )
    )""",
    re.VERBOSE,
)
_PATTERNS_MAX = 256


class UnknownPattern(ValueError):
    """Raised for a pattern that uses what is not known here; whoever set the filter is told."""


@functools.lru_cache(_PATTERNS_MAX)
def compiled(pattern: str) -> Callable[[str], bool]:
    """A test of log messages. An event that is no JSON object passes no JSON pattern.

    Args:
        pattern: As a metric filter has it; an empty one passes everything.

    Raises:
        UnknownPattern: See the module.
    """
    if not pattern.strip():
        return lambda _message: True
    condition = _Reader(pattern).read()

    def passes(message: str) -> bool:
        if not message.lstrip().startswith("{"):
            return False
        try:
            event = json.loads(message)
        except ValueError:
            return False
        return condition(event)

    return passes


class _Reader:
    """Recursive descent over a pattern's tokens; each method reads one rule of the grammar."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._tokens = _tokens(pattern)
        self._place = 0

    def read(self) -> Condition:
        """The whole pattern."""
        self._expect("{")
        condition = self._any()
        self._expect("}")
        if self._place != len(self._tokens):
            raise UnknownPattern(f"something follows the pattern: {self._pattern}")
        return condition

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._takes("||"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda event: any(part(event) for part in parts)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._takes("&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda event: all(part(event) for part in parts)

    def _one(self) -> Condition:
        if self._takes("("):
            condition = self._any()
            self._expect(")")
            return condition
        path = self._next("selector").split(".")[1:]
        kind, text = self._peek()
        self._place += 1
        if (kind, text) == ("bare", "EXISTS"):
            return lambda event: bool(_found(event, path))
        if (kind, text) == ("bare", "NOT") and self._next("bare") == "EXISTS":
            return lambda event: not _found(event, path)
        if (kind, text) not in {("sign", "="), ("sign", "!=")}:
            raise UnknownPattern(f"{text!r} is no operator known here: {self._pattern}")
        kind, value = self._peek()
        if kind not in {"quoted", "bare"}:
            raise UnknownPattern(f"{value!r} is no value: {self._pattern}")
        self._place += 1
        equals, wanted = _comparison(value), text == "="
        return lambda event: any(equals(_text(one)) is wanted for one in _found(event, path))

    def _peek(self) -> tuple[str, str]:
        if self._place == len(self._tokens):
            raise UnknownPattern(f"the pattern ends too early: {self._pattern}")
        return self._tokens[self._place]

    def _next(self, wanted: str) -> str:
        kind, text = self._peek()
        if kind != wanted:
            raise UnknownPattern(f"{text!r} is no {wanted}: {self._pattern}")
        self._place += 1
        return text

    def _takes(self, sign: str) -> bool:
        if self._peek() != ("sign", sign):
            return False
        self._place += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise UnknownPattern(f"{sign!r} is missing: {self._pattern}")


def _tokens(pattern: str) -> list[tuple[str, str]]:
    found = []
    place, end = 0, len(pattern.rstrip())
    while place < end:
        match = _TOKEN.match(pattern, place)
        if match is None or match.lastgroup is None:
            raise UnknownPattern(f"not known here: {pattern[place:]!r} of {pattern}")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


def _comparison(value: str) -> Callable[[str], bool]:
    """Whether a text is the value, which may stand open at either end."""
    begins, ends = value.startswith("*"), value.endswith("*")
    inner = value.strip("*")
    if "*" in inner:
        raise UnknownPattern(f"an asterisk stands at the ends of a value only: {value!r}")
    if begins and ends:
        return lambda text: inner in text
    if begins:
        return lambda text: text.endswith(inner)
    if ends:
        return lambda text: text.startswith(inner)
    return lambda text: text == inner


def _found(event: Any, path: list[str]) -> list[Any]:
    """What a selector finds: one value, or none."""
    for name in path:
        if not isinstance(event, dict) or name not in event:
            return []
        event = event[name]
    return [event]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
