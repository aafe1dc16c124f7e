"""Faults of services at the entry point: what is kept, what is refused, and what is told."""

import ast
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from processor import app
from processor.backoff import ATTEMPTS_MAX
from processor.domain.file import ObjectVersion
from processor.errors import EventFailed, ProcessorError, ServiceRefused, ServiceUnavailable
from processor.ports import InsertAnswer
from processor.settings import SettingsSource
from tests.support.events import s3_event
from tests.support.fakes import RESULTS, FakeClock, RecordingTelemetry
from tests.support.faults import Faults, Killed
from tests.support.statements import SdkStatements
from tests.support.world import MIXED, World, csv_file, csv_row, without_times

UNDISTURBED = World().process_file(MIXED)


def deliver(world: World, *versions: ObjectVersion) -> Any:
    app.metrics.clear_metrics()
    return app.process_event(s3_event(*versions), world.pipeline(), RESULTS)


def test_a_row_that_is_throttled_for_ever_leaves_its_file_without_receipt_and_no_other() -> None:
    world = World()
    stuck = world.files.upload(csv_file(csv_row("A"), csv_row("B")), "stuck.csv")
    other = world.files.upload(csv_file(csv_row("C")), "other.csv")
    world.table.refuse["B"] = [InsertAnswer.TRY_AGAIN] * ATTEMPTS_MAX

    with pytest.raises(EventFailed, match=r"stuck\.csv version v1: ServiceUnavailable: insert"):
        deliver(world, stuck, other)

    assert stuck.receipt_key not in world.results.objects
    assert world.receipt(other)["outcomes"]["stored"] == 1
    # Only what had no answer is sent again, and that a bounded number of times.
    assert world.table.batches == [["A", "B"], *[["B"]] * (ATTEMPTS_MAX - 1), ["C"]]
    deliver(world, stuck)
    assert world.receipt(stuck)["outcomes"]["stored"] == 2


def test_a_row_that_the_table_refuses_for_good_is_one_reject_with_its_bytes() -> None:
    world = World()
    world.table.refuse["B"] = [InsertAnswer.INVALID]
    version = world.files.upload(csv_file(csv_row("A"), csv_row("B"), csv_row("C")))

    (told,) = deliver(world, version)["files"]

    receipt = world.receipt(version)
    (line,) = world.quarantine(receipt)
    assert (told["outcomes"]["stored"], told["outcomes"]["rejected"]) == (2, 1)
    assert (line["recordNumber"], line["reason"]) == (2, "VALUE_OUT_OF_RANGE")
    assert line["raw"].encode() + b"\n" == csv_row("B")
    assert [identity.transaction_id for identity in world.table.items] == ["A", "C"]


class Context:
    """As much of Lambda's context as the entry point asks for."""

    function_name = "transaction-processor"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:processor"
    aws_request_id = "00000000-0000-0000-0000-000000000001"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@pytest.mark.parametrize(
    "failure",
    [
        ServiceRefused("GetSecretValue: ResourceNotFoundException"),
        ServiceUnavailable("GetSecretValue: ThrottlingException"),
    ],
)
def test_without_its_secret_a_new_container_touches_no_file_and_fails_the_event(
    aws: None, monkeypatch: pytest.MonkeyPatch, failure: ProcessorError
) -> None:
    def read(secret_arn: str, *, past_cache: bool = False) -> object:
        raise failure

    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
    source = SettingsSource({"CONFIG_SECRET_ARN": "arn"}, read)
    kept = app.Container(source, s3, dynamodb, SdkStatements(dynamodb))
    monkeypatch.setattr(app, "_container", kept)
    context: Any = Context()
    event = s3_event(World().files.upload(MIXED))

    # A client under a stubber that expects nothing refuses every call, with another error.
    with Stubber(s3), Stubber(dynamodb), pytest.raises(type(failure), match="GetSecretValue"):
        app.lambda_handler(event, context)


@dataclass
class FailingTelemetry(RecordingTelemetry):
    """A log that cannot be written to, at one of its calls.

    Args:
        fails_at: Number of the call that fails, from 0; it is made, and then never again.
    """

    fails_at: int = -1
    told: list[str] = field(default_factory=list)

    def __getattribute__(self, name: str) -> Any:
        if name in ("file_started", "part_done", "file_done", "file_seen_again"):
            self.told.append(name)
            if len(self.told) - 1 == self.fails_at:
                raise OSError("the log cannot be written to")
        return super().__getattribute__(name)


@pytest.mark.parametrize("number", range(3))
def test_a_log_that_fails_fails_the_event_and_no_record(number: int) -> None:
    telemetry = FailingTelemetry(fails_at=number)
    world = World(telemetry=telemetry)
    version = world.files.upload(MIXED)

    with pytest.raises(EventFailed, match="OSError"):
        deliver(world, version)
    deliver(world, version)

    assert telemetry.told[number] == ("file_started", "part_done", "file_done")[number]
    assert without_times(world.receipt(version)) == without_times(UNDISTURBED)
    assert world.amounts() == {"EUR": 330, "JPY": 500}


@pytest.mark.parametrize("name", ["put_if_absent", "mark_receipt"])
def test_killed_behind_its_receipt_the_event_comes_again_and_says_that_all_is_done(
    name: str,
) -> None:
    world = World()
    version = world.files.upload(MIXED)
    faults = world.set_faults(Faults())

    def kill(call: str, _: int) -> None:
        if call == name and version.receipt_key in world.results.objects:
            raise Killed

    faults.after = kill
    with pytest.raises(Killed):
        deliver(world, version)
    world.set_faults(Faults())
    there = world.receipt(version)

    (told,) = deliver(world, version)["files"]

    assert told["seenAgain"]
    assert world.receipt(version) == there
    assert without_times(there) == without_times(UNDISTURBED)
    # The sweep finds nothing to do: the mark that was lost was made up for.
    assert world.ledger.receipts == {version.file_id}
    assert world.telemetry.names()[-1] == "file_seen_again"


CENTURIES = [datetime(1970, 1, 2, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)]


@pytest.mark.parametrize("first", CENTURIES)
@pytest.mark.parametrize("second", CENTURIES)
def test_no_verdict_depends_on_the_clock_of_who_gives_it(first: datetime, second: datetime) -> None:
    world = World(clock=FakeClock(first))
    version = world.files.upload(MIXED)
    faults = world.set_faults(Faults())

    def kill(call: str, _: int) -> None:
        if call == "insert" and faults.calls.count("insert") == 2:
            raise Killed

    faults.before = kill
    with pytest.raises(Killed):
        deliver(world, version)
    world.set_faults(Faults())
    world.clock.moment = second

    deliver(world, version)

    assert without_times(world.receipt(version)) == without_times(UNDISTURBED)
    calm = World()
    calm.process_file(MIXED)
    assert [row for row, _, _ in world.table.items.values()] == [
        row for row, _, _ in calm.table.items.values()
    ]


def test_only_the_entry_point_reads_the_clock() -> None:
    readers = set()
    for path in Path(app.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Attribute(ast.Name("datetime" | "date" | "time"), attribute) if (
                    attribute in {"now", "utcnow", "today", "time", "time_ns", "gmtime"}
                ):
                    readers.add(path.name)

    # Which hands it on as a port: the clock that the test above sets as it likes.
    assert readers == {"app.py"}
