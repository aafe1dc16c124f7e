"""`sam local invoke` as the documents tell it: the function in Lambda's image, in a container."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.delivery import Desk
from tests.integration.deployed import Json, Stack
from tests.integration.files import as_csv, some_of_everything
from tests.integration.recount import read_csv, recount

ROOT = Path(__file__).parents[2]
EVENT = "events/s3_put.json"
CONTAINER_ENVIRONMENT = "EMBEDDED_AWS_CONTAINER_ENVIRONMENT"
"""Names the file of variables for the container; without it samconfig.toml's own is used."""

pytestmark = pytest.mark.usefixtures("notifications_lost")


@pytest.fixture
def command() -> list[str]:
    """The command, where this machine can run it."""
    if shutil.which("docker") is None:
        pytest.skip("no Docker on this machine: sam local invoke runs the function in a container")
    asked = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=60)
    if asked.returncode != 0:
        pytest.skip("no Docker engine answers: sam local invoke runs the function in a container")
    variables = os.environ.get(CONTAINER_ENVIRONMENT)
    if not variables and not (ROOT / ".local" / "env.json").exists():
        pytest.skip("the embedded AWS was not started by this project: no container reaches it")
    sam = [sys.executable, "-m", "samcli", "local", "invoke", "-e", EVENT]
    return [*sam, "--env-vars", variables] if variables else sam


@pytest.fixture
def event() -> Json:
    found: Json = json.loads((ROOT / EVENT).read_text(encoding="utf-8"))
    return found


def test_sam_local_invoke_brings_a_file_to_its_receipt(
    stack: Stack, sender: Any, run: str, command: list[str], event: Json
) -> None:
    described = event["Records"][0]["s3"]
    assert described["bucket"]["name"] == stack.outputs["TransactionDataBucketName"]
    desk = Desk(stack, sender, prefix="")
    sent = desk.send(described["object"]["key"], as_csv(some_of_everything(f"{run}-local")))

    finished = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )

    assert finished.returncode == 0, finished.stderr
    answer = json.loads(finished.stdout.splitlines()[-1])
    assert "errorType" not in answer, answer
    (told,) = answer["files"]
    receipt = desk.receipt(sent)
    assert told["outcomes"] == recount(read_csv(sent.body)).outcomes_document()
    # S3's own notification may have been quicker, or not.
    assert told.pop("seenAgain") in (True, False)
    assert told == {name: receipt[name] for name in told}
    assert {"file", "status", "fault", "outcomes", "sums"} == set(told)
