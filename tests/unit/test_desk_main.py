"""The desk's command line: what it prints, and the exit codes that documents promise."""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from desk import __main__ as program
from desk import stack
from tests.support.desk_fakes import WorldResults, WorldUploads
from tests.support.fakes import BUCKET
from tests.support.world import MIXED, World

CARD = "4111111111111111"
KEY = f"in/{CARD}.csv"


@dataclass
class InMemoryStack:
    """A stack whose clients are none: tests put fakes where they would be used."""

    outputs: dict[str, str] = field(default_factory=dict)

    def output(self, key: str) -> str:
        return self.outputs.get(key, key)

    def client(self, service: str, *, waits_for_function: bool = False) -> None: ...


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A file with rejects and a card number in its key, and commands that find it."""
    world = World()
    world.process(world.files.upload(MIXED, KEY))
    deployed = InMemoryStack({"TransactionDataBucketName": BUCKET})
    monkeypatch.setattr(stack, "find", lambda *_: deployed)
    monkeypatch.setattr(program, "S3SourceFiles", lambda _: world.files)
    monkeypatch.setattr(program, "S3Results", lambda *_: WorldResults(world))
    monkeypatch.setattr(program, "S3Uploads", lambda *_: WorldUploads(world))
    return world


@dataclass
class Told:
    """What a shell has of a command."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    """Runs commands of the desk."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, name: str, *arguments: object) -> Told:
        command = ["desk", name, "--stack", "s", *map(str, arguments)]
        self.monkeypatch.setattr(sys, "argv", command)
        code = program.main()
        return Told(code, *self.capsys.readouterr())


@pytest.fixture
def shell(world: World, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Shell:
    return Shell(monkeypatch, capsys)


def test_a_replay_tells_its_receipt_with_the_card_number_masked(shell: Shell) -> None:
    told = shell.run("replay", KEY)

    assert (told.code, told.err) == (0, "")
    assert re.search(r"^receipt:  receipts/in/\*{12}1111\.csv/v2\.json$", told.out, re.MULTILINE)
    assert CARD not in told.out


def test_an_export_tells_its_file_with_the_card_number_masked(shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / f"{CARD}.csv"

    told = shell.run("export-rejects", KEY, target)

    assert (told.code, told.err) == (0, "")
    assert "************1111.csv: 2 records, csv" in told.out
    assert CARD not in told.out
    assert target.read_bytes().count(b"\n") == 3


def test_an_export_replaces_no_file_and_says_so(shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / f"{CARD}.csv"
    target.write_bytes(b"corrected by hand")

    told = shell.run("export-rejects", KEY, target)

    assert (told.code, told.out) == (2, "")
    said = "is there already: it stays, and nothing is exported"
    assert told.err.endswith(f"************1111.csv {said}\n")
    assert target.read_bytes() == b"corrected by hand"
    assert list(tmp_path.iterdir()) == [target]


def test_an_export_that_fails_on_its_way_leaves_no_file(
    world: World, shell: Shell, tmp_path: Path
) -> None:
    (key,) = [key for key in world.results.objects if key.startswith("rejected/")]
    world.results.objects[key] = []

    told = shell.run("export-rejects", KEY, tmp_path / "rejects.csv")

    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("replay", KEY, "--rejects", f"nowhere/{CARD}.csv"), "No such file or directory"),
        (("replay", KEY, "--rejects", "."), "Is a directory"),
        (("export-rejects", KEY, f"nowhere/{CARD}.csv"), "No such file or directory"),
    ],
)
def test_a_local_file_that_cannot_be_used_is_told_in_one_line(
    shell: Shell, tmp_path: Path, command: tuple[str, ...], said: str
) -> None:
    shell.monkeypatch.chdir(tmp_path)

    told = shell.run(*command)

    assert (told.code, told.out) == (2, "")
    assert re.fullmatch(rf"(nowhere/\*{{12}}1111\.csv|\.): {said}\n", told.err)


def test_an_error_without_a_file_is_told_by_its_text(shell: Shell) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    shell.monkeypatch.setattr(program, "replay_file", fail)

    told = shell.run("replay", KEY)

    assert (told.code, told.out, told.err) == (2, "", "No space left on device\n")
