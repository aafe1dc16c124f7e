"""A parser of DynamoDB's expressions: conditions, updates, projections; each text parsed once.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/
Expressions.OperatorsAndFunctions.html, Expressions.UpdateExpressions.html
"""

import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from tests.simulation.services.dynamodb_values import invalid

type Node = tuple[Any, ...]
"""A tree: its first member names what it is (see expression_evaluation)."""

_TOKEN: Final = re.compile(r"\s*(<>|<=|>=|[=<>(),.\[\]+-]|[#:]?\w+)")
_COMPARATORS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
_CONDITION_FUNCTIONS: Final = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
}
_SECTIONS: Final = ("SET", "REMOVE", "ADD", "DELETE")


@dataclass(frozen=True)
class Parsed:
    """An expression.

    Args:
        tree: A condition's tree; an update's actions; a projection's paths.
        placeholders: The `#names` and `:values` in it.
    """

    tree: Node
    placeholders: frozenset[str]


@cache
def reserved_words() -> frozenset[str]:
    """Words that are no attribute's name in an expression, but by a placeholder.

    Read from moto's copy of the list, without importing moto.
    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
    """
    spec = importlib.util.find_spec("moto")
    assert spec is not None
    assert spec.origin is not None
    words = Path(spec.origin).parent / "dynamodb" / "parsing" / "reserved_keywords.txt"
    return frozenset(word.strip().upper() for word in words.read_text().splitlines())


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> Parsed:
    """A condition, filter or key condition."""
    return _parse(text, _Parser.condition)


@lru_cache(maxsize=4096)
def parse_update(text: str) -> Parsed:
    """An update: ("update", action, …)."""
    return _parse(text, _Parser.update)


@lru_cache(maxsize=4096)
def parse_projection(text: str) -> Parsed:
    """Paths: ("paths", path, …)."""
    return _parse(text, lambda parser: ("paths", *parser.listed(parser.path)))


def _parse(text: str, rule: "Callable[[_Parser], Node]") -> Parsed:
    tokens = []
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if not match:
            raise _syntax(text, stripped[position:].strip()[:1])
        tokens.append(match.group(1))
        position = match.end()
    if not tokens:
        raise invalid("Invalid expression: The expression can not be empty;")
    parser = _Parser(text, tokens)
    tree = rule(parser)
    if parser.token:
        raise _syntax(text, parser.token)
    return Parsed(tree, frozenset(token for token in tokens if token[0] in "#:"))


def _syntax(text: str, token: str) -> Exception:
    return invalid(f'Invalid expression: Syntax error; token: "{token}", near: "{text}"')


class _Parser:
    """Recursive descent; a rule takes its tokens and returns its tree."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self._text = text
        self._tokens = tokens
        self._position = 0

    @property
    def token(self) -> str:
        """The next one; "" at the end."""
        at_end = self._position >= len(self._tokens)
        return "" if at_end else self._tokens[self._position]

    def _take(self, expected: str | None = None) -> str:
        token = self.token
        if not token or (expected is not None and token.upper() != expected):
            raise _syntax(self._text, token or "<EOF>")
        self._position += 1
        return token

    def _took(self, expected: str) -> bool:
        if self.token.upper() != expected:
            return False
        self._position += 1
        return True

    def listed(self, rule: Callable[[], Node]) -> list[Node]:
        """One or more, with commas between."""
        found = [rule()]
        while self._took(","):
            found.append(rule())
        return found

    def condition(self) -> Node:
        """OR binds least, then AND, then NOT."""
        tree = self._conjunction()
        while self._took("OR"):
            tree = ("or", tree, self._conjunction())
        return tree

    def _conjunction(self) -> Node:
        tree = self._negation()
        while self._took("AND"):
            tree = ("and", tree, self._negation())
        return tree

    def _negation(self) -> Node:
        if self._took("NOT"):
            return ("not", self._negation())
        if self._took("("):
            tree = self.condition()
            self._take(")")
            return tree
        if self.token in _CONDITION_FUNCTIONS:
            return self._function()
        return self._comparison()

    def _function(self) -> Node:
        name = self._take()
        self._take("(")
        arguments = self.listed(self.operand)
        self._take(")")
        if len(arguments) != _CONDITION_FUNCTIONS[name]:
            raise invalid(f"Incorrect number of operands for operator or function: {name}")
        if arguments[0][0] != "path":
            raise invalid(f"Operator or function requires a document path; operator: {name}")
        return (name, *arguments)

    def _comparison(self) -> Node:
        left = self.operand()
        if self._took("BETWEEN"):
            low = self.operand()
            self._take("AND")
            return ("between", left, low, self.operand())
        if self._took("IN"):
            self._take("(")
            members = self.listed(self.operand)
            self._take(")")
            return ("in", left, *members)
        comparator = self._take()
        if comparator not in _COMPARATORS:
            raise _syntax(self._text, comparator)
        return ("compare", comparator, left, self.operand())

    def operand(self) -> Node:
        """A path, a value, or the size of what is at a path."""
        if self.token.startswith(":"):
            return ("value", self._take())
        if self.token == "size":
            self._take()
            self._take("(")
            path = self.path()
            self._take(")")
            return ("size", path)
        return self.path()

    def path(self) -> Node:
        """("path", element, …): names, placeholders of names, and indices of lists."""
        elements: list[str | int] = [self._name()]
        while self.token in (".", "["):
            if self._take() == ".":
                elements.append(self._name())
                continue
            elements.append(int(self._take()))
            self._take("]")
        return ("path", *elements)

    def _name(self) -> str:
        token = self._take()
        if token[0] == ":" or not re.fullmatch(r"#\w+|[A-Za-z_]\w*", token):
            raise _syntax(self._text, token)
        if token.upper() in reserved_words():
            raise invalid(f"Attribute name is a reserved keyword; reserved keyword: {token}")
        return token

    def update(self) -> Node:
        """Each section once, in any order."""
        rules = {
            "SET": self._assignment,
            "REMOVE": lambda: ("remove", self.path()),
            "ADD": lambda: ("add", self.path(), self._value()),
            "DELETE": lambda: ("delete", self.path(), self._value()),
        }
        actions: list[Node] = []
        seen: set[str] = set()
        while self.token.upper() in _SECTIONS:
            section = self._take().upper()
            if section in seen:
                raise invalid(f'The "{section}" section can only be used once in an update')
            seen.add(section)
            actions += self.listed(rules[section])
        if not actions:
            raise _syntax(self._text, self.token)
        return ("update", *actions)

    def _value(self) -> Node:
        if not self.token.startswith(":"):
            raise _syntax(self._text, self.token)
        return ("value", self._take())

    def _assignment(self) -> Node:
        path = self.path()
        self._take("=")
        value = self._term()
        if self.token in ("+", "-"):
            value = (self._take(), value, self._term())
        return ("set", path, value)

    def _term(self) -> Node:
        if self.token not in ("if_not_exists", "list_append"):
            return self.operand()
        name = self._take()
        self._take("(")
        left = self.path() if name == "if_not_exists" else self._term()
        self._take(",")
        right = self._term()
        self._take(")")
        return (name, left, right)
