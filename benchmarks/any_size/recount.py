"""What a receipt must say, computed apart from the processor, in constant memory.

`python -m benchmarks.any_size.recount FILE` reads a CSV or NDJSON file that the benchmarks wrote,
with Python's csv and json, record by record, and prints the totals as the receipt has them. It
shares no code with the processor, and knows no more rules than the generators break. That no
identity comes twice is seen without remembering any: the ids must increase.
"""

import csv
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from benchmarks.any_size.peak import peak_memory_bytes

DIGITS: Final = {"EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3, "USD": 2}
_AMOUNT: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?")
_OFFSET: Final = re.compile(r".*(?:Z|[+-]\d\d:\d\d)")
_KNOWN: Final = {
    name.replace("_", ""): name
    for name in ("timestamp", "amount", "currency", "type", "merchant", "description", "reference")
} | {"transactionid": "transactionId", "accountid": "accountId"}


def recount(records: Iterable[dict[str, str]]) -> dict[str, Any]:
    """Counts records.

    Args:
        records: Fields by the file's own names.

    Returns:
        `outcomes` and `computed` as in a receipt.

    Raises:
        ValueError: The ids do not increase: then this count could not be true.
    """
    outcomes: Counter[str] = Counter()
    sums: dict[str, Decimal] = defaultdict(Decimal)
    hash_total, last_id = 0, ""
    for given in records:
        record = {_canonical(name): text for name, text in given.items()}
        identity = record["transactionId"]
        if identity <= last_id:
            raise ValueError(f"record {outcomes.total() + 1}: ids must increase")
        last_id = identity
        if not _is_valid(record):
            outcomes["rejected"] += 1
            continue
        outcomes["stored"] += 1
        amount = Decimal(record["amount"])
        currency = record["currency"]
        sums[currency] += amount
        hash_total += _hash(record, f"{amount:.{DIGITS[currency]}f}")
    return {
        "outcomes": {
            "read": outcomes.total(),
            "stored": outcomes["stored"],
            "duplicate": 0,
            "conflict": 0,
            "rejected": outcomes["rejected"],
        },
        "computed": {
            "recordCount": outcomes.total(),
            "sums": {name: f"{total:.{DIGITS[name]}f}" for name, total in sorted(sums.items())},
            "hashTotal": f"{hash_total % 2**64:016x}",
        },
    }


@cache
def _canonical(name: str) -> str:
    folded = name.replace("_", "").lower()
    return _KNOWN.get(folded, name)


def _is_valid(record: dict[str, str]) -> bool:
    amount = _AMOUNT.fullmatch(record["amount"])
    if amount is None or record["currency"] not in DIGITS:
        return False
    if len(amount[1] or "") > DIGITS[record["currency"]]:
        return False
    if not _OFFSET.fullmatch(record["timestamp"]):
        return False
    datetime.fromisoformat(record["timestamp"])
    return True


def _hash(record: dict[str, str], amount: str) -> int:
    """The first 64 bits of the SHA-256 of the canonical content; see docs/receipt.md."""
    known = {name: text for name, text in record.items() if text and name in _KNOWN.values()}
    extra = {name: text for name, text in record.items() if text and name not in _KNOWN.values()}
    content: dict[str, Any] = known | {"amount": amount} | ({"extra": extra} if extra else {})
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return int.from_bytes(hashlib.sha256(canonical.encode()).digest()[:8])


def differences(receipt: dict[str, Any], counted: dict[str, Any]) -> list[str]:
    """In which of counts, sums and hash totals a receipt differs from a count, in words."""
    computed = receipt["controlTotals"]["computed"]
    pairs = {
        "outcomes": (receipt["outcomes"], counted["outcomes"]),
        "recordCount": (computed["recordCount"], counted["computed"]["recordCount"]),
        "sums": (computed["sums"], counted["computed"]["sums"]),
        "hashTotal": (computed["hashTotal"], counted["computed"]["hashTotal"]),
    }
    return [
        f"{name}: the receipt says {said}, the recount {found}"
        for name, (said, found) in pairs.items()
        if said != found
    ]


def records_of(path: Path) -> Iterator[dict[str, str]]:
    """The records of a file, one after the other."""
    with path.open(encoding="utf-8", newline="") as stream:
        if path.suffix == ".csv":
            rows = csv.reader(stream, strict=True)
            header = next(rows)
            for row in rows:
                yield dict(zip(header, row, strict=True))
        else:
            for line in stream:
                yield json.loads(line)


def main() -> None:
    """Is the process."""
    counted = recount(records_of(Path(sys.argv[1])))
    sys.stdout.write(json.dumps(counted | {"peakBytes": peak_memory_bytes()}) + "\n")


if __name__ == "__main__":
    main()
