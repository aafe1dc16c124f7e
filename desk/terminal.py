"""What a command shows: tables for people, JSON for programs, progress on the standard error."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TextIO

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from desk.printable import printable, printable_json
from desk.reading import Json

COLUMNS: Final = 10_000
"""Width of what is laid out, whatever the terminal's: that wraps long lines by itself, and keys and
version ids that are folded into columns could not be copied."""

REMARK_SECONDS: Final = 30
"""Where there is no terminal, progress is a line as often as that."""

type Advance = Callable[[int], None]
"""Takes how much more is done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found or did.

    Args:
        document: All of it, for programs.
        shown: The same for people, in order: texts, tables.
        code: The exit code: 0 all is well, 1 something needs a person, 2 it could not be done.
        remarks: What a person is to know besides, one line each, on the standard error.
    """

    document: Json
    shown: Sequence[RenderableType] = ()
    code: int = 0
    remarks: Sequence[str] = ()


class Terminal:
    """Where a command's answer and its progress go. Colours only where a terminal takes them.

    Args:
        as_json: Whether the answer is printed as JSON.
        out: Takes the answer.
        err: Takes progress and remarks.
    """

    def __init__(
        self, *, as_json: bool = False, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self._as_json = as_json
        self._out = Console(file=out or sys.stdout, highlight=False, emoji=False, width=COLUMNS)
        self._err = Console(file=err or sys.stderr, highlight=False, emoji=False)

    def print(self, answer: Answer) -> None:
        """Prints an answer, and its remarks behind it."""
        if self._as_json:
            text = printable_json(json.dumps(answer.document, ensure_ascii=False, indent=2))
            # Past rich, which would wrap: the bytes are for a program.
            print(text, file=self._out.file)
        else:
            for one in answer.shown:
                self._show(one)
        # Where both go to one file, remarks stay behind what they are about.
        self._out.file.flush()
        for remark in answer.remarks:
            self.remark(remark)

    def _show(self, one: RenderableType) -> None:
        one = _printable(one)
        is_text = isinstance(one, str | Text)
        if self._out.is_terminal:
            self._out.print(one, soft_wrap=is_text, markup=False)
            return
        with self._out.capture() as captured:
            self._out.print(one, soft_wrap=is_text, markup=False)
        # Columns are filled up with spaces, which nobody wants at the end of a line in a file.
        lines = captured.get().removesuffix("\n").split("\n")
        print("\n".join(line.rstrip() for line in lines), file=self._out.file)

    def remark(self, text: str) -> None:
        """Tells a person something that is not part of the answer."""
        self._err.print(printable(text), markup=False, soft_wrap=True)

    def show(self, shown: Sequence[RenderableType]) -> None:
        """Shows a person what a question is about, before it is asked."""
        for one in map(_printable, shown):
            self._err.print(one, soft_wrap=isinstance(one, str | Text), markup=False)

    @contextmanager
    def progress(
        self, label: str, total: int | None = None, *, is_bytes: bool = False
    ) -> Iterator[Advance]:
        """Shows how far something is, on a terminal, until it is over; then nothing is left of it.

        Args:
            label: What is done.
            total: How much there is to do; None if that is not known.
            is_bytes: Whether bytes are counted.
        """
        if not self._err.is_terminal:
            yield _Remarks(self, label, total, is_bytes=is_bytes).advance
            return
        count = DownloadColumn() if is_bytes else MofNCompleteColumn()
        bar = (BarColumn(),) if total else ()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), *bar, count)
        with Progress(*columns, TimeElapsedColumn(), console=self._err, transient=True) as shown:
            task = shown.add_task(label, total=total)
            yield lambda count: shown.advance(task, count)


class _Remarks:
    """Progress where there is no terminal: nothing, unless it takes long."""

    def __init__(
        self, terminal: Terminal, label: str, total: int | None, *, is_bytes: bool
    ) -> None:
        self._terminal = terminal
        self._label = label
        self._of = f" of {total:,}" if total else ""
        self._unit = " bytes" if is_bytes else ""
        self._begun = self._told = time.monotonic()
        self._count = 0

    def advance(self, count: int) -> None:
        """Takes how much more is done; 0 if only time has passed."""
        self._count += count
        now = time.monotonic()
        if now - self._told >= REMARK_SECONDS:
            self._told = now
            seconds = round(now - self._begun)
            done = f"{self._count:,}{self._of}{self._unit}"
            self._terminal.remark(f"{self._label}: {done}, {seconds} s")


class _Table(Table):
    """A table whose cells show every character in them."""

    def add_row(self, *cells: RenderableType | None, **named: Any) -> None:
        super().add_row(*(one and _printable(one) for one in cells), **named)


def _printable(one: RenderableType) -> RenderableType:
    """A text in one line, behind a blank one if it begins so; tables have done it already."""
    match one:
        case str():
            return "\n" * one.startswith("\n") + printable(one.removeprefix("\n"))
        case Text():
            return Text(printable(one.plain), style=one.style)
    return one


def table(*columns: str, title: str | None = None) -> Table:
    """A table without lines.

    Args:
        columns: Their names. One that begins with ">" is flush right, for numbers.
        title: Stands above it.
    """
    made = _Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in columns:
        is_number = name.startswith(">")
        made.add_column(
            name.removeprefix(">"), justify="right" if is_number else "left", no_wrap=True
        )
    return made
