"""`desk replay KEY`"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desk import deployed
from desk.answering import require_own_records
from desk.errors import DeskError
from desk.options import Desk, FileName, command, file_arguments, wait_options
from desk.reading import Json, backoff, read_receipt
from desk.replay import Replay, replay_file, replay_rejects
from desk.submit import ReceiptWatch, Submission
from desk.summary import COUNTED, fault_of, needs_a_person
from desk.terminal import Answer, table
from processor.domain.file import ObjectVersion
from processor.domain.masking import mask

if TYPE_CHECKING:
    from rich.console import RenderableType


@command("replay", short_help="Process a file again, or its corrected rejects.")
@file_arguments
@click.option(
    "--rejects",
    "corrected",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The corrected records, as exported by desk rejects.",
)
@click.option("--partial", is_flag=True, help="FILE has not as many records as were rejected.")
@wait_options
def replay(
    desk: Desk,
    named: FileName,
    corrected: Path | None,
    seconds_max: int | None,
    *,
    partial: bool,
) -> Answer:
    """Process a file again, by today's rules; or process corrected records in place of its rejects.

    Either way it becomes a file of its own, whose receipt names the first one. What that one stored
    is a duplicate then. Corrected records that would be rejected again are refused before anything
    is uploaded, and so are records of another file, and fewer or more than were rejected, unless
    --partial is given: then the file still awaits action. Conflicts show only when it is
    processed. The same correction is uploaded once, however often this is repeated.

    \b
    Exit codes: 0 every record of the new file is stored, or was before; 1 something was rejected,
    conflicts or cannot be read, there is no receipt yet, or --partial leaves some; 2 it was not
    uploaded.
    """
    uploads, count = deployed.uploads(desk.stack), 0
    if corrected is not None:
        replayed = uploads.look(*named).version
        count = _quarantined_count(desk, replayed)
        require_own_records(corrected, replayed, deployed.evidence(desk.stack))
        done = replay_rejects(uploads, replayed, corrected, None if partial else count)
    else:
        with desk.terminal.progress("copy the file"):
            done = replay_file(uploads, *named)
    submission = Submission(Path(), done.replaying)
    if seconds_max is not None and submission.is_awaited:
        with desk.terminal.progress("receipt"):
            ReceiptWatch(deployed.results(desk.stack), backoff()).wait([submission], seconds_max)
    return _answer(
        desk,
        done,
        submission.receipt,
        is_waiting=seconds_max is not None,
        is_partial=(done.record_count or count) < count,
    )


def _quarantined_count(desk: Desk, version: ObjectVersion) -> int:
    """How many records of a file there are to correct."""
    receipt = read_receipt(deployed.results(desk.stack), version, backoff())
    if receipt is None:
        raise DeskError(f"{version} has no receipt yet: {desk.next_step('status', version)}")
    if not receipt["quarantine"]:
        raise DeskError(f"nothing of {version} is in quarantine: is it the file that is meant?")
    count: int = receipt["quarantine"]["lineCount"]
    return count


def _answer(
    desk: Desk, done: Replay, receipt: Json | None, *, is_waiting: bool, is_partial: bool
) -> Answer:
    is_known = done.replaying.version_id is not None
    receipt_key = mask(done.replaying.receipt_key)[0] if is_known else None
    shown: list[RenderableType] = [
        f"replays:  {done.replayed}",
        f"uploaded: {done.replaying}{'' if done.created else ' (was there before)'}"
        if is_known
        else f"uploaded: {done.replaying.key_shown}; another version came meanwhile",
    ]
    shown += [f"receipt:  {receipt_key}"] if receipt_key else []
    if receipt:
        counts = table("status", *(f">{name}" for name in COUNTED), "")
        outcomes = (f"{receipt['outcomes'][name]:,}" for name in COUNTED)
        counts.add_row(receipt["status"], *outcomes, fault_of(receipt))
        shown.append(counts)
    remarks = []
    if done.metadata_dropped:
        remarks.append("the first sender's metadata found no room beside the replay's")
    if is_partial:
        remarks.append(f"the rest still awaits action: {desk.next_step('rejects', done.replayed)}")
    if receipt and receipt["quarantine"]:
        remarks.append(f"not all is stored: {desk.next_step('rejects', done.replaying)}")
    if is_waiting and not receipt:
        remarks.append(f"no receipt yet: {desk.next_step('status', done.replaying)}")
    document: Json = {
        "replayed": {"key": done.replayed.key_shown, "versionId": done.replayed.version},
        "kind": done.kind.value,
        "key": done.replaying.key_shown,
        "versionId": done.replaying.version_id,
        "receiptKey": receipt_key,
        "isNew": done.created,
        "outcomes": receipt and receipt["outcomes"],
        "status": receipt and receipt["status"],
    }
    code = int(needs_a_person(receipt)) if receipt else int(is_waiting)
    return Answer(document, shown, code or int(is_partial), remarks)
