"""docs/security.md says what the data and the template say, and its commands do what it says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from checks.controls import CONTROLS
from checks.controls.__main__ import DOCUMENT
from checks.controls.document import with_generated
from checks.controls.not_satisfied import NOT_SATISFIED
from checks.controls.suppressions import Suppression, suppressions
from processor.settings import parse_settings
from tests.support.template import Json, source

TEXT = DOCUMENT.read_text(encoding="utf-8")
DEPLOYMENT = DOCUMENT.with_name("deployment.md").read_text(encoding="utf-8")
# Control ids of this project, and of no standard: those have no three letters before the hyphen,
# or more behind it.
CONTROL_ID = re.compile(r"\b((?:AUD|CRD|DAT|DET|ENC|IAM|NET|RES|STO)-\d+)\b")
# What else the processor wants to find in the secret.
COMPLETE = dict.fromkeys(
    [
        *(
            "database_table",
            "file_ledger_table",
            "data_bucket",
            "results_bucket",
            "encryption_key_id",
        ),
        "encryption_key_arn",
    ],
    "name",
)
SKIP = {"checkov": {"skip": [{"id": "CKV_AWS_18", "comment": "It is the log. "}]}}
NAG = {"cdk_nag": {"rules_to_suppress": [{"id": "AwsSolutions-SQS3", "reason": "It is one."}]}}


def with_metadata(**metadata: Json) -> Json:
    """A template with this Metadata on each resource named."""
    return {"Resources": {name: {"Metadata": content} for name, content in metadata.items()}}


def scripts(document: str) -> list[str]:
    """Python programs that the document's shell commands run."""
    return re.findall(r"<<'PYTHON'\n(.*?)^PYTHON$", document, re.DOTALL | re.MULTILINE)


def run(script: str, folder: Path) -> str:
    """Runs a program in a folder, which it is also told, and returns all that it printed."""
    command = [sys.executable, "-I", "-c", script, str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_the_document_is_what_the_data_and_the_template_say() -> None:
    # If this fails: python -m checks.controls --write
    assert with_generated(TEXT, source()) == TEXT


def test_every_control_and_every_gap_is_in_the_document() -> None:
    assert all(f"**{control.id}** {control.title}" in TEXT for control in CONTROLS)
    assert all(f"| {gap.id} |" in TEXT for gap in NOT_SATISFIED)


def test_a_document_that_was_changed_by_hand_is_noticed() -> None:
    changed = TEXT.replace(
        "**ENC-1** The key changes every year", "**ENC-1** The key never changes"
    )

    assert with_generated(changed, source()) == TEXT != changed


@pytest.mark.parametrize("marker", ["<!-- generated: controls -->", "<!-- end of suppressions -->"])
def test_a_document_without_its_markers_is_refused(marker: str) -> None:
    with pytest.raises(ValueError, match="markers"):
        with_generated(TEXT.replace(marker, ""), source())


def test_controls_that_the_document_names_exist() -> None:
    named = set(CONTROL_ID.findall(TEXT))

    assert named == {control.id for control in CONTROLS}


def test_every_suppression_is_listed_with_its_reason() -> None:
    template = with_metadata(AccessLogsBucket=SKIP, FailedEventsQueue=NAG)

    assert suppressions(template) == [
        Suppression("AwsSolutions-SQS3", "FailedEventsQueue", "cdk_nag", "It is one."),
        Suppression("CKV_AWS_18", "AccessLogsBucket", "checkov", "It is the log."),
    ]
    row = "| `CKV_AWS_18` | checkov | `AccessLogsBucket` | It is the log. |"
    assert row in with_generated(TEXT, template)


def test_every_suppression_of_the_template_is_in_the_document() -> None:
    for one in suppressions(source()):
        assert f"| `{one.rule}` | {one.tool} | `{one.resource}` |" in TEXT


@pytest.mark.parametrize(
    "metadata",
    [
        {"cfn-lint": {"config": {"ignore_checks": ["E3012"]}}},
        {"checkov": {"skip_all": True}},
        {"checkov": {**SKIP["checkov"], "more": []}},
    ],
    ids=["another tool", "another key", "a key more"],
)
def test_metadata_that_might_hide_a_suppression_is_refused(metadata: Json) -> None:
    template = with_metadata(AccessLogsBucket=metadata)

    with pytest.raises(ValueError, match="AccessLogsBucket has"):
        suppressions(template)


def test_rotation_puts_the_new_key_in_front_and_keeps_every_key_before_it(tmp_path: Path) -> None:
    [rotate] = scripts(TEXT)
    first = {"environment": "dev", "tokenization_key_id": "k1", "tokenization_key": "a" * 64}
    (tmp_path / "now.json").write_text(json.dumps(first))

    printed = run(rotate, tmp_path)
    (tmp_path / "now.json").write_text((tmp_path / "next.json").read_text())
    second = json.loads((tmp_path / "now.json").read_text())
    printed += run(rotate, tmp_path)
    third = json.loads((tmp_path / "next.json").read_text())

    assert parse_settings(COMPLETE | second).tokenization_keys.keys() == {"k1", "k2"}
    assert parse_settings(COMPLETE | third).tokenization_keys.keys() == {"k1", "k2", "k3"}
    assert second["environment"] == third["environment"] == "dev"
    assert second["tokenization_key_id"] == "k2"
    assert second["previous_tokenization_keys"] == {"k1": "a" * 64}
    assert third["tokenization_key_id"] == "k3"
    assert third["previous_tokenization_keys"] == {"k1": "a" * 64, "k2": second["tokenization_key"]}
    assert len(third["tokenization_key"]) == len(second["tokenization_key"]) == 64
    assert third["tokenization_key"] != second["tokenization_key"]
    assert printed == ""


def test_an_update_of_the_secret_s_text_keeps_every_tokenisation_key(tmp_path: Path) -> None:
    [merge] = scripts(DEPLOYMENT)
    keys = {
        "part_bytes": 1_000_000,
        "tokenization_key": "b" * 64,
        "tokenization_key_id": "k2",
        "previous_tokenization_keys": {"k1": "a" * 64},
    }
    before = {"database_table": "old"} | keys
    after = {"database_table": "new", "tokenization_key": "c" * 64, "tokenization_key_id": "k1"}
    (tmp_path / "before.json").write_text(json.dumps(before))
    (tmp_path / "after.json").write_text(json.dumps(after))

    assert run(merge, tmp_path) == ""
    merged = json.loads((tmp_path / "merged.json").read_text())
    assert merged == {"database_table": "new"} | keys


def test_no_command_takes_a_secret_as_its_argument() -> None:
    given = re.findall(r"--secret-string (\S+)", TEXT + DEPLOYMENT)

    assert given
    assert all(value.startswith("file://") for value in given)
