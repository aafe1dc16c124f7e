"""The simulated services of one account, under one clock and one key."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.simulation.border import Border
from tests.simulation.services.dynamodb import DynamoDbClient
from tests.simulation.services.dynamodb_store import DynamoDbStore
from tests.simulation.services.encryption import EncryptionKeys
from tests.simulation.services.s3 import S3Client
from tests.simulation.services.s3_store import S3Store
from tests.simulation.services.secretsmanager import SecretsManagerClient, SecretStore


class Account:
    """Stores, and clients of them.

    Args:
        clock: The simulated time.
        key_arn: Encrypts everything.
    """

    def __init__(self, clock: Callable[[], datetime], key_arn: str) -> None:
        self.key_arn = key_arn
        self.keys = EncryptionKeys()
        self.s3 = S3Store(clock, self.keys)
        self.dynamodb = DynamoDbStore(clock, self.keys)
        self.secrets = SecretStore(clock, self.keys)

    def create_table(self, name: str, partition_key: str, sort_key: str, sort_type: str) -> None:
        """Adds an empty table."""
        self.dynamodb.create_table(
            name,
            [
                {"AttributeName": partition_key, "KeyType": "HASH"},
                {"AttributeName": sort_key, "KeyType": "RANGE"},
            ],
            [
                {"AttributeName": partition_key, "AttributeType": "S"},
                {"AttributeName": sort_key, "AttributeType": sort_type},
            ],
            self.key_arn,
        )

    def put_secret(self, name: str, text: str) -> None:
        """Sets a secret's current text."""
        if name in self.secrets.secrets:
            self.secrets.rotate(name, text)
        else:
            self.secrets.create(name, text, self.key_arn)

    def s3_client(self, border: Border) -> S3Client:
        """A client of the buckets."""
        return S3Client(self.s3, border)

    def dynamodb_client(self, border: Border) -> DynamoDbClient:
        """A client of the tables."""
        return DynamoDbClient(self.dynamodb, border)

    def secrets_client(self, border: Border) -> SecretsManagerClient:
        """A client of the secrets."""
        return SecretsManagerClient(self.secrets, border)

    def item(
        self, table: str, partition: dict[str, Any], sort: dict[str, Any]
    ) -> dict[str, Any] | None:
        """An item, its attributes typed; None if there is none."""
        return self.dynamodb.tables[table].get((plain(partition), plain(sort)))

    def items(self, table: str) -> Iterator[dict[str, Any]]:
        """A table's items as plain values."""
        for item in self.dynamodb.tables[table].items():
            yield {name: plain(value) for name, value in item.items()}

    def changed(self, table: str) -> list[Any]:
        """Every change of an item that was there."""
        return list(self.dynamodb.tables[table].overwrites)


def plain(value: dict[str, Any]) -> Any:
    """A typed value without its type."""
    kind, content = next(iter(value.items()))
    if kind == "N":
        return Decimal(content)
    if kind == "M":
        return {name: plain(member) for name, member in content.items()}
    return [plain(member) for member in content] if kind == "L" else content
