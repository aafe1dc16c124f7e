"""Files of many small parts, with every outcome in each."""

import gzip
import json
from typing import Any


def quoted_row(number: int) -> bytes:
    return (
        f'T{number},2026-03-01T12:00:00Z,1.{number % 100:02},EUR,"a ""b""\nč {number}"\r\n'.encode()
    )


def mixed_csv(count: int = 60) -> bytes:
    """Quoted line ends, duplicates, conflicts and rejects, some of them in parts far apart."""
    rows = [quoted_row(number) for number in range(count)]
    rows[count // 2] = rows[1]
    rows[count // 3] = rows[2].replace(b"1.02", b"9.99")
    rows[count // 4] = b"X,yesterday,1.00,EUR,x\r\n\r\n"
    rows[-2] = b"too,short\r\n"
    return b"transactionId,timestamp,amount,currency,description\r\n" + b"".join(rows)


def mixed_objects(count: int = 60) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "transactionId": f"T{number}",
            "timestamp": "2026-03-01T12:00:00Z",
            "amount": f"1.{number % 100:02}",
            "currency": "EUR",
        }
        for number in range(count)
    ]
    rows[count // 2] = rows[1]
    rows[count // 3] = rows[2] | {"amount": "9.99"}
    rows[count // 4] = rows[3] | {"amount": "much"}
    return rows


def ndjson(objects: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in objects)


def array(objects: list[dict[str, Any]]) -> bytes:
    return json.dumps(objects, indent=1).encode()


FILES = {
    "a.csv": mixed_csv(),
    "a.ndjson": ndjson(mixed_objects()),
    "a.json": array(mixed_objects()),
    "a.csv.gz": gzip.compress(mixed_csv(200), mtime=0),
}
