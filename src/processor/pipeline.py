"""The way of a file: register, read, validate, store, account, record, receipt.

    S3 event ─▶ register file      put if absent
             ─▶ read ▸ validate ▸ INSERT, 25 at once ▸ judge      repeatable: finds its own rows
             ─▶ quarantine         fixed keys
             ─▶ record the part    conditional, with the file's counters in one transaction
             ─▶ receipt            put if absent

A crash between any two steps is repaired by running the event again: every step is repeatable and
depends only on the file and on what the steps before it left behind.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.receipt import (
    Fault,
    FileEntry,
    PartResult,
    build_receipt,
    contradicts,
    parse,
    render,
)
from processor.domain.reject import Reason
from processor.domain.validation import validate_header
from processor.errors import EvidenceGone, ObjectChanged, ObjectGone, ReceiptContradicted
from processor.formats import open_records
from processor.formats.records import StreamBroken
from processor.part import PartProcessor
from processor.ports import (
    Clock,
    FileLedger,
    ResultsBucket,
    SourceFiles,
    Telemetry,
    TransactionTable,
)
from processor.quarantine import Quarantine
from processor.store import TransactionStore, require_time

RANGE_BYTES_MAX: Final = 4 * 1024 * 1024
"""Asked for at a time: large enough that requests cost little, small enough to hold in memory."""

RECEIPT_CONTENT_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Ports:
    """The world, as the pipeline sees it."""

    files: SourceFiles
    table: TransactionTable
    ledger: FileLedger
    results: ResultsBucket
    clock: Clock
    telemetry: Telemetry


class Pipeline:
    """Processes files, one at a time.

    Args:
        ports: The world.
        results_bucket: Name of the bucket that receipts point to.
        software: Name and version that receipts name.
        jitter: Spreads retries.
    """

    def __init__(
        self, ports: Ports, results_bucket: str, software: str, jitter: random.Random
    ) -> None:
        self._ports = ports
        self._results_bucket = results_bucket
        self._software = software
        self._jitter = jitter

    def process(self, version: ObjectVersion) -> dict[str, object]:
        """Brings one file to its receipt. Safe to call again at any time: then it changes nothing.

        Args:
            version: The object version of the event.

        Returns:
            The receipt.

        Raises:
            RetryableError: The same event may succeed later.
            PermanentError: A person must act.
        """
        ports = self._ports
        try:
            source: SourceFile | None = ports.files.describe(version)
            missing = None
        except ObjectGone:
            source, missing = None, Reason.OBJECT_GONE
        except ObjectChanged:
            source, missing = None, Reason.OBJECT_CHANGED
        version = source.object_version if source else version
        registered = FileEntry(version, source, 1, 0, _rfc3339(ports.clock))
        is_first = ports.ledger.register(registered)
        entry, parts = (registered, []) if is_first else ports.ledger.load(version.file_id)
        if entry.finished:
            return self._finish(entry, parts)
        ports.telemetry.file_started(entry)
        if source:
            result = self._process_part(source, is_first=is_first)
        elif missing and is_first:
            result = PartResult(1, fault=Fault(missing, 0, 1))
        else:
            raise EvidenceGone(
                f"{_name(version)} is gone, and an earlier attempt may have stored records"
            )
        result.recorded_at = _rfc3339(ports.clock)
        result.software = self._software
        ports.ledger.record_part(version.file_id, result)
        return self._finish(*ports.ledger.load(version.file_id))

    def _process_part(self, source: SourceFile, *, is_first: bool) -> PartResult:
        ports = self._ports
        store = TransactionStore(ports.table, source, ports.clock, ports.telemetry, self._jitter)
        quarantine = Quarantine(ports.results, source.object_version, 1)
        reading = open_records(
            lambda: self._stream(source, is_first=is_first), source.object_version.key
        )
        refusal = validate_header(reading.header) if reading.header is not None else None
        if refusal:
            fault = Fault(refusal.reason, 0, 1, refusal.field)
            result = PartResult(1, fault=fault)
        else:
            result = PartProcessor(1, store, quarantine).process(reading.records)
        result.format = str(reading)
        return result

    def _stream(self, source: SourceFile, *, is_first: bool) -> Iterator[bytes]:
        """The file's bytes, by ranges, going on behind whatever a broken connection delivered."""
        byte_offset = 0
        while byte_offset < source.size_bytes:
            require_time(self._ports.clock)
            length = min(RANGE_BYTES_MAX, source.size_bytes - byte_offset)
            try:
                chunk = self._ports.files.read(source, byte_offset, length)
            except (ObjectGone, ObjectChanged) as error:
                if not is_first:
                    # An earlier attempt may have stored more than this one can account for.
                    raise EvidenceGone(
                        f"{_name(source.object_version)} vanished while read"
                    ) from error
                gone = isinstance(error, ObjectGone)
                raise StreamBroken(Reason.OBJECT_GONE if gone else Reason.OBJECT_CHANGED) from error
            yield chunk
            byte_offset += len(chunk)

    def _finish(self, entry: FileEntry, parts: list[PartResult]) -> dict[str, object]:
        """Writes the receipt of a finished file once, and checks it if it is there already."""
        receipt = build_receipt(entry, parts, self._results_bucket)
        key = entry.object_version.result_key("receipts", ".json")
        answer = self._ports.results.put_if_absent(key, render(receipt), RECEIPT_CONTENT_TYPE)
        if answer.created:
            self._ports.telemetry.file_done(receipt, entry)
            return receipt
        there = parse(self._ports.results.get(key)[0])
        if contradicts(receipt, there):
            raise ReceiptContradicted(
                f"the receipt of {_name(entry.object_version)} contradicts the ledger"
            )
        self._ports.telemetry.file_seen_again(entry)
        return there


def _rfc3339(clock: Clock) -> str:
    return clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _name(version: ObjectVersion) -> str:
    return f"s3://{version.bucket}/{version.key} version {version.version}"
