"""FileLedgerTable in memory, behind its two ports, held to the real adapters by its contract."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field

from processor.domain.entries import FileEntry, PartResult, PlannedPart
from processor.domain.ledger import (
    entry_from_document,
    entry_to_document,
    planned_from_document,
    planned_to_document,
    result_from_document,
    result_to_document,
)
from processor.ledger_ports import RecordAnswer
from tests.support.faults import Faults, border


@dataclass
class InMemoryLedger:
    """The ledger, through the same documents that the table holds."""

    faults: Faults = field(default_factory=Faults)
    files: dict[str, str] = field(default_factory=dict)
    parts: dict[tuple[str, int, int], str] = field(default_factory=dict)
    planned: dict[tuple[str, int], str] = field(default_factory=dict)
    receipts: set[str] = field(default_factory=set)
    counted: Counter[str] = field(default_factory=Counter)
    parts_done: Counter[str] = field(default_factory=Counter)
    results_recorded: Counter[str] = field(default_factory=Counter)
    keys: dict[str, str] = field(default_factory=dict)

    @border
    def register(self, entry: FileEntry) -> FileEntry:
        file_id = entry.object_version.file_id
        new = {name: value for name, value in entry_to_document(entry).items() if value is not None}
        there = json.loads(self.files.get(file_id, '{"deliveries": 0}'))
        if not (file_id in self.files and self._entry(file_id).finished):
            deliveries = there["deliveries"] + 1
            self.files[file_id] = json.dumps({**new, **there, "deliveries": deliveries})
        return self._entry(file_id)

    @border
    def pin_key(self, key_id: str, check_value: str) -> str:
        return self.keys.setdefault(key_id, check_value)

    def results(self, file_id: str) -> list[PartResult]:
        """All that is recorded of a file, in order."""
        return [
            result_from_document(json.loads(document))
            for (file, _, _), document in sorted(self.parts.items())
            if file == file_id
        ]

    def _entry(self, file_id: str) -> FileEntry:
        return replace(
            entry_from_document(json.loads(self.files[file_id])),
            parts_done=self.parts_done[file_id],
            results_count=self.results_recorded[file_id],
            parts_counted=self.counted[file_id],
            has_receipt=file_id in self.receipts,
        )

    @border
    def entry(self, file_id: str) -> FileEntry | None:
        return self._entry(file_id) if file_id in self.files else None

    @border
    def entries(self, file_ids: Sequence[str]) -> Mapping[str, FileEntry]:
        return {file_id: self._entry(file_id) for file_id in file_ids if file_id in self.files}

    @border
    def part(self, file_id: str, part_number: int, segment: int) -> PartResult | None:
        document = self.parts.get((file_id, part_number, segment))
        return result_from_document(json.loads(document)) if document else None

    @border
    def load(self, file_id: str) -> tuple[FileEntry, list[PartResult]]:
        return self._entry(file_id), self.results(file_id)

    @border
    def mark_receipt(self, file_id: str) -> None:
        assert file_id in self.files
        self.receipts.add(file_id)

    @border
    def record_part(
        self, file_id: str, result: PartResult, sole_deliveries: int | None = None
    ) -> RecordAnswer:
        place = (file_id, result.part_number, result.segment)
        document = json.dumps(result_to_document(result))
        if place in self.parts:
            is_same = self.parts[place] == document
            return RecordAnswer.RECORDED if is_same else RecordAnswer.RECORDED_BEFORE
        if sole_deliveries not in (None, self._entry(file_id).deliveries):
            return RecordAnswer.DELIVERED_AGAIN
        self.parts[place] = document
        self.results_recorded[file_id] += 1
        self.parts_done[file_id] += result.remainder is None
        return RecordAnswer.RECORDED


@dataclass
class InMemoryPlans:
    """The plans, beside the ledger's other entries."""

    ledger: InMemoryLedger
    faults: Faults = field(default_factory=Faults)

    @border
    def plan(self, file_id: str) -> list[PlannedPart]:
        return [
            planned_from_document(json.loads(document))
            for (file, _), document in sorted(self.ledger.planned.items())
            if file == file_id
        ]

    @border
    def add(self, file_id: str, part: PlannedPart) -> PlannedPart:
        document = json.dumps(planned_to_document(part))
        there = self.ledger.planned.setdefault((file_id, part.part_number), document)
        return planned_from_document(json.loads(there))

    @border
    def close(self, file_id: str, parts_total: int) -> int:
        entry = json.loads(self.ledger.files[file_id])
        entry["partsTotal"] = entry["partsTotal"] or parts_total
        self.ledger.files[file_id] = json.dumps(entry)
        total: int = entry["partsTotal"]
        return total

    @border
    def count(self, file_id: str, part_number: int, record_count: int) -> None:
        document = json.loads(self.ledger.planned[file_id, part_number])
        if "records" not in document:
            document["records"] = record_count
            self.ledger.planned[file_id, part_number] = json.dumps(document)
            self.ledger.counted[file_id] += 1
