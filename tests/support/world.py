"""A pipeline in a world of fakes, and what the tests ask of it."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

from processor.closing import Done
from processor.domain.file import ObjectVersion
from processor.pipeline import Pipeline, Setup
from processor.planner import PART_BYTES
from processor.world import Ports
from tests.support.fake_ledger import InMemoryLedger, InMemoryPlans
from tests.support.fakes import (
    BUCKET,
    RESULTS,
    FakeClock,
    InMemoryFiles,
    InMemoryKeys,
    InMemoryResults,
    InMemoryTable,
    RecordingTelemetry,
)
from tests.support.faults import Faults

HEADER = b"transactionId,timestamp,amount,currency\n"


def csv_row(transaction_id: str, amount: str = "1.00", currency: str = "EUR") -> bytes:
    """One valid CSV row."""
    return f"{transaction_id},2026-03-01T12:00:00Z,{amount},{currency}\n".encode()


def csv_file(*rows: bytes) -> bytes:
    """A CSV file of these rows."""
    return HEADER + b"".join(rows)


MIXED = csv_file(
    csv_row("A", "1.10"),
    csv_row("B", "2.20"),
    csv_row("A", "1.10"),
    csv_row("B", "9.99"),
    b"C,yesterday,1.00,EUR\n",
    csv_row("D", "500", "JPY"),
)
"""Every outcome: three new records, one sent twice, one contradicted, one that breaks a rule."""


@dataclass
class World:
    """All fakes, one pipeline, shared faults."""

    files: InMemoryFiles = field(default_factory=InMemoryFiles)
    table: InMemoryTable = field(default_factory=InMemoryTable)
    ledger: InMemoryLedger = field(default_factory=InMemoryLedger)
    plans: InMemoryPlans = field(init=False)
    results: InMemoryResults = field(default_factory=InMemoryResults)
    clock: FakeClock = field(default_factory=FakeClock)
    telemetry: RecordingTelemetry = field(default_factory=RecordingTelemetry)
    keys: InMemoryKeys = field(default_factory=InMemoryKeys)
    software: str = "transaction-processor test"
    part_bytes: int = PART_BYTES

    def __post_init__(self) -> None:
        self.plans = InMemoryPlans(self.ledger)

    def set_faults(self, faults: Faults) -> Faults:
        """Lets every fake ask these faults from now on."""
        for fake in (self.files, self.table, self.ledger, self.plans, self.results):
            fake.faults = faults
        return faults

    def pipeline(self) -> Pipeline:
        """The real pipeline, in this world."""
        ports = Ports(
            self.files,
            self.table,
            self.ledger,
            self.plans,
            self.results,
            self.clock,
            self.telemetry,
            self.keys,
        )
        setup = Setup(BUCKET, RESULTS, self.software, self.part_bytes)
        return Pipeline(ports, setup, random.Random(1))

    def process(self, version: ObjectVersion) -> dict[str, Any]:
        """Delivers the event of one object version, which brings it to its receipt."""
        done = self.pipeline().process(version)
        assert isinstance(done, Done), done
        return done.receipt

    def process_file(self, body: bytes, key: str = "file.csv") -> dict[str, Any]:
        """Uploads a file and delivers its event."""
        return self.process(self.files.upload(body, key))

    def receipt(self, version: ObjectVersion) -> dict[str, Any]:
        """The receipt as it lies in the bucket, of which there is just one version."""
        (body,) = self.results.objects[version.receipt_key]
        receipt: dict[str, Any] = json.loads(body)
        return receipt

    def quarantine(self, receipt: dict[str, Any]) -> list[dict[str, Any]]:
        """All quarantined records that a receipt points to."""
        if receipt["quarantine"] is None:
            return []
        lines: list[dict[str, Any]] = []
        for listed in receipt["quarantine"]["objects"]:
            body = self.results.objects[listed["key"]][int(listed["versionId"]) - 1]
            lines += [json.loads(line) for line in body.splitlines()]
        return lines

    def amounts(self) -> dict[str, int]:
        """Sum of stored minor units by currency, recounted from the table."""
        sums: dict[str, int] = {}
        for row, _, _ in self.table.items.values():
            transaction = row.transaction
            sums[transaction.currency] = (
                sums.get(transaction.currency, 0) + transaction.amount_minor
            )
        return sums


def without_times(receipt: dict[str, Any]) -> dict[str, Any]:
    """A receipt less what differs between any two runs: when it ran."""
    return {name: value for name, value in receipt.items() if name not in ("startedAt", "endedAt")}
