"""Mistakes in cutting files into parts, handing them on and sweeping."""

from typing import Final

from tests.simulation.mutation import Mutation

MISTAKES: Final = (
    Mutation(
        "records are numbered anew in each part",
        "planner.py",
        "        self._next_record += part.record_count or 0",
        "        self._next_record = 1",
    ),
    Mutation(
        "records of counted parts are numbered anew",
        "planner.py",
        "        record_number += part.record_count or 0",
        "        record_number = 1",
    ),
    Mutation(
        "cuts do not look for quotes",
        "formats/cuts.py",
        "        if b'\"' in body:",
        "        if False:",
    ),
    Mutation(
        "a large file that ends with its header is planned",
        "pipeline.py",
        "        has_records = reading.begins.byte_offset < source.size_bytes",
        "        has_records = True",
    ),
    Mutation(
        "a part is read to the end of the file",
        "pipeline.py",
        "reader.part, name, task.start, task.end)",
        "reader.part, name, task.start, None)",
    ),
    Mutation(
        "what is handed on begins a record too late",
        "part.py",
        "record.number + 1, after",
        "record.number + 2, after",
    ),
    Mutation(
        "what is handed on begins with the last record",
        "part.py",
        "    end = record.byte_offset + record.byte_length",
        "    end = record.byte_offset",
    ),
    Mutation(
        "a part that is handed on counts as done",
        "adapters/ledger.py",
        '"partsDone": int(is_last)',
        '"partsDone": 1',
    ),
    Mutation(
        "a plan closes one part too early",
        "planner.py",
        "version.file_id, len(plan.parts))",
        "version.file_id, len(plan.parts) - 1)",
    ),
    Mutation(
        "tasks whose events were lost stay lost",
        "pipeline.py",
        ("        if again and is_handed_on:\n            self"),
        ("        if not again and is_handed_on:\n            self"),
    ),
    Mutation(
        "the sweep leaves alone what is registered",
        "sweep.py",
        "    if entry.has_receipt:\n",
        "    if entry is not None:\n",
    ),
)
