"""Files of several parts in a storm, and a sweep behind it: the receipts of a calm day.

Every event comes several times and many at once, to processes that are killed at any call, over
connections that throttle, lose and cut. See storm.py.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from processor.settings import PART_BYTES_MIN
from tests.integration.cards import secret_of
from tests.integration.delivery import Desk, Sent
from tests.integration.deployed import Json, Stack, client
from tests.integration.files import (
    ENCODERS,
    Fields,
    reader_of,
    some_of_everything,
    transaction,
)
from tests.integration.recount import Identity, Recount, recount
from tests.integration.storm import SWEEP, Report, Storm, Tasks, deliver_in_calm
from tests.integration.test_killed import OF_ITS_OWN, less
from tests.simulation.faults import Fault
from tests.support.events import s3_event

pytestmark = pytest.mark.usefixtures("notifications_lost", "small_parts")

NAMES: Final = ("plain.csv", "plain.ndjson")
PARTS: Final = 4
ROWS_OF_A_PART: Final = 120
ROW_BYTES: Final = 400
"""So that a part with some of everything in its middle is a little smaller than PART_BYTES_MIN."""

KILLS_MIN: Final = 5
GIVES_UP_FOR: Final = "ServiceUnavailable: "
EXPECTED_FAULTS: Final = {
    *(Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.THROTTLED, Fault.LOST_REQUEST),
    *(Fault.LOST_REPLY, Fault.SHORT, Fault.STATEMENTS),
}


@pytest.fixture
def small_parts(embedded: None, stack: Stack) -> Iterator[None]:
    """The configuration makes parts of the least size; it is put back behind the test."""
    before = secret_of(stack)

    def put(secret: Json) -> None:
        client("secretsmanager", "deployer").put_secret_value(
            SecretId=stack.outputs["SecretsManagerSecretArn"], SecretString=json.dumps(secret)
        )

    put(before | {"part_bytes": PART_BYTES_MIN})
    try:
        yield
    finally:
        put(before)


def a_body(prefix: str, name: str) -> bytes:
    """A file of PARTS parts with records of every outcome in the middle of each.

    The last record is the first one again, so that two parts compete for it. No other identity
    lies in two parts: which of two contents came first would be the storm's to say.
    """
    own, encode = f"{prefix}-{name}", ENCODERS[name]
    records = []
    for part in range(PARTS):
        rows = [
            wide(transaction(f"{own}-{part}", number), encode) for number in range(ROWS_OF_A_PART)
        ]
        half = ROWS_OF_A_PART // 2
        records += [*rows[:half], *some_of_everything(f"{own}-{part}-some"), *rows[half:]]
    return encode([*records, records[0]])


def wide(record: Fields, encode: Callable[[list[Fields]], bytes]) -> Fields:
    """The record with a channel that makes ROW_BYTES of it."""
    row_bytes = len(encode([record, record])) - len(encode([record]))
    return record | {"channel": "w" * (ROW_BYTES - row_bytes)}


def test_files_in_a_storm_get_the_receipts_of_a_calm_day(
    stack: Stack, desk: Desk, run: str, tmp_path: Path
) -> None:
    calm = {name: desk.send(f"storm/calm/{name}", a_body(f"{run}-calm", name)) for name in NAMES}
    both = s3_event(*(sent.version for sent in calm.values()))
    deliver_in_calm(stack, [both], Tasks(stack, calm.values()))
    wild = {name: desk.send(f"storm/wild/{name}", a_body(f"{run}-wild", name)) for name in NAMES}
    tasks = Tasks(stack, wild.values())
    seed = random.randrange(2**32)
    lost = f"/part-{random.Random(seed).randint(1, PARTS):05}.json"

    storm = Storm(stack, wild.values(), lost, seed, tmp_path)
    storm.rage(tasks)

    # Pytest shows it if the test fails, and the seed in it.
    sys.stdout.write(f"{storm.report}\n")
    check_weather(storm.report)
    assert not [name for name, sent in wild.items() if desk.has_receipt(sent)]
    early = desk.items_by_file(wild.values())
    deliver_in_calm(stack, [SWEEP], tasks)
    late = desk.items_by_file(wild.values())
    for name, sent in wild.items():
        counted = recount(reader_of(name)(sent.body))
        expected, receipt = desk.receipt(calm[name]), desk.receipt(sent)
        assert expected["parts"] == PARTS
        assert less(receipt, OF_ITS_OWN) == less(expected, OF_ITS_OWN)
        check_receipt(receipt, sent, counted)
        lines = desk.quarantine(receipt)
        assert [in_calm(line, run) for line in lines] == [
            in_calm(line, run) for line in desk.quarantine(expected)
        ]
        check_conflicts(lines, sent, counted)
        check_written_once(desk, sent, receipt)
        version = sent.version.version
        check_items(late[version], sent, counted)
        assert [item for item in early[version] if item not in late[version]] == []


def check_weather(report: Report) -> None:
    """That it was a storm: everything happened that may happen."""
    assert report.killed >= KILLS_MIN
    assert report.faults.keys() == EXPECTED_FAULTS
    # A process gives up for a service that is not available, and for nothing else.
    assert [reason for reason in report.reasons if GIVES_UP_FOR not in reason] == []


def check_receipt(receipt: Json, sent: Sent, counted: Recount) -> None:
    assert receipt["outcomes"] == counted.outcomes_document()
    assert receipt["sums"] == counted.sums_document()
    assert receipt["controlTotals"]["computed"] == counted.control_totals_document()
    (first_stored_by,) = receipt["duplicates"]["firstStoredBy"]
    assert first_stored_by == {
        "bucket": sent.version.bucket,
        "key": sent.version.key,
        "versionId": sent.version.version_id,
        "count": counted.outcomes["duplicate"],
    }


def in_calm(line: Json, run: str) -> Json:
    """A line of the quarantine as the calm file's would be; what is made of ids is left out."""
    line = less(line, {"fingerprint", "stored"})
    return line | {"raw": line["raw"].replace(f"{run}-wild", f"{run}-calm")}


def check_conflicts(lines: list[Json], sent: Sent, counted: Recount) -> None:
    """Each conflict names the record that the table holds, one of this file."""
    by_number = {number: fingerprint for number, fingerprint, _ in counted.stored.values()}
    conflicts = [line for line in lines if line["outcome"] == "conflict"]
    assert len(conflicts) == PARTS
    for line in conflicts:
        stored = line["stored"]
        assert (stored["key"], stored["versionId"]) == (sent.version.key, sent.version.version_id)
        assert stored["fingerprint"] == by_number[stored["recordNumber"]] != line["fingerprint"]


def check_written_once(desk: Desk, sent: Sent, receipt: Json) -> None:
    """One receipt, and no object in quarantine, nor a version of one, that it does not list."""
    assert len(desk.receipt_versions(sent)) == 1
    listed = client("s3").list_object_versions(
        Bucket=desk.stack.outputs["TransactionResultsBucketName"],
        Prefix=sent.receipt_key.replace("receipts/", "rejected/", 1).removesuffix(".json"),
    )
    found = sorted((version["Key"], version["VersionId"]) for version in listed["Versions"])
    named = receipt["quarantine"]["objects"]
    assert found == sorted((one["key"], one["versionId"]) for one in named)


def check_items(items: list[Json], sent: Sent, counted: Recount) -> None:
    """One item for each transaction, by the record that was first; see a_body for the last one."""
    first, last = 1, counted.outcomes.total()
    found: dict[Identity, tuple[int, str, Decimal]] = {}
    for item in items:
        number = int(item["recordNumber"])
        identity = (item["transactionId"], int(item["timestamp"]))
        number = first if number == last else number
        found[identity] = (number, item["fingerprint"], item["amount"])
        assert (item["bucket"], item["key"]) == (sent.version.bucket, sent.version.key)
    assert len(found) == len(items)
    assert found == {
        identity: (number, fingerprint, Decimal(amount))
        for identity, (number, fingerprint, amount) in counted.stored.items()
    }
