"""The fakes obey the ports' contracts."""

import pytest

from tests.support.contracts import (
    ListedFilesContract,
    Remove,
    RemovedFilesContract,
    ResultsBucketContract,
    SourceFilesContract,
    TransactionTableContract,
    Upload,
)
from tests.support.fake_ledger import InMemoryLedger, InMemoryPlans
from tests.support.fakes import BUCKET, InMemoryFiles, InMemoryResults, InMemoryTable
from tests.support.ledger_contract import FileLedgerContract
from tests.support.plan_contract import PlanLedgerContract


class TestInMemoryFiles(SourceFilesContract, ListedFilesContract, RemovedFilesContract):
    @pytest.fixture
    def files(self) -> InMemoryFiles:
        return InMemoryFiles()

    @pytest.fixture
    def bucket(self) -> str:
        return BUCKET

    @pytest.fixture
    def upload(self, files: InMemoryFiles) -> Upload:
        return lambda key, body: files.upload(body, key)

    @pytest.fixture
    def remove(self, files: InMemoryFiles) -> Remove:
        return files.delete


class TestInMemoryTable(TransactionTableContract):
    @pytest.fixture
    def table(self) -> InMemoryTable:
        return InMemoryTable()


class TestInMemoryLedger(FileLedgerContract):
    @pytest.fixture
    def ledger(self) -> InMemoryLedger:
        return InMemoryLedger()


class TestInMemoryPlans(PlanLedgerContract):
    @pytest.fixture
    def ledger(self) -> InMemoryLedger:
        return InMemoryLedger()

    @pytest.fixture
    def plans(self, ledger: InMemoryLedger) -> InMemoryPlans:
        return InMemoryPlans(ledger)


class TestInMemoryResults(ResultsBucketContract):
    @pytest.fixture
    def results(self) -> InMemoryResults:
        return InMemoryResults()
