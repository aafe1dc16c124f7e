"""Plans: a large file is cut into parts, each processed by an invocation of its own.

    scan ─▶ cut behind a record ─▶ plan item     put if absent: whoever comes first decides the cut
                                └▶ task          put if absent; its event starts the part
         ─▶ end of the file     ─▶ number of parts in the file's entry

The ledger holds the plan. A planner that dies is followed by one that goes on behind the last
planned part, and queues that part again, as its task may be missing: all before have theirs. Two
planners at once agree on every cut, since each goes on from the cut that the ledger has.

The cuts of NDJSON need no look at what lies between them. So its parts are counted first, each by
an invocation of its own, and whoever counts the last one queues them all: a record's number is that
in the whole file.
"""

from collections.abc import Iterator
from typing import Final

from processor.backoff import HAND_OVER_SECONDS, Backoff
from processor.domain.entries import PARTS_MAX, PartResult, PlannedPart
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.task import (
    CountRecords,
    PlanOn,
    ProcessPart,
    Task,
    count_task,
    part_task,
)
from processor.errors import EvidenceGone
from processor.formats import Reading
from processor.formats.cuts import Cut, csv_cuts, ndjson_count, ndjson_cut
from processor.formats.records import StreamBroken
from processor.reading import FileReader
from processor.task_queue import TaskQueue
from processor.world import Ports

PART_BYTES: Final = 32 * 1024 * 1024
"""Size of a part, unless the configuration says otherwise.

Some 300,000 ordinary records: less than a minute's work, so that a part that fails costs little to
repeat and hardly any is handed on for want of time; long enough that its own requests (plan, task,
result) are lost among the thousands that store its records.
"""


class Planner:
    """Plans files.

    Args:
        ports: The world.
        backoff: For calls that must be tried again.
        queue: Where tasks go.
        part_bytes: Size of a part.
    """

    def __init__(self, ports: Ports, backoff: Backoff, queue: TaskQueue, part_bytes: int) -> None:
        self._ports = ports
        self._backoff = backoff
        self._queue = queue
        self._part_bytes = part_bytes

    def plan(self, source: SourceFile, reading: Reading) -> None:
        """Plans a file to its end, or as far as time allows: then another invocation goes on.

        Args:
            source: The file.
            reading: How it reads; it must be divisible, and not end with its header.

        Raises:
            EvidenceGone: The file vanished.
        """
        version, plans = source.object_version, self._ports.plans
        plan = _Plan(version, reading, self._backoff.call(plans.plan, version.file_id))
        if plan.parts:
            # Whoever planned this part may have died before its task was written.
            self._queue.put(plan.last_task)
        while plan.end < source.size_bytes:
            for cut in self._cuts(source, reading, plan.end):
                part = PlannedPart(len(plan.parts) + 1, plan.end, cut.byte_offset, cut.record_count)
                plan.append(self._backoff.call(plans.add, version.file_id, part))
                self._queue.put(plan.last_task)
                if self._ports.clock.remaining_seconds() < HAND_OVER_SECONDS:
                    self._queue.put(PlanOn(version, len(plan.parts)))
                    return
                if plan.end != cut.byte_offset:
                    break  # Another planner cut elsewhere: go on from there.
        self._backoff.call(plans.close, version.file_id, len(plan.parts))
        self._queue_counted(version)

    def count(self, source: SourceFile, task: CountRecords) -> None:
        """Counts a part's records, and queues all parts if it was the last to be counted.

        Raises:
            EvidenceGone: The file vanished.
        """
        version = source.object_version
        reader = FileReader(self._ports.files, self._backoff, source)
        try:
            count = ndjson_count(reader.stream(task.begin, task.end))
        except StreamBroken as broken:
            raise EvidenceGone(f"{version} vanished while it was counted") from broken
        self._backoff.call(self._ports.plans.count, version.file_id, task.part_number, count)
        self._queue_counted(version)

    def queue_again(self, version: ObjectVersion, results: list[PartResult]) -> None:
        """Queues again whatever is planned and not done: its event may have got lost.

        Args:
            version: The file.
            results: What is recorded of it.
        """
        planned = self._backoff.call(self._ports.plans.plan, version.file_id)
        latest = {result.part_number: result for result in results}
        first_tasks = _first_tasks(version, planned)
        # Without a plan, the file is one long part.
        ends: dict[int, int | None] = {part.part_number: part.end for part in planned} or {1: None}
        for part_number, end in ends.items():
            result = latest.get(part_number)
            task = first_tasks.get(part_number)
            if result is not None:
                task = next_segment(version, result, end)
            if task is not None:
                self._queue.put_again(task)

    def _cuts(self, source: SourceFile, reading: Reading, begin: int) -> Iterator[Cut]:
        """Where parts end behind an offset, and how many records they have, if that is known.

        Raises:
            EvidenceGone: The file vanished.
        """
        reader, size = FileReader(self._ports.files, self._backoff, source), source.size_bytes
        part_bytes = max(self._part_bytes, _divided(size, PARTS_MAX))

        def target(begin: int) -> int:
            """In equal parts, so that the last one is no crumb."""
            remaining = size - begin
            parts_count = max(1, _divided(remaining, part_bytes))
            return begin + _divided(remaining, parts_count)

        try:
            if reading.header is not None:
                yield from csv_cuts(reader.stream(begin), begin, reading.header, target)
                return
            while begin < size:
                begin = ndjson_cut(reader.lines_from, target(begin), size)
                yield Cut(begin, None)
        except StreamBroken as broken:
            raise EvidenceGone(f"{source.object_version} vanished while it was planned") from broken

    def _queue_counted(self, version: ObjectVersion) -> None:
        """Queues all parts of a file once all of them were counted, if they had to be."""
        entry = self._backoff.call(self._ports.ledger.entry, version.file_id)
        if entry is not None and entry.is_planned and entry.parts_counted >= entry.parts_total:
            planned = self._backoff.call(self._ports.plans.plan, version.file_id)
            for task in _first_tasks(version, planned).values():
                self._queue.put(task)


class _Plan:
    """The parts of a file as far as they are planned.

    Args:
        version: The file.
        reading: How it reads.
        parts: What the ledger has of it.
    """

    def __init__(self, version: ObjectVersion, reading: Reading, parts: list[PlannedPart]) -> None:
        self._version = version
        self._is_counted_later = reading.header is None
        self._begin = reading.begins.byte_offset
        self._next_record = self._last_record = 1
        self.parts: list[PlannedPart] = []
        for part in parts:
            self.append(part)

    @property
    def end(self) -> int:
        """Offset of the first byte that is in no part yet."""
        return self.parts[-1].end if self.parts else self._begin

    @property
    def last_task(self) -> Task:
        """What is to be done first with the last part."""
        if self._is_counted_later:
            return count_task(self._version, self.parts[-1])
        return part_task(self._version, self.parts[-1], self._last_record)

    def append(self, part: PlannedPart) -> None:
        """Adds the part that comes next."""
        self.parts.append(part)
        self._last_record = self._next_record
        self._next_record += part.record_count or 0


def _first_tasks(version: ObjectVersion, planned: list[PlannedPart]) -> dict[int, Task]:
    """What is to be done first with parts, by number: until all are counted, the rest is."""
    uncounted = [part for part in planned if part.record_count is None]
    if uncounted:
        return {part.part_number: count_task(version, part) for part in uncounted}
    tasks: dict[int, Task] = {}
    record_number = 1
    for part in planned:
        tasks[part.part_number] = part_task(version, part, record_number)
        record_number += part.record_count or 0
    return tasks


def next_segment(version: ObjectVersion, result: PartResult, end: int | None) -> ProcessPart | None:
    """The task that goes on with a part; None if it was processed to its end."""
    if result.remainder is None:
        return None
    return ProcessPart(version, result.part_number, result.segment + 1, result.remainder, end)


def _divided(number: int, divisor: int) -> int:
    """Rounded up."""
    return -(-number // divisor)
