"""`desk submit FILE…`"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from desk import deployed
from desk.options import Desk, command, wait_options
from desk.reading import Json, backoff
from desk.sender import S3Sender
from desk.submit import Plan, ReceiptWatch, Submission, plan, upload
from desk.summary import COUNTED, fault_of, needs_a_person
from desk.terminal import Answer, table
from processor.domain.masking import mask

INTERRUPTED = 130
STEPS_MAX = 5
WHY = {
    "rejects": "not all is stored",
    "receipt": "not read to its end",
    "status": "no receipt yet",
}


@command("submit", short_help="Upload files, and wait for their receipts.")
@click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--prefix", default="", metavar="PREFIX", help="Begins each key, such as in/.")
@wait_options
def submit(desk: Desk, paths: tuple[Path, ...], prefix: str, seconds_max: int | None) -> Answer:
    """Upload files as the bucket wants them, wait for their receipts, and show those.

    A folder stands for all files in it, but for hidden ones; their paths within it become their
    keys. They are processed at once: if two of them use one transaction id for different content,
    chance tells which one is stored. Each upload names
    the stack's key and sends a checksum that S3 compares. Submitting a file again is safe: what was
    stored is a duplicate then.

    \b
    Exit codes: 0 every record of every file is stored, or was before; 1 something was rejected,
    conflicts, cannot be read, or has no receipt yet; 2 a file was not uploaded.

    \b
    Example:
      desk submit march/ --prefix in/ --stack secure-transaction-pipeline
    """
    planned = plan(paths, prefix)
    bucket = deployed.data_bucket(desk.stack)
    sender = S3Sender(desk.stack.client("s3"), bucket, desk.stack.output("EncryptionKeyArn"))
    submissions: list[Submission] = []
    remarks = _left_out(planned)
    try:
        size_bytes = sum(one.size_bytes for one in planned.files)
        with desk.terminal.progress("upload", size_bytes, is_bytes=True) as sent:
            for submission in upload(planned.files, bucket, sender, sent):
                submissions.append(submission)  # noqa: PERF402  Those until an interruption stay.
        awaited = [one for one in submissions if one.is_awaited]
        if seconds_max is not None and awaited:
            watch = ReceiptWatch(deployed.results(desk.stack), backoff())
            with desk.terminal.progress("receipts", len(awaited)) as arrived:
                watch.wait(awaited, seconds_max, arrived)
    except KeyboardInterrupt:
        submissions.sort(key=lambda one: one.version.key)
        # What was uploaded is told, whatever became of the rest.
        is_all = len(submissions) == len(planned.files)
        how = "while waiting: all was uploaded" if is_all else "what is not listed was not uploaded"
        return _answer(submissions, [*remarks, f"interrupted: {how}"], INTERRUPTED)
    submissions.sort(key=lambda one: one.version.key)
    code = max((_code(one, is_waiting=seconds_max is not None) for one in submissions), default=0)
    steps = _next_steps(desk, submissions, is_waiting=seconds_max is not None)
    return _answer(submissions, [*remarks, *steps], code)


def _left_out(planned: Plan) -> list[str]:
    counts = {"hidden files": planned.hidden, "links that lead nowhere": planned.dangling}
    left_out = [f"{name}: {count:,}" for name, count in counts.items() if count]
    return [f"left out, unless named themselves: {', '.join(left_out)}"] if left_out else []


def _answer(submissions: list[Submission], remarks: Sequence[str], code: int) -> Answer:
    shown = table("file", "key", "status", *(f">{name}" for name in COUNTED), "")
    for one in submissions:
        outcomes = one.receipt["outcomes"] if one.receipt else {}
        shown.add_row(
            mask(str(one.file))[0],
            one.version.key_shown,
            _status(one),
            *(f"{outcomes[name]:,}" if outcomes else "" for name in COUNTED),
            one.failure or (fault_of(one.receipt) if one.receipt else ""),
        )
    document = {"files": [_document(one) for one in submissions]}
    return Answer(document, [shown] if submissions else [], code, remarks)


def _status(one: Submission) -> str:
    if one.failure:
        return "not uploaded"
    return str(one.receipt["status"]) if one.receipt else "uploaded"


def _code(one: Submission, *, is_waiting: bool) -> int:
    if one.failure:
        return 2
    if one.receipt is None:
        return int(is_waiting)
    return int(needs_a_person(one.receipt))


def _next_steps(
    desk: Desk, submissions: Sequence[Submission], *, is_waiting: bool
) -> Iterator[str]:
    """What to do about whatever went other than well, a line a file."""
    kinds: dict[str, list[Submission]] = {"rejects": [], "receipt": [], "status": []}
    for one in submissions:
        if one.receipt and one.receipt["fault"]:
            kinds["receipt"].append(one)
        elif one.receipt and one.receipt["quarantine"]:
            kinds["rejects"].append(one)
        elif is_waiting and not one.receipt and not one.failure:
            kinds["status"].append(one)
    for name, files in kinds.items():
        for one in files[:STEPS_MAX]:
            yield f"{WHY[name]}: {desk.next_step(name, one.version)}"
        if len(files) > STEPS_MAX:
            yield f"{WHY[name]}: {len(files) - STEPS_MAX:,} more"


def _document(one: Submission) -> Json:
    return {
        "file": mask(str(one.file))[0],
        "key": one.version.key_shown,
        "versionId": one.version.version_id,
        "status": _status(one),
        "failure": one.failure or None,
        "receiptKey": mask(one.version.receipt_key)[0] if one.version.version_id else None,
        "outcomes": one.receipt and one.receipt["outcomes"],
        "fault": one.receipt and one.receipt["fault"],
    }
