"""Redrive: sends failed events to the function again, each a bounded number of times.

    receive ─▶ judge ─▶ invoke (async) ─▶ accepted ─▶ delete
                  └──▶ poison: it stays, and is reported ─▶ shown again

A message is deleted only behind its event's acceptance. What dies between both leaves an event that
is delivered twice, which changes no outcome. What stays is shown to readers again when the run is
over: the queue's alarm counts what is shown, and whoever mends the cause need not wait.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from processor.domain.masking import mask
from processor.errors import ServiceRefused, ServiceUnavailable
from processor.notification import parse_event

REDRIVES_MAX: Final = 3
"""How often an event is sent again. One that failed as often needs a person, not another try: when
its cause is mended it is sent as poison, and has as many redrives again."""

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
    """FailedEventsQueue. All may raise ServiceUnavailable or ServiceRefused."""

    def receive(self) -> Sequence[Message]:
        """Takes some messages, hidden from other readers for a while; none if there are none."""
        ...

    def delete(self, message: Message) -> None: ...

    def show(self, message: Message) -> None:
        """Lets other readers have a message again that was received."""
        ...


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


def redrive(  # noqa: PLR0913  What is sent, where to, how much of it, and who is told.
    queue: FailedEvents,
    processor: Processor,
    report: RedriveReport,
    messages_max: int,
    done: Callable[[int], None] = lambda _: None,
    *,
    with_poison: bool = False,
) -> None:
    """Sends failed events again until none is left, or messages_max have been seen.

    Each message is judged at most once, also where the queue gives it twice.

    Args:
        queue: Where they are.
        processor: Where they go.
        report: Is added to as messages are done with, so that it is true whatever stops the run.
        messages_max: How many messages are judged at most.
        done: Is told how many more are done with.
        with_poison: Whether poison is sent, too, its redrives counted from 0: its cause is mended.

    Raises:
        ServiceUnavailable: The queue cannot be read now.
        ServiceRefused: The queue may not be read, or the function not be invoked.
    """
    received: dict[str, Message] = {}
    sender = _Sender(queue, processor, report, with_poison=with_poison)
    try:
        while report.seen_count < messages_max:
            new = {one.message_id: one for one in queue.receive() if one.message_id not in received}
            if not new:
                return
            received |= new
            for message in [*new.values()][: messages_max - report.seen_count]:
                sender.redrive(message)
                done(1)
    finally:
        _show(received.values(), queue, {*_names(report.sent), *_names(report.undeleted)})


def _names(events: Sequence[FailedEvent]) -> list[str]:
    return [one.message_id for one in events]


def _show(messages: Iterable[Message], queue: FailedEvents, sent: set[str]) -> None:
    """Shows what stays to others again, whatever stopped the run; else the queue does, later."""
    for message in messages:
        if message.message_id not in sent:
            with suppress(ServiceUnavailable, ServiceRefused):
                queue.show(message)


@dataclass(frozen=True, slots=True)
class _Sender:
    """Sends messages one by one; see redrive."""

    queue: FailedEvents
    processor: Processor
    report: RedriveReport
    with_poison: bool = field(kw_only=True)

    def redrive(self, message: Message) -> None:
        report = self.report
        event = _event_of(message.body)
        redrives = event.get(REDRIVES_MEMBER, 0) if event is not None else 0
        # A bool is an int to Python, and no count to anybody.
        if event is None or type(redrives) is not int or redrives < 0:
            report.left.append(_shown(message, event, 0, "is no event of this function"))
            return
        is_poison = redrives >= REDRIVES_MAX
        if is_poison and not self.with_poison:
            reason = f"failed again after {redrives} redrives"
            report.poison.append(_shown(message, event, redrives, reason))
            return
        count = 0 if is_poison else redrives + 1
        body = json.dumps(event | {REDRIVES_MEMBER: count}, ensure_ascii=False).encode()
        try:
            self.processor.start(body)
        except ServiceUnavailable as error:
            report.left.append(_shown(message, event, redrives, f"was not accepted: {error}"))
            return
        try:
            self.queue.delete(message)
        except (ServiceUnavailable, ServiceRefused) as error:
            reason = f"was not deleted: {error}"
            report.undeleted.append(_shown(message, event, redrives, reason))
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
