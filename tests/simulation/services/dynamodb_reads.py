"""Query, Scan and BatchGetItem, page by page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.simulation.services.dynamodb_request import Expressions, exact_key, key_of
from tests.simulation.services.dynamodb_store import DynamoDbStore, Item, ItemKey, Table
from tests.simulation.services.dynamodb_values import comparable, invalid, normalized
from tests.simulation.services.errors import reply
from tests.simulation.services.expression_evaluation import Scope, holds
from tests.simulation.services.expressions import Node

_PAGE_BYTES_MAX: Final = 1024 * 1024
_BATCH_KEYS_MAX: Final = 100
_BATCH_BYTES_MAX: Final = 16 * 1024 * 1024


def query(store: DynamoDbStore, table: Table, request: Mapping[str, Any]) -> dict[str, Any]:
    """Items of one partition, by their sort key.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
    """
    expressions = Expressions(request)
    condition = expressions.tree("KeyConditionExpression")
    if condition is None:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be there")
    partition, rest = _partition_of(condition, table, expressions.scope)
    found = table.partitions.get(partition, {})
    forward = request.get("ScanIndexForward", True)
    keys = [(partition, sort) for sort in _sorts(found, rest, table, expressions.scope)]
    if not forward:
        keys.reverse()
    return _page(store, table, request, expressions, keys)


def scan(store: DynamoDbStore, table: Table, request: Mapping[str, Any]) -> dict[str, Any]:
    """All items; here in the order of their keys."""
    expressions = Expressions(request)
    return _page(store, table, request, expressions, sorted(table.keys()))


def _partition_of(condition: Node, table: Table, scope: Scope) -> tuple[Any, list[Node]]:
    """The partition key's value, of `key = :value`, and the conditions on the sort key: one at
    most."""
    parts = [condition[1], condition[2]] if condition[0] == "and" else [condition]
    equals = {}
    for part in parts:
        match part:
            case ("compare", "=", ("path", _) as path, ("value", name)):
                equals[scope.elements(path)[0]] = (part, scope.values[name])
            case ("compare", "<" | "<=" | ">" | ">=", ("path", _) as path, ("value", _)):
                _check_sort_key(path, table, scope)
            case ("between", ("path", _) as path, *_) | ("begins_with", ("path", _) as path, _):
                _check_sort_key(path, table, scope)
            case _:
                raise invalid("Invalid operator used in KeyConditionExpression")
    if table.partition_key not in equals:
        raise invalid("Query condition missed key schema element")
    first, value = equals.pop(table.partition_key)
    if any(name != table.sort_key for name in equals):
        raise invalid("Query key condition not supported")
    if table.key_types[table.partition_key] not in value:
        raise invalid("Condition parameter type does not match schema type")
    return comparable(value), [part for part in parts if part is not first]


def _sorts(
    found: Mapping[Any, Item], conditions: list[Node], table: Table, scope: Scope
) -> list[Any]:
    """The sort keys of the items that meet the conditions, in order."""
    match conditions:
        case [("between", _, ("value", low), ("value", high))]:
            kind = table.key_types[str(table.sort_key)]
            if kind not in scope.values[low] or kind not in scope.values[high]:
                return []
            least, most = comparable(scope.values[low]), comparable(scope.values[high])
            return sorted(sort for sort in found if least <= sort <= most)
    return sorted(
        sort for sort in found if all(holds(one, found[sort], scope) for one in conditions)
    )


def _check_sort_key(path: Node, table: Table, scope: Scope) -> None:
    if scope.elements(path) != [table.sort_key]:
        raise invalid("Query key condition not supported")


def _page(
    store: DynamoDbStore,
    table: Table,
    request: Mapping[str, Any],
    expressions: Expressions,
    keys: Sequence[ItemKey],
) -> dict[str, Any]:
    """What fits a page, read behind the start key; then filtered.

    A page that is full names where it ended, be there more behind or not.
    """
    forward = request.get("ScanIndexForward", True)
    start = request.get("ExclusiveStartKey")
    if start is not None:
        given = {name: normalized(value) for name, value in start.items()}
        at = key_of(table, given)
        keys = [key for key in keys if (key > at if forward else key < at)]
    most = min(request.get("Limit", store.page_items_max), store.page_items_max)
    read: list[Item] = []
    size = 0
    last = None
    for key in keys:
        item = table.partitions[key[0]][key[1]]
        read.append(item)
        size += table.size(key)
        if len(read) >= most or size >= _PAGE_BYTES_MAX:
            last = {name: item[name] for name in table.key_types}
            break
    wanted = expressions.tree("FilterExpression")
    kept = [item for item in read if wanted is None or holds(wanted, item, expressions.scope)]
    counted_only = request.get("Select") == "COUNT"
    return reply(
        Items=None if counted_only else [expressions.projected(item) for item in kept],
        Count=len(kept),
        ScannedCount=len(read),
        LastEvaluatedKey=last,
    )


def batch_get(store: DynamoDbStore, request: Mapping[str, Any]) -> dict[str, Any]:
    """Items by their keys, in no order; those of absent items say nothing.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
    """
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, Any] = {}
    if sum(len(asked["Keys"]) for asked in request.values()) > _BATCH_KEYS_MAX:
        raise invalid("Too many items requested for the BatchGetItem call")
    size = 0
    for name, asked in request.items():
        table = store.table("BatchGetItem", name)
        expressions = Expressions(asked)
        keys = [exact_key(table, key)[1] for key in asked["Keys"]]
        if len(set(keys)) != len(keys):
            raise invalid("Provided list of item keys contains duplicates")
        left = list(store.left_unprocessed(name, asked["Keys"]) if store.left_unprocessed else ())
        found = responses.setdefault(name, [])
        for given, key in zip(asked["Keys"], keys, strict=True):
            item = None if given in left else table.get(key)
            if item is None:
                continue
            size += table.size(key)
            if size > _BATCH_BYTES_MAX:
                left.append(given)
                continue
            found.append(expressions.projected(item))
        if left:
            unprocessed[name] = {**asked, "Keys": left}
    return reply(Responses=responses, UnprocessedKeys=unprocessed)
