"""What DynamoDB holds: tables of items, and what became of every item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.simulation.services.clock import Clock
from tests.simulation.services.dynamodb_values import size_of
from tests.simulation.services.encryption import EncryptionKeys
from tests.simulation.services.errors import service_error

type Value = dict[str, Any]
"""A typed value, as {"S": "text"}."""

type Item = dict[str, Value]
"""Attributes by name. An item that is stored is never changed: a change is another one."""

type ItemKey = tuple[Any, Any]
"""Partition and sort value; the latter None in a table without."""


class Overwrite(NamedTuple):
    """A change of an item that existed: `after` None if it was deleted."""

    key: ItemKey
    before: Item
    after: Item | None


class StatementFault(NamedTuple):
    """What befalls one statement of a batch.

    Args:
        code: Of API_BatchStatementError, as "ThrottlingError".
        executed: Whether its effect stays (an internal error behind the commit).
    """

    code: str
    executed: bool = False


@dataclass
class Table:
    """A table.

    Args:
        partition_key: The attribute's name.
        sort_key: The same; None: items are known by their partition key alone.
        key_types: Name of a key's attribute -> "S", "N" or "B".
        key_arn: The key it is encrypted under.
        partitions: Partition value -> sort value -> item.
        overwrites: Every change of an item that existed, in order.
    """

    name: str
    partition_key: str
    sort_key: str | None
    key_types: dict[str, str]
    key_arn: str | None = None
    partitions: dict[Any, dict[Any, Item]] = field(default_factory=dict)
    overwrites: list[Overwrite] = field(default_factory=list)
    _sizes: dict[ItemKey, int] = field(default_factory=dict)

    def get(self, key: ItemKey) -> Item | None:
        """The item, if there is one."""
        return self.partitions.get(key[0], {}).get(key[1])

    def size(self, key: ItemKey) -> int:
        """Bytes of an item that is there."""
        size = self._sizes.get(key)
        if size is None:
            size = self._sizes[key] = size_of(self.partitions[key[0]][key[1]])
        return size

    def set(self, key: ItemKey, item: Item | None) -> None:
        """Stores an item, or deletes it, and logs what that changes."""
        before = self.get(key)
        self._sizes.pop(key, None)
        if before is not None and before != item:
            self.overwrites.append(Overwrite(key, before, item))
        if item is not None:
            self.partitions.setdefault(key[0], {})[key[1]] = item
        elif before is not None:
            del self.partitions[key[0]][key[1]]

    def keys(self) -> list[ItemKey]:
        """Of all items, by no order that means anything."""
        return [(one, sort) for one, partition in self.partitions.items() for sort in partition]

    def items(self) -> list[Item]:
        """All items, by no order that means anything."""
        return [item for partition in self.partitions.values() for item in partition.values()]


class DynamoDbStore:
    """All tables.

    Args:
        clock: The simulated time.
        keys: The keys that tables are encrypted under.

    Attributes:
        page_items_max: Items of a page of Query and Scan at most (beside the service's own 1 MB).
        statement_fault: Asked for every statement of a batch, with table and item.
        left_unprocessed: Asked for every BatchGetItem, with table and keys; those it gives back
            are left unprocessed.
        transactions: ClientRequestToken -> when it succeeded, and its operations.
    """

    def __init__(self, clock: Clock, keys: EncryptionKeys | None = None) -> None:
        self.clock = clock
        self.keys = keys or EncryptionKeys()
        self.tables: dict[str, Table] = {}
        self.page_items_max = 1000
        self.statement_fault: Callable[[str, Item], StatementFault | None] | None = None
        self.left_unprocessed: Callable[[str, Sequence[Item]], Sequence[Item]] | None = None
        self.transactions: dict[str, tuple[Any, Any]] = {}

    def create_table(
        self,
        name: str,
        key_schema: Sequence[Mapping[str, str]],
        attribute_definitions: Sequence[Mapping[str, str]],
        key_arn: str | None = None,
    ) -> Table:
        """Adds an empty table, declared as in a template (KeySchema, AttributeDefinitions)."""
        names = {key["KeyType"]: key["AttributeName"] for key in key_schema}
        types = {
            defined["AttributeName"]: defined["AttributeType"] for defined in attribute_definitions
        }
        table = Table(
            name,
            names["HASH"],
            names.get("RANGE"),
            {key: types[key] for key in names.values()},
            key_arn,
        )
        self.tables[name] = table
        return table

    def table(self, operation: str, name: str) -> Table:
        """The table, or the error of the operation.

        Source of the code of a disabled key:
        https://github.com/cloudcomponents/cdk-constructs/issues/102 (a real reply; the API
        reference names none)
        """
        table = self.tables.get(name)
        if table is None:
            raise service_error(
                operation, "ResourceNotFoundException", "Requested resource not found"
            )
        if table.key_arn in self.keys.disabled:
            raise service_error(
                operation, "AccessDeniedException", "KMS key access denied error: it is disabled."
            )
        return table
