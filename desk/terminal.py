"""What a command shows: tables for people, JSON for programs, progress on the standard error."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TextIO

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

from desk.reading import Json

PLAIN_COLUMNS: Final = 10_000
"""Width where the output is no terminal: nothing is cut or wrapped for whoever reads it there."""

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
        self._out = _console(out or sys.stdout)
        self._err = _console(err or sys.stderr)

    def print(self, answer: Answer) -> None:
        """Prints an answer, and its remarks behind it."""
        if self._as_json:
            text = json.dumps(answer.document, ensure_ascii=False, indent=2)
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
        self._err.print(text, markup=False, soft_wrap=True)

    def show(self, shown: Sequence[RenderableType]) -> None:
        """Shows a person what a question is about, before it is asked."""
        for one in shown:
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
            yield lambda _: None
            return
        count = DownloadColumn() if is_bytes else MofNCompleteColumn()
        bar = (BarColumn(),) if total else ()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), *bar, count)
        with Progress(*columns, TimeElapsedColumn(), console=self._err, transient=True) as shown:
            task = shown.add_task(label, total=total)
            yield lambda count: shown.advance(task, count)


def table(*columns: str, title: str | None = None) -> Table:
    """A table without lines, which a narrow terminal folds.

    Args:
        columns: Their names. One that begins with ">" is flush right, for numbers; these, and those
            that begin with "=", are never folded.
        title: Stands above it.
    """
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in columns:
        is_number, is_whole = name.startswith(">"), name.startswith((">", "="))
        made.add_column(
            name.removeprefix(">").removeprefix("="),
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=is_whole,
        )
    return made


def _console(file: TextIO) -> Console:
    console = Console(file=file, highlight=False, emoji=False)
    if not console.is_terminal:
        console = Console(file=file, highlight=False, emoji=False, width=PLAIN_COLUMNS)
    return console
