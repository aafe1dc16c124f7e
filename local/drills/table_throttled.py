"""Drill: a maximum that somebody set on the table of transactions refuses most of its writes."""

from typing import Any, Final

from local.drills import files
from local.drills.scene import Drill, Scene

_TABLE: Final = '--table-name "$(out TransactionMetadataTableName)"'

STATUS: Final = "desk status --outcome no-receipt"
LOOK: Final = (
    f"aws dynamodb describe-table {_TABLE} --query 'Table.[WarmThroughput, OnDemandThroughput]'"
)
TAKE_BACK: Final = (
    f"aws dynamodb update-table {_TABLE}"
    " --on-demand-throughput MaxReadRequestUnits=-1,MaxWriteRequestUnits=-1"
    " --query TableDescription.OnDemandThroughput"
)
REDRIVE: Final = "desk redrive"


def play(scene: Scene) -> None:
    """See Drill."""
    tables, name = scene.deployer("dynamodb"), scene.output("TransactionMetadataTableName")
    alarm = scene.alarm
    scene.step("Somebody lets one write a second through (dynamodb UpdateTable, as deployer).")
    scene.undo.callback(_set_maximum, tables, name, -1)
    _set_maximum(tables, name, 1)
    scene.step("A sender uploads a file.")
    scene.send("throttled.csv", files.transactions("throttled", 300))
    scene.wait("a throttled write", lambda: bool(alarm.breaching(scene.began_at)))
    scene.step(f"The alarm {alarm.name} does not ring yet: it waits for what lasts.")
    count = sum(one.value for one in alarm.breaching(scene.began_at))
    scene.told.alarm(
        alarm.described(),
        f"{alarm.condition()} Measured so far: {count:g} throttled writes, in the first period. "
        "It would ring ten to fifteen minutes from now; this drill does not wait for that.",
    )
    scene.step("The runbook: which files wait, and is there a maximum?")
    scene.types(STATUS)
    scene.types(LOOK)
    scene.step("The runbook: take it back.")
    scene.types(TAKE_BACK)
    scene.wait(
        "a receipt, or a failed event",
        lambda: not scene.without_receipt() or scene.failed_events() > 0,
    )
    scene.types(REDRIVE)
    scene.await_receipts()
    scene.mended()
    scene.types(STATUS)


def _set_maximum(tables: Any, name: str, maximum: int) -> None:
    tables.update_table(TableName=name, OnDemandThroughput={"MaxWriteRequestUnits": maximum})


DRILL: Final = Drill(
    "table-throttled",
    "Somebody sets a maximum on the table of transactions: writes are refused, and files wait.",
    "transaction-metadata-write-throttles",
    (STATUS, LOOK, TAKE_BACK, REDRIVE),
    play,
)
