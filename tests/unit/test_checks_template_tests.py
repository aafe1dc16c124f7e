"""The template's own tests as a gate: what passed, what failed, what nobody looked at."""

from pathlib import Path

import pytest

from checks.outcome import ToolFailed
from checks.template_tests import files_of_tests, outcome_of_tests
from local.paths import ROOT

PASSED = '<testcase classname="tests.unit.test_template" name="test_a" />'
FAILED = (
    '<testcase classname="tests.unit.test_template" name="test_b">'
    '<failure message="AssertionError: no policy&#10;more">trace</failure></testcase>'
)
STUMBLED = (
    '<testcase classname="tests.unit.test_controls" name="test_c"><error>trace</error></testcase>'
)
SKIPPED = (
    '<testcase classname="tests.unit.test_policy_key" name="test_d">'
    '<skipped message="later" /></testcase>'
)


def report(*cases: str) -> str:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


def test_tests_that_passed_are_the_rules_that_ran() -> None:
    outcome = outcome_of_tests(report(PASSED, PASSED))

    assert (outcome.tool, outcome.rules, outcome.unit) == ("template tests", 2, "tests")
    assert outcome.findings == ()


@pytest.mark.parametrize(
    ("case", "finding"),
    [
        (FAILED, "tests.unit.test_template::test_b: failure: AssertionError: no policy"),
        (STUMBLED, "tests.unit.test_controls::test_c: error: says nothing"),
        (SKIPPED, "tests.unit.test_policy_key::test_d: skipped: later"),
    ],
)
def test_a_test_that_did_not_pass_is_a_finding_with_its_id(case: str, finding: str) -> None:
    outcome = outcome_of_tests(report(PASSED, case))

    assert outcome.rules == 1
    assert [str(one) for one in outcome.findings] == [finding]


def test_a_run_of_no_test_is_a_finding() -> None:
    outcome = outcome_of_tests(report())

    assert [one.message for one in outcome.findings] == ["looked at no tests"]


def test_the_tests_of_the_template_of_its_policies_and_of_the_controls_are_run() -> None:
    names = {file.name for file in files_of_tests(ROOT / "tests" / "unit")}

    assert {"test_template.py", "test_template_network.py"} <= names
    assert {"test_policy_processor.py", "test_policy_key.py", "test_controls.py"} <= names


def test_a_kind_of_tests_that_is_gone_fails_the_gate(tmp_path: Path) -> None:
    (tmp_path / "test_template.py").touch()

    with pytest.raises(ToolFailed, match=r"there is no test_policy_\*\.py"):
        files_of_tests(tmp_path)
