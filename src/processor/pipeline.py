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

from processor.backoff import Backoff
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
from processor.domain.validation import Validator, validate_header
from processor.errors import EvidenceGone, ObjectChanged, ObjectGone, ReceiptContradicted
from processor.formats import open_records
from processor.formats.records import StreamBroken
from processor.part import PartProcessor
from processor.ports import (
    Clock,
    FileLedger,
    RecordAnswer,
    ResultsBucket,
    SourceFiles,
    Telemetry,
    TokenizationKeys,
    TransactionTable,
)
from processor.proven_keys import ProvenKeys
from processor.quarantine import Quarantine
from processor.redaction import Redactor
from processor.store import TransactionStore

RANGE_BYTES_MAX: Final = 4 * 1024 * 1024
"""Asked for at a time: large enough that requests cost little, small enough to hold in memory."""

VANISHED: Final = (Reason.OBJECT_GONE, Reason.OBJECT_CHANGED)
"""Faults that another delivery of the same event need not meet at the same place, or at all."""

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
    keys: TokenizationKeys


@dataclass(frozen=True, slots=True)
class Done:
    """A file that has its receipt.

    Args:
        receipt: The receipt, as it lies in the results bucket.
        seen_again: Whether another delivery had decided; this one changed nothing.
    """

    receipt: dict[str, object]
    seen_again: bool


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
        self._backoff = Backoff(ports.clock, ports.telemetry, jitter)

    def process(self, version: ObjectVersion) -> Done:
        """Brings one file to its receipt. Safe to call again at any time: then it changes nothing.

        Args:
            version: The object version of the event.

        Returns:
            The receipt, and whether it was there before.

        Raises:
            RetryableError: The same event may succeed later.
            PermanentError: A person must act.
        """
        ports, call = self._ports, self._backoff.call
        described = self._describe(version)
        source = described if isinstance(described, SourceFile) else None
        version = source.object_version if source else version
        new_entry = FileEntry(
            version, source, 1, 0, _rfc3339(ports.clock), token_key_id=ports.keys.current_id
        )
        entry = call(ports.ledger.register, new_entry)
        if entry.finished:
            return self._finish(version, decided_here=False)
        ports.telemetry.file_started(entry)
        if isinstance(described, SourceFile):
            result = self._process_part(described, entry)
        else:
            result = PartResult(1, fault=Fault(described, 0, 1))
        result.recorded_at = _rfc3339(ports.clock)
        result.software = self._software
        answer = call(ports.ledger.record_part, version.file_id, result, _sole(entry, result))
        if answer is RecordAnswer.DELIVERED_AGAIN:
            raise EvidenceGone(f"{version}: another delivery may have stored records of it")
        return self._finish(version, decided_here=answer is RecordAnswer.RECORDED)

    def _describe(self, version: ObjectVersion) -> SourceFile | Reason:
        """What S3 knows of the file, or why there is nothing to know."""
        try:
            return self._backoff.call(self._ports.files.describe, version)
        except ObjectGone:
            return Reason.OBJECT_GONE
        except ObjectChanged:
            return Reason.OBJECT_CHANGED

    def _process_part(self, source: SourceFile, entry: FileEntry) -> PartResult:
        """Reads and stores the file, under the key that its entry names: so that its fingerprints
        and totals are the same at each attempt, whatever was rotated between two of them."""
        ports, version = self._ports, source.object_version
        key_id = entry.token_key_id or ports.keys.current_id
        reading = open_records(lambda: self._stream(source), version.key)
        refusal = validate_header(reading.header) if reading.header is not None else None
        if refusal:
            fault = Fault(refusal.reason, 0, 1, refusal.field)
            result = PartResult(1, fault=fault)
        else:
            keys = ProvenKeys(ports.keys, ports.ledger, self._backoff)
            store = TransactionStore(ports.table, source, ports.clock, self._backoff, keys)
            redactor = Redactor(reading.header)
            quarantine = Quarantine(ports.results, version, 1, self._backoff, redactor)
            # The key is asked for by the first card number: a file without any needs none.
            validator = Validator(lambda number: keys.key(key_id).tokenize(number))
            part = PartProcessor(1, store, quarantine, validator, is_json=reading.header is None)
            result = part.process(reading.records)
        result.format = str(reading)
        return result

    def _stream(self, source: SourceFile) -> Iterator[bytes]:
        """The file's bytes, by ranges, going on behind whatever a broken connection delivered."""
        byte_offset = 0
        while byte_offset < source.size_bytes:
            length = min(RANGE_BYTES_MAX, source.size_bytes - byte_offset)
            try:
                chunk = self._backoff.call(self._ports.files.read, source, byte_offset, length)
            except ObjectGone as error:
                raise StreamBroken(Reason.OBJECT_GONE) from error
            except ObjectChanged as error:
                raise StreamBroken(Reason.OBJECT_CHANGED) from error
            yield chunk
            byte_offset += len(chunk)

    def _finish(self, version: ObjectVersion, *, decided_here: bool) -> Done:
        """Writes the receipt of a finished file once, and checks it if it is there already.

        Args:
            version: The file.
            decided_here: Whether this delivery recorded the result. It alone tells of it, before
                the receipt is written: whoever writes that after a failure does not tell again.
        """
        results, telemetry, call = self._ports.results, self._ports.telemetry, self._backoff.call
        entry, parts = call(self._ports.ledger.load, version.file_id)
        receipt = build_receipt(entry, parts, self._results_bucket)
        if decided_here:
            telemetry.file_done(receipt, entry)
        key, body = version.receipt_key, render(receipt)
        created = call(results.put_if_absent, key, body, RECEIPT_CONTENT_TYPE).created
        if not created and contradicts(receipt, parse(call(results.get, key)[0])):
            raise ReceiptContradicted(f"the receipt of {version} contradicts the ledger")
        if not decided_here:
            telemetry.file_seen_again(entry)
        return Done(receipt, seen_again=not decided_here)


def _sole(entry: FileEntry, result: PartResult) -> int | None:
    """How many deliveries there may have been for this result to be true; None for any number.

    A file that vanished or changed can be accounted for by who alone has read it, or if nobody ever
    could. Otherwise another delivery may have stored records that nobody can count any more.

        first delivery    register ─ read ─ gone ─ record if still alone
        another one             register ─ read further ─ store ─ killed
    """
    if result.fault is None or result.fault.reason not in VANISHED:
        return None
    nobody_else_read = entry.deliveries == 1 or entry.source is None
    return entry.deliveries if nobody_else_read else 0


def _rfc3339(clock: Clock) -> str:
    return clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
