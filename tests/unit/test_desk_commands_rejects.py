"""Rejected records at the command line: shown, exported, and brought again as replays."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from processor.domain.file import ObjectVersion
from processor.domain.receipt import render
from tests.support.desk_shell import CARD, KEY, Shell, shell_with_rejects
from tests.support.world import MIXED, csv_file, csv_row


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Shell:
    return shell_with_rejects(monkeypatch, capsys)


def good_file(shell: Shell) -> None:
    version = shell.world.files.upload(csv_file(csv_row("G1"), csv_row("G2")), "good.csv")
    shell.world.process(version)


class TestRejects:
    def test_groups_by_reason_and_lists_without_values(self, shell: Shell) -> None:
        told = shell.run("rejects", KEY)

        assert told.code == 1
        assert told.err == (
            "to correct them: desk rejects --stack s --version-id v1 --export FILE "
            "'in/************1111.csv'\n"
        )
        assert "rejected  TIMESTAMP_FORMAT    timestamp            1             5\n" in told.out
        assert "conflict  CONFLICT_ID_REUSED  transactionId        1             4\n" in told.out
        assert "yesterday" not in told.out

    def test_shows_the_records_themselves_if_asked_to(self, shell: Shell) -> None:
        told = shell.run("rejects", KEY, "--raw")

        assert "5: C,yesterday,1.00,EUR\n" in told.out

    def test_json_has_values_only_if_asked_to(self, shell: Shell) -> None:
        without = json.loads(shell.run("rejects", KEY, "--json").out)
        with_raw = json.loads(shell.run("rejects", KEY, "--json", "--raw").out)

        assert without["records"] == 2
        assert [one["reason"] for one in without["groups"]] == [
            *("CONFLICT_ID_REUSED", "TIMESTAMP_FORMAT")
        ]
        assert all("raw" not in one for one in without["listed"])
        assert with_raw["listed"][1]["raw"] == "C,yesterday,1.00,EUR"

    def test_no_more_are_listed_than_asked_for_and_all_are_counted(self, shell: Shell) -> None:
        answer = json.loads(shell.run("rejects", KEY, "--limit", "1", "--json").out)

        assert (answer["records"], len(answer["listed"])) == (2, 1)

    def test_a_conflict_names_the_record_that_was_first(self, shell: Shell) -> None:
        told = shell.run("rejects", KEY)

        (line,) = (one for one in told.out.splitlines() if one.startswith("     4 "))
        assert line.endswith("  in/************1111.csv, record 2")

    def test_what_was_refused_whole_is_not_well(self, shell: Shell) -> None:
        shell.world.process(shell.world.files.upload(b"", "empty.csv"))

        told = shell.run("rejects", "empty.csv")

        assert told.code == 1
        assert told.out.startswith("nothing of ")
        assert told.err == "the file is refused: EMPTY_FILE\n"

    def test_a_json_record_over_several_lines_becomes_a_row(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        body = json.dumps([{"transactionId": "J1", "amount": "x"}], indent=1).encode()
        shell.world.process(shell.world.files.upload(body, "a.json"))

        told = shell.run("rejects", "a.json", "--export", tmp_path / "a.csv")

        assert told.code == 0
        assert (tmp_path / "a.csv").read_bytes() == b"transactionId,amount\nJ1,x\n"

    def test_no_csv_is_made_of_what_cannot_be_read(self, shell: Shell, tmp_path: Path) -> None:
        shell.world.process(shell.world.files.upload(b"{oops\n", "n.ndjson"))

        told = shell.run("rejects", "n.ndjson", "--export", tmp_path / "n.csv")

        assert (told.code, told.out) == (2, "")
        assert "export them in the file's own format" in told.err
        assert list(tmp_path.iterdir()) == []

    def test_an_export_of_a_file_without_rejects_is_none(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        good_file(shell)

        told = shell.run("rejects", "good.csv", "--export", tmp_path / "x.csv")

        assert (told.code, list(tmp_path.iterdir())) == (0, [])

    def test_a_file_without_any_is_well(self, shell: Shell) -> None:
        good_file(shell)

        told = shell.run("rejects", "good.csv")

        assert told.code == 0
        assert told.out.startswith("nothing of ")

    def test_an_export_tells_its_file_with_the_card_number_masked(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        target = tmp_path / f"{CARD}.csv"

        told = shell.run("rejects", KEY, "--export", target)

        assert (told.code, told.err) == (0, "")
        assert "************1111.csv: 2 records, csv" in told.out
        assert CARD not in told.out
        assert target.read_bytes().count(b"\n") == 3

    def test_an_export_of_json_becomes_csv_by_its_name(self, shell: Shell, tmp_path: Path) -> None:
        lines = b'{"transactionId": "J1", "amount": 1.50, "note": null}\n{oops\n{"other": [1, 2]}\n'
        shell.world.process(shell.world.files.upload(lines, "n.ndjson"))

        as_csv = shell.run("rejects", "n.ndjson", "--export", tmp_path / "n.csv")
        as_it_was = shell.run("rejects", "n.ndjson", "--export", tmp_path / "n.ndjson")

        assert (tmp_path / "n.csv").read_bytes() == (
            b'transactionId,amount,note,other\nJ1,1.50,,\n,,,"[1,2]"\n'
        )
        assert as_csv.code == 1
        assert "1 left out, as they are no JSON): records 2\n" in as_csv.out
        assert (as_it_was.code, (tmp_path / "n.ndjson").read_bytes()) == (0, lines)

    def test_an_export_replaces_no_file_and_says_so(self, shell: Shell, tmp_path: Path) -> None:
        target = tmp_path / f"{CARD}.csv"
        target.write_bytes(b"corrected by hand")

        told = shell.run("rejects", KEY, "--export", target)

        assert (told.code, told.out) == (2, "")
        said = "is there already: it stays, and nothing is exported"
        assert told.err.endswith(f"************1111.csv {said}\n")
        assert target.read_bytes() == b"corrected by hand"
        assert list(tmp_path.iterdir()) == [target]

    def test_an_export_that_fails_on_its_way_leaves_no_file(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        objects = shell.world.results.objects
        (key,) = [key for key in objects if key.startswith("rejected/")]
        objects[key] = []

        told = shell.run("rejects", KEY, "--export", tmp_path / "rejects.csv")

        assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
        assert list(tmp_path.iterdir()) == []


class TestReplay:
    def test_corrections_of_a_file_without_rejects_are_refused(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        good_file(shell)
        (tmp_path / "fix.csv").write_bytes(csv_file(csv_row("Z")))

        told = shell.run("replay", "good.csv", "--rejects", tmp_path / "fix.csv")

        assert (told.code, told.out) == (2, "")
        assert "is in quarantine: is it the file that is meant?" in told.err

    def test_fewer_corrections_than_rejects_are_taken_only_if_that_is_said(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        shell.world.process(shell.world.files.upload(MIXED, "m.csv"))
        (tmp_path / "fix.csv").write_bytes(csv_file(csv_row("C")))
        fix = ("--rejects", tmp_path / "fix.csv", "--no-wait")

        refused = shell.run("replay", "m.csv", *fix)
        taken = shell.run("replay", "m.csv", *fix, "--partial")

        assert (refused.code, taken.code) == (2, 1)
        assert taken.err.startswith("the rest still awaits action: desk rejects --stack s ")
        assert "it has 1 records, and 2 of " in refused.err

    @pytest.mark.parametrize(
        ("ids", "is_taken"),
        [
            (["C", "B"], True),
            (["C", "B2"], True),  # A conflict may need another id.
            (["B2", "C"], True),
            (["X", "Y"], False),
            (["C", "C"], True),  # As good as a new id for the conflict.
        ],
    )
    def test_corrections_are_those_of_the_file_by_their_ids(
        self, shell: Shell, tmp_path: Path, ids: list[str], *, is_taken: bool
    ) -> None:
        shell.world.process(shell.world.files.upload(MIXED, "m.csv"))
        rows = [csv_row(one, f"{number}.00") for number, one in enumerate(ids, start=1)]
        (tmp_path / "fix.csv").write_bytes(csv_file(*rows))

        told = shell.run("replay", "m.csv", "--rejects", tmp_path / "fix.csv", "--no-wait")

        assert told.code == (0 if is_taken else 2)
        said = "2 of the transaction ids are none of those in quarantine"
        assert (said in told.err) != is_taken

    def test_tells_its_receipt_with_the_card_number_masked(self, shell: Shell) -> None:
        told = shell.run("replay", KEY, "--no-wait")

        assert (told.code, told.err) == (0, "")
        assert re.search(
            r"^receipt:  receipts/in/\*{12}1111\.csv/v2\.json$", told.out, re.MULTILINE
        )
        assert CARD not in told.out

    def test_without_a_receipt_in_time_it_needs_a_person(self, shell: Shell) -> None:
        told = shell.run("replay", KEY, "--wait-seconds", "0")

        assert told.code == 1
        assert told.err == ("no receipt yet: desk status --stack s 'in/************1111.csv'\n")

    def test_waits_for_the_receipt_of_the_new_file(self, shell: Shell) -> None:
        good_file(shell)
        made = ObjectVersion("transaction-data", "good.csv", "v3")
        # As if the function had been quicker than the desk.
        receipt = shell.world.receipt(ObjectVersion("transaction-data", "good.csv", "v2"))
        shell.world.results.objects[made.receipt_key] = [render(receipt)]

        told = shell.run("replay", "good.csv")

        assert (told.code, told.err) == (0, "")
        assert "processed     2       2          0         0         0\n" in told.out

    def test_replays_are_named_beside_what_they_replay(self, shell: Shell, tmp_path: Path) -> None:
        shell.world.process(shell.world.files.upload(MIXED, "m.csv"))
        (tmp_path / "fix.csv").write_bytes(csv_file(csv_row("C"), csv_row("B3")))
        assert (
            shell.run("replay", "m.csv", "--rejects", tmp_path / "fix.csv", "--no-wait").code == 0
        )
        (correction,) = [key for _, key, _ in shell.world.files.objects if "corrected" in key]
        shell.world.process(ObjectVersion("transaction-data", correction, "v3"))

        told = shell.run("status", "m.csv")
        awaiting = shell.run("status", "--outcome", "needs-action", "--prefix", "m.csv")

        assert f"  replayed (rejects, 2 records) by {correction} v3\n" in told.out
        assert (awaiting.code, awaiting.out) == (0, "nothing awaits action\n")
