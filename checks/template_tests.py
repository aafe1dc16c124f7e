"""Gate: the project's own tests of the template and of its policies.

They ask what no rule of a tool asks, for example what one request may do under all policies that
meet it, and name every resource and every output that there is.
"""

import ast
import re
from collections.abc import Iterator, Sequence, Set
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
        pytest: tuple[str | Path, ...] = (PROJECT_PYTHON, "-P", "-m", "pytest", *options)
        done = run(*pytest, f"--junit-xml={report}", *files, expected=(0, 1))
        if not report.exists():
            raise done.failed("wrote no report")
        outcome = outcome_of_tests(report.read_text(encoding="utf-8"), defined_tests(files))
    deselected = re.search(r"\b\d+ deselected\b", done.output)
    if deselected:
        raise done.failed(f"left tests out: {deselected[0]}")
    if done.code != 0 and not outcome.findings:
        raise done.failed("contradicts its report")
    return [outcome]


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


def defined_tests(files: Sequence[Path], root: Path = ROOT) -> set[str]:
    """Every test function that stands in these files, as the report names it without parameters.

    Read from the text, which no setting and no plugin of pytest has a say in.
    """
    found: set[str] = set()
    for file in files:
        module = ".".join(file.relative_to(root).with_suffix("").parts)
        found.update(_tests_in(ast.parse(file.read_text(encoding="utf-8")), module))
    return found


def _tests_in(node: ast.AST, place: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.startswith("test"):
                    yield f"{place}::{name}"
            case ast.ClassDef(name=name):
                yield from _tests_in(child, f"{place}.{name}")
            case _:  # what stands under a condition counts: it may be one that never holds
                yield from _tests_in(child, place)


def outcome_of_tests(report: str, defined: Set[str]) -> Outcome:
    """Counts tests that passed. One that was skipped, or never run, has judged nothing."""
    cases = list(ET.fromstring(report).iter("testcase"))  # noqa: S314  # nosec B314  # It is pytest's.
    findings = [one for case in cases for one in _objections(case)]
    passed = sum(not any(True for _ in _objections(case)) for case in cases)
    ran = {_name(case).partition("[")[0] for case in cases}
    missing = [Finding(name, "unseen", "did not run") for name in sorted(defined - ran)]
    return judged("template tests", passed, [*findings, *missing], unit="tests")


def _name(case: ET.Element) -> str:
    return f"{case.get('classname')}::{case.get('name')}"


def _objections(case: ET.Element) -> Iterator[Finding]:
    name = _name(case)
    for kind in ("failure", "error", "skipped"):
        for part in case.iter(kind):
            words = (part.get("message") or "").strip().splitlines()
            yield Finding(name, kind, words[0] if words else "says nothing")
