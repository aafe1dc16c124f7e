"""Files with card numbers, and all that was stored of them."""

import json

from tests.support.world import World

CARD = "4111111111111111"
HEADER = b"transactionId,timestamp,amount,currency,cardNumber,note\n"
VALID = {"transactionId": "A", "timestamp": "2026-03-01T12:00:00Z", "amount": "1.00"}


def csv(*rows: str) -> bytes:
    """A CSV file of rows that are given as id, card number and note."""
    lines = (f"{name},2026-03-01T12:00:00Z,1.00,EUR,{rest}\n" for name, _, rest in map(split, rows))
    return HEADER + "".join(lines).encode()


def split(row: str) -> tuple[str, str, str]:
    return row.partition(",")


def ndjson(*records: dict[str, object] | str) -> bytes:
    lines = (
        one if isinstance(one, str) else json.dumps({**VALID, "currency": "EUR", **one})
        for one in records
    )
    return "\n".join(lines).encode()


def everything(world: World) -> str:
    """All that was stored, as text."""
    rows = [
        (row.fingerprint, row.transaction.canonical_content().decode())
        for row, _, _ in world.table.items.values()
    ]
    objects = [body.decode() for bodies in world.results.objects.values() for body in bodies]
    return json.dumps([rows, objects, world.ledger.files, *world.ledger.parts.values()])
