"""Failed events are sent again: never lost, never for ever, and reported without their content."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from desk.redrive import REDRIVES_MAX, RedriveReport, redrive
from processor.domain.file import ObjectVersion
from processor.errors import ServiceRefused, ServiceUnavailable
from tests.support.desk_fakes import InMemoryQueue
from tests.support.events import s3_event
from tests.support.faults import Faults, Killed, border

EVENT = s3_event(ObjectVersion("uploads", "a b/ü.csv", "v1", "etag", 7))
EVENTBRIDGE = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "detail": {"bucket": {"name": "uploads"}, "object": {"key": "k", "version-id": "v1"}},
}
SWEEP = {"sweep": {"olderThanMinutes": 60}}
WHY = {"RequestID": "r-1", "ErrorCode": "200", "ErrorMessage": "ServiceRefused: GetObject"}


@dataclass
class RecordingProcessor:
    faults: Faults = field(default_factory=Faults)
    events: list[Any] = field(default_factory=list)

    @border
    def start(self, event: bytes) -> None:
        self.events.append(json.loads(event))


@dataclass
class Scene:
    queue: InMemoryQueue = field(default_factory=InMemoryQueue)
    processor: RecordingProcessor = field(default_factory=RecordingProcessor)

    def set_faults(self, faults: Faults) -> None:
        self.queue.faults = self.processor.faults = faults

    def redrive(self, messages_max: int = 100, *, with_poison: bool = False) -> RedriveReport:
        report = RedriveReport()
        redrive(self.queue, self.processor, report, messages_max, with_poison=with_poison)
        return report


def failing(name: str, error: Exception) -> Callable[[str, int], None]:
    def fail(call: str, number: int) -> None:
        if call == name:
            raise error

    return fail


@pytest.mark.parametrize("event", [EVENT, EVENTBRIDGE, SWEEP], ids=["s3", "eventbridge", "sweep"])
def test_an_event_is_sent_as_it_was_with_its_redrives_counted(event: dict[str, Any]) -> None:
    scene = Scene()
    scene.queue.add(event, event | {"redrives": 1})

    report = scene.redrive()

    assert scene.processor.events == [event | {"redrives": 1}, event | {"redrives": 2}]
    assert scene.queue.messages == {}
    assert [one.redrives for one in report.sent] == [0, 1]
    assert report.is_clear


def test_an_event_that_went_round_too_often_stays_and_is_reported_with_what_lambda_said() -> None:
    scene = Scene()
    scene.queue.add(EVENT | {"redrives": REDRIVES_MAX}, attributes=WHY)
    scene.queue.add(EVENT | {"redrives": REDRIVES_MAX - 1})

    report = scene.redrive()

    assert list(scene.queue.messages) == ["m1"]
    (poison,) = report.poison
    assert poison.files == ("s3://uploads/a b/ü.csv version v1",)
    assert poison.attributes == WHY
    assert len(report.sent) == 1
    assert not report.is_clear


def test_poison_whose_cause_is_mended_is_sent_with_all_its_redrives_ahead_of_it() -> None:
    scene = Scene()
    scene.queue.add(EVENT | {"redrives": REDRIVES_MAX}, EVENT | {"redrives": 1}, "no JSON")

    report = scene.redrive(with_poison=True)

    assert scene.processor.events == [EVENT | {"redrives": 0}, EVENT | {"redrives": 2}]
    assert list(scene.queue.messages) == ["m3"]
    assert [one.redrives for one in report.sent] == [REDRIVES_MAX, 1]
    assert report.poison == []


def test_what_stays_is_there_for_the_next_run_at_once() -> None:
    scene = Scene()
    scene.queue.add(EVENT | {"redrives": REDRIVES_MAX}, "no JSON", *[EVENT] * 3)
    scene.redrive(4)

    report = scene.redrive(with_poison=True)

    assert [one.message_id for one in report.sent] == ["m1", "m5"]
    assert [one.message_id for one in report.left] == ["m2"]


def test_what_stays_and_cannot_be_shown_again_stops_nothing() -> None:
    scene = Scene()
    scene.queue.add(EVENT | {"redrives": REDRIVES_MAX}, EVENT, "no JSON")
    scene.set_faults(Faults(before=failing("show", ServiceRefused("ChangeMessageVisibility: x"))))

    report = scene.redrive()

    assert [one.message_id for one in report.poison] == ["m1"]
    assert [one.message_id for one in report.sent] == ["m2"]
    assert [one.message_id for one in report.left] == ["m3"]


@pytest.mark.parametrize(
    "body",
    [
        *("", "no JSON", "[1]", "null", "[" * 100_000),
        *({"redrives": "1"}, {"redrives": -1}, {"redrives": True}, {"redrives": None}),
    ],
    ids=str,
)
def test_what_is_no_event_of_the_function_stays_and_hides_no_other(body: object) -> None:
    scene = Scene()
    scene.queue.add(body, EVENT)

    report = scene.redrive()

    assert list(scene.queue.messages) == ["m1"]
    assert [one.message_id for one in report.left] == ["m1"]
    assert [one.message_id for one in report.sent] == ["m2"]


def test_no_more_messages_are_judged_than_asked_for() -> None:
    scene = Scene()
    scene.queue.add(*[EVENT] * 5)

    report = scene.redrive(3)

    assert report.seen_count == len(scene.processor.events) == 3
    assert len(scene.queue.messages) == 2


def test_a_message_that_stays_is_judged_once_a_run_also_where_the_queue_shows_it_again() -> None:
    scene = Scene(InMemoryQueue(hides=False))
    scene.queue.add(EVENT | {"redrives": REDRIVES_MAX}, "no JSON")

    report = scene.redrive()

    assert report.seen_count == 2


@pytest.mark.parametrize("is_reply_lost", [False, True])
def test_an_event_not_known_to_be_accepted_stays_and_the_others_are_sent(
    *, is_reply_lost: bool
) -> None:
    scene = Scene()
    scene.queue.add(EVENT, EVENTBRIDGE)
    throttled = [ServiceUnavailable("Invoke: TooManyRequestsException")]

    def fail(call: str, number: int) -> None:
        if call == "start" and throttled:
            raise throttled.pop()

    scene.set_faults(Faults(after=fail) if is_reply_lost else Faults(before=fail))

    report = scene.redrive()

    assert list(scene.queue.messages) == ["m1"]
    (left,) = report.left
    assert left.reason == "was not accepted: Invoke: TooManyRequestsException"
    assert [one.message_id for one in report.sent] == ["m2"]


def test_a_function_that_may_not_be_invoked_stops_the_run_and_keeps_every_message() -> None:
    scene = Scene()
    scene.queue.add(EVENT, EVENTBRIDGE)
    refusal = ServiceRefused("Invoke: AccessDeniedException")
    scene.set_faults(Faults(before=failing("start", refusal)))

    with pytest.raises(ServiceRefused):
        scene.redrive()

    assert list(scene.queue.messages) == ["m1", "m2"]


@pytest.mark.parametrize(
    "error", [ServiceUnavailable("DeleteMessage: x"), ServiceRefused("DeleteMessage: y")]
)
def test_a_message_that_could_not_be_deleted_is_told(error: Exception) -> None:
    scene = Scene()
    scene.queue.add(EVENT)
    scene.set_faults(Faults(before=failing("delete", error)))

    report = scene.redrive()

    assert [one.reason for one in report.undeleted] == [f"was not deleted: {error}"]
    assert report.sent == []
    assert not report.is_clear


def test_what_was_done_before_the_queue_failed_is_in_the_report() -> None:
    scene = Scene()
    scene.queue.add(*[EVENT] * 4)
    report = RedriveReport()

    def fail(call: str, number: int) -> None:
        if call == "receive" and number > 0:
            raise ServiceUnavailable("ReceiveMessage: x")

    scene.set_faults(Faults(before=fail))

    with pytest.raises(ServiceUnavailable):
        redrive(scene.queue, scene.processor, report, 100)

    assert [one.message_id for one in report.sent] == ["m1", "m2"]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("has_effect", [False, True])
def test_killed_at_any_call_no_event_is_lost(number: int, *, has_effect: bool) -> None:
    scene = Scene()
    scene.queue.add(EVENT, EVENTBRIDGE)
    scene.set_faults(Faults(kill_after=number) if has_effect else Faults(kill_before=number))

    with pytest.raises(Killed):
        scene.redrive()
    scene.set_faults(Faults())
    scene.queue.show_again()
    scene.redrive()

    assert scene.queue.messages == {}
    starts = [json.dumps(event, sort_keys=True) for event in scene.processor.events]
    assert set(starts) == {
        json.dumps(event | {"redrives": 1}, sort_keys=True) for event in (EVENT, EVENTBRIDGE)
    }
    assert len(starts) <= 3


def test_nothing_of_an_event_but_masked_names_is_told() -> None:
    scene = Scene()
    event = s3_event(ObjectVersion("uploads", "a/4111111111111111.csv", "v1"))
    why = {"ErrorMessage": "4111111111111111 failed\x1b[2J\n" + "x" * 1000}
    scene.queue.add(event | {"record": "secret value", "redrives": 3}, attributes=why)

    (poison,) = scene.redrive().poison

    assert poison.files == ("s3://uploads/a/************1111.csv version v1",)
    assert "secret value" not in str(poison)
    assert "4111111111111111" not in str(poison)
    assert poison.attributes["ErrorMessage"].isprintable()
    assert len(poison.attributes["ErrorMessage"]) == 300
