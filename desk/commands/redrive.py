"""`desk redrive`"""

from collections.abc import Sequence

import click

from desk import deployed
from desk.errors import DeskError
from desk.options import Desk, command
from desk.reading import Json
from desk.redrive import FailedEvent, RedriveReport
from desk.redrive import redrive as redrive_events
from desk.terminal import Answer
from processor.errors import ProcessorError

MESSAGES_MAX = 1000
_KINDS = ("sent", "undeleted", "poison", "left")


@command("redrive", short_help="Send failed events to the function again.")
@click.option(
    "--max",
    "messages_max",
    type=click.IntRange(1),
    default=MESSAGES_MAX,
    show_default=True,
    help="Messages at most.",
)
@click.option(
    "--poison",
    "with_poison",
    is_flag=True,
    help="Send those, too, that failed after three redrives: their cause is mended.",
)
def redrive(desk: Desk, messages_max: int, *, with_poison: bool) -> Answer:
    """Send the events in the queue of failed events to the function again.

    First mend what made them fail: it is shown with each event that is not sent. An event that was
    sent three times already is poison: it stays in the queue, for a person, until --poison says
    that its cause is mended. A message is deleted only behind its event's acceptance, so that this
    can be stopped and repeated at any time.

    \b
    Exit codes: 0 nothing is left in the queue; 1 something is; 2 it ended early, and what was done
    until then is shown.
    """
    report = RedriveReport()
    queue = deployed.failed_events(desk.stack)
    code, remarks = 0, []
    with desk.terminal.progress("events") as done:
        try:
            redrive_events(
                queue,
                deployed.processor(desk.stack),
                report,
                messages_max,
                done,
                with_poison=with_poison,
            )
        except (DeskError, ProcessorError) as error:
            code, remarks = 2, [str(error)]
        except KeyboardInterrupt:
            code, remarks = 130, ["interrupted"]
    kinds: dict[str, Sequence[FailedEvent]] = {kind: getattr(report, kind) for kind in _KINDS}
    lines = [line for kind, events in kinds.items() for line in _lines(kind, events)]
    if not any(kinds.values()) and not code:
        lines = ["no failed event is in the queue"]
    document: Json = {kind: [_document(one) for one in events] for kind, events in kinds.items()}
    return Answer(document, lines, code or int(not report.is_clear), remarks)


def _lines(kind: str, events: Sequence[FailedEvent]) -> list[str]:
    lines = [f"{kind}: {len(events)}"]
    for event in events:
        lines.append(f"  {', '.join(event.files) or event.message_id} {event.reason}".rstrip())
        if event.reason:
            lines += [f"    {name}: {text}" for name, text in event.attributes.items()]
    return lines


def _document(event: FailedEvent) -> Json:
    return {
        "messageId": event.message_id,
        "files": list(event.files),
        "redrives": event.redrives,
        "reason": event.reason or None,
        "attributes": event.attributes,
    }
