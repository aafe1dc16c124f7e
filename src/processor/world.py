"""The world, as the pipeline sees it: one port for each thing in it."""

from typing import NamedTuple

from processor.ledger_ports import FileLedger, PlanLedger
from processor.ports import (
    Clock,
    ResultsBucket,
    SourceFiles,
    Telemetry,
    TokenizationKeys,
    TransactionTable,
)


class Ports(NamedTuple):
    """What an invocation works with. See the protocols."""

    files: SourceFiles
    table: TransactionTable
    ledger: FileLedger
    plans: PlanLedger
    results: ResultsBucket
    clock: Clock
    telemetry: Telemetry
    keys: TokenizationKeys
