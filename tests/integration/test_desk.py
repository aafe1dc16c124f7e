"""The operator's commands, run as programs against a deployed stack."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from processor.domain.file import ObjectVersion
from tests.integration.conftest import without_notifications
from tests.integration.delivery import Desk, Sent
from tests.integration.deployed import STACK_NAME, Json, Stack
from tests.integration.files import as_csv, some_of_everything

ROOT = Path(__file__).parents[2]


def desk_command(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desk", name, "--stack", os.environ[STACK_NAME], *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def done(desk: Desk, run: str) -> Sent:
    """A file of every outcome, with its receipt."""
    sent = desk.send("desk/mixed.csv", as_csv(some_of_everything(f"{run}-desk")))
    desk.receipt(sent)
    return sent


def receipt_of_replay(desk: Desk, done: Sent, output: str) -> Json:
    """Waits for the receipt that a replay announces."""
    told = dict(line.split(maxsplit=1) for line in output.splitlines())["receipt:"]
    key, _, version_id = told.removeprefix("receipts/").removesuffix(".json").rpartition("/")
    return desk.receipt(Sent(ObjectVersion(done.version.bucket, key, version_id), b""))


def test_a_true_receipt_is_verified(done: Sent) -> None:
    answer = desk_command("verify", done.version.key)

    assert (answer.stderr, answer.returncode) == ("", 0)
    assert answer.stdout == f"{done.version}: ok\n"


def test_a_replayed_file_is_a_duplicate_with_a_link_to_the_first(desk: Desk, done: Sent) -> None:
    first = desk.receipt(done)
    version_id = str(done.version.version_id)

    answer = desk_command("replay", done.version.key, "--version-id", version_id)

    assert answer.returncode == 0, answer.stderr
    receipt = receipt_of_replay(desk, done, answer.stdout)
    assert receipt["replayOf"]["versionId"] == version_id
    assert receipt["replayOf"]["receiptKey"] == done.receipt_key
    assert receipt["outcomes"]["stored"] == 0
    known = first["outcomes"]["stored"] + first["outcomes"]["duplicate"]
    assert receipt["outcomes"]["duplicate"] == known


def test_rejects_are_exported_corrected_and_brought_again(
    desk: Desk, done: Sent, tmp_path: Path
) -> None:
    target = tmp_path / "rejects.csv"
    file = (done.version.key, "--version-id", str(done.version.version_id))

    exported = desk_command("export-rejects", file[0], str(target), *file[1:])
    uncorrected = desk_command("replay", *file, "--rejects", str(target))
    header, _, rows = target.read_bytes().partition(b"\n")
    # The record with a comma in its amount is the one that another spelling mends.
    mended = next(row for row in rows.split(b"two\nlines") if b"1,50" in row).strip()
    row = mended.rpartition(b"\n")[2].replace(b'"1,50"', b"1.50")
    target.write_bytes(header + b"\n" + row + b'mended",INV,web\n')
    replayed = desk_command("replay", *file, "--rejects", str(target))

    assert exported.returncode == 0, exported.stderr
    assert uncorrected.returncode == 2
    assert "not uploaded" in uncorrected.stderr
    assert replayed.returncode == 0, replayed.stderr
    receipt = receipt_of_replay(desk, done, replayed.stdout)
    assert receipt["outcomes"]["stored"] == receipt["outcomes"]["read"] == 1
    assert receipt["replayOf"]["kind"] == "rejects"


def test_a_lost_file_is_found_by_a_sweep(desk: Desk, stack: Stack, run: str) -> None:
    with without_notifications(stack):
        sent = desk.send("desk/lost.csv", as_csv(some_of_everything(f"{run}-lost")[:3]))

    answer = desk_command("sweep", "--older-than-minutes", "0")

    assert answer.returncode == 1, answer.stderr
    assert "never begun" in answer.stdout
    assert desk.receipt(sent)["outcomes"]["stored"] == 3


def test_what_is_left_in_the_queue_is_said() -> None:
    answer = desk_command("redrive")

    assert answer.stderr == ""
    assert answer.stdout.startswith("sent: ")


def test_what_is_not_there_is_said() -> None:
    unknown = desk_command("verify", "no/such/file.csv")

    assert unknown.returncode == 2
    assert unknown.stderr
