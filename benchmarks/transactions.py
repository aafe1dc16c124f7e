"""Writes transaction files of any size, and says what is in them.

    python -m benchmarks.transactions --rows 1000000 --format csv /tmp/million.csv

The same arguments give the same bytes. Rows are about 170 bytes of CSV, with the fields of
events/files/transactions.csv; no real person, account or card is in them.
"""

import argparse
import csv
import gzip
import io
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

HEADER: Final = (
    "transaction_id", "timestamp", "amount", "currency", "account_id", "type", "merchant",
    "description", "reference", "channel",
)  # fmt: skip  # Read in rows, as written.
_MERCHANTS: Final = (
    "Bäckerei Müller", "Northwind Grocers", "Café de Flore", "Contoso Energy", "Tōkyō Books",
    "Fabrikam, Inc.", "Adventure Works", 'The "Old" Mill', "Łódź Tramwaje", "Blue Yonder Air",
)  # fmt: skip  # Read in rows, as written.
_NOTES: Final = (
    "Monthly plan for a household, first instalment of twelve",
    "Order with delivery to the front door, between 9 and 12",
    'Gift with a card that says "birthday", wrapped and with bow',
    "Order, 2 items, one of them returned and the other exchanged",
    "Season ticket for the zones A and B, one adult and a bicycle",
    "Settlement of the invoice of last month, less three per cent",
)
_NOTE_OF_TWO_LINES: Final = "Order with a note of two lines:\nthis is the second one of them"
_CURRENCIES: Final = (("EUR", 2, 50), ("USD", 2, 30), ("GBP", 2, 12), ("JPY", 0, 6), ("KWD", 3, 2))
_TYPES: Final = (("payment", 70), ("refund", 8), ("transfer", 12), ("fee", 4), ("withdrawal", 6))
_ZONES: Final = (UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5)))
_FIRST: Final = datetime(2026, 3, 1, tzinfo=UTC)
_APART_MS: Final = 37
_TAILS: Final = 4096
_BLOCK_ROWS: Final = 2000
_BUFFER_BYTES: Final = 1024 * 1024

type Format = Literal["csv", "ndjson", "json"]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file is to hold.

    Args:
        rows: Records, bad ones among them.
        form: How they are written: a header and CSV, an object a line, or an array.
        gzipped: Whether the file is compressed.
        reject_share: Of the records, those that break a rule: by amount, currency or time.
        newlines: Whether some notes have two lines. (In CSV some are quoted in any case.)
        seed: Of chance; files of other seeds have other transactions and none in common.
    """

    rows: int
    form: Format = "csv"
    gzipped: bool = False
    reject_share: float = 0.0
    newlines: bool = False
    seed: int = 1


@dataclass(frozen=True, slots=True)
class ControlTotals:
    """What a file holds.

    Args:
        records: All of them.
        rejected: Those that break a rule.
        sums: Currency -> exact sum of the others, as a decimal text.
        size_bytes: Of the file.
    """

    records: int
    rejected: int
    sums: dict[str, str]
    size_bytes: int

    @property
    def valid(self) -> int:
        """Records that are transactions."""
        return self.records - self.rejected


@dataclass(frozen=True, slots=True)
class _Tail:
    """What follows a row's amount, written once and used often."""

    sign: int
    currency: str
    digits: int
    text: str


def write(path: Path, contents: Contents) -> ControlTotals:
    """Writes a file, block by block."""
    if contents.gzipped:
        # Without a name and a time in it: the same arguments give the same bytes.
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as compressed:
            counted = _write_to(compressed, contents)
    else:
        with path.open("wb", buffering=_BUFFER_BYTES) as stream:
            counted = _write_to(stream, contents)
    rejected, minor = counted
    digits = {currency: count for currency, count, _ in _CURRENCIES}
    sums = {
        currency: str(Decimal(amount).scaleb(-digits[currency]))
        for currency, amount in sorted(minor.items())
    }
    return ControlTotals(contents.rows, rejected, sums, path.stat().st_size)


def _write_to(stream: Any, contents: Contents) -> tuple[int, Counter[str]]:
    chance = random.Random(contents.seed)  # noqa: S311  # nosec B311  # Seeded, to be repeated.
    maker = _Maker(contents, chance)
    between = b""
    if contents.form == "csv":
        stream.write(_csv_line(HEADER).encode())
    elif contents.form == "json":
        stream.write(b"[\n")
        between = b",\n"
    for first in range(1, contents.rows + 1, _BLOCK_ROWS):
        rows = maker.block(first, min(first + _BLOCK_ROWS, contents.rows + 1))
        if contents.form == "json":
            stream.write((between if first > 1 else b"") + ",\n".join(rows).encode())
        else:
            stream.write("".join(rows).encode())
    if contents.form == "json":
        stream.write(b"\n]\n")
    return maker.rejected, maker.minor


class _Maker:
    """Makes rows as text.

    Attributes:
        rejected: Bad rows so far.
        minor: Currency -> sum of the good ones, in minor units.
    """

    def __init__(self, contents: Contents, chance: random.Random) -> None:
        self._contents = contents
        self._chance = chance
        self._tails = [_tail(contents, chance) for _ in range(_TAILS)]
        self._reject_below = round(contents.reject_share * 2**20)
        self.rejected = 0
        self.minor: Counter[str] = Counter()

    def block(self, first: int, end: int) -> list[str]:
        """The rows with the numbers from `first` to before `end`."""
        is_csv = self._contents.form == "csv"
        line_end = "\n" if self._contents.form == "ndjson" else ""
        prefix = f"TX-{self._contents.seed:03}-"
        rows = []
        for number, time in zip(range(first, end), _moments(first, end), strict=True):
            bits = self._chance.getrandbits(64)
            tail = self._tails[bits & (_TAILS - 1)]
            minor = (bits >> 12) % 500_000 + 1
            moment = time
            amount = _amount(tail.sign * minor, tail.digits)
            currency = tail.currency
            if (bits >> 44) < self._reject_below:
                amount, currency, moment = _spoilt(number, amount, currency, moment)
                self.rejected += 1
            else:
                self.minor[currency] += tail.sign * minor
            if is_csv:
                rows.append(f"{prefix}{number:08},{moment},{amount},{currency},{tail.text}")
            else:
                rows.append(
                    f'{{"transaction_id": "{prefix}{number:08}", "timestamp": "{moment}", '
                    f'"amount": "{amount}", "currency": "{currency}", {tail.text}}}{line_end}'
                )
        return rows


def _amount(minor: int, digits: int) -> str:
    text = f"{minor:0{digits + 1}}" if minor >= 0 else f"{minor:0{digits + 2}}"
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def _moments(first: int, end: int) -> Iterator[str]:
    """Times of rows, in one zone after the other, a second each."""
    second = -1
    before = after = ""
    for number in range(first, end):
        ms = number * _APART_MS
        if ms // 1000 != second:
            second = ms // 1000
            moment = _FIRST + timedelta(seconds=second)
            text = moment.astimezone(_ZONES[second % len(_ZONES)]).isoformat()
            before, after = text[:19], text[19:]
        yield f"{before}.{ms % 1000:03}{after}"


def _spoilt(number: int, amount: str, currency: str, moment: str) -> tuple[str, str, str]:
    """A good row's amount, currency and time with one of the mistakes that partners make."""
    match number % 4:
        case 0:
            return amount + ".", currency, moment
        case 1:
            return amount, "EURO", moment
        case 2:
            return amount, currency, moment[:19]
        case _:
            return "", currency, moment


def _tail(contents: Contents, chance: random.Random) -> _Tail:
    currency, digits, _ = chance.choices(_CURRENCIES, [weight for *_, weight in _CURRENCIES])[0]
    kind = chance.choices([name for name, _ in _TYPES], [weight for _, weight in _TYPES])[0]
    note = chance.choice(_NOTES)
    if contents.newlines and chance.random() < 0.2:
        note = _NOTE_OF_TWO_LINES
    fields = {
        "account_id": f"ACC-{chance.randrange(10_000):06}",
        "type": kind,
        "merchant": chance.choice(_MERCHANTS),
        "description": note,
        "reference": f"INV-{chance.randrange(10**8):08}" if chance.random() < 0.7 else "",
        "channel": chance.choice(("web", "pos", "app")),
    }
    if contents.form == "csv":
        text = _csv_line(fields.values())
    else:
        text = json.dumps(fields, ensure_ascii=False)[1:-1]
    return _Tail(-1 if kind == "refund" else 1, currency, digits, text)


def _csv_line(fields: Any) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(fields)
    return text.getvalue()


def main() -> None:
    """Writes a file and prints its totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", choices=("csv", "ndjson", "json"), default="csv")
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--rejects", type=float, default=0.0, help="share, as 0.05")
    parser.add_argument("--newlines", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    contents = Contents(
        given.rows, given.format, given.gzip, given.rejects, given.newlines, given.seed
    )
    totals = asdict(write(given.path, contents))
    sys.stdout.write(json.dumps(totals, indent=2) + "\n")


if __name__ == "__main__":
    main()
