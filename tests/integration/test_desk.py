"""The operator's commands, run as programs against a deployed stack."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from processor.domain.file import ObjectVersion
from tests.integration.conftest import without_notifications
from tests.integration.delivery import Desk, Sent
from tests.integration.deployed import STACK_NAME, Json, Stack, client
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

    assert answer.returncode == 1, answer.stderr  # Its rejects are rejected again.
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

    exported = desk_command("rejects", *file, "--export", str(target))
    uncorrected = desk_command("replay", *file, "--rejects", str(target))
    header, _, rows = target.read_bytes().partition(b"\n")
    # The record with a comma in its amount is the one that another spelling mends.
    mended = next(row for row in rows.split(b"two\nlines") if b"1,50" in row).strip()
    row = mended.rpartition(b"\n")[2].replace(b'"1,50"', b"1.50")
    target.write_bytes(header + b"\n" + row + b'mended",INV,web\n')
    too_few = desk_command("replay", *file, "--rejects", str(target))
    replayed = desk_command("replay", *file, "--rejects", str(target), "--partial")

    assert exported.returncode == 0, exported.stderr
    assert uncorrected.returncode == 2
    assert "not uploaded" in uncorrected.stderr
    assert too_few.returncode == 2
    assert "it has 1 records" in too_few.stderr
    assert replayed.returncode == 1
    assert replayed.stderr.startswith("the rest still awaits action: desk rejects ")
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


def test_files_are_submitted_and_awaited(stack: Stack, run: str, tmp_path: Path) -> None:
    for number in range(6):
        records = some_of_everything(f"{run}-submit{number}")[: 3 + number]
        (tmp_path / f"{number}.csv").write_bytes(as_csv(records))
    prefix = f"desk/{run}/"

    answer = desk_command("submit", str(tmp_path), "--prefix", prefix, "--json")

    assert (answer.stderr, answer.returncode) == ("", 0)
    files = json.loads(answer.stdout)["files"]
    assert [one["key"] for one in files] == [f"{prefix}{number}.csv" for number in range(6)]
    assert [one["outcomes"]["stored"] for one in files] == [3, 4, 5, 6, 7, 8]
    for one in files:
        bucket = stack.outputs["TransactionDataBucketName"]
        head = client("s3").head_object(
            Bucket=bucket, Key=one["key"], VersionId=one["versionId"], ChecksumMode="ENABLED"
        )
        assert head["SSEKMSKeyId"] == stack.outputs["EncryptionKeyArn"]
        assert head["ChecksumSHA256"]


def test_a_large_file_goes_in_parts(run: str, tmp_path: Path) -> None:
    record = some_of_everything(f"{run}-large")[0] | {"channel": "x" * 4_000}
    (tmp_path / "large.csv").write_bytes(
        as_csv([record | {"transactionId": f"{run}-{n}"} for n in range(5_000)])
    )

    answer = desk_command("submit", str(tmp_path / "large.csv"), "--prefix", f"{run}/", "--json")

    (one,) = json.loads(answer.stdout)["files"]
    assert (answer.returncode, one["outcomes"]["stored"]) == (0, 5_000)


def test_status_receipt_and_rejects_tell_of_one_file(desk: Desk, done: Sent) -> None:
    receipt = desk.receipt(done)
    file = (done.version.key, "--version-id", str(done.version.version_id))

    status = desk_command("status", done.version.key, "--json")
    shown = desk_command("receipt", *file, "--json")
    rejects = desk_command("rejects", *file, "--json")

    (known,) = (
        one
        for one in json.loads(status.stdout)["files"]
        if one["versionId"] == done.version.version_id
    )
    assert known["outcomes"] == receipt["outcomes"]
    assert known["parts"][0]["outcomes"]["stored"] == receipt["outcomes"]["stored"]
    assert json.loads(shown.stdout) == receipt
    groups = json.loads(rejects.stdout)["groups"]
    counted: Counter[str] = Counter()
    for group in groups:
        counted[group["reason"]] += group["records"]
    assert counted == receipt["reasons"]
    assert (status.returncode, shown.returncode, rejects.returncode) == (0, 1, 1)


def test_a_transaction_is_found_with_its_source(done: Sent, run: str) -> None:
    known = some_of_everything(f"{run}-desk")[0]["transactionId"]

    answer = desk_command("find", known, "--json")
    unknown = desk_command("find", f"{known}-never")

    (item,) = json.loads(answer.stdout)["items"]
    assert (item["key"], item["versionId"]) == (done.version.key, done.version.version_id)
    assert item["recordNumber"] == 1
    assert item["receiptKey"] == done.receipt_key
    assert unknown.returncode == 1


def test_all_files_of_a_time_are_verified(done: Sent) -> None:
    answer = desk_command("verify", "--since", "1h", "--prefix", done.version.key, "--json")

    files = json.loads(answer.stdout)["files"]
    assert answer.returncode == 0, answer.stdout
    assert done.version.version_id in [one["versionId"] for one in files]
    assert all(one["ok"] for one in files)


def test_what_is_left_in_the_queue_is_said() -> None:
    answer = desk_command("redrive")

    assert answer.stderr == ""
    assert answer.stdout.startswith(("sent: ", "no failed event"))


def test_what_is_not_there_is_said() -> None:
    unknown = desk_command("verify", "no/such/file.csv")

    assert unknown.returncode == 2
    assert unknown.stderr
