"""The desk's command line: what it prints, and the exit codes that documents promise."""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

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


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> "Run":
    return Run(monkeypatch)


@dataclass
class Run:
    """Runs a command as a shell does."""

    monkeypatch: pytest.MonkeyPatch

    def __call__(self, name: str, *arguments: object) -> int:
        command = ["desk", name, "--stack", "s", *map(str, arguments)]
        self.monkeypatch.setattr(sys, "argv", command)
        return program.main()


def test_a_replay_tells_its_receipt_with_the_card_number_masked(
    world: World, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("replay", KEY)

    told = capsys.readouterr()
    assert (code, told.err) == (0, "")
    assert re.search(r"^receipt:  receipts/in/\*{12}1111\.csv/v2\.json$", told.out, re.MULTILINE)
    assert CARD not in told.out


def test_an_export_tells_its_file_with_the_card_number_masked(
    world: World, run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = run("export-rejects", KEY, tmp_path / f"{CARD}.csv")

    told = capsys.readouterr()
    assert (code, told.err) == (0, "")
    assert "************1111.csv: 2 records, csv" in told.out
    assert CARD not in told.out
