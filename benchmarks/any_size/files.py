"""The files that are measured: a size in megabytes, and what is in them."""

import itertools
import json
from pathlib import Path
from typing import Final, Literal

from benchmarks.transactions import Contents, ControlTotals, write

MB: Final = 1_000_000
_SAMPLE_ROWS: Final = 20_000
_NAMES: Final = ("transactionId", "timestamp", "amount", "currency", "description")
_MONEY: Final = (("EUR", ".50"), ("USD", ".07"), ("JPY", ""), ("KWD", ".125"), ("GBP", ".00"))
_REJECTED_EACH: Final = 199
_LINES: Final = 190
_LINE: Final = 'one line of a long note, with a "quoted" word, a comma and an end'
_BUFFER_BYTES: Final = 1024 * 1024


def write_ordinary(path: Path, megabytes: int, form: Literal["csv", "ndjson"]) -> ControlTotals:
    """Writes transactions of about 170 bytes, some with quoted line ends, one in 200 rejected.

    The file has some more bytes than it should have, or some less: what a sample foretells.
    """
    sample = write(path, Contents(_SAMPLE_ROWS, form, reject_share=0.005, newlines=True))
    rows = max(1, megabytes * MB * _SAMPLE_ROWS // sample.size_bytes)
    return write(path, Contents(rows, form, reject_share=0.005, newlines=True))


def write_long(path: Path, megabytes: int, form: Literal["csv", "ndjson"]) -> int:
    """Writes transactions with notes of many lines, quotes and commas in each, and counts them.

    As many bytes as an ordinary file in a thirtieth of the records: for what depends on bytes
    alone. Every second note has two lines, the others have so many that their records are 13 kB.
    """
    written = 0
    with path.open("wb", buffering=_BUFFER_BYTES) as stream:
        if form == "csv":
            written += stream.write(",".join(_NAMES).encode() + b"\n")
        for number in itertools.count(1):
            written += stream.write(_long_record(number, form))
            if written >= megabytes * MB:
                return number
    raise AssertionError("numbers have no end")


def _long_record(number: int, form: str) -> bytes:
    currency, amount = _MONEY[number % len(_MONEY)]
    if number % _REJECTED_EACH == 0:
        currency = "EURO"
    note = "\n".join([_LINE] * (_LINES if number % 2 else 2))
    first = (f"L-{number:09}", "2026-03-01T00:00:00Z", f"{number % 9999}{amount}", currency)
    if form == "csv":
        return f'{",".join(first)},"{note.replace('"', '""')}"\n'.encode()
    return json.dumps(dict(zip(_NAMES, (*first, note), strict=True))).encode() + b"\n"
