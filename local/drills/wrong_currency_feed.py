"""Drill: a feed writes yen with decimals, and every third record is rejected."""

import csv
from pathlib import Path
from typing import Final

from local.drills import files
from local.drills.scene import Drill, DrillFailed, Scene

_EXPORT: Final = "rejects.csv"

RECEIPT: Final = "desk receipt KEY"
REJECTS: Final = "desk rejects KEY"
EXPORT: Final = f"desk rejects KEY --export {_EXPORT}"
REPLAY: Final = f"desk replay KEY --rejects {_EXPORT}"


def play(scene: Scene) -> None:
    """See Drill."""
    scene.step("A sender uploads a file whose yen have decimals, as his other currencies have.")
    key = scene.send("feed.csv", files.yen_with_decimals("feed", 30))
    scene.await_receipts()
    scene.rings()
    scene.step("The runbook: which rule does it break?")
    scene.types(RECEIPT, {"KEY": key})
    if "AMOUNT_SCALE" not in scene.types(REJECTS, {"KEY": key}).output:
        raise DrillFailed("the yen were not rejected for their decimals")
    scene.step("The runbook: export the rejected records.")
    scene.types(EXPORT, {"KEY": key})
    scene.step("The sender says that the decimals mean nothing: they are taken off by hand.")
    count = _without_decimals(scene.shell.folder / _EXPORT)
    scene.told.output(f"{count} records corrected in {_EXPORT}", 0)
    scene.step("The runbook: have the corrected records processed in their place.")
    scene.mended()
    scene.types(REPLAY, {"KEY": key})
    scene.await_receipts()


def _without_decimals(file: Path) -> int:
    with file.open(newline="", encoding="utf-8") as read:
        rows = list(csv.DictReader(read))
    for row in rows:
        row["amount"] = row["amount"].removesuffix(".00")
    with file.open("w", newline="", encoding="utf-8") as written:
        writer = csv.DictWriter(written, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


DRILL: Final = Drill(
    "wrong-currency-feed",
    "A sender's feed writes yen with decimals: a third of its records is rejected.",
    "transaction-reject-rate",
    (RECEIPT, REJECTS, EXPORT, REPLAY),
    play,
)
