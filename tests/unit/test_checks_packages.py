"""Licences and known vulnerabilities: what is a finding, and when nobody could look."""

import json
from pathlib import Path
from typing import Any

import pytest

from checks import packages
from checks.outcome import Suppression, ToolFailed
from checks.programs import Done
from local.paths import ROOT

REASON = "It is used by developers alone."


def done(output: str, errors: str = "", code: int = 0) -> Done:
    return Done(("tool",), code, output, errors)


@pytest.mark.parametrize(
    ("licence", "is_permissive"),
    [
        ("MIT", True),
        ("MIT License", True),
        ("Apache Software License", True),
        ("Apache-2.0", True),
        ("Apache-2.0 OR GPL-3.0", True),
        ("MIT License; MIT No Attribution License (MIT-0)", True),
        ("Apache-2.0 AND GPL-3.0", False),
        ("Apache Software License; GNU General Public License (GPL)", False),
        ("GPL-3.0", False),
        ("MPL-2.0", False),
        ("MITRE", False),
        ("UNKNOWN", False),
        ("", False),
    ],
)
def test_a_licence_is_permissive_in_all_its_parts_or_not_at_all(
    licence: str, is_permissive: bool
) -> None:
    assert packages.is_permissive(licence) is is_permissive


def test_a_licence_that_is_no_permissive_one_is_a_finding_unless_allowed_by_name() -> None:
    licences = {"one": "MIT", "two": "GPL-3.0", "three": "Mozilla Public License 2.0 (MPL 2.0)"}
    allowed = [Suppression("three", "MPL-2.0", REASON)]

    outcome = packages.licence_outcome("licences", licences, allowed)

    assert outcome.rules == 3
    assert [(one.where, one.rule) for one in outcome.findings] == [("two", "GPL-3.0")]


def test_what_is_deployed_includes_what_it_needs() -> None:
    deployed = packages.required(ROOT / "src" / "requirements.txt")

    assert {"aws-lambda-powertools", "botocore", "jmespath", "urllib3"} <= deployed.keys()
    assert "pytest" not in deployed


def test_extras_bring_what_they_ask_for_and_others_do_not(tmp_path: Path) -> None:
    plain, extra = tmp_path / "plain.txt", tmp_path / "extra.txt"
    plain.write_text("-r other.txt\nboto3-stubs  # types\n")
    extra.write_text("boto3-stubs[s3]\n")

    assert "mypy-boto3-s3" not in packages.required(plain)
    assert {"mypy-boto3-s3", "botocore-stubs"} <= packages.required(extra).keys()
    assert "mypy-boto3-ec2" not in packages.required(extra)


def test_a_requirement_that_is_not_installed_fails_the_gate(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("no-such-package-at-all==1\n")

    with pytest.raises(ToolFailed, match="no-such-package-at-all is not installed"):
        packages.required(file)


def audit(*dependencies: dict[str, Any]) -> Done:
    return done(json.dumps({"dependencies": dependencies, "fixes": []}))


SEEN = {"name": "boto3", "version": "1", "vulns": []}
UNSEEN = {"name": "urllib3", "skip_reason": "not found on PyPI and could not be audited"}
FAULTY = {"name": "six", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}


def test_an_audit_that_saw_everything_counts_it() -> None:
    outcome = packages.audit_outcome(audit(SEEN))

    assert (outcome.rules, outcome.findings, outcome.skipped) == (1, (), None)


@pytest.mark.parametrize("dependencies", [[UNSEEN], [SEEN, UNSEEN]])
def test_an_audit_that_could_not_look_is_skipped_and_no_pass(
    dependencies: list[dict[str, Any]],
) -> None:
    outcome = packages.audit_outcome(audit(*dependencies))

    assert outcome.skipped is not None
    assert "1 of" in outcome.skipped


def test_an_audit_without_network_is_skipped() -> None:
    trace = "Traceback ...\nrequests.exceptions.ConnectionError: Max retries exceeded"

    outcome = packages.audit_outcome(done("", trace, code=1))

    assert outcome.skipped == "the database could not be reached"


def test_an_audit_that_found_something_fails_whatever_it_could_not_see() -> None:
    outcome = packages.audit_outcome(audit(UNSEEN, FAULTY))

    assert [(one.where, one.rule) for one in outcome.findings] == [("six 1", "CVE-1")]
    assert outcome.skipped is None


def test_an_audit_that_broke_for_another_reason_has_failed() -> None:
    with pytest.raises(ToolFailed, match="printed no report"):
        packages.audit_outcome(done("", "TypeError: oh", code=1))
