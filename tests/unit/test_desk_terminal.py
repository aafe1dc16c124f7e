"""Tables for people, JSON for programs, and nothing of a progress bar where nobody looks."""

import io
import json
import time

import pytest
from rich.text import Text

from desk.terminal import Answer, Terminal, table

WIDE = "x" * 300


class Screen(io.StringIO):
    """A terminal's end of a pipe."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def answer() -> Answer:
    made = table("when", "file", ">records", title="Files")
    made.add_row("2026-03-02 12:00", WIDE, "1,000")
    return Answer({"é": [1]}, [made, f"[bold]{WIDE}[/bold] :smile:"], remarks=["by the way"])


def test_a_file_gets_whole_lines_without_colours_or_blanks_at_their_ends() -> None:
    out, err = io.StringIO(), io.StringIO()

    Terminal(out=out, err=err).print(answer())

    assert out.getvalue().splitlines() == [
        "Files",
        f"when              {'file':300}  records",
        f"2026-03-02 12:00  {WIDE}    1,000",
        f"[bold]{WIDE}[/bold] :smile:",
    ]
    assert err.getvalue() == "by the way\n"


def test_a_program_gets_json_alone() -> None:
    out, err = io.StringIO(), io.StringIO()

    Terminal(as_json=True, out=out, err=err).print(answer())

    assert json.loads(out.getvalue()) == {"é": [1]}
    assert "é" in out.getvalue()


HOSTILE = "a\x1b[2J\nreceipt\u202eb\x9bc"
HARMLESS = r"a\x1b[2J\nreceipt\u202eb\x9bc"


def hostile_answer() -> Answer:
    made = table("file")
    made.add_row(HOSTILE)
    made.add_row(Text(HOSTILE, "red"))
    return Answer({"key": HOSTILE}, [made, f"\n{HOSTILE}", Text(HOSTILE)], remarks=[HOSTILE])


@pytest.mark.parametrize("screen", [io.StringIO, Screen])
def test_no_character_of_a_sender_moves_a_cursor_or_makes_a_line(
    screen: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    out, err = screen(), screen()
    terminal = Terminal(out=out, err=err)

    terminal.print(hostile_answer())
    terminal.show([HOSTILE])

    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert lines == ["file", HARMLESS, HARMLESS, "", HARMLESS, HARMLESS]
    assert err.getvalue().splitlines() == [HARMLESS, HARMLESS]


def test_json_shows_every_character_and_means_the_same() -> None:
    out = io.StringIO()

    Terminal(as_json=True, out=out, err=io.StringIO()).print(hostile_answer())

    assert json.loads(out.getvalue()) == {"key": HOSTILE}
    assert out.getvalue().replace("\n", "").isprintable()


@pytest.mark.usefixtures("narrow")
def test_a_narrow_terminal_gets_keys_whole_so_that_they_can_be_copied() -> None:
    out = Screen()

    Terminal(out=out, err=io.StringIO()).print(answer())

    shown = out.getvalue()
    assert "\x1b[" in shown
    assert "1,000" in shown
    assert "2026-03-02 12:00" in shown
    assert shown.count(WIDE) == 2


@pytest.mark.usefixtures("narrow")
def test_colours_are_left_out_where_nobody_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = Screen()

    Terminal(out=out, err=io.StringIO()).print(answer())

    assert "\x1b[3" not in out.getvalue()


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(("total", "shown"), [(10, "7/10"), (None, "7/?")])
def test_progress_is_seen_on_a_terminal(total: int | None, shown: str) -> None:
    err = Screen()

    with Terminal(out=io.StringIO(), err=err).progress("upload", total) as done:
        done(3)
        done(4)

    assert "upload" in err.getvalue()
    assert shown in err.getvalue()


def test_progress_is_nowhere_else() -> None:
    err = io.StringIO()

    with Terminal(out=io.StringIO(), err=err).progress("upload", 10) as done:
        done(10)

    assert err.getvalue() == ""


def test_what_takes_long_tells_so_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 10.0, 31.0, 45.0, 62.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    err = io.StringIO()

    with Terminal(out=io.StringIO(), err=err).progress("receipts", 1_000) as done:
        for count in (0, 3, 0, 4):
            done(count)

    assert err.getvalue() == "receipts: 3 of 1,000, 31 s\nreceipts: 7 of 1,000, 62 s\n"


def test_a_failure_leaves_the_progress_as_it_came() -> None:
    def fail() -> None:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"), Terminal(err=Screen()).progress("x", 1):
        fail()
