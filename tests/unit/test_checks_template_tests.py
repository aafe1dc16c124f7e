"""The template's own tests as a gate: what passed, what failed, what nobody looked at."""

from pathlib import Path

import pytest

from checks import template_tests
from checks.outcome import ToolFailed
from checks.programs import Done
from checks.template_tests import defined_tests, files_of_tests, outcome_of_tests
from local.paths import ROOT

TEMPLATE = "tests.unit.test_template"
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


NAMES = ("test_cases", "test_gone")


def report(*cases: str) -> str:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


def test_tests_that_passed_are_the_rules_that_ran() -> None:
    outcome = outcome_of_tests(report(PASSED, PASSED), {f"{TEMPLATE}::test_a"})

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
    outcome = outcome_of_tests(report(PASSED, case), set())

    assert outcome.rules == 1
    assert [str(one) for one in outcome.findings] == [finding]


def test_a_run_of_no_test_is_a_finding() -> None:
    outcome = outcome_of_tests(report(), set())

    assert [one.message for one in outcome.findings] == ["looked at no tests"]


def test_tests_are_read_from_the_text_wherever_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "test_a.py"
    file.parent.mkdir()
    file.write_text(
        "def test_one():\n    def test_inner(): ...\n"
        "async def test_two(): ...\n"
        "def helper(): ...\n"
        "class TestMore:\n    def test_three(self): ...\n"
        "if False:\n    def test_four(): ...\n"
    )

    assert defined_tests([file], tmp_path) == {
        "tests.test_a::test_one",
        "tests.test_a::test_two",
        "tests.test_a.TestMore::test_three",
        "tests.test_a::test_four",
    }


def test_a_test_that_did_not_run_is_a_finding() -> None:
    case = PASSED.replace("test_a", "test_cases[a[b]]")

    outcome = outcome_of_tests(report(case), {f"{TEMPLATE}::{name}" for name in NAMES})

    assert [str(one) for one in outcome.findings] == [f"{TEMPLATE}::test_gone: unseen: did not run"]


@pytest.mark.parametrize(
    ("output", "code", "message"),
    [
        ("1 passed, 3 deselected in 2 s", 0, "left tests out: 3 deselected"),
        ("1 passed in 2 s", 1, "contradicts its report"),
    ],
)
def test_a_run_that_says_otherwise_than_its_report_has_failed(
    monkeypatch: pytest.MonkeyPatch, output: str, code: int, message: str
) -> None:
    def run(*command: str | Path, expected: tuple[int, ...]) -> Done:
        [option] = [one for one in command if str(one).startswith("--junit-xml=")]
        Path(str(option).partition("=")[2]).write_text(report(PASSED))
        assert code in expected
        return Done(("pytest",), code, output, "")

    monkeypatch.setattr(template_tests, "run", run)
    monkeypatch.setattr(template_tests, "defined_tests", lambda _: set())

    with pytest.raises(ToolFailed, match=message):
        template_tests.template_tests()


def test_the_tests_of_the_template_of_its_policies_and_of_the_controls_are_run() -> None:
    names = {file.name for file in files_of_tests(ROOT / "tests" / "unit")}

    assert {"test_template.py", "test_template_network.py"} <= names
    assert {"test_policy_processor.py", "test_policy_key.py", "test_controls.py"} <= names


def test_a_kind_of_tests_that_is_gone_fails_the_gate(tmp_path: Path) -> None:
    (tmp_path / "test_template.py").touch()

    with pytest.raises(ToolFailed, match=r"there is no test_policy_\*\.py"):
        files_of_tests(tmp_path)
