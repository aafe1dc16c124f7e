"""TransactWriteItems: all of its writes or none, once for a token.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from tests.simulation.services.dynamodb_store import DynamoDbStore
from tests.simulation.services.dynamodb_values import Refused, invalid
from tests.simulation.services.dynamodb_writes import CONDITION_FAILED, Change, judge
from tests.simulation.services.errors import reply, service_error, transaction_canceled

_OPERATIONS_MAX: Final = 100
_TOKEN_VALID: Final = timedelta(minutes=10)
_REASONS: Final = {
    CONDITION_FAILED: "ConditionalCheckFailed",
    "ValidationException": "ValidationError",
}


def transact_write(
    store: DynamoDbStore, operations: Sequence[Mapping[str, Any]], token: str | None
) -> dict[str, Any]:
    """Judges every operation, and applies them if none is refused.

    Raises:
        ClientError: TransactionCanceledException, IdempotentParameterMismatchException.
        Refused: ValidationException.
    """
    if not 1 <= len(operations) <= _OPERATIONS_MAX:
        raise invalid("Member must have length between 1 and 100")
    if token is not None and _done_before(store, operations, token):
        return reply()
    changes: list[Change] = []
    reasons: list[Refused | None] = []
    for operation in operations:
        ((kind, request),) = operation.items()
        table = store.table("TransactWriteItems", request["TableName"])
        try:
            changes.append(judge(kind, table, request))
            reasons.append(None)
        except Refused as refused:
            reasons.append(refused)
    if any(reasons):
        raise _canceled(reasons)
    if len({(change.table.name, change.key) for change in changes}) != len(changes):
        raise invalid("Transaction request cannot include multiple operations on one item")
    for change in changes:
        change.apply()
    if token is not None:
        store.transactions[token] = (store.clock(), operations)
    return reply()


def _done_before(store: DynamoDbStore, operations: Sequence[Mapping[str, Any]], token: str) -> bool:
    """Whether the token's transaction succeeded within ten minutes."""
    known = store.transactions.get(token)
    if known is None or store.clock() - known[0] > _TOKEN_VALID:
        return False
    if known[1] != operations:
        raise service_error(
            "TransactWriteItems",
            "IdempotentParameterMismatchException",
            "DynamoDB rejected the request because you retried a request with a different payload.",
        )
    return True


def _canceled(reasons: Sequence[Refused | None]) -> Exception:
    return transaction_canceled(
        [_REASONS[reason.code] if reason else "None" for reason in reasons],
        [reason.message if reason else None for reason in reasons],
        [reason.item if reason else None for reason in reasons],
    )
