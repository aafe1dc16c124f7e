"""Gate: ways to make a tool say less that leave no reason, or stand where nobody counts them.

What may be excepted, and how, is in `checks.suppressions`. Everything else that these tools read,
and that could take a file or a rule from them, is a finding.
"""

import io
import os
import re
import tokenize
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from checks.outcome import Finding, Outcome, judged
from local.paths import ROOT

type Json = Any  # what a parsed TOML document holds

#: Files that a tool reads without being told to, at any depth; mypy reads a stub for its module.
_FILES: Final = re.compile(
    r"\.?ruff\.toml|\.?mypy\.ini|setup\.cfg|tox\.ini|\.?pytest\.(ini|toml)|\.bandit"
    r"|\.?cfnlintrc(\.ya?ml)?|\.checkov\.ya?ml|.*\.pyi"
)
#: Neither written by the project nor looked at by a gate; what git ignores beside a virtual
#: environment has a fixed name.
_FOREIGN: Final = frozenset(
    {"node_modules", ".git", ".aws-sam", ".local", ".hypothesis", "__pycache__"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache"}
)

#: All settings of tools that pyproject may hold. `exclude` and its like are missing on purpose.
_SETTINGS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({"pytest", "ruff", "mypy", "setuptools"}),
    "pytest": frozenset({"ini_options"}),
    "ruff": frozenset({"line-length", "target-version", "src", "lint"}),
    "ruff.lint": frozenset({"select", "ignore", "per-file-ignores"}),
    "mypy": frozenset(
        {"strict", "python_version", "mypy_path", "packages", "explicit_package_bases"}
        | {"namespace_packages", "overrides"}
    ),
}
#: Of packages without types, and never of the project's own.
_OVERRIDE: Final = frozenset({"module", "ignore_missing_imports"})
_TYPED: Final = frozenset({"processor", "desk", "local", "checks", "tests"})
_OWN: Final = (*_TYPED, "events", "*")

_MYPY_COMMENT: Final = re.compile(r"#\s*mypy:")
_UNTYPED: Final = ("no_type_check", "no_type_check_decorator")


def silencers() -> Sequence[Outcome]:
    """Settings in files of their own, in pyproject, and in comments and decorators."""
    files = list(project_files(ROOT))
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = [
        *settings_files(files),
        *pyproject_settings(pyproject["tool"]),
        *(one for file in files if file.suffix == ".py" for one in in_python(file)),
    ]
    return [judged("silencers", len(files), found, unit="files")]


def project_files(root: Path) -> Iterator[Path]:
    """Every file of the project, ignored by git or not, without environments and caches."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            one
            for one in folders
            if one not in _FOREIGN and not (Path(folder) == root and one.startswith(".venv"))
        )
        yield from (Path(folder) / one for one in sorted(files))


def settings_files(files: Sequence[Path], root: Path = ROOT) -> Iterator[Finding]:
    """Files that a tool would obey, wherever they stand; pyproject.toml has one place."""
    for file in files:
        is_nested = file.name == "pyproject.toml" and file.parent != root
        if is_nested or _FILES.fullmatch(file.name):
            where = str(file.relative_to(root))
            yield Finding(where, "silencer", "settings of a tool stand where no reason can")


def pyproject_settings(tool: Json) -> Iterator[Finding]:
    """Settings that are none of those decided on, and overrides of the project's own modules."""
    for table, known in _SETTINGS.items():
        settings = tool
        for name in filter(None, table.split(".")):
            settings = settings.get(name, {})
        for key in sorted(settings.keys() - known):
            yield _of_pyproject(f"{table}.{key}".lstrip("."), "may take files or rules from a tool")
    if tool.get("mypy", {}).get("strict") is not True:
        yield _of_pyproject("mypy.strict", "is not true")
    for package in sorted(_TYPED - set(tool.get("mypy", {}).get("packages", []))):
        yield _of_pyproject("mypy.packages", f"leaves out {package}")
    for override in tool.get("mypy", {}).get("overrides", []):
        for key in sorted(override.keys() - _OVERRIDE):
            yield _of_pyproject(f"mypy.overrides.{key}", "silences mypy without a line's reason")
        modules = override.get("module", [])
        for module in [modules] if isinstance(modules, str) else modules:
            if module.partition(".")[0] in _OWN:
                yield _of_pyproject("mypy.overrides", f"speaks of {module}, which has types")


def _of_pyproject(key: str, message: str) -> Finding:
    return Finding("pyproject.toml", f"tool.{key}", message)


def in_python(file: Path, root: Path = ROOT) -> Iterator[Finding]:
    """Comments that give mypy settings for the whole file, and decorators that turn it off."""
    with tokenize.open(file) as source:
        text = source.read()
    if "mypy:" in text or "no_type_check" in text:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            where = f"{file.relative_to(root)}:{token.start[0]}"
            if token.type == tokenize.COMMENT and _MYPY_COMMENT.match(token.string):
                yield Finding(where, "mypy", "gives settings for the whole file")
            if token.type == tokenize.NAME and token.string in _UNTYPED:
                yield Finding(where, "mypy", f"{token.string} hides a function from mypy")
