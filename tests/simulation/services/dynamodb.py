"""A DynamoDB client on tables in memory."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.services.dynamodb_reads import batch_get, query, scan
from tests.simulation.services.dynamodb_request import Expressions, exact_key
from tests.simulation.services.dynamodb_transactions import transact_write
from tests.simulation.services.dynamodb_values import Refused, invalid
from tests.simulation.services.dynamodb_writes import judge
from tests.simulation.services.errors import accept, reply, service_error
from tests.simulation.services.paging import Pages
from tests.simulation.services.partiql import batch_execute

if TYPE_CHECKING:
    from tests.simulation.border import Border
    from tests.simulation.services.dynamodb_store import DynamoDbStore

_PLACEHOLDERS: Final = ("ExpressionAttributeNames", "ExpressionAttributeValues")
_WRITE: Final = (
    *("ConditionExpression", "ReturnValues", "ReturnValuesOnConditionCheckFailure"),
    *_PLACEHOLDERS,
)
_LIST: Final = (
    *("FilterExpression", "ProjectionExpression", "ConsistentRead", "ExclusiveStartKey"),
    *("Limit", "Select"),
    *_PLACEHOLDERS,
)


class DynamoDbClient:
    """The calls of a boto3 DynamoDB client that a pipeline needs, by the API reference.

    Reads are consistent, asked for or not; there are no indexes and no capacity. What is returned
    shares values with the store, and is not to be changed.

    Args:
        store: Shared by all clients.
        border: Of this client.
    """

    def __init__(self, store: "DynamoDbStore", border: "Border") -> None:
        self._store = store
        self._border = border

    def _call(
        self, operation: str, parameters: dict[str, Any], execute: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        def translated() -> dict[str, Any]:
            try:
                return execute()
            except Refused as refused:
                members: dict[str, Any] = {} if refused.item is None else {"Item": refused.item}
                raise service_error(
                    operation, refused.code, refused.message, **members
                ) from refused

        return self._border.call("dynamodb", operation, parameters, translated)

    def put_item(self, **parameters: Any) -> dict[str, Any]:
        """Stores an item, whatever is there, if its condition holds."""
        accept("PutItem", parameters, ("TableName", "Item"), _WRITE)
        return self._call("PutItem", parameters, lambda: self._write("PutItem", "Put", parameters))

    def update_item(self, **parameters: Any) -> dict[str, Any]:
        """Changes an item, or makes one."""
        accept("UpdateItem", parameters, ("TableName", "Key"), ("UpdateExpression", *_WRITE))
        return self._call(
            "UpdateItem", parameters, lambda: self._write("UpdateItem", "Update", parameters)
        )

    def delete_item(self, **parameters: Any) -> dict[str, Any]:
        """Deletes an item, if there is one."""
        accept("DeleteItem", parameters, ("TableName", "Key"), _WRITE)
        return self._call(
            "DeleteItem", parameters, lambda: self._write("DeleteItem", "Delete", parameters)
        )

    def _write(self, operation: str, kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
        returned = parameters.get("ReturnValues", "NONE")
        if returned not in ("NONE", "ALL_OLD", "ALL_NEW"):
            raise NotImplementedError(f"ReturnValues: {returned}")
        if returned == "ALL_NEW" and kind != "Update":
            raise invalid("Return values set to invalid value")
        change = judge(kind, self._store.table(operation, parameters["TableName"]), parameters)
        change.apply()
        item = {"NONE": None, "ALL_OLD": change.before, "ALL_NEW": change.after}[returned]
        return reply(Attributes=None if item is None else dict(item))

    def get_item(self, **parameters: Any) -> dict[str, Any]:
        """An item; no `Item` if there is none."""
        optional = ("ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames")
        accept("GetItem", parameters, ("TableName", "Key"), optional)
        return self._call("GetItem", parameters, lambda: self._get(parameters))

    def _get(self, parameters: dict[str, Any]) -> dict[str, Any]:
        table = self._store.table("GetItem", parameters["TableName"])
        expressions = Expressions(parameters)
        item = table.get(exact_key(table, parameters["Key"])[1])
        return reply(Item=None if item is None else expressions.projected(item))

    def query(self, **parameters: Any) -> dict[str, Any]:
        """A page of a partition."""
        optional = ("ScanIndexForward", *_LIST)
        accept("Query", parameters, ("TableName", "KeyConditionExpression"), optional)
        return self._call(
            "Query",
            parameters,
            lambda: query(
                self._store, self._store.table("Query", parameters["TableName"]), parameters
            ),
        )

    def scan(self, **parameters: Any) -> dict[str, Any]:
        """A page of a table."""
        accept("Scan", parameters, ("TableName",), _LIST)
        return self._call(
            "Scan",
            parameters,
            lambda: scan(
                self._store, self._store.table("Scan", parameters["TableName"]), parameters
            ),
        )

    def batch_get_item(self, **parameters: Any) -> dict[str, Any]:
        """Up to 100 items by their keys."""
        accept("BatchGetItem", parameters, ("RequestItems",))
        return self._call(
            "BatchGetItem", parameters, lambda: batch_get(self._store, parameters["RequestItems"])
        )

    def batch_execute_statement(self, **parameters: Any) -> dict[str, Any]:
        """Up to 25 statements, each with its own answer."""
        accept("BatchExecuteStatement", parameters, ("Statements",))
        return self._call(
            "BatchExecuteStatement",
            parameters,
            lambda: batch_execute(self._store, parameters["Statements"]),
        )

    def transact_write_items(self, **parameters: Any) -> dict[str, Any]:
        """Up to 100 writes, all or none."""
        accept("TransactWriteItems", parameters, ("TransactItems",), ("ClientRequestToken",))
        return self._call(
            "TransactWriteItems",
            parameters,
            lambda: transact_write(
                self._store, parameters["TransactItems"], parameters.get("ClientRequestToken")
            ),
        )

    def get_paginator(self, operation_name: str) -> Pages:
        """Of `query` or `scan`."""
        calls = {"query": self.query, "scan": self.scan}
        return Pages(calls[operation_name], {"LastEvaluatedKey": "ExclusiveStartKey"}, "Limit")
