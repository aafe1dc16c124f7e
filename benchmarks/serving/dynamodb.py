"""DynamoDB over HTTP: what is called for every row by a short path, all else by the simulation.

Both work on the same store, so that what one wrote the other finds.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from benchmarks.serving.encoding import ENCODING, Inserts, dumps, loads
from benchmarks.serving.items import READ_UNIT_BYTES, WRITE_UNIT_BYTES, ItemTable
from tests.simulation.border import PassThrough
from tests.simulation.services.dynamodb import DynamoDbClient
from tests.simulation.services.dynamodb_request import checked_item
from tests.simulation.services.dynamodb_store import DynamoDbStore, Item
from tests.simulation.services.dynamodb_values import normalized, size_of
from tests.simulation.services.partiql import parse_insert

type Json = dict[str, Any]

_BATCH_WRITES_MAX: Final = 25
_PLAIN_PUT: Final = {"TableName", "Item", "ConditionExpression", "ExpressionAttributeNames"}
_RARE: Final = {
    "BatchExecuteStatement": "batch_execute_statement",
    "BatchGetItem": "batch_get_item",
    "DeleteItem": "delete_item",
    "GetItem": "get_item",
    "PutItem": "put_item",
    "Query": "query",
    "Scan": "scan",
    "TransactWriteItems": "transact_write_items",
    "UpdateItem": "update_item",
}
_WRITES: Final = {"DeleteItem", "PutItem", "UpdateItem", "TransactWriteItems"}
_DUPLICATE: Final = (
    b'{"Error":{"Code":"DuplicateItem",%b"Message":"Duplicate primary key exists in table"},'
    b'"TableName":"%b"}'
)
_TELL_ITEM: Final = b'"ReturnValuesOnConditionCheckFailure":"ALL_OLD"'
"""Asked for by one statement, it is taken as asked for by all of a request."""

_KEY_FIRST: Final = re.compile(
    rb'\[\s*\{\s*"S"\s*:\s*"([^"\\]+)"\s*\}\s*,\s*\{\s*"N"\s*:\s*"([0-9]+)"\s*\}'
)
"""Where an item's values begin with its key, in a text without escapes and a whole number."""

_CONDITION_FAILED: Final = {
    "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
    "message": "The conditional request failed",
}


class DynamoDbService:
    """Answers JSON requests.

    Args:
        store: All tables.

    Attributes:
        requests: Operation -> how many.
        write_units: Of rare calls, by the size of their requests: a little more than they cost.
            What an ItemTable costs it counts itself.
        read_units: Of all reads.
    """

    def __init__(self, store: DynamoDbStore) -> None:
        self._store = store
        self._client = DynamoDbClient(store, PassThrough())
        self._inserts: dict[str, tuple[ItemTable, int, int, int]] = {}
        self._quick: dict[str, Callable[[Json], tuple[int, Json] | None]] = {
            "BatchGetItem": self._batch_get,
            "BatchWriteItem": self._batch_write,
            "DescribeTable": self._describe,
            "PutItem": self._put,
        }
        self.requests: Counter[str] = Counter()
        self.write_units = 0
        self.read_units = 0

    def reset(self) -> None:
        """Counts from zero, and forgets tables that are no more."""
        self._inserts.clear()
        self.requests.clear()
        self.write_units = self.read_units = 0

    def answer(self, operation: str, body: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self.requests[operation] += 1
        if operation == "BatchExecuteStatement":
            inserted = self._insert(ENCODING.inserts(body), is_told=_TELL_ITEM in body)
            if inserted is not None:
                return 200, inserted
        request = loads(body)
        quick = self._quick.get(operation)
        answer = quick(request) if quick else None
        if answer is None:
            answer = self._rare(operation, request, len(body))
        return answer[0], dumps(answer[1])

    def _rare(self, operation: str, request: Json, size: int) -> tuple[int, Json]:
        name = _RARE.get(operation)
        if name is None:
            raise NotImplementedError(f"DynamoDB {operation}")
        if operation in _WRITES:
            writes = len(request.get("TransactItems", [1]))
            units = max(writes, -(-size // WRITE_UNIT_BYTES))
            self.write_units += units * (2 if operation == "TransactWriteItems" else 1)
        else:
            self.read_units += 1
        try:
            reply = getattr(self._client, name)(**request)
        except ClientError as error:
            return 400, error_document(error)
        del reply["ResponseMetadata"]
        return 200, reply

    def _table(self, name: str) -> ItemTable | None:
        table = self._store.tables.get(name)
        return table if isinstance(table, ItemTable) else None

    def _insert(self, inserts: Inserts, *, is_told: bool) -> bytes | None:
        known: list[Any] = [self._inserts.get(text) or self._known(text) for text, _ in inserts]
        if None in known or len(inserts) > _BATCH_WRITES_MAX:
            return None
        responses = []
        for (_, line), (table, names_number, partition, sort) in zip(inserts, known, strict=True):
            match = _KEY_FIRST.match(line) if (partition, sort) == (0, 1) else None
            if match:
                key = table.key_text_of(match[1].decode(), match[2].decode())
            else:
                values = loads(line)
                key = table.key_text(values[partition], values[sort])
            if table.add(key, names_number, line, replace=False):
                responses.append(b'{"TableName":"%b"}' % table.name.encode())
            else:
                item = b""
                if is_told:
                    table.flush()
                    item = b'"Item":%b,' % dumps(table.find(key))
                responses.append(_DUPLICATE % (item, table.name.encode()))
        for table in {id(one[0]): one[0] for one in known}.values():
            table.flush()
        return b'{"Responses":[%b]}' % b",".join(responses)

    def _known(self, text: str) -> tuple[ItemTable, int, int, int] | None:
        """Of a statement: table, names, and the places of the key's two values."""
        table_name, names = parse_insert(text)
        table = self._table(table_name)
        if table is None:
            return None
        places = [names.index(name) for name in table.key_types]
        known = table, table.names_number(names), places[0], places[1]
        self._inserts[text] = known
        return known

    def _put(self, request: Json) -> tuple[int, Json] | None:
        table = self._table(request["TableName"])
        replace = _is_unconditional(request, table) if table else None
        if table is None or replace is None:
            return None
        if _add(table, request["Item"], replace=replace):
            table.flush()
            return 200, {}
        return 400, _CONDITION_FAILED

    def _batch_write(self, request: Json) -> tuple[int, Json]:
        asked = request["RequestItems"]
        if not 1 <= sum(map(len, asked.values())) <= _BATCH_WRITES_MAX:
            raise NotImplementedError("BatchWriteItem of none, or of more than 25")
        for name, writes in asked.items():
            table = self._table(name)
            for write in writes:
                item = write["PutRequest"]["Item"]
                if table is not None:
                    _add(table, item, replace=True)
                    continue
                other = self._store.table("BatchWriteItem", name)
                checked, key = checked_item(other, item)
                other.set(key, checked)
                self.write_units += -(-size_of(checked) // WRITE_UNIT_BYTES)
            if table is not None:
                table.flush()
        return 200, {"UnprocessedItems": {}}

    def _batch_get(self, request: Json) -> tuple[int, Json] | None:
        if len(request["RequestItems"]) != 1:
            return None
        ((name, asked),) = request["RequestItems"].items()
        table = self._table(name)
        wanted = _projected(asked)
        if table is None or wanted is None:
            return None
        partition, sort = table.key_types
        found: list[Item] = []
        for key in asked["Keys"]:
            item = table.find(table.key_text(key[partition], key[sort]))
            if item is None:
                self.read_units += 1
                continue
            self.read_units += -(-size_of(item) // READ_UNIT_BYTES)
            found.append({one: _read(item[one]) for one in wanted or item if one in item})
        return 200, {"Responses": {name: found}, "UnprocessedKeys": {}}

    def _describe(self, request: Json) -> tuple[int, Json]:
        table = self._store.table("DescribeTable", request["TableName"])
        kinds = ("HASH", "RANGE")
        return 200, {
            "Table": {
                "TableName": table.name,
                "TableStatus": "ACTIVE",
                "TableArn": f"arn:aws:dynamodb:us-east-1:000000000000:table/{table.name}",
                "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
                "KeySchema": [
                    {"AttributeName": name, "KeyType": kind}
                    for name, kind in zip(table.key_types, kinds, strict=False)
                ],
                "AttributeDefinitions": [
                    {"AttributeName": name, "AttributeType": kind}
                    for name, kind in table.key_types.items()
                ],
            }
        }


def _is_unconditional(request: Json, table: ItemTable) -> bool | None:
    """Whether a put replaces what is there; None: ask the simulation."""
    if request.keys() - _PLAIN_PUT:
        return None
    condition = request.get("ConditionExpression")
    if condition is None:
        return True
    names = request.get("ExpressionAttributeNames", {})
    tested = condition.removeprefix("attribute_not_exists(").removesuffix(")").strip()
    return False if names.get(tested, tested) in table.key_types else None


def _add(table: ItemTable, item: Item, *, replace: bool) -> bool:
    partition, sort = table.key_types
    key = table.key_text(item[partition], item[sort])
    number = table.names_number(tuple(item))
    return table.add(key, number, dumps(list(item.values())), replace=replace)


def _projected(asked: Mapping[str, Any]) -> list[str] | None:
    """Names of the attributes that are asked for, none: all; None: ask the simulation."""
    names = asked.get("ExpressionAttributeNames", {})
    listed = asked.get("ProjectionExpression")
    if listed is None:
        return []
    if "." in listed or "[" in listed:
        return None
    return [names.get(name, name) for name in map(str.strip, listed.split(","))]


def _read(value: Json) -> Json:
    return value if "S" in value else normalized(value)


def error_document(error: ClientError) -> Json:
    """An error as the service's JSON."""
    response: Any = error.response
    members = {
        name: value for name, value in response.items() if name not in ("Error", "ResponseMetadata")
    }
    return {
        "__type": f"com.amazonaws.dynamodb.v20120810#{response['Error']['Code']}",
        "message": response["Error"]["Message"],
        **members,
    }
