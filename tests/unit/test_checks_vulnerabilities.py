"""Known vulnerabilities: what is a finding, and when nobody could look."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from checks import vulnerabilities
from checks.outcome import Outcome, ToolFailed
from checks.programs import Done
from checks.vulnerabilities import audit_outcome

SEEN = {"name": "boto3", "version": "1", "vulns": []}
UNSEEN = {"name": "urllib3", "skip_reason": "not found on PyPI and could not be audited"}
FAULTY = {"name": "Six", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}


def done(output: str, errors: str = "", code: int = 0) -> Done:
    return Done(("tool",), code, output, errors)


def audit(*dependencies: dict[str, Any], code: int = 0) -> Done:
    return done(json.dumps({"dependencies": dependencies, "fixes": []}), code=code)


def asked(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "1")


def test_an_audit_that_saw_everything_counts_it() -> None:
    outcome = audit_outcome("function", audit(SEEN), asked("boto3"))

    assert (outcome.tool, outcome.rules) == ("pip-audit, function", 1)
    assert (outcome.findings, outcome.skipped) == ((), None)


@pytest.mark.parametrize(
    ("dependencies", "names", "reason"),
    [
        ([UNSEEN], ["urllib3"], "1 of 1 packages could not be looked up: urllib3"),
        ([SEEN, UNSEEN], ["boto3", "urllib3"], "1 of 2 packages could not be looked up: urllib3"),
        ([SEEN], ["boto3", "six", "x"], "2 of 3 packages could not be looked up: six, x"),
        ([], list("abcdefgh"), "8 of 8 packages could not be looked up: a, b, c, d, e and 3 more"),
    ],
)
def test_an_audit_that_could_not_look_at_all_that_it_was_asked_for_is_skipped_and_no_pass(
    dependencies: list[dict[str, Any]], names: list[str], reason: str
) -> None:
    outcome = audit_outcome("function", audit(*dependencies), asked(*names))

    assert outcome.skipped == reason
    assert outcome.rules == dependencies.count(SEEN)


def test_an_audit_without_network_is_skipped() -> None:
    trace = "Traceback ...\nrequests.exceptions.ConnectionError: Max retries exceeded"

    outcome = audit_outcome("function", done("", trace, code=1), asked("boto3"))

    assert outcome.skipped == "the database could not be reached"


def test_an_audit_that_found_something_fails_and_says_what_it_could_not_see() -> None:
    outcome = audit_outcome("function", audit(UNSEEN, FAULTY, code=1), asked("six", "urllib3"))

    assert [(one.where, one.rule) for one in outcome.findings] == [("Six 1", "CVE-1")]
    assert outcome.skipped == "1 of 2 packages could not be looked up: urllib3"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (done("", "TypeError: oh", code=1), "printed no report"),
        (audit(SEEN, code=1), "contradicts its report"),
    ],
)
def test_an_audit_that_broke_for_another_reason_has_failed(answer: Done, message: str) -> None:
    with pytest.raises(ToolFailed, match=message):
        audit_outcome("function", answer, asked("boto3"))


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Mapping[str, str]]:
    """What each set consists of; none of it is looked up."""
    sets: dict[str, Mapping[str, str]] = {}

    def audited(name: str, packages: Mapping[str, str]) -> Outcome:
        sets[name] = packages
        return Outcome(name, 1, skipped="" if name == "function" else None)

    monkeypatch.setattr(vulnerabilities, "_audited", audited)
    monkeypatch.setattr(vulnerabilities, "prepare_python", lambda _: None)
    monkeypatch.setattr(vulnerabilities, "installed", lambda folder: {folder.name: "1"})
    on_demand = {"benchmarks": tmp_path, "drills": tmp_path / "absent"}
    monkeypatch.setattr(vulnerabilities, "ON_DEMAND", on_demand)
    return sets


def test_every_set_is_audited(audited: dict[str, Mapping[str, str]], tmp_path: Path) -> None:
    *_, drills = vulnerabilities.vulnerabilities()

    assert list(audited) == ["function", "desk", "developers", "checks", "checkov", "benchmarks"]
    assert {"numpy", "pillow"} <= audited["desk"].keys()
    assert audited["desk"].keys() < audited["developers"].keys()
    assert audited["checkov"] == {".venv-checkov": "1"}
    assert audited["benchmarks"] == {tmp_path.name: "1"}
    assert drills.skipped == ".venv-drill is not there: `make drill` makes it"


def test_nothing_else_is_tried_when_nothing_of_the_function_could_be_looked_up(
    audited: dict[str, Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen = Outcome("pip-audit, function", 0, skipped="the database could not be reached")
    monkeypatch.setattr(vulnerabilities, "_audited", lambda *_: unseen)

    _, *others = vulnerabilities.vulnerabilities()

    assert audited == {}
    assert [one.tool for one in others if one.skipped is None] == []
    assert others[0].skipped == "not tried, as nothing of the function's could be looked up"
