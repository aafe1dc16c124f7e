"""The entry point: all files of an event, whatever becomes of one of them, and what is logged."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from processor import app
from processor.domain.file import ObjectVersion
from processor.errors import EventFailed, ServiceRefused
from tests.support.events import s3_event
from tests.support.fakes import RESULTS
from tests.support.faults import Faults
from tests.support.world import World, csv_file, csv_row

MARK = "-".join(("SECRET", "9111"))
"""Composed, so that the source line that a traceback shows does not hold it."""


def deliver(world: World, event: object) -> Any:
    app.metrics.clear_metrics()
    return app.process_event(event, world.pipeline(), RESULTS)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the function's logger writes."""
    stream = io.StringIO()
    (handler,) = app.logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_every_file_of_an_event_is_processed() -> None:
    world = World()
    first = world.files.upload(csv_file(csv_row("A")), "a b+c/ü%.csv")
    second = world.files.upload(csv_file(csv_row("B")), "two.csv")

    answer = deliver(world, s3_event(first, second))

    assert [file["file"]["key"] for file in answer["files"]] == ["a b+c/ü%.csv", "two.csv"]
    assert [file["outcomes"]["stored"] for file in answer["files"]] == [1, 1]


def test_the_answer_says_that_an_event_was_seen_before() -> None:
    world = World()
    event = s3_event(world.files.upload(csv_file(csv_row("A"))))

    answers = [deliver(world, event)["files"][0] for _ in range(2)]

    assert [answer["seenAgain"] for answer in answers] == [False, True]
    assert answers[0]["outcomes"] == answers[1]["outcomes"]


def test_one_failing_file_does_not_stop_the_others_and_fails_the_event() -> None:
    world = World()
    versions = [world.files.upload(csv_file(csv_row(name)), f"{name}.csv") for name in "ABC"]
    faults = world.set_faults(Faults())
    described: list[str] = []

    def refuse_second(name: str, _: int) -> None:
        if name == "describe":
            described.append(name)
            if len(described) == 2:
                raise ServiceRefused("HeadObject: AccessDenied")

    faults.before = refuse_second

    with pytest.raises(EventFailed, match=r"B\.csv version v2: ServiceRefused: HeadObject"):
        deliver(world, s3_event(*versions))

    assert [identity.transaction_id for identity in world.table.items] == ["A", "C"]
    assert app.metrics.metric_set["failed"]["Value"] == [1.0]


def test_an_unknown_record_does_not_hide_its_neighbours() -> None:
    world = World()
    event = s3_event(world.files.upload(csv_file(csv_row("A"))))
    event["Records"].insert(0, {"eventSource": "aws:s3", "eventVersion": "3.0"})

    with pytest.raises(EventFailed, match="BAD_EVENT: record is not an S3 event of version 2"):
        deliver(world, event)

    assert len(world.table.items) == 1


def test_s3s_test_event_succeeds_and_does_nothing() -> None:
    assert deliver(World(), {"Service": "Amazon S3", "Event": "s3:TestEvent"}) == {
        "files": [],
        "sweeps": [],
    }


def test_an_unforeseen_error_is_told_by_its_type_and_place_never_by_its_text(
    log: io.StringIO,
) -> None:
    world = World()
    version = world.files.upload(csv_file(csv_row(MARK)))
    faults = world.set_faults(Faults())

    def crash(name: str, _: int) -> None:
        if name == "insert":
            raise ValueError(MARK)

    faults.before = crash

    with pytest.raises(EventFailed, match="ValueError") as raised:
        deliver(world, s3_event(version))

    (failure,) = [line for line in lines(log) if line["message"] == "file failed"]
    assert failure["reason"] == "ValueError"
    assert any("store.py" in line for line in failure["code"])
    assert MARK not in json.dumps(failure) + str(raised.value)


def test_lines_about_a_file_carry_its_name(log: io.StringIO) -> None:
    world = World()
    version = world.files.upload(csv_file(csv_row("A")), "named.csv")
    world.set_faults(Faults(before=lambda *_: _refuse()))

    with pytest.raises(EventFailed):
        deliver(world, s3_event(version))

    (line,) = lines(log)
    assert line["key"] == "named.csv"
    assert line["version_id"] == version.version_id
    assert line["file_id"] == version.file_id


def test_a_card_number_in_a_key_is_masked_in_log_lines_and_errors(log: io.StringIO) -> None:
    world = World()
    version = world.files.upload(csv_file(csv_row("A")), "in/4111111111111111 a.csv")
    world.set_faults(Faults(before=lambda *_: _refuse()))

    with pytest.raises(EventFailed, match=r"in/\*{12}1111 a\.csv version v1") as raised:
        deliver(world, s3_event(version))

    (line,) = lines(log)
    assert line["key"] == "in/************1111 a.csv"
    assert "4111111111111111" not in log.getvalue() + str(raised.value)


def test_a_card_number_in_a_key_is_masked_in_the_answer_and_not_in_the_receipt() -> None:
    world = World()
    version = world.files.upload(csv_file(csv_row("A")), "in/4111111111111111 a.csv")

    answer = deliver(world, s3_event(version))

    assert answer["files"][0]["file"]["key"] == "in/************1111 a.csv"
    assert world.receipt(version)["file"]["key"] == version.key


def test_a_card_number_in_a_task_s_key_is_masked_in_log_lines_and_errors(
    log: io.StringIO,
) -> None:
    world = World()
    world.results.put("work/4111111111111111.json", b"{}", "application/json")
    event = s3_event(ObjectVersion(RESULTS, "work/4111111111111111.json"))

    with pytest.raises(EventFailed, match=r"work/\*{12}1111\.json: TaskUnreadable") as raised:
        deliver(world, event)

    (line,) = lines(log)
    assert line["task"] == "work/************1111.json"
    assert "4111111111111111" not in log.getvalue() + str(raised.value)


def _refuse() -> None:
    raise ServiceRefused("HeadObject: AccessDenied")
