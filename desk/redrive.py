"""Redrive: sends failed events to the function again, each a bounded number of times.

    receive ─▶ judge ─▶ invoke (async) ─▶ accepted ─▶ delete
                  └──▶ poison: it stays, and is reported

A message is deleted only behind its event's acceptance. What dies between both leaves an event that
is delivered twice, which changes no outcome.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from processor.domain.masking import mask
from processor.errors import ServiceRefused, ServiceUnavailable
from processor.notification import parse_event

REDRIVES_MAX: Final = 3
"""How often an event is sent again. One that failed as often needs a person, not another try."""

REDRIVES_MEMBER: Final = "redrives"
_ATTRIBUTE_CHARACTERS_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Message:
    """A message of FailedEventsQueue.

    Args:
        message_id: The same each time that it is received.
        receipt_handle: What this reception is deleted by.
        body: The event as Lambda was given it.
        attributes: What Lambda says of the failure: RequestID, ErrorCode, ErrorMessage.
            Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """

    message_id: str
    receipt_handle: str
    body: str
    attributes: dict[str, str] = field(default_factory=dict)


class FailedEvents(Protocol):
    """FailedEventsQueue. Both may raise ServiceUnavailable or ServiceRefused."""

    def receive(self) -> Sequence[Message]:
        """Takes some messages, hidden from other readers for a while; none if there are none."""
        ...

    def delete(self, message: Message) -> None: ...


class Processor(Protocol):
    """TransactionProcessorFunction."""

    def start(self, event: bytes) -> None:
        """Has the function process an event, and returns when that is accepted, not done.

        Raises:
            ServiceUnavailable: Not known to be accepted.
            ServiceRefused: Not accepted, and never will be.
        """
        ...


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """A failed event as a report shows it: names and codes, no content.

    Args:
        message_id: Of its message.
        files: The object versions that it names, card numbers in keys masked.
        redrives: How often it had been sent again before.
        attributes: What Lambda says of the failure, one line each.
        reason: Why it was not sent, or is still in the queue; empty otherwise.
    """

    message_id: str
    files: tuple[str, ...]
    redrives: int
    attributes: dict[str, str]
    reason: str = ""


@dataclass(slots=True)
class RedriveReport:
    """What became of the messages of one run.

    Args:
        sent: Accepted by the function, and deleted.
        undeleted: Accepted, but still in the queue: delivered twice in the end, which is harmless.
        poison: Sent again too often already; they stay.
        left: Not accepted, or of no known shape; they stay.
    """

    sent: list[FailedEvent] = field(default_factory=list)
    undeleted: list[FailedEvent] = field(default_factory=list)
    poison: list[FailedEvent] = field(default_factory=list)
    left: list[FailedEvent] = field(default_factory=list)

    @property
    def seen_count(self) -> int:
        return len(self.sent) + len(self.undeleted) + len(self.poison) + len(self.left)

    @property
    def is_clear(self) -> bool:
        """Whether nothing is left for a person."""
        return not (self.undeleted or self.poison or self.left)


def redrive(
    queue: FailedEvents,
    processor: Processor,
    report: RedriveReport,
    messages_max: int,
    done: Callable[[int], None] = lambda _: None,
) -> None:
    """Sends failed events again until none is left, or messages_max have been seen.

    Each message is judged at most once, also where the queue gives it twice.

    Args:
        queue: Where they are.
        processor: Where they go.
        report: Is added to as messages are done with, so that it is true whatever stops the run.
        messages_max: How many messages are judged at most.
        done: Is told how many more are done with.

    Raises:
        ServiceUnavailable: The queue cannot be read now.
        ServiceRefused: The queue may not be read, or the function not be invoked.
    """
    seen: set[str] = set()
    while report.seen_count < messages_max:
        received = {message.message_id: message for message in queue.receive()}
        new = [message for name, message in received.items() if name not in seen]
        if not new:
            return
        for message in new[: messages_max - report.seen_count]:
            seen.add(message.message_id)
            _redrive(message, queue, processor, report)
            done(1)


def _redrive(
    message: Message, queue: FailedEvents, processor: Processor, report: RedriveReport
) -> None:
    event = _event_of(message.body)
    redrives = event.get(REDRIVES_MEMBER, 0) if event is not None else 0
    # A bool is an int to Python, and no count to anybody.
    if event is None or type(redrives) is not int or redrives < 0:
        report.left.append(_shown(message, event, 0, "is no event of this function"))
        return
    if redrives >= REDRIVES_MAX:
        reason = f"failed again after {redrives} redrives"
        report.poison.append(_shown(message, event, redrives, reason))
        return
    body = json.dumps(event | {REDRIVES_MEMBER: redrives + 1}, ensure_ascii=False).encode()
    try:
        processor.start(body)
    except ServiceUnavailable as error:
        report.left.append(_shown(message, event, redrives, f"was not accepted: {error}"))
        return
    try:
        queue.delete(message)
    except (ServiceUnavailable, ServiceRefused) as error:
        report.undeleted.append(_shown(message, event, redrives, f"was not deleted: {error}"))
        return
    report.sent.append(_shown(message, event, redrives, ""))


def _event_of(body: str) -> dict[str, object] | None:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):  # The parser's answer to very deep nesting.
        return None
    return event if isinstance(event, dict) else None


def _shown(
    message: Message, event: dict[str, object] | None, redrives: int, reason: str
) -> FailedEvent:
    files = tuple(str(version) for version in parse_event(event, "").versions)
    attributes = {name: _one_line(text) for name, text in sorted(message.attributes.items())}
    return FailedEvent(message.message_id, files, redrives, attributes, reason)


def _one_line(text: str) -> str:
    """A text that somebody else wrote, fit for a terminal."""
    shown = "".join(one if one.isprintable() else " " for one in mask(text)[0])
    return shown[:_ATTRIBUTE_CHARACTERS_MAX]
