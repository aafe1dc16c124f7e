"""Secrets Manager in memory answers as the API reference says, and as moto does where moto is
faithful."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.simulation.border import PassThrough
from tests.simulation.contract.moto_clients import moto_client
from tests.simulation.contract.secrets_contract import (
    AbsentSecretsContract,
    Put,
    SecretsContract,
)
from tests.simulation.services.secretsmanager import SecretsManagerClient, SecretStore
from tests.support.unique import unique_letters

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:configuration"


class TestInMemory(SecretsContract, AbsentSecretsContract):
    @pytest.fixture
    def store(self) -> SecretStore:
        store = SecretStore(lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
        store.create(ARN, "first")
        return store

    @pytest.fixture
    def client(self, store: SecretStore) -> SecretsManagerClient:
        return SecretsManagerClient(store, PassThrough())

    @pytest.fixture
    def secret(self) -> str:
        return ARN

    @pytest.fixture
    def put(self, store: SecretStore) -> Put:
        return lambda text: store.rotate(ARN, text)


@pytest.fixture(scope="module")
def secrets_of_moto() -> Iterator[Any]:
    with moto_client("secretsmanager") as client:
        yield client


class TestMoto(SecretsContract):
    @pytest.fixture
    def client(self, secrets_of_moto: Any) -> Any:
        return secrets_of_moto

    @pytest.fixture
    def secret(self, client: Any) -> str:
        created = client.create_secret(Name=unique_letters(), SecretString="first")
        arn: str = created["ARN"]
        return arn

    @pytest.fixture
    def put(self, client: Any, secret: str) -> Put:
        return lambda text: client.put_secret_value(SecretId=secret, SecretString=text)
