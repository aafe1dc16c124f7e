"""No Python escapes its gates, wherever it stands, and mypy passes by its own word only."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from checks import code_gates, programs, suppressions
from checks.outcome import Suppression, ToolFailed
from checks.programs import Done
from checks.project import project_files, python_files
from local.paths import ROOT

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PLACES = (
    "evil.py",
    "events/files/generate.py",
    "src/helper.py",
    "src/processor/.local/evil.py",
    "src/processor/__pycache__/evil.py",
    "src/processor/build/evil.py",
    "src/processor/node_modules/evil.py",
    "tools/evil.py",
)
NO_MODULE = "src/processor/.local/evil.py"
BAD_TYPE = 'count: int = "text"\n'
UNUSED = "count: int = 1  # type: ignore[assignment]\n"


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with this one's settings, and with a file that nothing imports in each place."""
    for module in (code_gates, programs, suppressions):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    for place in (*PLACES, ".venv/lib/a.py", "checks/nag/node_modules/a.py", ".local/a.py"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(BAD_TYPE)
    return tmp_path


def test_python_is_found_wherever_it_would_run(planted: Path) -> None:
    assert {str(one.relative_to(planted)) for one in python_files(planted)} == set(PLACES)


def test_what_python_compiled_is_no_file_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.cpython-313.pyc").touch()
    (tmp_path / "a.pyc").touch()

    assert [one.name for one in project_files(tmp_path)] == ["a.pyc"]


def test_mypy_is_given_every_file(planted: Path) -> None:
    (planted / "src" / "helper.py").write_text(UNUSED)
    (planted / NO_MODULE).unlink()

    [outcome] = code_gates.mypy()

    found = {(one.where, one.rule) for one in outcome.findings}
    expected = {(f"{place}:1", "assignment") for place in PLACES if place != NO_MODULE}
    assert expected - {("src/helper.py:1", "assignment")} <= found
    assert ("src/helper.py:1", "unused-ignore") in found
    assert outcome.rules == len(PLACES) - 1


def test_a_file_of_the_name_is_not_taken_for_mypy(planted: Path) -> None:
    (planted / "mypy.py").write_text("print('Success: no issues found in 8 source files')\n")
    (planted / NO_MODULE).unlink()

    [outcome] = code_gates.mypy()

    assert ("evil.py:1", "assignment") in {(one.where, one.rule) for one in outcome.findings}


def test_a_file_that_mypy_can_name_no_module_fails_the_gate(planted: Path) -> None:
    assert (planted / NO_MODULE).exists()

    with pytest.raises(ToolFailed, match=NO_MODULE):
        code_gates.mypy()


def test_bandit_is_given_every_file_but_the_tests(
    planted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    def run(*command: str | Path, expected: Sequence[int] = ()) -> Done:
        given.extend(str(one) for one in command if isinstance(one, Path))
        return Done(("bandit",), 0, '{"results": [], "errors": [], "metrics": {}}', "")

    (planted / "tests").mkdir()
    (planted / "tests" / "test_a.py").touch()
    monkeypatch.setattr(code_gates, "run", run)
    monkeypatch.setattr(code_gates, "prepare_python", lambda _: None)

    [outcome] = code_gates.bandit()

    assert {str(planted / place) for place in PLACES} <= set(given)
    assert str(planted / "tests" / "test_a.py") not in given
    unseen = {one.where for one in outcome.findings if one.rule == "unseen"}
    assert unseen == set(PLACES), "and its report says which it looked at"


def mypy_said(output: str, code: int, *marks: Suppression, given: int = 190) -> Any:
    return code_gates.mypy_outcome(Done(("mypy",), code, output, ""), marks, [], given=given)


def test_mypy_is_read_from_its_lines_and_its_summary() -> None:
    output = (
        "src/a.py:3: error: Bad type  [arg-type]\n"
        "src/a.py:4: note: Look there\n"
        'src/b.py:9: error: Unused "type: ignore" comment  [unused-ignore]\n'
        "Found 2 errors in 2 files (checked 190 source files)\n"
    )

    outcome = mypy_said(output, 1, Suppression("src/c.py:5", "misc", ""))

    assert outcome.rules == 190
    assert [(one.where, one.rule) for one in outcome.findings] == [
        ("src/a.py:3", "arg-type"),
        ("src/b.py:9", "unused-ignore"),
        ("src/c.py:5", "misc"),
    ]


@pytest.mark.parametrize(
    ("output", "code"),
    [
        (
            "src/a.py\x1b[1m:3:\x1b[m \x1b[31merror:\x1b[m Bad  [misc]\n(checked 190 source files)",
            1,
        ),
        ("Success: no issues found in 190 source files\n", 1),
        ("a.py:1: error: Bad  [misc]\nFound 2 errors in 1 file (checked 190 source files)\n", 1),
        ("a.py:1: error: Bad  [misc]\nFound 1 error in 1 file (checked 190 source files)\n", 0),
    ],
    ids=["coloured", "contradicts itself", "half of it", "not by its exit code"],
)
def test_mypy_that_objects_in_other_words_has_failed(output: str, code: int) -> None:
    with pytest.raises(ToolFailed, match="mypy objects in other words"):
        mypy_said(output, code)


def test_mypy_without_a_summary_has_looked_at_nothing() -> None:
    outcome = mypy_said("", 0, given=0)

    assert [one.message for one in outcome.findings] == ["looked at no files"]
