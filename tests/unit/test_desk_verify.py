"""Verify: a recount that agrees with every true receipt, and with no other."""

import json
import logging
import random
from collections.abc import Callable, Iterator
from copy import replace
from typing import Any

import pytest

from desk.items import DynamoDbItems
from desk.reading import OperatorClock, backoff
from desk.services import S3Results
from desk.verify import Evidence, Verification, verify
from processor import app
from processor.adapters.s3 import S3SourceFiles
from processor.domain.file import ObjectVersion
from processor.keyring import Keyring
from tests.simulation.evidence import FileName
from tests.simulation.faults import ScriptedFaults
from tests.simulation.files import Upload, Uploads
from tests.simulation.function import Weather
from tests.simulation.services.s3_store import Version
from tests.simulation.world import RESULTS, TABLE, World, silence

ROWS = b"".join(
    [
        b"transactionId,timestamp,amount,currency,cardNumber\n",
        b"T1,2026-02-01T08:00:00Z,10.50,EUR,4111111111111111\n",
        b"T2,2026-02-01T08:00:00Z,1200,JPY,\n",
        b"T1,2026-02-01T08:00:00Z,10.50,EUR,4111 1111 1111 1111\n",
        b"T2,2026-02-01T08:00:00Z,7,JPY,\n",
        b"T3,2026-02-01T08:00:00Z,abc,EUR,\n",
    ]
)
NAME = ("uploads", "in/a.csv")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The entry point's log is the process's: other tests read it."""
    log = logging.getLogger(app.logger.name)
    level = log.level
    silence()
    yield
    log.setLevel(level)


def world_of(uploads: list[Upload], part_bytes: int = 1_000_000) -> World:
    """A calm account in which these files were processed."""
    world = World(random.Random(0), ScriptedFaults({}), Weather(part_bytes=part_bytes))
    for upload in uploads:
        world.upload(upload)
    world.schedule.run()
    return world


def checked(world: World, name: FileName) -> Verification:
    s3: Any = world.account.s3_client(world.border)
    dynamodb: Any = world.account.dynamodb_client(world.border)
    keys = world.token_keys
    evidence = Evidence(
        S3SourceFiles(s3),
        DynamoDbItems(dynamodb, TABLE),
        S3Results(s3, RESULTS),
        lambda: Keyring("k1", keys, lambda: keys),
        backoff(OperatorClock(lambda _: None)),
    )
    return verify(ObjectVersion(*name), evidence)


def places(verification: Verification) -> set[str]:
    return {one.place for one in verification.differences.listed}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("part_bytes", [1_000_000, 300])
def test_every_true_receipt_is_ok(seed: int, part_bytes: int) -> None:
    uploads = Uploads(random.Random(seed), 12)
    world = world_of([uploads.next() for _ in range(4)], part_bytes)

    for name, bodies in world.receipts().items():
        receipt = json.loads(bodies[0])
        if receipt["parts"] == 1 or not receipt["fault"]:
            done = checked(world, name)
            assert done.differences.listed == []
            assert done.ok


@pytest.fixture
def world() -> World:
    return world_of([Upload("in/a.csv", ROWS, "text/csv")])


@pytest.fixture
def name(world: World) -> FileName:
    (only,) = world.files
    return only


def item_of(world: World, transaction_id: str) -> dict[str, Any]:
    return next(
        item
        for item in world.account.dynamodb.tables[TABLE].items()
        if item["transactionId"]["S"] == transaction_id
    )


def change_amount(world: World) -> None:
    item_of(world, "T1")["amount"] = {"N": "10.51"}


def change_token(world: World) -> None:
    item_of(world, "T1")["cardToken"] = {"S": "k1.other"}


def change_first_sender(world: World) -> None:
    item_of(world, "T2")["recordNumber"] = {"N": "99"}


def test_a_card_number_in_a_key_is_masked_where_quarantine_objects_are_named() -> None:
    world = world_of([Upload("in/4111111111111111.csv", ROWS, "text/csv")])
    (name,) = world.files
    change(world, "rejected/", b'{"', b'["')

    said = [one.said for one in checked(world, name).differences.listed]

    shown = [text for text in said if text.startswith("rejected/in/************1111.csv/")]
    assert len(shown) == 3, said
    assert "4111111111111111" not in "".join(said)


def object_of(world: World, prefix: str) -> list[Version]:
    objects = world.account.s3.buckets[RESULTS].objects
    return next(versions for key, versions in objects.items() if key.startswith(prefix))


def change(world: World, prefix: str, old: bytes, new: bytes) -> None:
    versions = object_of(world, prefix)
    (there,) = versions
    assert there.body is not None
    assert old in there.body
    versions[:] = [replace(there, body=there.body.replace(old, new))]


@pytest.mark.parametrize(
    ("tamper", "place"),
    [
        (change_amount, "table amount"),
        (change_token, "table cardToken"),
        (change_first_sender, "receipt outcomes.stored"),
        (lambda world: change(world, "rejected/", b"abc", b"abd"), "quarantine object"),
        (lambda world: change(world, "rejected/", b"abc", b"abd"), "quarantine raw"),
        (
            lambda world: change(world, "receipts/", b'"stored": 2', b'"stored": 3'),
            "receipt outcomes.stored",
        ),
        (
            lambda world: change(world, "receipts/", b'"10.50"', b'"10.51"'),
            "receipt sums.EUR.stored",
        ),
    ],
)
def test_what_was_tampered_with_is_told(
    world: World, name: FileName, tamper: Callable[[World], None], place: str
) -> None:
    assert checked(world, name).ok
    tamper(world)

    done = checked(world, name)

    assert place in places(done)
    told = " ".join(f"{one.said} {one.found}" for one in done.differences.listed)
    assert "4111" not in told


def test_a_file_without_receipt_is_no_receipt_s_match(world: World) -> None:
    world.account.s3.buckets[RESULTS].objects.clear()
    (name,) = world.files

    done = checked(world, name)

    assert not done.ok
    assert places(done) == {"receipt"}
