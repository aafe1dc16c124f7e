"""The fakes obey the ports' contracts."""

import pytest

from tests.support.contracts import (
    Remove,
    RemovedFilesContract,
    ResultsBucketContract,
    SourceFilesContract,
    TransactionTableContract,
    Upload,
)
from tests.support.fakes import InMemoryFiles, InMemoryLedger, InMemoryResults, InMemoryTable
from tests.support.ledger_contract import FileLedgerContract


class TestInMemoryFiles(SourceFilesContract, RemovedFilesContract):
    @pytest.fixture
    def files(self) -> InMemoryFiles:
        return InMemoryFiles()

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


class TestInMemoryResults(ResultsBucketContract):
    @pytest.fixture
    def results(self) -> InMemoryResults:
        return InMemoryResults()
