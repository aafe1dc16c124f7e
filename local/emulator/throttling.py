# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Tables throttle beyond the maximum throughput that `UpdateTable` sets on an on-demand table.

    aws dynamodb update-table --table-name … --on-demand-throughput MaxWriteRequestUnits=1

lets one write a second through and refuses all others, until it is -1 again. So a drill throttles a
table by the same call as in an account. MiniStack keeps the maximum and looks at it never.

Each second has its units, and a call begins as long as some of them are left; what is not used is
not saved for later. A write takes a unit for each item, a read one for each item asked for: items
here are smaller than what a unit holds. Queries and scans take one unit.

Sources: DynamoDB Developer Guide, "DynamoDB maximum throughput for on-demand tables", "Metrics and
dimensions"; API Reference, "BatchStatementError", "CancellationReason", "ThrottlingException".
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb

from local.emulator import metrics
from local.emulator.metrics import Metric
from local.emulator.requests import partiql_checks

READ, WRITE = "Read", "Write"
_MESSAGE = "Throughput exceeds the maximum OnDemandThroughput configured on table or index"

#: A call's units: the table, what is done to it, and how many items that takes.
Units = tuple[str, str, int]


def install(clock: Callable[[], float] = time.time) -> None:
    """Refuse what exceeds a table's maximum, and count it.

    Args:
        clock: Tells the seconds.
    """
    budgets = _Budgets(clock)
    for operation, units_of in OPERATIONS.items():
        name = f"_{operation}"
        setattr(dynamodb, name, _throttled(budgets, getattr(dynamodb, name), units_of))
    dynamodb._batch_execute_statement = _with_codes_of_a_batch(dynamodb._batch_execute_statement)


class _Budgets:
    """The units that are left of this second, by table and direction."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._second = 0
        self._used: dict[tuple[str, str, str, str], int] = {}

    def takes(self, units: Units) -> bool:
        """Use units if any are left; count a refusal."""
        table, direction, count = units
        described = dynamodb._tables.get(table) or {}
        limits = described.get("OnDemandThroughput") or {}
        maximum = limits.get(f"Max{direction}RequestUnits", -1)
        if maximum < 0:
            return True
        second = math.floor(self._clock())
        if second != self._second:
            self._second, self._used = second, {}
        key = (get_account_id(), get_region(), table, direction)
        if self._used.get(key, 0) < maximum:
            self._used[key] = self._used.get(key, 0) + count
            return True
        metrics.put(Metric("AWS/DynamoDB", f"{direction}ThrottleEvents", {"TableName": table}), 1)
        return False


def _any_maximum() -> bool:
    limits = (table.get("OnDemandThroughput") or {} for table in dynamodb._tables.values())
    return any(maximum >= 0 for each in limits for maximum in each.values())


def _throttled(
    budgets: _Budgets, original: Any, units_of: Callable[[dict[str, Any]], Iterator[Units]]
) -> Any:
    def handle(data: dict[str, Any]) -> Any:
        if not _any_maximum():
            return original(data)
        taken = [budgets.takes(units) for units in units_of(data)]
        if all(taken):
            return original(data)
        if "TransactItems" in data or "TransactStatements" in data:
            return _cancelled(taken)
        return dynamodb.error_response_json("ThrottlingException", _MESSAGE, 400)

    return handle


def _cancelled(taken: list[bool]) -> Any:
    reasons = [
        {"Code": "None"} if ok else {"Code": "ThrottlingError", "Message": _MESSAGE} for ok in taken
    ]
    codes = ", ".join(reason["Code"] for reason in reasons)
    return dynamodb.error_response_json(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        400,
        {"CancellationReasons": reasons},
    )


def _with_codes_of_a_batch(original: Any) -> Any:
    """Each statement of a batch has its own answer; MiniStack makes its code from the call's."""

    def handle(data: dict[str, Any]) -> Any:
        status, headers, body = original(data)
        if status == 200 and _any_maximum():
            document = json.loads(body)
            for answer in document["Responses"]:
                if answer.get("Error", {}).get("Code") == "Throttling":
                    answer["Error"]["Code"] = "ThrottlingError"
            body = json.dumps(document).encode()
        return status, headers, body

    return handle


def _one(direction: str) -> Callable[[dict[str, Any]], Iterator[Units]]:
    def units(data: dict[str, Any]) -> Iterator[Units]:
        yield str(data.get("TableName")), direction, 1

    return units


def _transaction(data: dict[str, Any]) -> Iterator[Units]:
    """Twice as much for each item as outside of a transaction."""
    for item in data.get("TransactItems") or []:
        for kind, member in item.items():
            yield member["TableName"], READ if kind == "Get" else WRITE, 2


def _items(direction: str) -> Callable[[dict[str, Any]], Iterator[Units]]:
    def units(data: dict[str, Any]) -> Iterator[Units]:
        for table, asked in (data.get("RequestItems") or {}).items():
            yield table, direction, len(asked["Keys"] if direction == READ else asked)

    return units


def _statement(data: dict[str, Any]) -> Iterator[Units]:
    for action, arn in partiql_checks(json.dumps(data).encode(), get_region(), get_account_id()):
        table = arn.partition(":table/")[2].partition("/")[0]
        yield table, READ if action.endswith("PartiQLSelect") else WRITE, 1


def _statements(data: dict[str, Any]) -> Iterator[Units]:
    for each in data.get("TransactStatements") or []:
        yield from _statement(each)


#: MiniStack's handlers that use units, by their names without the underscore.
OPERATIONS: dict[str, Callable[[dict[str, Any]], Iterator[Units]]] = {
    "put_item": _one(WRITE),
    "update_item": _one(WRITE),
    "delete_item": _one(WRITE),
    "get_item": _one(READ),
    "query": _one(READ),
    "scan": _one(READ),
    "batch_write_item": _items(WRITE),
    "batch_get_item": _items(READ),
    "transact_write_items": _transaction,
    "transact_get_items": _transaction,
    "execute_statement": _statement,
    "execute_transaction": _statements,
}
