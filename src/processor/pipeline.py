"""The way of a file: register, read, validate, store, account, record, receipt.

    S3 event ─▶ register file      put if absent
             ─▶ read ▸ validate ▸ INSERT, 25 at once ▸ judge      repeatable: finds its own rows
             ─▶ quarantine         fixed keys
             ─▶ record the part    conditional, with the file's counters in one transaction
             ─▶ last part? receipt put if absent

A large file is planned first (planner.py): then each part is a task, with an event of its own. A
part that runs short of time records what it did, and queues a task for the rest.

A crash between any two steps is repaired by running the event again: every step is repeatable and
depends only on the file and on what the steps before it left behind.
"""

import random
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from processor.backoff import Backoff
from processor.closing import Closing, Done, Underway
from processor.domain.entries import NOT_PLANNED, Fault, FileEntry, PartResult
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.reject import Reason
from processor.domain.task import (
    CountRecords,
    PlanOn,
    ProcessPart,
    StartAgain,
    SweepOn,
    key_shown,
)
from processor.domain.validation import Validator, validate_header
from processor.errors import EvidenceGone, ObjectChanged, ObjectGone, TaskUnreadable
from processor.formats import Reading, open_part, open_records
from processor.ledger_ports import RecordAnswer
from processor.part import PartProcessor
from processor.planner import PART_BYTES, Planner, next_segment
from processor.ports import Clock
from processor.proven_keys import ProvenKeys
from processor.quarantine import Quarantine
from processor.reading import FileReader
from processor.redaction import Redactor
from processor.store import TransactionStore
from processor.sweep import Sweeper, Swept
from processor.task_queue import TaskQueue
from processor.world import Ports

VANISHED: Final = (Reason.OBJECT_GONE, Reason.OBJECT_CHANGED)
"""Faults that another delivery of the same event need not meet at the same place, or at all."""


class Setup(NamedTuple):
    """Where and how a pipeline works.

    Args:
        data_bucket: Name of the bucket that files are uploaded to.
        results_bucket: Name of the bucket that receipts point to.
        software: Name and version that receipts name.
        part_bytes: Size of a part of a large file; a file that is no larger is one part.
    """

    data_bucket: str
    results_bucket: str
    software: str
    part_bytes: int = PART_BYTES


class Pipeline:
    """Processes files, one at a time.

    Args:
        ports: The world.
        setup: Where and how.
        jitter: Spreads retries.
    """

    def __init__(self, ports: Ports, setup: Setup, jitter: random.Random) -> None:
        self._ports = ports
        self._setup = setup
        self._backoff = Backoff(ports.clock, ports.telemetry, jitter)
        self._queue = TaskQueue(ports.results, ports.telemetry, self._backoff)
        self._planner = Planner(ports, self._backoff, self._queue, setup.part_bytes)
        self._closing = Closing(ports, self._backoff, setup.results_bucket)
        self._sweeper = Sweeper(ports, self._backoff, self._queue, setup.data_bucket)

    def process(self, version: ObjectVersion, *, again: bool = False) -> Done | Underway:
        """Brings one file to its receipt, or as far as one invocation does. Safe to call again at
        any time: then it changes nothing.

        Args:
            version: The object version of the event.
            again: Whether tasks that may have got lost are queued again.

        Raises:
            RetryableError: The same event may succeed later.
            PermanentError: A person must act.
        """
        ports, call = self._ports, self._backoff.call
        described = self._describe(version)
        source = described if isinstance(described, SourceFile) else None
        version = source.object_version if source else version
        is_large = source is not None and source.size_bytes > self._setup.part_bytes
        new_entry = FileEntry(
            version,
            source,
            NOT_PLANNED if is_large else 1,
            0,
            _rfc3339(ports.clock),
            token_key_id=ports.keys.current_id,
        )
        entry = call(ports.ledger.register, new_entry)
        if entry.finished:
            return self._closing.write(version)
        ports.telemetry.file_started(entry)
        if not isinstance(described, SourceFile):
            return self._record_vanished(version, entry, described)
        is_handed_on = entry.parts_total != 1 or entry.results_count > 0
        if again and is_handed_on:
            self._planner.queue_again(version, call(ports.ledger.load, version.file_id)[1])
        if not entry.is_planned:
            return self._plan(described, entry)
        if entry.parts_total > 1 or (again and is_handed_on):
            return Underway(version, entry.parts_done, entry.parts_total)
        return self._process_part(described, entry, ProcessPart(version))

    def perform(self, key: str) -> Done | Underway | Swept:
        """Performs a task: an object in `work/`.

        Args:
            key: Its key.

        Raises:
            TaskUnreadable: It is none, or its file is not registered.
            RetryableError, PermanentError: As `process`.
        """
        task = self._queue.read(key)
        if isinstance(task, SweepOn):
            return self._sweeper.sweep(task.before, (task.after_key, task.after_version_id))
        if isinstance(task, StartAgain):
            return self.process(task.version, again=True)
        entry = self._backoff.call(self._ports.ledger.entry, task.version.file_id)
        if entry is None or entry.source is None:
            raise TaskUnreadable(f"{key_shown(key)}: the file is not registered")
        version, source = entry.object_version, entry.source
        if entry.finished:
            return self._closing.write(version)
        if isinstance(task, ProcessPart):
            return self._process_part(source, entry, task)
        if isinstance(task, CountRecords):
            self._planner.count(source, task)
        elif isinstance(task, PlanOn) and not entry.is_planned:
            return self._plan(source, entry)
        return self._closing.underway(version)

    def sweep(self, older_than_minutes: int) -> Swept:
        """Starts every file again that has no receipt and is older than that; see Sweeper."""
        before = self._ports.clock.now() - timedelta(minutes=older_than_minutes)
        return self._sweeper.sweep(_as_text(before))

    def _describe(self, version: ObjectVersion) -> SourceFile | Reason:
        """What S3 knows of the file, or why there is nothing to know."""
        try:
            return self._backoff.call(self._ports.files.describe, version)
        except ObjectGone:
            return Reason.OBJECT_GONE
        except ObjectChanged:
            return Reason.OBJECT_CHANGED

    def _plan(self, source: SourceFile, entry: FileEntry) -> Done | Underway:
        """Plans a large file; one that cannot be cut, is refused or has nothing behind its header
        is one long part."""
        version = source.object_version
        reader = FileReader(self._ports.files, self._backoff, source)
        reading = open_records(reader.stream, version.key)
        has_records = reading.begins.byte_offset < source.size_bytes
        if reading.is_divisible and has_records and not _refusal(reading):
            self._planner.plan(source, reading)
            return self._closing.close(version, is_only_part=False)
        if self._backoff.call(self._ports.plans.plan, version.file_id):
            # It was divisible then, and a version never becomes another file: it vanished.
            raise EvidenceGone(f"{version} vanished while it was planned")
        parts_total = self._backoff.call(self._ports.plans.close, version.file_id, 1)
        if parts_total > 1:
            return self._closing.underway(version)
        return self._process_part(source, entry, ProcessPart(version))

    def _process_part(
        self, source: SourceFile, entry: FileEntry, task: ProcessPart
    ) -> Done | Underway:
        """Processes a part, unless that was done before, and sees to what comes after it."""
        version, ledger, call = source.object_version, self._ports.ledger, self._backoff.call
        place = (version.file_id, task.part_number, task.segment)
        result = call(ledger.part, *place) if entry.results_count else None
        if result is None:
            result = self._read_part(source, entry, task)
            if not self._record(entry, task, result):
                # Another delivery's result stands, and tells where to go on.
                result = call(ledger.part, *place) or result
        further = next_segment(version, result, task.end)
        if further is not None:
            self._queue.put(further)
            return self._closing.underway(version)
        is_only_part = entry.parts_total == 1
        return self._closing.close(version, is_only_part=is_only_part)

    def _read_part(self, source: SourceFile, entry: FileEntry, task: ProcessPart) -> PartResult:
        """Reads and stores a part, under the key that the file's entry names: so that fingerprints
        and totals are the same at each attempt, whatever was rotated between two of them."""
        ports = self._ports
        key_id = entry.token_key_id or ports.keys.current_id
        reading = self._open(source, task)
        fault = _refusal(reading)
        if fault:
            result = PartResult(task.part_number, fault=fault)
        else:
            names = reading.header.names if reading.header else None
            keys = ProvenKeys(ports.keys, ports.ledger, self._backoff)
            store = TransactionStore(ports.table, source, ports.clock, self._backoff, keys)
            quarantine = Quarantine(ports.results, task, self._backoff, Redactor(names))
            # The key is asked for by the first card number: a file without any needs none.
            validator = Validator(lambda number: keys.key(key_id).tokenize(number))
            part = PartProcessor(store, quarantine, validator, ports.clock, is_json=names is None)
            result = part.process(task, reading.records)
        result.format = str(reading)
        return result

    def _open(self, source: SourceFile, task: ProcessPart) -> Reading:
        reader = FileReader(self._ports.files, self._backoff, source)
        name = source.object_version.key
        if task == ProcessPart(task.version):
            # The whole file, as far as time allows.
            return open_records(reader.stream, name)
        return open_part(reader.part, name, task.start, task.end)

    def _record_vanished(
        self, version: ObjectVersion, entry: FileEntry, reason: Reason
    ) -> Done | Underway:
        """Accounts for a file that is gone, if nobody else can have read any of it."""
        if entry.parts_total != 1:
            raise EvidenceGone(f"{version}: another delivery may have stored records of it")
        gone = PartResult(1, fault=Fault(reason, 0, 1))
        is_recorded = self._record(entry, ProcessPart(version), gone)
        closed = self._closing.close(version, is_only_part=is_recorded)
        if isinstance(closed, Underway):
            # What was recorded before is a part's beginning, and its remainder can be read no more.
            raise EvidenceGone(f"{version}: what was handed on of it is gone")
        return closed

    def _record(self, entry: FileEntry, task: ProcessPart, result: PartResult) -> bool:
        """Records a result once; False if another delivery's was recorded before.

        Raises:
            EvidenceGone: The file vanished, and another delivery may have stored records of it.
        """
        result.recorded_at = _rfc3339(self._ports.clock)
        result.software = self._setup.software
        version, sole = task.version, _sole(entry, task, result)
        answer = self._backoff.call(self._ports.ledger.record_part, version.file_id, result, sole)
        if answer is RecordAnswer.DELIVERED_AGAIN:
            raise EvidenceGone(f"{version}: another delivery may have stored records of it")
        if answer is RecordAnswer.RECORDED:
            self._ports.telemetry.part_done(result)
        return answer is RecordAnswer.RECORDED


def _refusal(reading: Reading) -> Fault | None:
    """Why a file is refused by its header, before any record is read."""
    if reading.header is None:
        return None
    refusal = validate_header(reading.header.names)
    return Fault(refusal.reason, 0, 1, refusal.field) if refusal else None


def _sole(entry: FileEntry, task: ProcessPart, result: PartResult) -> int | None:
    """How many deliveries there may have been for this result to be true; None for any number.

    A file that vanished or changed can be accounted for by who alone has read it, or if nobody ever
    could. Otherwise another delivery may have stored records that nobody can count any more. Of a
    part that was planned or handed on nobody knows: deliveries of its task are not counted.

        first delivery    register ─ read ─ gone ─ record if still alone
        another one             register ─ read further ─ store ─ killed
    """
    if result.fault is None or result.fault.reason not in VANISHED:
        return None
    is_whole = entry.parts_total == 1 and task == ProcessPart(task.version)
    nobody_else_read = entry.deliveries == 1 or entry.source is None
    return entry.deliveries if is_whole and nobody_else_read else 0


def _rfc3339(clock: Clock) -> str:
    return _as_text(clock.now())


def _as_text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
