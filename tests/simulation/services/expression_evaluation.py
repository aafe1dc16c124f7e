"""What a parsed expression says of an item, and does to it."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, Final

from tests.simulation.services.dynamodb_store import Item, Value
from tests.simulation.services.dynamodb_values import (
    comparable,
    invalid,
    normalized_number,
    same_scalar_type,
)
from tests.simulation.services.expressions import Node

_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WIDE: Final = Context(prec=300)
"""Sums are exact before they are judged: 38 digits, at exponents that differ by 255 at most."""

_PLAIN_PATH: Final = 2
"""Members of the path to an attribute: the word "path", and its name."""

_ABSENT: Final = "The provided expression refers to an attribute that does not exist in the item"
_OPERAND: Final = "An operand in the update expression has an incorrect data type"


@dataclass(frozen=True)
class Scope:
    """What placeholders stand for."""

    names: Mapping[str, str]
    values: Mapping[str, Value]

    def elements(self, path: Node) -> list[str | int]:
        """A path's members, names resolved."""
        return [
            self.names[member] if isinstance(member, str) and member[0] == "#" else member
            for member in path[1:]
        ]

    def find(self, path: Node, item: Item) -> Value | None:
        """What is at a path; None if nothing is."""
        if len(path) == _PLAIN_PATH:
            name = path[1]
            return item.get(self.names[name] if name[0] == "#" else name)
        found: Value | None = {"M": item}
        for member in self.elements(path):
            found = _member(found, member)
            if found is None:
                return None
        return found

    def operand(self, node: Node, item: Item) -> Value | None:
        """An operand's value; None if it is a path at which nothing is."""
        match node:
            case ("value", name):
                return self.values[name]
            case ("size", path):
                return _size(self.find(path, item))
        return self.find(node, item)


def _member(value: Value | None, member: str | int) -> Value | None:
    if value is None:
        return None
    if isinstance(member, str):
        found: Value | None = value.get("M", {}).get(member)
        return found
    members: list[Value] = value.get("L", [])
    return members[member] if member < len(members) else None


def _size(value: Value | None) -> Value | None:
    if value is None:
        return None
    ((kind, content),) = value.items()
    if kind in ("N", "BOOL", "NULL"):
        return None
    return {"N": str(len(content.encode() if kind == "S" else content))}


def holds(tree: Node, item: Item, scope: Scope) -> bool:
    """Whether an item meets a condition."""
    match tree:
        case ("and", left, right):
            return holds(left, item, scope) and holds(right, item, scope)
        case ("or", left, right):
            return holds(left, item, scope) or holds(right, item, scope)
        case ("not", inner):
            return not holds(inner, item, scope)
        case ("attribute_exists", path):
            return scope.find(path, item) is not None
        case ("attribute_not_exists", path):
            return scope.find(path, item) is None
        case ("compare", sign, left, right):
            return _compare(sign, scope.operand(left, item), scope.operand(right, item))
        case ("between", value, low, high):
            found = scope.operand(value, item)
            return _compare(">=", found, scope.operand(low, item)) and _compare(
                "<=", found, scope.operand(high, item)
            )
        case ("in", value, *members):
            found = scope.operand(value, item)
            return any(_compare("=", found, scope.operand(one, item)) for one in members)
    return _function(tree, item, scope)


def _function(tree: Node, item: Item, scope: Scope) -> bool:
    name, path, argument = tree
    found, wanted = scope.find(path, item), scope.operand(argument, item)
    if found is None or wanted is None:
        return False
    ((kind, content),) = found.items()
    ((wanted_kind, wanted_content),) = wanted.items()
    if name == "attribute_type":
        return bool(kind == wanted_content)
    if name == "begins_with":
        same = kind == wanted_kind and kind in ("S", "B")
        return same and bool(content.startswith(wanted_content))
    if kind == "L":
        return wanted in content
    return wanted_kind in (kind, kind.removesuffix("S") or "S") and wanted_content in content


def _compare(sign: str, left: Value | None, right: Value | None) -> bool:
    """Nothing equals, or comes before or behind, what is absent or of another type."""
    if sign == "<>":
        return left != right
    if left is None or right is None:
        return False
    if sign == "=":
        return left == right
    return same_scalar_type(left, right) and _ORDERS[sign](comparable(left), comparable(right))


def updated(tree: Node, item: Item, scope: Scope) -> Item:
    """The item that an update makes; every action sees the item as it was before.

    Raises:
        Refused: ValidationException.
    """
    after = _copied(item)
    paths = [tuple(scope.elements(action[1])) for action in tree[1:]]
    for index, path in enumerate(paths):
        for other in paths[index + 1 :]:
            shorter = min(len(path), len(other))
            if path[:shorter] == other[:shorter]:
                raise invalid("Invalid UpdateExpression: Two document paths overlap")
    for action, path in zip(tree[1:], paths, strict=True):
        match action:
            case ("set", _, value):
                _place(after, path, _value(value, item, scope))
            case ("remove", _):
                _place(after, path, None)
            case ("add", found_at, value):
                _place(after, path, _added(scope.find(found_at, item), scope.values[value[1]]))
            case ("delete", found_at, value):
                _place(after, path, _without(scope.find(found_at, item), scope.values[value[1]]))
    return after


def _copied(item: Item) -> Item:
    return {name: _copied_value(value) for name, value in item.items()}


def _copied_value(value: Value) -> Value:
    ((kind, content),) = value.items()
    if kind == "M":
        return {"M": _copied(content)}
    if kind == "L":
        return {"L": [_copied_value(member) for member in content]}
    return value


def _place(item: Item, path: tuple[str | int, ...], value: Value | None) -> None:
    """Sets what is at a path; None removes it."""
    parent: Any = {"M": item}
    for member in path[:-1]:
        parent = _member(parent, member)
    last = path[-1]
    if parent is None or ("M" if isinstance(last, str) else "L") not in parent:
        raise invalid("The document path provided in the update expression is invalid for update")
    if isinstance(last, str):
        if value is None:
            parent["M"].pop(last, None)
        else:
            parent["M"][last] = value
    elif value is None:
        del parent["L"][last : last + 1]
    else:
        parent["L"][last : last + 1] = [value]


def _value(node: Node, item: Item, scope: Scope) -> Value:
    match node:
        case ("if_not_exists", path, otherwise):
            found = scope.find(path, item)
            return _value(otherwise, item, scope) if found is None else found
        case ("list_append", left, right):
            lists = [_value(left, item, scope), _value(right, item, scope)]
            if any("L" not in one for one in lists):
                raise invalid(_OPERAND)
            return {"L": lists[0]["L"] + lists[1]["L"]}
        case ("+" | "-" as sign, left, right):
            return _sum(_value(left, item, scope), _value(right, item, scope), sign)
    operand = scope.operand(node, item)
    if operand is None:
        raise invalid(_ABSENT)
    return operand


def _sum(left: Value, right: Value, sign: str = "+") -> Value:
    if "N" not in left or "N" not in right:
        raise invalid(_OPERAND)
    a, b = Decimal(left["N"]), Decimal(right["N"])
    total = _WIDE.add(a, b) if sign == "+" else _WIDE.subtract(a, b)
    return {"N": normalized_number(str(total))}


def _added(before: Value | None, value: Value) -> Value:
    """ADD: a number to a number (0 if there is none), or members to a set."""
    ((kind, content),) = value.items()
    if kind == "N":
        return _sum(before or {"N": "0"}, value)
    if kind not in ("SS", "NS", "BS") or (before is not None and kind not in before):
        raise invalid(_OPERAND)
    members = set(content) | set(before[kind] if before else ())
    return {kind: sorted(members, key=Decimal if kind == "NS" else None)}


def _without(before: Value | None, value: Value) -> Value | None:
    """DELETE: members from a set, which is gone with its last one."""
    ((kind, content),) = value.items()
    if kind not in ("SS", "NS", "BS") or (before is not None and kind not in before):
        raise invalid(_OPERAND)
    left = [member for member in (before or {kind: []})[kind] if member not in content]
    return {kind: left} if left else None
