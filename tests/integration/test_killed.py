"""A process killed at any moment, and its event run again, gives the receipt of an undisturbed run.

The process is the entry point itself, under the function's rights, so that the test can kill it;
S3's notifications are lost meanwhile, so that nobody else finishes the file.
"""

import random
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.integration.delivery import Desk, Sent
from tests.integration.deployed import Json, Stack, client
from tests.integration.files import as_csv, some_of_everything, transaction
from tests.integration.function_process import run_handler, start
from tests.integration.recount import Recount, read_csv, recount
from tests.support.events import s3_event

pytestmark = pytest.mark.usefixtures("notifications_lost")

ROWS = 3000
RANDOM_ROWS = 3
LATE_SECONDS_MAX = 0.05
LOOK_AGAIN_SECONDS = 0.01
OF_ITS_OWN = {"file", "fileId", "quarantine", "duplicates", "startedAt", "endedAt", "controlTotals"}
"""What differs between two equal files: their names, their times, and sums over the ids in them."""

type Reached = Callable[[], bool]


def a_body(prefix: str) -> bytes:
    """3,000 rows and some of every outcome, the same for every prefix but for the ids."""
    rows = [transaction(f"{prefix}-bulk", number) for number in range(ROWS)]
    return as_csv([*rows[:1000], *some_of_everything(prefix), *rows[1000:]])


def milestones(
    desk: Desk, sent: Sent, counted: Recount, chance: random.Random
) -> dict[str, Reached]:
    """Moments in the life of a file, in their order, and how to see from outside that they came."""
    identities = {number: identity for identity, (number, _, _) in counted.stored.items()}
    stack = desk.stack
    rejected = sent.receipt_key.replace("receipts/", "rejected/", 1).removesuffix(".json")

    def has_row(number: int) -> bool:
        transaction_id, timestamp_ms = identities[number]
        key = {"transactionId": {"S": transaction_id}, "timestamp": {"N": str(timestamp_ms)}}
        return has_item(stack.outputs["TransactionMetadataTableName"], key)

    def has_entry(entry: str) -> bool:
        key = {"fileId": {"S": sent.version.file_id}, "entry": {"S": entry}}
        return has_item(stack.outputs["FileLedgerTableName"], key)

    def is_quarantined() -> bool:
        bucket = stack.outputs["TransactionResultsBucketName"]
        return bool(client("s3").list_objects_v2(Bucket=bucket, Prefix=rejected)["KeyCount"])

    rows = [1, *sorted(chance.sample(sorted(identities), RANDOM_ROWS)), max(identities)]
    return {
        "registered": partial(has_entry, "FILE"),
        **{f"row {number} stored": partial(has_row, number) for number in rows},
        "quarantined": is_quarantined,
        "result recorded": partial(has_entry, "PART#00001"),
    }


def has_item(table: str, key: dict[str, Any]) -> bool:
    return "Item" in client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)


def kill_when(stack: Stack, event: Json, reached: Reached, late_seconds: float) -> bool:
    """Starts a run and kills it a little after a moment; whether it was still alive then."""
    process = start(stack, event)
    while process.poll() is None and not reached():
        time.sleep(LOOK_AGAIN_SECONDS)
    time.sleep(late_seconds)
    process.kill()
    assert process.stdout
    process.stdout.read()
    process.stdout.close()
    return process.wait() == -signal.SIGKILL


def test_a_run_killed_at_any_moment_and_repeated_gives_an_undisturbed_runs_receipt(
    stack: Stack, desk: Desk, run: str
) -> None:
    undisturbed = desk.send("killed/calm.csv", a_body(f"{run}-calm"))
    hunted = desk.send("killed/hunted.csv", a_body(f"{run}-hunt"))
    counted = recount(read_csv(hunted.body))
    event = s3_event(hunted.version)
    seed = random.randrange(2**32)
    chance = random.Random(seed)

    was_alive = {
        name: kill_when(stack, event, reached, chance.uniform(0, LATE_SECONDS_MAX))
        for name, reached in milestones(desk, hunted, counted, chance).items()
    }
    run_handler(stack, event)
    run_handler(stack, s3_event(undisturbed.version))

    told = f"seed {seed}; whether it was alive when it was killed: {was_alive}"
    assert sum(was_alive.values()) >= len(was_alive) - 2, told
    expected, receipt = desk.receipt(undisturbed), desk.receipt(hunted)
    assert less(receipt, OF_ITS_OWN) == less(expected, OF_ITS_OWN), told
    assert receipt["outcomes"] == counted.outcomes_document(), told
    assert receipt["controlTotals"]["computed"] == counted.control_totals_document(), told
    (first_stored_by,) = receipt["duplicates"]["firstStoredBy"]
    assert (first_stored_by["key"], first_stored_by["count"]) == (hunted.version.key, 1), told
    quarantined = [(line["recordNumber"], line["reason"]) for line in desk.quarantine(receipt)]
    assert quarantined == [
        (line["recordNumber"], line["reason"]) for line in desk.quarantine(expected)
    ], told
    items = desk.items_by_file([hunted])[hunted.version.version]
    assert {
        (item["transactionId"], int(item["timestamp"])): item["fingerprint"] for item in items
    } == {identity: fingerprint for identity, (_, fingerprint, _) in counted.stored.items()}, told
    assert len(desk.receipt_versions(hunted)) == 1, told


def less(receipt: Json, names: set[str]) -> Json:
    return {name: value for name, value in receipt.items() if name not in names}
