"""Memory does not grow with the file, whatever its format."""

import gzip
import json
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from processor.domain.file import SourceFile
from processor.ports import InsertAnswer, Row
from tests.support.fakes import InMemoryTable, Inserted
from tests.support.world import HEADER, World

MIB = 1024 * 1024
NOTE = "n" * 4000


@dataclass
class ForgetfulTable(InMemoryTable):
    """Takes every row and keeps none, so that only the processor's memory is seen."""

    def insert(self, rows: Sequence[Row], source: SourceFile, processed_at: datetime) -> Inserted:
        return Inserted([InsertAnswer.INSERTED] * len(rows))


def json_record(number: int, *, valid: bool) -> bytes:
    timestamp = "2026-03-01T12:00:00Z" if valid else "never"
    return json.dumps(
        {
            "transactionId": f"T{number}",
            "timestamp": timestamp,
            "amount": "1.00",
            "currency": "EUR",
            "note": NOTE,
        }
    ).encode()


def make(form: str, size: int) -> bytes:
    """A file of about `size` bytes."""
    count = size // len(NOTE)
    match form:
        case "csv":
            rows = (f"T{n},2026-03-01T12:00:00Z,1.00,EUR,{NOTE}\n".encode() for n in range(count))
            return HEADER.replace(b"\n", b",note\n") + b"".join(rows)
        case "array":
            return b"[" + b",\n".join(json_record(n, valid=True) for n in range(count)) + b"]"
        case "rejects":
            return b"\n".join(json_record(n, valid=False) for n in range(count))
        case "one line":
            return json_record(0, valid=True)[:-2] + b"x" * size + b'"}'
        case "names":
            names = 20_000
            return b"\n".join(
                json.dumps({f"{n}-{name}": "" for name in range(names)}).encode()
                for n in range(size // (names * 14))
            )
        case "gzip":
            return gzip.compress(make("csv", size), 1)
        case _:
            return b"\n".join(json_record(n, valid=True) for n in range(count))


class ForgetfulResults(dict[str, Any]):
    """Remembers the keys, not the bodies."""

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, [])


def peak(form: str, size: int) -> int:
    """Most memory that processing such a file takes, in bytes, the file itself not counted."""
    world = World(table=ForgetfulTable())
    world.results.objects = ForgetfulResults()
    version = world.files.upload(make(form, size), "file.ndjson" if form == "one line" else "file")
    tracemalloc.start()
    try:
        world.process(version)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", ["csv", "ndjson", "array", "gzip", "rejects", "one line", "names"])
def test_peak_memory_does_not_grow_with_the_file(form: str) -> None:
    small = peak(form, 8 * MIB)

    large = peak(form, 24 * MIB)

    # The files differ by 16 MiB; an object of quarantine more or less makes some of this.
    assert large < small + 6 * MIB
    assert large < 32 * MIB
