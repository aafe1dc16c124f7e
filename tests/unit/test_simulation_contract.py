"""The adapters obey the ports' contracts on the simulation's services."""

from datetime import UTC, datetime
from typing import Any

import pytest

from processor.adapters.dynamodb import DynamoDbTransactionTable
from processor.adapters.ledger import DynamoDbFileLedger
from processor.adapters.s3 import S3ResultsBucket, S3SourceFiles
from processor.adapters.secret import ConfigurationSecret
from processor.domain.file import ObjectVersion
from processor.errors import ServiceRefused
from tests.simulation.border import PassThrough
from tests.simulation.services.dynamodb import DynamoDbClient
from tests.simulation.services.dynamodb_store import DynamoDbStore
from tests.simulation.services.s3 import S3Client
from tests.simulation.services.s3_store import S3Store
from tests.simulation.services.secretsmanager import SecretsManagerClient, SecretStore
from tests.support.contracts import (
    ListedFilesContract,
    Remove,
    RemovedFilesContract,
    ResultsBucketContract,
    SourceFilesContract,
    TransactionTableContract,
    Upload,
)
from tests.support.ledger_contract import FileLedgerContract
from tests.support.statements import SdkStatements
from tests.support.template import stack

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:configuration"


def clock() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def s3() -> Any:
    store = S3Store(clock)
    store.create_bucket("contract")
    return S3Client(store, PassThrough())


@pytest.fixture
def tables() -> DynamoDbStore:
    """The tables of the template."""
    store = DynamoDbStore(clock)
    for name in ("TransactionMetadataTable", "FileLedgerTable"):
        declared = stack().properties(name)
        store.create_table(name, declared["KeySchema"], declared["AttributeDefinitions"], KEY_ARN)
    return store


class TestS3SourceFiles(SourceFilesContract, ListedFilesContract, RemovedFilesContract):
    @pytest.fixture
    def bucket(self) -> str:
        return "contract"

    @pytest.fixture
    def files(self, s3: Any) -> S3SourceFiles:
        return S3SourceFiles(s3)

    @pytest.fixture
    def upload(self, s3: Any) -> Upload:
        def put(key: str, body: bytes) -> ObjectVersion:
            answer = s3.put_object(
                Bucket="contract",
                Key=key,
                Body=body,
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=KEY_ARN,
            )
            return ObjectVersion("contract", key, answer["VersionId"], answer["ETag"].strip('"'))

        return put

    @pytest.fixture
    def remove(self, s3: Any) -> Remove:
        def delete(version: ObjectVersion) -> None:
            s3.delete_object(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)

        return delete


class TestS3ResultsBucket(ResultsBucketContract):
    @pytest.fixture
    def results(self, s3: Any) -> S3ResultsBucket:
        return S3ResultsBucket(s3, "contract", KEY_ARN)


class TestDynamoDbTransactionTable(TransactionTableContract):
    @pytest.fixture
    def table(self, tables: DynamoDbStore) -> DynamoDbTransactionTable:
        client: Any = DynamoDbClient(tables, PassThrough())
        return DynamoDbTransactionTable(client, SdkStatements(client), "TransactionMetadataTable")


class TestDynamoDbFileLedger(FileLedgerContract):
    @pytest.fixture
    def ledger(self, tables: DynamoDbStore) -> DynamoDbFileLedger:
        client: Any = DynamoDbClient(tables, PassThrough())
        return DynamoDbFileLedger(client, "FileLedgerTable")


def test_the_configuration_secret_is_read_and_read_again_after_a_rotation() -> None:
    secrets = SecretStore(clock)
    secrets.create(SECRET_ARN, '{"a": 1}', KEY_ARN)
    client: Any = SecretsManagerClient(secrets, PassThrough())
    secret = ConfigurationSecret(client)
    before = secret.read(SECRET_ARN)

    secrets.rotate(SECRET_ARN, '{"a": 2}')

    assert before == {"a": 1}
    assert secret.read(SECRET_ARN) == {"a": 1}
    assert secret.read(SECRET_ARN, past_cache=True) == {"a": 2}


def test_a_disabled_key_closes_the_secret() -> None:
    secrets = SecretStore(clock)
    secrets.create(SECRET_ARN, '{"a": 1}', KEY_ARN)
    secrets.keys.disabled.add(KEY_ARN)
    client: Any = SecretsManagerClient(secrets, PassThrough())
    secret = ConfigurationSecret(client)

    with pytest.raises(ServiceRefused, match="DecryptionFailure"):
        secret.read(SECRET_ARN)
