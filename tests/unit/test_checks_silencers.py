"""No tool can be told to look away where nobody counts it."""

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from checks import code_gates, programs, silencers, suppressions
from local.paths import ROOT

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def tool(**changes: Any) -> Any:
    """The project's own settings, with changes by dotted name, dots written as `__`."""
    settings = copy.deepcopy(tomllib.loads(PYPROJECT)["tool"])
    for name, value in changes.items():
        *way, last = name.split("__")
        place = settings
        for step in way:
            place = place[step]
        place[last.replace("_in_ruff", "").replace("extend_", "extend-")] = value
    return settings


@pytest.mark.parametrize(
    "path",
    [
        "ruff.toml",
        "src/processor/domain/ruff.toml",
        "src/.ruff.toml",
        "mypy.ini",
        "tests/unit/.mypy.ini",
        "setup.cfg",
        "tox.ini",
        "src/pyproject.toml",
        "tests/pytest.ini",
        "src/processor/.bandit",
        ".cfnlintrc.yaml",
        ".cfnlintrc",
        ".checkov.yaml",
        "src/processor/domain/money.pyi",
    ],
)
def test_settings_of_a_tool_in_a_file_of_its_own_are_found_at_any_depth(
    tmp_path: Path, path: str
) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()

    found = list(silencers.settings_files(list(silencers.project_files(tmp_path)), tmp_path))

    assert [one.where for one in found] == [path]


def test_the_projects_own_settings_and_what_is_installed_are_none(tmp_path: Path) -> None:
    for path in ("pyproject.toml", ".venv-tools/setup.cfg", "checks/nag/node_modules/a/tox.ini"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()

    files = list(silencers.project_files(tmp_path))

    assert list(silencers.settings_files(files, tmp_path)) == []
    assert list(silencers.pyproject_settings(tool())) == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"ruff__exclude": ["src"]}, "tool.ruff.exclude"),
        ({"ruff__extend_exclude": ["src"]}, "tool.ruff.extend-exclude"),
        ({"ruff__extend": "other.toml"}, "tool.ruff.extend"),
        ({"ruff__lint__exclude": ["src"]}, "tool.ruff.lint.exclude"),
        ({"ruff__format": {"exclude": ["src"]}}, "tool.ruff.format"),
        ({"mypy__exclude": "src"}, "tool.mypy.exclude"),
        ({"mypy__ignore_errors": True}, "tool.mypy.ignore_errors"),
        ({"mypy__follow_imports": "skip"}, "tool.mypy.follow_imports"),
        ({"mypy__strict": False}, "tool.mypy.strict"),
        ({"mypy__packages": ["desk", "local", "checks", "tests"]}, "tool.mypy.packages"),
        (
            {"mypy__overrides": [{"module": "moto", "ignore_errors": True}]},
            "tool.mypy.overrides.ignore_errors",
        ),
        (
            {"mypy__overrides": [{"module": "moto", "follow_imports": "skip"}]},
            "tool.mypy.overrides.follow_imports",
        ),
        (
            {"mypy__overrides": [{"module": ["processor.*"], "ignore_missing_imports": True}]},
            "tool.mypy.overrides",
        ),
        (
            {"mypy__overrides": [{"module": "*", "ignore_missing_imports": True}]},
            "tool.mypy.overrides",
        ),
        ({"bandit": {"skips": ["B101"]}}, "tool.bandit"),
    ],
)
def test_a_setting_that_takes_files_or_rules_from_a_tool_is_found(
    changes: dict[str, Any], key: str
) -> None:
    found = list(silencers.pyproject_settings(tool(**changes)))

    assert [one.rule for one in found] == [key]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("# mypy: ignore-errors\n", 1),
        ("x = 1  # mypy:disallow-any-generics=False\n", 1),
        ("from typing import no_type_check\n\n\n@no_type_check\ndef f(): ...\n", 2),
        ('x = "# mypy: ignore-errors"\n', 0),
        ("# What mypy: says\n", 0),
    ],
)
def test_a_file_that_gives_mypy_settings_is_found(tmp_path: Path, text: str, count: int) -> None:
    file = tmp_path / "module.py"
    file.write_text(text)

    assert len(list(silencers.in_python(file, tmp_path))) == count


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with this one's settings, and a module that prints and is laid out badly."""
    for module in (code_gates, programs, suppressions):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    for path, text in (("checks/__main__.py", '"""."""\n'), ("src/domain/a.py", "print( 1 )\n")):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/domain/ruff.toml", "exclude = ['*']\n[lint]\nselect = []\n"),
        ("src/.ruff.toml", "lint.select = []\nformat.exclude = ['*']\n"),
        ("src/domain/pyproject.toml", "[tool.ruff]\nexclude = ['*']\nlint.select = []\n"),
        (".gitignore", "src/domain/\n"),
        (
            "pyproject.toml",
            PYPROJECT.replace("[tool.ruff]\n", '[tool.ruff]\nextend-exclude = ["src/domain"]\n'),
        ),
    ],
    ids=["nested", "nested and hidden", "nested pyproject", "ignored by git", "excluded"],
)
def test_ruff_looks_at_every_file_by_the_projects_own_rules(
    planted: Path, path: str, text: str
) -> None:
    (planted / ".git").mkdir()
    (planted / path).write_text(text)

    [linted], [formatted] = code_gates.ruff(), code_gates.ruff_format()

    assert ("src/domain/a.py:1", "T201") in [(one.where, one.rule) for one in linted.findings]
    assert [one.where for one in formatted.findings] == ["src/domain/a.py"]
