"""The adapters obey the ports' contracts, on moto where it is faithful.

It cannot run a parameterised PartiQL INSERT; TransactionTable's contract runs on a deployed stack,
in tests/integration.
"""

from typing import Any

import pytest

from processor.adapters.ledger import DynamoDbFileLedger
from processor.adapters.plans import DynamoDbPlanLedger
from processor.adapters.s3 import S3ResultsBucket, S3SourceFiles
from processor.domain.file import ObjectVersion
from tests.support.contracts import (
    ListedFilesContract,
    Remove,
    RemovedFilesContract,
    ResultsBucketContract,
    SourceFilesContract,
    Upload,
)
from tests.support.ledger_contract import FileLedgerContract
from tests.support.plan_contract import PlanLedgerContract

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"


@pytest.fixture
def bucket(s3: Any) -> str:
    """A bucket that keeps versions."""
    s3.create_bucket(
        Bucket="contract", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    s3.put_bucket_versioning(Bucket="contract", VersioningConfiguration={"Status": "Enabled"})
    return "contract"


class TestS3SourceFiles(SourceFilesContract, ListedFilesContract, RemovedFilesContract):
    @pytest.fixture
    def files(self, s3: Any) -> S3SourceFiles:
        return S3SourceFiles(s3)

    @pytest.fixture
    def upload(self, s3: Any, bucket: str) -> Upload:
        def put(key: str, body: bytes) -> ObjectVersion:
            answer = s3.put_object(
                Bucket=bucket,
                Key=key,
                Body=body,
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=KEY_ARN,
            )
            return ObjectVersion(bucket, key, answer["VersionId"], answer["ETag"].strip('"'))

        return put

    @pytest.fixture
    def remove(self, s3: Any) -> Remove:
        def delete(version: ObjectVersion) -> None:
            s3.delete_object(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)

        return delete


class TestS3ResultsBucket(ResultsBucketContract):
    @pytest.fixture
    def results(self, s3: Any, bucket: str) -> S3ResultsBucket:
        return S3ResultsBucket(s3, bucket, KEY_ARN)

    def test_objects_name_their_key(self, results: S3ResultsBucket, s3: Any, bucket: str) -> None:
        results.put_if_absent("receipts/x.json", b"{}", "application/json")

        head = s3.head_object(Bucket=bucket, Key="receipts/x.json")

        assert head["ServerSideEncryption"] == "aws:kms"
        assert head["SSEKMSKeyId"] == KEY_ARN
        assert head["ContentType"] == "application/json"


class TestDynamoDbFileLedger(FileLedgerContract):
    @pytest.fixture
    def ledger(self, dynamodb: Any) -> DynamoDbFileLedger:
        return DynamoDbFileLedger(dynamodb, "FileLedgerTable")

    def test_the_file_counts_its_parts_outcomes(self, dynamodb: Any) -> None:
        ledger = DynamoDbFileLedger(dynamodb, "FileLedgerTable")
        entry = self.entry()
        file_id = entry.object_version.file_id
        ledger.register(entry)

        ledger.record_part(file_id, self.result())

        item = dynamodb.get_item(
            TableName="FileLedgerTable", Key={"fileId": {"S": file_id}, "entry": {"S": "FILE"}}
        )["Item"]
        counted = {
            name: item[name]["N"]
            for name in ("read", "stored", "duplicate", "conflict", "rejected", "partsDone")
        }
        assert counted == {
            "read": "3",
            "stored": "1",
            "duplicate": "1",
            "conflict": "0",
            "rejected": "1",
            "partsDone": "1",
        }


class TestDynamoDbPlanLedger(PlanLedgerContract):
    @pytest.fixture
    def ledger(self, dynamodb: Any) -> DynamoDbFileLedger:
        return DynamoDbFileLedger(dynamodb, "FileLedgerTable")

    @pytest.fixture
    def plans(self, dynamodb: Any) -> DynamoDbPlanLedger:
        return DynamoDbPlanLedger(dynamodb, "FileLedgerTable")
