"""Writes transactions.csv: 10,000 transactions as a partner might send them, of every outcome.

    python events/files/generate.py

The file is the same at every run. It holds no real person, account or card.
"""

import csv
import random
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

ROWS: Final = 10_000
SEED: Final = 20260301
TARGET: Final = Path(__file__).with_name("transactions.csv")

HEADER: Final = (
    "transaction_id", "timestamp", "amount", "currency", "account_id", "type", "merchant",
    "description", "reference", "channel",
)  # fmt: skip  # Read in rows, as written.
MERCHANTS: Final = (
    "Bäckerei Müller", "Northwind Grocers", "Café de Flore", "Contoso Energy", "Tōkyō Books",
    "Fabrikam, Inc.", "Adventure Works", 'The "Old" Mill', "Łódź Tramwaje", "Blue Yonder Air",
)  # fmt: skip  # Read in rows, as written.
CURRENCIES: Final = (("EUR", 2, 50), ("USD", 2, 30), ("GBP", 2, 12), ("JPY", 0, 6), ("KWD", 3, 2))
TYPES: Final = (("payment", 70), ("refund", 8), ("transfer", 12), ("fee", 4), ("withdrawal", 6))
ZONES: Final = (UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5)))


def spoil(row: list[str], kind: int) -> list[str]:
    """A row with one of the mistakes that partners make."""
    spoilt = list(row)
    match kind:
        case 0:
            spoilt[2] = row[2].replace(".", ",") if "." in row[2] else row[2] + ",00"
        case 1:
            spoilt[1] = row[1][:19]
        case 2:
            spoilt[3] = "EURO"
        case 3:
            spoilt[0] = ""
        case 4:
            spoilt[2:4] = ["19.999", "EUR"]
        case 5:
            spoilt[1] = "2026-02-30T10:00:00Z"
        case 6:
            spoilt = row[:-2]
        case _:
            spoilt[2] = ""
    return spoilt


def transaction(number: int, chance: random.Random) -> list[str]:
    """One valid row."""
    currency, digits, _ = chance.choices(CURRENCIES, [weight for *_, weight in CURRENCIES])[0]
    kind = chance.choices([name for name, _ in TYPES], [weight for _, weight in TYPES])[0]
    minor = chance.randrange(1, 500_000)
    amount = f"{minor // 10**digits}" + (f".{minor % 10**digits:0{digits}}" if digits else "")
    moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(
        seconds=number * 8, milliseconds=chance.randrange(1000)
    )
    return [
        f"TX-2026-{number:07}",
        moment.astimezone(chance.choice(ZONES)).isoformat(timespec="milliseconds"),
        f"-{amount}" if kind == "refund" else amount,
        currency,
        f"ACC-{chance.randrange(10_000):06}",
        kind,
        chance.choice(MERCHANTS),
        chance.choice(("", "Monthly plan", "Order, 2 items", 'Gift "birthday"', "Line 1\nLine 2")),
        f"INV-{chance.randrange(10**8):08}" if chance.random() < 0.7 else "",
        chance.choice(("web", "pos", "app")),
    ]


def rows() -> list[list[str]]:
    """All rows: most are new and valid; some are sent twice, contradicted later, or spoilt."""
    chance = random.Random(SEED)  # nosec B311  # Seeded, for a sample that stays.
    made: list[list[str]] = []
    for number in range(1, ROWS + 1):
        fate = chance.random()
        if made and fate < 0.01:
            made.append(list(chance.choice(made)))
        elif made and fate < 0.013:
            contradicted = list(chance.choice(made))
            contradicted[7] = "corrected later"
            made.append(contradicted)
        elif fate < 0.025:
            made.append(spoil(transaction(number, chance), number % 8))
        else:
            made.append(transaction(number, chance))
    return made


def main() -> None:
    """Writes the file, as RFC 4180 has it."""
    with TARGET.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        writer.writerows(rows())


if __name__ == "__main__":
    main()
