"""Faults of a whole account: versions covered or overwritten, keys and tables out of use.

The entry point and the real adapters, on the simulation's services, under Lambda's retries.
"""

import json
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from processor import app
from tests.simulation.evidence import FileName
from tests.simulation.faults import Call, Fault
from tests.simulation.files import Upload
from tests.simulation.function import Weather
from tests.simulation.world import KEY_ARN, LEDGER, TABLE, World, silence

MIXED = b"".join(
    [
        b"transactionId,timestamp,amount,currency\n",
        b"T1,2026-02-01T08:00:00Z,10.50,EUR\n",
        b"T2,2026-02-01T08:00:00Z,1200,JPY\n",
        b"T1,2026-02-01T08:00:00Z,10.50,EUR\n",
        b"T3,2026-02-01T08:00:00Z,abc,EUR\n",
    ]
)
OUTCOMES = {"read": 4, "stored": 2, "duplicate": 1, "conflict": 0, "rejected": 1}
SITES = (
    *("secretsmanager.GetSecretValue", "s3.HeadObject", "dynamodb.UpdateItem", "s3.GetObject"),
    *("dynamodb.BatchExecuteStatement", "s3.PutObject", "dynamodb.TransactWriteItems"),
    "dynamodb.Query",
)
"""Every operation that an undisturbed file needs."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The entry point's log is the process's: other tests read it."""
    log = logging.getLogger(app.logger.name)
    level = log.level
    silence()
    yield
    log.setLevel(level)


@dataclass
class At:
    """Has something happen at the first call of a site; and faults at calls of another.

    Args:
        site: Service and operation.
        happen: What happens, before the call takes effect.
        everywhen: (site, fault) of calls that fail each time.
    """

    site: str
    happen: Callable[[], object]
    everywhen: tuple[str, Fault] | None = None
    happened: bool = False

    def choose(self, call: Call) -> Fault | None:
        """See Faults."""
        if call.site == self.site and not self.happened:
            self.happened = True
            self.happen()
        if self.everywhen and call.site == self.everywhen[0]:
            return self.everywhen[1]
        return None


def world_with(at: At, *bodies: bytes) -> World:
    """An account to which these versions of one key were uploaded, their events on their way."""
    world = World(random.Random(0), at, Weather())
    for body in bodies:
        world.upload(Upload("in/a.csv", body, "text/csv"))
    return world


def receipts(world: World) -> dict[FileName, Any]:
    """Receipts, each of which has just one version."""
    found = {}
    for name, bodies in world.receipts().items():
        (body,) = bodies
        found[name] = json.loads(body)
    return found


def never() -> None:
    pytest.fail("no call is at no site")


def test_a_delete_marker_over_a_version_hides_it_from_nobody() -> None:
    world = world_with(At("", never), MIXED)
    (name,) = world.files
    world.delete(name, for_good=False)

    world.schedule.run()

    assert world.account.s3.buckets["uploads"].objects["in/a.csv"][-1].body is None
    (receipt,) = receipts(world).values()
    assert (receipt["status"], receipt["outcomes"]) == ("processed", OUTCOMES)


def test_a_version_that_is_overwritten_while_it_is_read_is_read_to_its_own_end() -> None:
    row = b"%s%d,2026-02-01T08:00:00Z,1,EUR\n"
    old, new = (
        b"transactionId,timestamp,amount,currency\n"
        + b"".join(row % (letter, number) for number in range(40))
        for letter in (b"O", b"N")
    )
    # Each connection breaks early, so that a file is read in many requests.
    at = At("s3.GetObject", never, ("s3.GetObject.read", Fault.RESET))
    world = world_with(at, old)
    at.happen = lambda: world.schedule.after(
        0, lambda: world.upload(Upload("in/a.csv", new, "text/csv"))
    )

    world.schedule.run()

    requests = Counter(step.delivery for step in world.trace.steps if step.what == "s3.GetObject")
    assert min(requests.values()) > 3
    assert [receipt["outcomes"]["stored"] for receipt in receipts(world).values()] == [40, 40]
    first = min(world.files, key=lambda name: world.files[name] == new)
    of_first = [
        item["transactionId"]
        for item in world.account.items(TABLE)
        if item["versionId"] == first[2]
    ]
    assert sorted(of_first) == sorted(f"O{number}" for number in range(40))


@pytest.mark.parametrize("site", SITES)
def test_a_key_that_is_disabled_at_any_call_keeps_the_event_and_rejects_nothing(site: str) -> None:
    at = At(site, never)
    world = world_with(at, MIXED)
    at.happen = lambda: world.account.keys.disabled.add(KEY_ARN)

    world.schedule.run()
    failed, found = list(world.function.failed), receipts(world)
    world.account.keys.disabled.clear()
    world.redrive()
    world.schedule.run()

    assert at.happened
    assert (len(failed), found) == (1, {})
    (receipt,) = receipts(world).values()
    assert (receipt["status"], receipt["outcomes"]) == ("processed", OUTCOMES)
    assert world.function.failed == []
    assert world.account.changed(TABLE) == []


@pytest.mark.parametrize("table", [TABLE, LEDGER])
def test_a_table_that_is_missing_keeps_the_event_and_rejects_nothing(table: str) -> None:
    world = world_with(At("", never), MIXED)
    taken = world.account.dynamodb.tables.pop(table)

    world.schedule.run()
    failed, found = list(world.function.failed), receipts(world)
    world.account.dynamodb.tables[table] = taken
    world.redrive()
    world.schedule.run()

    assert (len(failed), found) == (1, {})
    (receipt,) = receipts(world).values()
    assert receipt["outcomes"] == OUTCOMES


@pytest.mark.parametrize("site", [site for site in SITES if site != "s3.GetObject"])
def test_a_service_that_throttles_for_ever_leaves_no_receipt_and_a_redrive_is_true(
    site: str,
) -> None:
    at = At("", never, (site, Fault.THROTTLED))
    world = world_with(at, MIXED)

    world.schedule.run()
    failed, found = list(world.function.failed), receipts(world)
    at.everywhen = None
    world.redrive()
    world.schedule.run()

    assert (len(failed), found) == (1, {})
    (receipt,) = receipts(world).values()
    assert receipt["outcomes"] == OUTCOMES
