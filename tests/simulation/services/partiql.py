"""PartiQL's INSERT with parameters, alone and in a batch.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from tests.simulation.services.dynamodb_request import check_size, key_of
from tests.simulation.services.dynamodb_store import DynamoDbStore, Item, StatementFault
from tests.simulation.services.dynamodb_values import Refused, invalid, normalized
from tests.simulation.services.errors import reply

_STATEMENTS_MAX: Final = 25
_INSERT: Final = re.compile(r'\s*INSERT\s+INTO\s+"([^"]+)"\s+VALUE\s*\{(.*)\}\s*', re.DOTALL)
_MEMBER: Final = re.compile(r"\s*'((?:[^']|'')+)'\s*:\s*\?\s*(?:,|$)")
_CODES: Final = {"ValidationException": "ValidationError"}


@lru_cache(maxsize=4096)
def parse_insert(text: str) -> tuple[str, tuple[str, ...]]:
    """The table's name, and those of the attributes, each of whose values is a parameter.

    Raises:
        NotImplementedError: Anything else.
    """
    match = _INSERT.fullmatch(text)
    if not match:
        raise NotImplementedError(f"not simulated: {text}")
    table, members = match.groups()
    names = []
    position = 0
    while position < len(members):
        member = _MEMBER.match(members, position)
        if not member:
            raise NotImplementedError(f"not simulated: {members[position:]}")
        names.append(member.group(1).replace("''", "'"))
        position = member.end()
    return table, tuple(names)


def batch_execute(store: DynamoDbStore, statements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Each statement by itself, in order. What none can parse refuses them all.

    Raises:
        Refused: ValidationException: too many, none, or a value that no attribute can have.
    """
    if not 1 <= len(statements) <= _STATEMENTS_MAX:
        raise invalid("Member must have length between 1 and 25")
    parsed = []
    for statement in statements:
        table_name, names = parse_insert(statement["Statement"])
        values = [normalized(value) for value in statement.get("Parameters", ())]
        if len(values) != len(names):
            raise invalid("Number of parameters in request and statement don't match.")
        is_told = statement.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        parsed.append((table_name, dict(zip(names, values, strict=True)), is_told))
    return reply(Responses=[_execute(store, *one) for one in parsed])


def _execute(store: DynamoDbStore, table_name: str, item: Item, is_told: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {"TableName": table_name}
    fault = store.statement_fault(table_name, item) if store.statement_fault else None
    if fault and not fault.executed:
        return answer | {"Error": _error(fault)}
    try:
        insert(store, table_name, item)
    except Refused as refused:
        error: dict[str, Any] = {"Code": _CODES.get(refused.code, refused.code)}
        if refused.item and is_told:
            error["Item"] = dict(refused.item)
        return answer | {"Error": error | {"Message": refused.message}}
    return answer | {"Error": _error(fault)} if fault else answer


def _error(fault: StatementFault) -> dict[str, str]:
    return {"Code": fault.code, "Message": "simulated"}


def insert(store: DynamoDbStore, table_name: str, item: Item) -> None:
    """Stores an item, its values normalized, where none is.

    Raises:
        Refused: ValidationException or DuplicateItem.
    """
    table = store.tables.get(table_name)
    if table is None:
        raise Refused("ResourceNotFound", "Requested resource not found")
    if table.key_arn in store.keys.disabled:
        raise Refused("AccessDenied", "KMS key access denied error: it is disabled.")
    key = key_of(table, item)
    check_size(item)
    taken = table.get(key)
    if taken is not None:
        raise Refused("DuplicateItem", "Duplicate primary key exists in table", taken)
    table.set(key, item)
