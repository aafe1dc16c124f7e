"""What the desk's commands print, and the exit codes that they promise."""

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest

from desk import cli, deployed, stack, start
from desk.commands import replay
from processor.domain.file import ObjectVersion
from processor.errors import ServiceRefused
from tests.support.desk_shell import CARD, KEY, Shell, shell_with_rejects
from tests.support.world import MIXED, csv_file, csv_row


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Shell:
    return shell_with_rejects(monkeypatch, capsys)


def good_file(shell: Shell, key: str = "good.csv") -> ObjectVersion:
    version = shell.world.files.upload(csv_file(csv_row("G1"), csv_row("G2")), key)
    shell.world.process(version)
    return version


class TestStatus:
    def test_lists_the_last_files_first_with_card_numbers_masked(self, shell: Shell) -> None:
        good_file(shell)

        told = shell.run("status")

        header, last, first = told.out.splitlines()
        assert (told.code, told.err) == (0, "")
        columns = "uploaded (UTC) file status read stored duplicate conflict rejected"
        assert header.split() == columns.split()
        assert last.split()[2:] == ["good.csv", "processed", "2", "2", "0", "0", "0"]
        assert first.split()[2:] == [
            *("in/************1111.csv", "processed", "6", "3", "1", "1", "1"),
            "CARD_NUMBER_IN_KEY",
        ]

    def test_says_what_a_file_without_a_receipt_waits_for(self, shell: Shell) -> None:
        shell.world.files.upload(MIXED, "lost.csv")

        told = shell.run("status", "lost.csv")

        assert told.code == 0
        assert "no receipt" in told.out
        assert "never begun: its notification is late or lost" in told.out

    def test_shows_parts_and_attempts_of_one_file(self, shell: Shell) -> None:
        told = shell.run("status", KEY)

        assert told.code == 0
        assert "deliveries: 1\n  parts done: 1 of 1\n" in told.out
        assert re.search(r"^ +1 +1  csv +3 +1 +1 +1 ", told.out, re.MULTILINE)

    @pytest.mark.parametrize(
        ("outcome", "keys"),
        [
            ("processed", ["good.csv", "in/************1111.csv"]),
            ("refused", ["refused.csv"]),
            ("no-receipt", ["lost.csv"]),
            ("needs-action", ["lost.csv", "refused.csv", "in/************1111.csv"]),
        ],
    )
    def test_an_outcome_is_asked_for(self, shell: Shell, outcome: str, keys: list[str]) -> None:
        good_file(shell)
        shell.world.process(shell.world.files.upload(b"", "refused.csv"))
        shell.world.files.upload(MIXED, "lost.csv")

        told = shell.run("status", "--outcome", outcome, "--json")

        assert [one["key"] for one in json.loads(told.out)["files"]] == keys
        assert told.code == (1 if outcome == "needs-action" else 0)

    def test_times_prefix_and_limit_narrow_the_list(self, shell: Shell) -> None:
        for number in range(4):
            shell.world.files.upload(MIXED, f"a/{number}.csv")

        def keys(*arguments: str) -> list[str]:
            answer = json.loads(shell.run("status", "--json", *arguments).out)
            return [one["key"] for one in answer["files"]]

        assert keys("--prefix", "a/", "--limit", "2") == ["a/3.csv", "a/2.csv"]
        between = ("--since", "2026-03-02T12:02", "--until", "2026-03-02T12:04:00Z")
        assert keys(*between) == ["a/2.csv", "a/1.csv"]
        assert shell.run("status", "--limit", "3").err == "2 more: --limit\n"

    def test_a_key_means_itself_and_not_those_that_begin_so(self, shell: Shell) -> None:
        shell.world.files.upload(MIXED, "a.csv")
        shell.world.files.upload(MIXED, "a.csv.gz")

        told = shell.run("status", "a.csv", "--json")

        assert [one["key"] for one in json.loads(told.out)["files"]] == ["a.csv"]

    def test_no_such_file_is_told(self, shell: Shell) -> None:
        told = shell.run("status", "no.csv")

        assert (told.code, told.out, told.err) == (
            2,
            "",
            "there is no file no.csv: desk status --prefix finds many\n",
        )


class TestReceipt:
    def test_shows_counts_sums_and_reasons(self, shell: Shell) -> None:
        told = shell.run("receipt", KEY)

        assert (told.code, told.err) == (1, "")
        assert "   6       3          1         1         1\n" in told.out
        assert "EUR         3.30       1.10      9.99\n" in told.out
        assert "CONFLICT_ID_REUSED        1\n" in told.out
        assert CARD not in told.out

    def test_is_the_receipt_itself_for_programs(self, shell: Shell) -> None:
        version = good_file(shell)

        told = shell.run("receipt", "good.csv", "--json")

        assert told.code == 0
        assert json.loads(told.out) == shell.world.receipt(version)

    def test_says_where_a_file_broke(self, shell: Shell) -> None:
        body = b'[{"transactionId": "J1", "timestamp": "2026-03-01T12:00:00Z",'
        shell.world.process(shell.world.files.upload(body, "broken.json"))

        told = shell.run("receipt", "broken.json")

        assert told.code == 1
        assert "  JSON_UNTERMINATED at byte 1\n" in told.out

    def test_a_file_without_one_is_told(self, shell: Shell) -> None:
        shell.world.files.upload(MIXED, "lost.csv")

        told = shell.run("receipt", "lost.csv")

        assert (told.code, told.err) == (1, "")
        assert told.out.endswith("has no receipt yet: desk status --stack s lost.csv\n")

    def test_a_version_that_never_was_has_none(self, shell: Shell) -> None:
        for command in ("receipt", "rejects"):
            told = shell.run(command, KEY, "--version-id", "never")
            assert told.code == 2
            assert told.err.startswith("there is no version never of in/************1111.csv")


class TestVerify:
    def test_asks_for_a_key_or_a_time(self, shell: Shell) -> None:
        for wrong in ((), (KEY, "--since", "1h")):
            told = shell.run("verify", *wrong)
            assert told.code == 2
            assert "give a KEY, or --since TIME, and not both" in told.err

    def test_no_file_is_no_proof(self, shell: Shell) -> None:
        told = shell.run("verify", "--since", "1h", "--prefix", "nothing/")

        assert (told.code, told.out) == (1, "files: 0, of these ok: 0\n")

    def test_a_time_that_ends_before_it_begins_is_refused(self, shell: Shell) -> None:
        told = shell.run("verify", "--since", "1h", "--until", "2h")

        assert told.code == 2
        assert "--since is not before --until" in told.err


class TestRedrive:
    def test_a_queue_with_nothing_in_it_is_clear(self, shell: Shell) -> None:
        told = shell.run("redrive")

        assert (told.code, told.out) == (0, "no failed event is in the queue\n")

    def test_what_stays_is_told_by_name_and_reason(self, shell: Shell) -> None:
        shell.queue.add("no event")

        told = shell.run("redrive")
        shell.queue.show_again()
        as_json = json.loads(shell.run("redrive", "--json").out)

        assert told.code == 1
        assert "left: 1\n  m1 is no event of this function\n" in told.out
        assert [one["messageId"] for one in as_json["left"]] == ["m1"]

    def test_poison_is_sent_when_its_cause_is_said_to_be_mended(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Accepting:
            def start(self, event: bytes) -> None: ...

        monkeypatch.setattr(deployed, "processor", lambda _: Accepting())
        shell.queue.add({"sweep": {}, "redrives": 3})

        assert (shell.run("redrive").code, len(shell.queue.messages)) == (1, 1)
        assert (shell.run("redrive", "--poison").code, len(shell.queue.messages)) == (0, 0)

    def test_what_was_done_until_it_was_refused_is_told(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse() -> None:
            raise ServiceRefused("ReceiveMessage: AccessDenied")

        monkeypatch.setattr(shell.queue, "receive", refuse)

        told = shell.run("redrive")

        assert (told.code, told.err) == (2, "ReceiveMessage: AccessDenied\n")
        assert told.out.startswith("sent: 0\n")


class TestAll:
    @pytest.mark.parametrize(
        ("command", "said"),
        [
            (("replay", KEY, "--rejects", f"nowhere/{CARD}.csv"), "No such file or directory"),
            (("replay", KEY, "--rejects", "."), "Is a directory"),
            (("rejects", KEY, "--export", f"nowhere/{CARD}.csv"), "No such file or directory"),
        ],
    )
    def test_a_local_file_that_cannot_be_used_is_told_in_one_line(
        self, shell: Shell, tmp_path: Path, command: tuple[str, ...], said: str
    ) -> None:
        shell.monkeypatch.chdir(tmp_path)

        told = shell.run(*command)

        assert (told.code, told.out) == (2, "")
        assert re.fullmatch(rf"(nowhere/\*{{12}}1111\.csv|\.): {said}\n", told.err)

    def test_an_error_without_a_file_is_told_by_its_text(self, shell: Shell) -> None:
        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        shell.monkeypatch.setattr(replay, "replay_file", fail)

        told = shell.run("replay", KEY)

        assert (told.code, told.out, told.err) == (2, "", "No space left on device\n")

    def test_an_interruption_has_its_own_code(self, shell: Shell) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        shell.monkeypatch.setattr(stack, "find", interrupt)

        told = shell.run("status")

        assert (told.code, told.err) == (130, "\ninterrupted\n")

    @pytest.mark.parametrize("name", sorted(cli.desk.commands))
    def test_every_command_teaches_what_it_does_and_its_exit_codes(
        self, shell: Shell, name: str
    ) -> None:
        told = shell.run(name, "--help")

        assert told.code == 0
        assert "Exit codes:" in told.out
        assert "--stack NAME" in told.out
        for option in cli.desk.commands[name].params:
            if isinstance(option, click.Option):
                assert option.help, option.name

    def test_a_command_needs_a_stack(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delenv("AWS_SAM_STACK_NAME", raising=False)
        monkeypatch.setattr("sys.argv", ["desk", "status"])

        assert cli.main() == 2
        assert "name the stack: --stack NAME" in capsys.readouterr().err

    def test_an_interruption_while_it_starts_is_told_alike(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(cli, "main", interrupt)

        assert start.main() == 130
        assert capsys.readouterr().err == "interrupted\n"
