"""Uploads by chance. What they mean is forgotten at once: the recount reads the bytes."""

import csv
import gzip
import io
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HEADERS: Final = (
    ("transactionId", "timestamp", "amount", "currency", "merchant", "note", "cardNumber"),
    ("transaction_id", "Timestamp", "AMOUNT", "currency", "merchant", "note", "card_number"),
    ("note", "currency", "amount", "merchant", "timestamp", "TRANSACTIONID", "cardNumber"),
)
FIELDS: Final = (
    *("transactionId", "timestamp", "amount", "currency", "merchant", "note", "cardNumber"),
)
CURRENCIES: Final = {"EUR": ("10.50", "-3.25", "0.01"), "JPY": ("1200", "7"), "BHD": ("1.005",)}
CARDS: Final = ("4111111111111111", "5555 5555 5555 4444")
MERCHANTS: Final = ("Baker", 'The "Inn"', "Line\nbreak", "Комма, Inc", "")
TIMES: Final = (
    "2026-02-01T08:00:00Z",
    "2026-02-01T09:00:00.250+01:00",
    "2026-02-02T00:00:00-05:00",
)

FLAWS: Final[Mapping[str, tuple[str, ...]]] = {
    "transactionId": ("", " padded"),
    "timestamp": ("", "yesterday", "2026-02-01T08:00:00", "2026-02-30T08:00:00Z"),
    "amount": ("", "1,5", "1e3", "-0", "1.2345678", "1" * 20),
    "currency": ("", "ZZZ", "eur"),
    "cardNumber": ("4111111111111112", "none"),
}
"""Field -> values that some rule refuses."""

type Fields = dict[str, str]


@dataclass(frozen=True)
class Upload:
    """One object to be.

    Args:
        key: Its key.
        body: Its bytes.
        content_type: As its sender declares it.
    """

    key: str
    body: bytes
    content_type: str


class Uploads:
    """Makes uploads whose records overlap: a few transactions, told again and again.

    Args:
        chance: The seed's.
        records_max: The most records of a file.
    """

    def __init__(self, chance: random.Random, records_max: int) -> None:
        self._chance = chance
        self._records_max = records_max
        self._pool = [self._transaction(number) for number in range(chance.randint(2, 30))]
        self._made: list[Upload] = []

    def next(self) -> Upload:
        """One upload; sometimes the same again, sometimes another version of the same key."""
        chance = self._chance
        if self._made and chance.random() < 0.15:
            again = chance.choice(self._made)
            ending = again.key.rpartition(".")[2]
            key = again.key if chance.random() < 0.5 else f"again/{len(self._made)}.{ending}"
            upload = Upload(key, again.body, again.content_type)
        else:
            upload = self._new()
        self._made.append(upload)
        return upload

    def _new(self) -> Upload:
        chance = self._chance
        if chance.random() < 0.03:
            records = self._many()
        else:
            records = [self._record() for _ in range(chance.randint(0, self._records_max))]
        kind = chance.choice(("csv", "csv", "ndjson", "json"))
        body = {"csv": self._csv, "ndjson": self._ndjson, "json": self._json}[kind](records)
        if chance.random() < 0.05:
            # An upload that was cut off, behind a header.
            body = body[: chance.randint(body.find(b"\n") + 1, len(body))]
        if chance.random() < 0.02:
            # More blank lines than a part has bytes, perhaps before nothing but a header.
            is_bare = kind == "csv" and chance.random() < 0.5
            body = b"\n" * 200 + (body[: body.find(b"\n") + 1] if is_bare else body)
        key = f"in/{len(self._made)} file+é.{kind}"
        like = [made.key for made in self._made if made.key.endswith(f".{kind}")]
        if like and chance.random() < 0.15:
            key = chance.choice(like)
        if chance.random() < 0.2:
            body = gzip.compress(body, mtime=0)
            if chance.random() < 0.2:
                body = body[:-4]
        return Upload(key, body, f"text/{kind}")

    def _many(self) -> list[Fields]:
        """Transactions that no other file has, more than are stored at a time or even than are sent
        before an answer is waited for; some told again, a few records or some batches later."""
        chance, first = self._chance, 1000 * (1 + len(self._made))
        count, again_share, far = chance.choice(((90, 0.05, 20), (340, 0.02, 190)))
        records: list[Fields] = []
        for number in range(count):
            # As many as are under way at once are let go by before the first is told again.
            if len(records) > far and chance.random() < again_share:
                again = dict(records[-chance.randint(1, far)])
                records.append(again | ({"note": "again"} if chance.random() < 0.5 else {}))
            else:
                records.append(self._transaction(first + number))
        return records

    def _transaction(self, number: int) -> Fields:
        chance = self._chance
        currency = chance.choice(tuple(CURRENCIES))
        return {
            "transactionId": f"T{number}",
            "timestamp": chance.choice(TIMES),
            "amount": chance.choice(CURRENCIES[currency]),
            "currency": currency,
            "merchant": chance.choice(MERCHANTS),
            "note": chance.choice(("", "n", "ß")),
            "cardNumber": chance.choice(CARDS) if chance.random() < 0.1 else "",
        }

    def _record(self) -> Fields:
        """A transaction of the pool: mostly as it is, sometimes with another content, or flawed."""
        chance = self._chance
        record = dict(chance.choice(self._pool))
        roll = chance.random()
        if roll < 0.1:
            record["merchant"] = "another"
        elif roll < 0.15:
            record["amount"] = chance.choice(CURRENCIES[record["currency"]])
        elif roll < 0.3:
            field = chance.choice(tuple(FLAWS))
            record[field] = chance.choice(FLAWS[field])
        return record

    def _csv(self, records: list[Fields]) -> bytes:
        chance = self._chance
        header = chance.choice(HEADERS)
        order = [_plain_name(name) for name in header]
        text = io.StringIO()
        line_end = chance.choice(("\n", "\r\n"))
        dialect = chance.choice(("excel", "excel", "unix"))
        writer = csv.writer(text, dialect, lineterminator=line_end)
        writer.writerow(header)
        for record in records:
            row = [record[name] for name in order]
            if chance.random() < 0.03:
                row = row[:-1]
            writer.writerow(row)
            if chance.random() < 0.02:
                text.write(line_end)
        body = text.getvalue().encode()
        if chance.random() < 0.03:
            body += b'T1,"never closed'
        return body

    def _ndjson(self, records: list[Fields]) -> bytes:
        lines = [self._object(record) for record in records]
        if lines and self._chance.random() < 0.1:
            lines.insert(self._chance.randint(1, len(lines)), "[1, 2]")
        if lines and self._chance.random() < 0.1:
            lines.insert(self._chance.randint(1, len(lines)), '{"transactionId": "T1", ')
        if lines and self._chance.random() < 0.05:
            lines[-1] = lines[-1].replace("}", ', "amount": "1"}')
        return "\n".join(lines).encode() + self._chance.choice((b"", b"\n", b"\n\n"))

    def _json(self, records: list[Fields]) -> bytes:
        objects = [self._object(record) for record in records]
        return ("[" + self._chance.choice((", ", ",\n")).join(objects) + "]").encode()

    def _object(self, record: Fields) -> str:
        chance = self._chance
        header = chance.choice(HEADERS)
        members = {name: record[_plain_name(name)] for name in header}
        kept = {name: text for name, text in members.items() if text or chance.random() < 0.5}
        return json.dumps(kept, ensure_ascii=chance.random() < 0.5)


def _plain_name(name: str) -> str:
    folded = name.replace("_", "").lower()
    return next(field for field in FIELDS if field.lower() == folded)
