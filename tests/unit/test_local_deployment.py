"""How the embedded AWS is deployed to."""

import json
import os
from pathlib import Path

import pytest

from local import deployment, environment


def test_deploy_follows_no_profile_region_or_bucket_of_a_real_account() -> None:
    # `sam deploy --guided` saves these.
    saved = {
        "stack_name": "transactions",
        "profile": "company",
        "region": "eu-central-1",
        "s3_bucket": "company-artifacts",
        "capabilities": "CAPABILITY_IAM CAPABILITY_NAMED_IAM",
        "parameter_overrides": 'EnvironmentSuffix="dev" AlarmEmail=""',
        "tags": ["Project=transactions"],
    }

    arguments = deployment.deploy_arguments(saved)

    assert arguments == [
        "--stack-name", "transactions", "--resolve-s3",
        "--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM",
        "--parameter-overrides", 'EnvironmentSuffix="dev" AlarmEmail=""',
        "--tags", "Project=transactions",
    ]  # fmt: skip


def test_environment_has_nothing_of_a_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "of-a-real-account")
    monkeypatch.setenv("UNRELATED", "kept")

    variables = environment.clean()

    assert "of-a-real-account" not in variables.values()
    assert variables["UNRELATED"] == "kept"
    assert "127.0.0.1" in variables["NO_PROXY"]
    assert variables["PATH"].endswith(os.environ["PATH"])


def test_sam_neither_reports_usage_nor_asks_for_a_newer_version(tmp_path: Path) -> None:
    variables = deployment.sam_home(tmp_path / "sam")

    settings = json.loads((tmp_path / "sam" / "metadata.json").read_text())
    assert variables == {"__SAM_CLI_APP_DIR": str(tmp_path / "sam")}
    assert settings["telemetryEnabled"] is False
    assert settings["lastVersionCheck"]
