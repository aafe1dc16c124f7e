"""The adapters obey the ports' contracts on a deployed stack, with the function's own rights.

Version removal is left to moto: no identity of the pipeline may remove anything.
"""

import uuid
from typing import Any

import pytest
from botocore.session import Session

from processor.adapters.dynamodb import DynamoDbTransactionTable
from processor.adapters.ledger import DynamoDbFileLedger
from processor.adapters.plans import DynamoDbPlanLedger
from processor.adapters.s3 import S3ResultsBucket, S3SourceFiles
from processor.adapters.statements import statements_of
from processor.domain.file import ObjectVersion
from processor.errors import ServiceRefused
from tests.integration.delivery import Desk
from tests.integration.deployed import Stack, client
from tests.support.contracts import (
    ListedFilesContract,
    ResultsBucketContract,
    SourceFilesContract,
    TransactionTableContract,
    Upload,
)
from tests.support.ledger_contract import FileLedgerContract
from tests.support.plan_contract import PlanLedgerContract

pytestmark = pytest.mark.usefixtures("embedded")


class TestS3SourceFiles(SourceFilesContract, ListedFilesContract):
    @pytest.fixture
    def files(self) -> S3SourceFiles:
        return S3SourceFiles(client("s3", "function"))

    @pytest.fixture
    def upload(self, stack: Stack, sender: Any) -> Upload:
        desk = Desk(stack, sender, prefix="")
        return lambda key, body: desk.send(key, body).version

    @pytest.fixture
    def bucket(self, stack: Stack) -> str:
        return stack.outputs["TransactionDataBucketName"]


class TestS3ResultsBucket(ResultsBucketContract):
    @pytest.fixture
    def results(self, stack: Stack) -> S3ResultsBucket:
        return S3ResultsBucket(
            client("s3", "function"),
            stack.outputs["TransactionResultsBucketName"],
            stack.outputs["EncryptionKeyArn"],
        )

    def test_what_is_put_is_encrypted_by_the_key(
        self, results: S3ResultsBucket, stack: Stack
    ) -> None:
        key = f"receipts/contract-{uuid.uuid4().hex}.json"
        results.put_if_absent(key, b"{}", "application/json")

        head = client("s3").head_object(
            Bucket=stack.outputs["TransactionResultsBucketName"], Key=key, ChecksumMode="ENABLED"
        )

        assert head["ServerSideEncryption"] == "aws:kms"
        assert head["SSEKMSKeyId"] == stack.outputs["EncryptionKeyArn"]
        assert head["ChecksumSHA256"] == "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="


class TestDynamoDbTransactionTable(TransactionTableContract):
    @pytest.fixture
    def table(self, stack: Stack) -> DynamoDbTransactionTable:
        dynamodb = client("dynamodb", "function")
        statements = statements_of(Session(profile="function"), dynamodb)
        name = stack.outputs["TransactionMetadataTableName"]
        return DynamoDbTransactionTable(dynamodb, statements, name)


class TestDynamoDbFileLedger(FileLedgerContract):
    @pytest.fixture
    def ledger(self, stack: Stack) -> DynamoDbFileLedger:
        return DynamoDbFileLedger(
            client("dynamodb", "function"), stack.outputs["FileLedgerTableName"]
        )

    def test_an_unregistered_file_has_no_part(self, ledger: DynamoDbFileLedger) -> None:
        version = ObjectVersion("contract-bucket", uuid.uuid4().hex, "v1")

        with pytest.raises(ServiceRefused, match="TransactWriteItems"):
            ledger.record_part(version.file_id, self.result())


class TestDynamoDbPlanLedger(PlanLedgerContract):
    @pytest.fixture
    def ledger(self, stack: Stack) -> DynamoDbFileLedger:
        table_name = stack.outputs["FileLedgerTableName"]
        return DynamoDbFileLedger(client("dynamodb", "function"), table_name)

    @pytest.fixture
    def plans(self, stack: Stack) -> DynamoDbPlanLedger:
        table_name = stack.outputs["FileLedgerTableName"]
        return DynamoDbPlanLedger(client("dynamodb", "function"), table_name)
