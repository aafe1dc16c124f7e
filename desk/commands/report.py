"""`desk report`"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import click

from desk import deployed
from desk.errors import DeskError
from desk.options import Desk, Period, command, period_options
from desk.page import words
from desk.page.bins import Bins
from desk.page.document import document_of
from desk.page.firsts import first_files
from desk.page.rows import Made, groups, verdict
from desk.page.summary import Summary, summarize
from desk.rejects import new_file
from desk.terminal import Answer
from processor import SOFTWARE
from processor.domain.masking import mask

PERIOD = timedelta(days=7)
"""Where none is said."""

S3_BEGINS = datetime(2006, 3, 14, tzinfo=UTC)
"""No object is older, and no chart need be."""


@command("report", short_help="Write a page about all files of a time, with charts.")
@period_options
@click.option(
    "--output",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The page; report-STACK-TIME.html in this folder if absent.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
def report(desk: Desk, period: Period, target: Path | None, *, force: bool) -> Answer:
    """Write a page about all files of a time: what awaits action, totals, charts, tables.

    Without --since, of the last seven days. The page is one HTML file that loads nothing and runs
    nothing: it can be mailed, kept and printed. It shows no value of a record. With --json its
    numbers are printed, too.

    \b
    Exit codes: 0 the page is written, whatever it tells; 2 it is not.

    \b
    Examples:
      desk report
      desk report --since 30d --output march.html
    """
    made_at = datetime.now(UTC)
    until = min(period.until or made_at, made_at)
    bins = Bins(max(period.since or until - PERIOD, S3_BEGINS), until)
    if bins.since >= bins.until:
        raise click.UsageError("--since is not before --until")
    session = desk.stack.session
    software = f"desk {SOFTWARE.rpartition(' ')[2]}"
    made = Made(desk.stack.name, session.region_name or "", period.prefix, software)
    target = target or Path(_file_name(made, made_at))
    # Its place is tried before anything is read: that may take long.
    with (_replaced if force else _new)(target) as opened:
        summary = _read(desk, bins, made, made_at)
        # Only this command pays for the start of charts and templates.
        from desk.page.page import render  # noqa: PLC0415  Only this command pays for its imports.

        page = render(summary, made).encode()
        opened.write(page)
    return _answer(summary, made, target, len(page))


def _read(desk: Desk, bins: Bins, made: Made, made_at: datetime) -> Summary:
    failed_event_count = deployed.failed_events(desk.stack).count()
    reading = deployed.file_reading(desk.stack)
    with desk.terminal.progress("list files"):
        files = reading.uploaded(made.prefix, bins.since, bins.until)
    with desk.terminal.progress("read receipts", len(files)) as done:
        summary = summarize(reading.states(files, done), bins, made_at, failed_event_count)
    with desk.terminal.progress("read conflicts", len(summary.conflicts.files)) as done:
        for state in summary.conflicts.files:
            summary.first_files[state.file.version.file_id] = first_files(state, reading)
            done(1)
    return summary


def _file_name(made: Made, made_at: datetime) -> str:
    """Names the stack, which may be given as an ARN, and the minute."""
    stack = re.sub(r"[^A-Za-z0-9.-]+", "-", made.stack)
    return f"report-{stack}-{made_at:%Y-%m-%dT%H%MZ}.html"


@contextmanager
def _new(target: Path) -> Iterator[BinaryIO]:
    if os.path.lexists(target):
        shown = mask(str(target))[0]
        raise DeskError(f"{shown} is there already: it stays, unless --force is given")
    with new_file(target) as opened:
        yield opened


@contextmanager
def _replaced(target: Path) -> Iterator[BinaryIO]:
    """As new_file, in place of what is there: the old page or the new one, never half of one."""
    if target.is_dir():
        raise DeskError(f"{mask(str(target))[0]} is a folder")
    try:
        with tempfile.TemporaryDirectory(prefix=".report-", dir=target.parent) as folder:
            whole = Path(folder) / "whole"
            with whole.open("xb") as opened:
                yield opened
            whole.replace(target)
    except OSError as error:
        shown = mask(str(target))[0]
        raise DeskError(f"{shown}: {error.strerror or type(error).__name__}") from error


def _answer(summary: Summary, made: Made, target: Path, size_bytes: int) -> Answer:
    shown = mask(str(target))[0]
    failed = summary.failed_event_count
    lines = [
        f"{words.count(summary.file_count, 'file', 'files')}. {verdict(summary)}.",
        *([f"  {words.count(failed, 'failed event', 'failed events')}"] if failed else []),
        *(f"  {group.title}" for group in groups(summary, made)),
        f"{shown}: {words.size(size_bytes)}",
    ]
    document = {"page": shown, "pageSize": size_bytes, **document_of(summary, made)}
    return Answer(document, lines)
