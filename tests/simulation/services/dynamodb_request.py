"""What is common to requests: keys, items, and expressions with their placeholders."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from tests.simulation.services.dynamodb_store import Item, ItemKey, Table, Value
from tests.simulation.services.dynamodb_values import (
    ITEM_BYTES_MAX,
    comparable,
    invalid,
    is_small,
    normalized,
    size_of,
)
from tests.simulation.services.expression_evaluation import Scope
from tests.simulation.services.expressions import (
    Node,
    Parsed,
    parse_condition,
    parse_projection,
    parse_update,
)

_PARTITION_KEY_BYTES_MAX: Final = 2048
_SORT_KEY_BYTES_MAX: Final = 1024
_EXPRESSIONS: Final[dict[str, Callable[[str], Parsed]]] = {
    "ConditionExpression": parse_condition,
    "FilterExpression": parse_condition,
    "KeyConditionExpression": parse_condition,
    "UpdateExpression": parse_update,
    "ProjectionExpression": parse_projection,
}


class Expressions:
    """The expressions of one request; absent ones are None.

    Raises:
        Refused: ValidationException: a placeholder is undefined, or unused.
    """

    def __init__(self, request: Mapping[str, Any]) -> None:
        texts = [(name, request[name]) for name in _EXPRESSIONS if name in request]
        names = request.get("ExpressionAttributeNames", {})
        values = request.get("ExpressionAttributeValues", {})
        if not texts and (names or values):
            raise invalid("ExpressionAttribute… can only be specified when using expressions")
        self._trees, used = _parsed(tuple(texts))
        if used != names.keys() | values.keys():
            undefined = sorted(used - names.keys() - values.keys())
            if undefined:
                raise invalid(f"An expression uses what is not defined: {undefined}")
            unused = sorted((names.keys() | values.keys()) - used)
            raise invalid(f"Value provided is unused in expressions: {unused}")
        self.scope = Scope(names, {name: normalized(value) for name, value in values.items()})

    def tree(self, name: str) -> Node | None:
        """Of the expression of that parameter."""
        return self._trees.get(name)

    def projected(self, item: Item) -> Item:
        """The item's attributes that are asked for."""
        paths = self.tree("ProjectionExpression")
        if paths is None:
            return dict(item)
        found: Item = {}
        for path in paths[1:]:
            elements = self.scope.elements(path)
            if len(elements) > 1:
                raise NotImplementedError("projections of what lies within an attribute")
            value = self.scope.find(path, item)
            if value is not None:
                found[str(elements[0])] = value
        return found


@lru_cache(maxsize=4096)
def _parsed(texts: tuple[tuple[str, str], ...]) -> tuple[Mapping[str, Node], frozenset[str]]:
    """The trees of expressions by parameter, and all placeholders in them."""
    parsed = {name: _EXPRESSIONS[name](text) for name, text in texts}
    used = frozenset[str]().union(*(one.placeholders for one in parsed.values()))
    return {name: one.tree for name, one in parsed.items()}, used


def key_of(table: Table, item: Mapping[str, Value]) -> ItemKey:
    """An item's place in its table.

    Raises:
        Refused: ValidationException: absent, of another type, empty or too long.
    """
    key: list[Any] = []
    for name in table.key_types:
        value = item.get(name)
        if value is None:
            raise invalid(f"One or more parameter values were invalid: Missing the key {name}")
        key.append(_key_value(table, name, value))
    return key[0], key[1] if table.sort_key else None


def _key_value(table: Table, name: str, value: Value) -> Any:
    kind = table.key_types[name]
    if kind not in value:
        raise invalid(f"One or more parameter values were invalid: Type mismatch for key {name}")
    content = comparable(value)
    if kind != "N":
        size = len(content.encode() if kind == "S" else content)
        if size == 0:
            raise invalid("One or more parameter values are not valid: an empty value for a key")
        first = name == table.partition_key
        if size > (_PARTITION_KEY_BYTES_MAX if first else _SORT_KEY_BYTES_MAX):
            raise invalid("One or more parameter values were invalid: Size of key exceeds limit")
    return content


def exact_key(table: Table, given: Mapping[str, Value]) -> tuple[Item, ItemKey]:
    """A `Key` parameter: the key's attributes, and nothing else."""
    if given.keys() != table.key_types.keys():
        raise invalid("The provided key element does not match the schema")
    key = {name: normalized(value) for name, value in given.items()}
    return key, key_of(table, key)


def checked_item(table: Table, given: Mapping[str, Value]) -> tuple[Item, ItemKey]:
    """A whole item as it is stored."""
    item = {name: normalized(value) for name, value in given.items()}
    key = key_of(table, item)
    check_size(item)
    return item, key


def check_size(item: Item) -> None:
    """Raises ValidationException for an item of more than 400 KB."""
    if not is_small(item) and size_of(item) > ITEM_BYTES_MAX:
        raise invalid("Item size has exceeded the maximum allowed size")
