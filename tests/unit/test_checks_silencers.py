"""No tool can be told to look away where nobody counts it."""

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from checks import code_gates, programs, silencers, suppressions
from checks.outcome import Suppression
from checks.project import project_files
from local.paths import ROOT

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
TOOL = tomllib.loads(PYPROJECT)["tool"]
FILES = TOOL["mypy"]["files"]
SELECT = TOOL["ruff"]["lint"]["select"]
IGNORES = "tool.ruff.lint.per-file-ignores"


def tool(**changes: Any) -> Any:
    """The project's own settings, with changes by dotted name, dots written as `__`."""
    settings = copy.deepcopy(TOOL)
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
        "src/processor/fast.so",
        "src/processor/left.pyc",
    ],
)
def test_settings_of_a_tool_in_a_file_of_its_own_are_found_at_any_depth(
    tmp_path: Path, path: str
) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()

    found = list(silencers.settings_files(list(project_files(tmp_path)), tmp_path))

    assert [one.where for one in found] == [path]


def test_the_projects_own_settings_and_what_is_installed_are_none(tmp_path: Path) -> None:
    for path in ("pyproject.toml", ".venv-tools/setup.cfg", "checks/nag/node_modules/a/tox.ini"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()

    files = list(project_files(tmp_path))

    assert list(silencers.settings_files(files, tmp_path)) == []
    assert list(silencers.pyproject_settings(tool())) == []


def test_a_link_is_found_as_no_gate_looks_at_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "more").symlink_to(tmp_path)
    (tmp_path / ".venv").symlink_to(tmp_path)

    found = list(silencers.settings_files(list(project_files(tmp_path)), tmp_path))

    assert [one.where for one in found] == ["src/more"]


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
        ({"mypy__files": [*FILES, "tools"]}, None),
        ({"mypy__files": FILES[1:]}, "tool.mypy.files"),
        ({"mypy__packages": ["processor"]}, "tool.mypy.packages"),
        ({"ruff__lint__select": SELECT[1:]}, "tool.ruff.lint.select"),
        ({"ruff__lint__select": [*SELECT, "D"]}, None),
        ({"ruff__lint__ignore": ["S"]}, "tool.ruff.lint.ignore"),
        ({"ruff__lint__ignore": ["S1"]}, "tool.ruff.lint.ignore"),
        ({"ruff__lint__per-file-ignores": {"tests/**": ["S"]}}, IGNORES),
        ({"ruff__lint__per-file-ignores": {"tests/**": ["S3"]}}, IGNORES),
        ({"ruff__lint__per-file-ignores": {"tests/**": ["ALL"]}}, IGNORES),
        ({"ruff__lint__per-file-ignores": {"tests/**": ["S311", "ARG", "SLF"]}}, None),
        ({"ruff__lint__per-file-ignores": {"src/**": ["ARG"]}}, IGNORES),
        ({"ruff__lint__per-file-ignores": {"**/app.py": ["ARG"]}}, IGNORES),
        ({"ruff__lint__per-file-ignores": {"app.py": ["ARG"]}}, IGNORES),
        ({"ruff__lint__per-file-ignores": {"!tests/**": ["ARG"]}}, IGNORES),
        ({"ruff__lint__per-file-ignores": {"{src,tests}/**": ["ARG"]}}, IGNORES),
        ({"ruff__lint__per-file-ignores": {"tests/../src/**": ["ARG"]}}, IGNORES),
        (
            {"pytest__ini_options__python_functions": "check_*"},
            "tool.pytest.ini_options.python_functions",
        ),
        ({"pytest__ini_options__addopts": "-k nothing"}, "tool.pytest.ini_options.addopts"),
        ({"pytest__ini_options__testpaths": ["x"]}, "tool.pytest.ini_options.testpaths"),
        ({"pytest__ini_options__xfail_strict": False}, "tool.pytest.ini_options.xfail_strict"),
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
    changes: dict[str, Any], key: str | None
) -> None:
    found = list(silencers.pyproject_settings(tool(**changes)))

    assert [one.rule for one in found] == ([key] if key else [])


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


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("conftest.py", "def pytest_collection_modifyitems(items):\n    items.clear()\n", [1]),
        ("tests/unit/conftest.py", "x = 1\npytest_plugins = ['evil']\n", [2]),
        ("tests/conftest.py", "collect_ignore_glob = ['*']\n", [1]),
        ("tests/unit/conftest.py", "from evil import pytest_pyfunc_call\n", [1]),
        ("tests/unit/conftest.py", "from evil import call as pytest_pyfunc_call\n", [1]),
        ("tests/unit/conftest.py", "from pytest_socket import disable_socket\n", []),
        ("tests/unit/test_a.py", "import pytest_socket\npytestmark = ()\n", []),
        ("tests/integration/conftest.py", "def pytest_generate_tests(metafunc): ...\n", []),
    ],
)
def test_a_hook_by_which_a_file_takes_tests_out_of_a_run_is_found(
    tmp_path: Path, path: str, text: str, lines: list[int]
) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)

    found = list(silencers.in_python(file, tmp_path))

    assert [one.where for one in found] == [f"{path}:{line}" for line in lines]


def test_a_line_kept_from_the_formatter_has_a_reason_of_its_own_or_is_one_of_the_tests() -> None:
    own = Suppression("src/a.py:1", "fmt: skip", "Read in rows, as written.")
    bare = Suppression("src/a.py:2", "fmt: skip", "")
    tests = [Suppression(f"tests/unit/test_a.py:{line}", "fmt: skip", "") for line in (1, 2)]
    imports = Suppression("tests/unit/test_a.py:3", "isort: skip", "")

    outcome = silencers.outcome_of_all([], [own, bare, *tests, imports], 3)

    assert [one.where for one in outcome.findings] == [bare.where, imports.where]
    assert {own, silencers._IN_TESTS} <= set(outcome.suppressed)  # noqa: SLF001  Its own reason.


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
