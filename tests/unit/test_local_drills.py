"""Drills: the runbook as they read it, and that both say the same."""

import io
import re
from pathlib import Path

import pytest

from local.drills import play, runbook
from local.drills.catalogue import DRILLS
from local.drills.runbook import Runbook, RunbookError
from local.drills.scene import Drill
from local.drills.told import Told
from tests.support.drill_fakes import TEXT

BOOK = runbook.read()
README = Path(__file__).resolve().parents[2] / "README.md"


class TestRunbook:
    def test_commands_are_blocks_and_code_in_the_text_in_their_order(self) -> None:
        assert Runbook(TEXT).commands("first-alarm") == [
            "desk status KEY",
            "rang",
            "desk replay KEY --rejects rejects.csv",
            "rang first-alarm 24",
            "aws s3 ls \"s3://$(out Bucket)/KEY\" --query 'Why[]'",
        ]

    def test_a_section_ends_where_the_next_heading_begins(self) -> None:
        book = Runbook(TEXT)

        assert [*book.sections] == ["first-alarm", "second-alarm"]
        assert book.commands("second-alarm") == ["desk sweep --older-than-minutes MINUTES"]

    def test_the_functions_are_those_that_people_copy(self) -> None:
        assert Runbook(TEXT).functions.startswith("out() {")
        assert "make" not in Runbook(TEXT).functions

    @pytest.mark.parametrize(
        ("section", "command"),
        [
            ("second-alarm", "desk status KEY"),
            ("first-alarm", "desk status"),
            ("third-alarm", "desk status KEY"),
        ],
    )
    def test_what_a_section_does_not_have_is_not_typed(self, section: str, command: str) -> None:
        with pytest.raises(RunbookError, match=section):
            Runbook(TEXT).command(section, command, {})

    def test_placeholders_are_whole_words_and_values_are_typed_as_they_are(self) -> None:
        book = Runbook("### a\n\n    desk status KEY KEYS MY-KEY KEY.csv\n")

        typed = book.command("a", "desk status KEY KEYS MY-KEY KEY.csv", {"KEY": r"in/\1.csv"})

        assert typed == r"desk status in/\1.csv KEYS MY-KEY in/\1.csv.csv"


class TestCatalogue:
    @pytest.mark.parametrize("drill", DRILLS.values(), ids=DRILLS)
    def test_every_command_of_a_drill_stands_in_its_section(self, drill: Drill) -> None:
        assert drill.commands
        assert set(drill.commands) <= set(BOOK.commands(drill.alarm))

    def test_every_drill_is_in_the_runbook_s_table_as_it_is_listed(self) -> None:
        documented = re.findall(
            r"^\| `([\w-]+)` \| ([^|]+) \| \[([\w-]+)\]\(#([\w-]+)\) \|$", BOOK.text, re.MULTILINE
        )

        assert documented == [
            (one.name, one.trouble, one.alarm, one.alarm) for one in DRILLS.values()
        ]

    def test_the_list_names_every_drill_with_its_section(self) -> None:
        out = io.StringIO()

        play.show_list(Told(out))

        lines = out.getvalue().splitlines()[1:]
        assert [line.split()[0] for line in lines] == [*DRILLS]
        assert [line.split()[-1] for line in lines] == [one.alarm for one in DRILLS.values()]

    def test_the_readme_names_a_drill_that_there_is(self) -> None:
        (named,) = re.findall(r"make drill NAME=([\w-]+)", README.read_text(encoding="utf-8"))

        assert named in DRILLS
