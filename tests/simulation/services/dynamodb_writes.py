"""Writes: each is judged first and applied then, so that several can be all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.simulation.services.dynamodb_request import (
    Expressions,
    check_size,
    checked_item,
    exact_key,
)
from tests.simulation.services.dynamodb_store import Item, ItemKey, Table
from tests.simulation.services.dynamodb_values import Refused, invalid
from tests.simulation.services.expression_evaluation import holds, updated

CONDITION_FAILED: Final = "ConditionalCheckFailedException"


@dataclass(frozen=True)
class Change:
    """A write that may happen.

    Args:
        before: The item that is there, if one is.
        after: What is there then; None: nothing.
    """

    table: Table
    key: ItemKey
    before: Item | None
    after: Item | None

    def apply(self) -> None:
        """Does it."""
        if self.after is not self.before:
            self.table.set(self.key, self.after)


def judge(kind: str, table: Table, request: Mapping[str, Any]) -> Change:
    """What a Put, Update, Delete or ConditionCheck would change.

    Raises:
        Refused: ValidationException or ConditionalCheckFailedException.
    """
    expressions = Expressions(request)
    if kind == "Put":
        item, key = checked_item(table, request["Item"])
        before = table.get(key)
        _check(expressions, before, request)
        return Change(table, key, before, item)
    key_item, key = exact_key(table, request["Key"])
    before = table.get(key)
    _check(expressions, before, request)
    match kind:
        case "Update":
            return Change(table, key, before, _updated(expressions, table, before or key_item))
        case "Delete":
            return Change(table, key, before, None)
    return Change(table, key, before, before)


def _check(expressions: Expressions, item: Item | None, request: Mapping[str, Any]) -> None:
    condition = expressions.tree("ConditionExpression")
    if condition is None or holds(condition, item or {}, expressions.scope):
        return
    wants_item = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    found = dict(item) if item and wants_item else None
    raise Refused(CONDITION_FAILED, "The conditional request failed", found)


def _updated(expressions: Expressions, table: Table, item: Item) -> Item:
    tree = expressions.tree("UpdateExpression")
    if tree is None:
        return dict(item)
    for action in tree[1:]:
        if expressions.scope.elements(action[1])[0] in table.key_types:
            raise invalid("One or more parameter values were invalid: Cannot update a key")
    after = updated(tree, item, expressions.scope)
    check_size(after)
    return after
