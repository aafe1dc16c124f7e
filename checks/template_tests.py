"""Gate: the project's own tests of the template and of its policies.

They ask what no rule of a tool asks, for example what one request may do under all policies that
meet it, and name every resource and every output that there is.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree as ET  # nosec B405  # Reads what pytest has just written.

from checks.outcome import Finding, Outcome, ToolFailed, judged
from checks.programs import PROJECT_PYTHON, run
from local.paths import ROOT

_TESTS: Final = ("test_template*.py", "test_policy_*.py", "test_controls.py")


def template_tests() -> Sequence[Outcome]:
    """The tests that judge the template, run as they would be by a developer.

    Options in pyproject are left out, so that none of them can leave tests out.
    """
    files = files_of_tests(ROOT / "tests" / "unit")
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ("-q", "-p", "no:cacheprovider", "-c", "pyproject.toml", "-o", "addopts=")
        # 1 means that tests failed. Source: pytest, "Exit codes".
        pytest: tuple[str | Path, ...] = (PROJECT_PYTHON, "-m", "pytest", *options)
        done = run(*pytest, f"--junit-xml={report}", *files, expected=(0, 1))
        if not report.exists():
            raise done.failed("wrote no report")
        return [outcome_of_tests(report.read_text(encoding="utf-8"))]


def files_of_tests(folder: Path) -> list[Path]:
    """The files of those tests.

    Raises:
        ToolFailed: one kind of them is gone, which would look like a pass of the others.
    """
    found = []
    for pattern in _TESTS:
        files = sorted(folder.glob(pattern))
        if not files:
            raise ToolFailed(f"there is no {pattern}")
        found.extend(files)
    return found


def outcome_of_tests(report: str) -> Outcome:
    """Counts tests that passed; one that was skipped has judged nothing, and is a finding."""
    # The report was written a moment ago by the project's own pytest.
    cases = list(ET.fromstring(report).iter("testcase"))  # noqa: S314  # nosec B314
    findings = [one for case in cases for one in _objections(case)]
    passed = sum(not any(True for _ in _objections(case)) for case in cases)
    return judged("template tests", passed, findings, unit="tests")


def _objections(case: ET.Element) -> Iterator[Finding]:
    name = f"{case.get('classname')}::{case.get('name')}"
    for kind in ("failure", "error", "skipped"):
        for part in case.iter(kind):
            words = (part.get("message") or "").strip().splitlines()
            yield Finding(name, kind, words[0] if words else "says nothing")
