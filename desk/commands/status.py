"""`desk status [KEY]`"""

from collections.abc import Iterator
from datetime import UTC, datetime

import click
from rich.console import RenderableType
from rich.table import Table

from desk import deployed
from desk.awaiting import Answered, awaits
from desk.errors import DeskError
from desk.files import NO_RECEIPT, FileState
from desk.options import Desk, Period, command, period_options
from desk.reading import Json, backoff
from desk.summary import state_document, state_table
from desk.terminal import Answer, table
from processor.domain.control_totals import Outcome
from processor.domain.entries import PartResult
from processor.domain.masking import mask
from processor.domain.receipt import FileStatus

SHOWN = 20
OUTCOMES = (*(one.value for one in FileStatus), "no-receipt", "needs-action")


@command("status", short_help="What became of a file; or of the last ones.")
@click.argument("key", required=False)
@period_options
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Only files that ended so.")
@click.option(
    "--limit", type=click.IntRange(1), default=SHOWN, show_default=True, help="Files at most."
)
def status(desk: Desk, key: str | None, period: Period, outcome: str | None, limit: int) -> Answer:
    """Say what became of a file, its parts and attempts; without KEY, of the last files.

    KEY stands for all of its versions: each is a file of its own. A file without a receipt is not
    done, and the last column says what it waits for.

    `--outcome needs-action` leaves out files for which later replays answer, as desk report does.

    \b
    Exit codes: 0 it was found, whatever became of it, or there is none in that time; 1 some were
    found that need action, if that was asked for; 2 there is no file KEY.

    \b
    Examples:
      desk status in/march.csv
      desk status --since 24h --outcome needs-action
    """
    reading = deployed.file_reading(desk.stack)
    with desk.terminal.progress("list files"):
        files = reading.uploaded(period.prefix if key is None else key, period.since, period.until)
    if key is not None:
        corrections = [one for one in files if one.version.key.startswith(f"{key}.corrected-")]
        files = [one for one in files if one.version.key == key]
    # Only receipts tell how files ended: without that question no more are read than are shown.
    looked_at = files if outcome else files[:limit]
    found: list[FileState] = []
    answered = Answered()
    with desk.terminal.progress("read receipts", len(looked_at)) as done:
        for state in reading.states(looked_at, done):
            answered.add(state)
            found += [state] if outcome is None or _ended(state, outcome, answered) else []
            if len(found) == limit:
                break
    documents = [state_document(one) for one in found]
    if not found and key is not None:
        raise DeskError(f"there is no file {mask(key)[0]}: desk status --prefix finds many")
    if not found:
        nothing = "nothing awaits action" if outcome == "needs-action" else "no such file"
        return Answer({"files": documents}, [nothing])
    shown: list[RenderableType] = [state_table(found, with_versions=key is not None)]
    if key is not None:
        replays = [*reading.states(corrections), *found]
        for state, document in zip(found, documents, strict=True):
            shown += _details(desk, state, document)
            shown += _answers(state, replays, document)
    unread = len(files) - len(looked_at)
    remarks = [f"{unread:,} more: --limit"] if unread else []
    return Answer({"files": documents}, shown, int(outcome == "needs-action"), remarks)


def _ended(state: FileState, outcome: str, answered: Answered) -> bool:
    if outcome == "no-receipt":
        return state.status == NO_RECEIPT
    if outcome == "needs-action":
        return awaits(state, answered, datetime.now(UTC)) is not None
    return state.status == outcome


def _details(desk: Desk, state: FileState, document: Json) -> Iterator[RenderableType]:
    """A file's parts and attempts, for people; for programs they are put into the document."""
    if state.entry is None:
        return
    ledger = deployed.file_ledger(desk.stack)
    entry, parts = backoff().call(ledger.load, state.file.version.file_id)
    document["parts"] = [_part_document(one) for one in parts]
    planned = f"{entry.parts_total}" if entry.is_planned else "an unknown number"
    yield f"\n{state.file.version.key_shown} version {state.file.version.version}"
    yield f"  file id {state.file.version.file_id}"
    yield f"  first seen {entry.registered_at}, deliveries: {entry.deliveries}"
    yield f"  parts done: {entry.parts_done} of {planned}"
    if state.receipt and state.receipt["replayOf"]:
        replayed = state.receipt["replayOf"]
        yield f"  replays ({replayed['kind']}) version {replayed['versionId']}"
    if parts:
        yield _part_table(parts)


def _answers(state: FileState, replays: list[FileState], document: Json) -> Iterator[str]:
    """The replays of a file: what was brought again under its key, and corrections."""
    document["replays"] = []
    for one in replays:
        replayed = one.receipt and one.receipt["replayOf"]
        if replayed and replayed["versionId"] == state.file.version.version:
            named = one.file.version
            kind, read = replayed["kind"], one.receipt["outcomes"]["read"] if one.receipt else 0
            document["replays"].append({"key": named.key_shown, "versionId": named.version})
            yield f"  replayed ({kind}, {read:,} records) by {named.key_shown} {named.version}"


def _part_table(parts: list[PartResult]) -> Table:
    made = table(">part", ">segment", "format", *(f">{one.value}" for one in Outcome), "done", "")
    for part in parts:
        counts = (f"{part.totals.outcomes[one]:,}" for one in Outcome)
        fault = part.fault.reason.value if part.fault else ""
        goes_on = f"goes on at record {part.remainder.record_number:,}" if part.remainder else ""
        made.add_row(
            str(part.part_number),
            str(part.segment),
            part.format or "",
            *counts,
            part.recorded_at,
            fault or goes_on,
        )
    return made


def _part_document(part: PartResult) -> Json:
    return {
        "part": part.part_number,
        "segment": part.segment,
        "format": part.format,
        "outcomes": {one.value: part.totals.outcomes[one] for one in Outcome},
        "fault": part.fault and part.fault.reason.value,
        "recordedAt": part.recorded_at,
        "goesOnAtRecord": part.remainder and part.remainder.record_number,
    }
