"""What a drill prints: each step in a sentence, each command with its output, the alarm."""

import sys
from collections.abc import Sequence
from typing import Any, Final, TextIO

from rich.console import Console
from rich.table import Table

#: Where the output is no terminal: nothing is cut or wrapped for whoever reads it there.
_PLAIN_COLUMNS: Final = 10_000


class Told:
    """Prints to a person at a terminal, in colours; or plainly to a file.

    Args:
        out: Where to.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        file = out or sys.stdout
        width = None if file.isatty() else _PLAIN_COLUMNS
        self._console = Console(file=file, highlight=False, emoji=False, width=width)

    def title(self, text: str) -> None:
        """Begins a drill, or a chapter of it."""
        self._print(f"\n{text}", "bold")

    def step(self, sentence: str) -> None:
        """Says what is done next."""
        self._print(f"\n==> {sentence}", "cyan")

    def command(self, command: str) -> None:
        """Shows what is typed."""
        self._print(f"$ {command}", "bold")

    def output(self, text: str, code: int) -> None:
        """Shows what was printed."""
        if text:
            self._print(text.rstrip("\n"))
        if code:
            self._print(f"(exit code {code})", "dim")

    def alarm(self, described: dict[str, Any], remark: str = "") -> None:
        """Shows an alarm as it is."""
        rings = described["StateValue"] == "ALARM"
        self._print(
            f"{described['AlarmName']}: {described['StateValue']}", "bold red" if rings else "bold"
        )
        when = "Why" if rings else "Its last change"
        self._print(f"  {when}: {described.get('StateReason') or 'not said'}")
        if remark:
            self._print(f"  {remark}")
        self._print(f"  {described['AlarmDescription']}")

    def found(self, text: str, *, is_well: bool) -> None:
        """Shows one thing that was looked at in the end."""
        mark, style = ("ok", "green") if is_well else ("LEFT", "bold red")
        self._print(f"  {mark:<4}  {text}", style)

    def verdict(self, text: str, *, is_well: bool) -> None:
        """Ends a drill."""
        self._print(f"\n{text}", "bold green" if is_well else "bold red")

    def table(self, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        """Shows a table without lines."""
        table = Table(box=None, pad_edge=False)
        for name in columns:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*row)
        with self._console.capture() as captured:
            self._console.print(table)
        lines = captured.get().splitlines()
        # Columns are filled up with spaces, which nobody wants at the end of a line in a file.
        print("\n".join(line.rstrip() for line in lines), file=self._console.file)

    def _print(self, text: str, style: str | None = None) -> None:
        # No markup and no wrapping: keys may hold brackets, and commands are to be copied.
        self._console.print(text, style=style, markup=False, soft_wrap=True)
        self._console.file.flush()
