"""Gate: ways to make a tool say less that leave no reason, or stand where nobody counts them.

What may be excepted, and how, is in `checks.suppressions`. Everything else that these tools read,
and that could take a file or a rule from them, is a finding.
"""

import ast
import io
import json
import re
import tokenize
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from checks import suppressions
from checks.outcome import Finding, Outcome, Suppression, judged
from checks.project import project_files, python_files
from local.paths import ROOT

type Json = Any  # what a parsed TOML document holds

#: Files that a tool reads without being told to, at any depth; mypy reads a stub for its module.
_FILES: Final = re.compile(
    r"\.?ruff\.toml|\.?mypy\.ini|setup\.cfg|tox\.ini|\.?pytest\.(ini|toml)|\.bandit"
    r"|\.?cfnlintrc(\.ya?ml)?|\.checkov\.ya?ml|.*\.pyi"
)
#: Code that Python runs, and that no gate can read.
_UNREADABLE: Final = frozenset({".pyc", ".pyd", ".pyw", ".so"})
#: All settings of tools that pyproject may hold. `exclude` and its like are missing on purpose.
_SETTINGS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({"pytest", "ruff", "mypy", "setuptools"}),
    "pytest": frozenset({"ini_options"}),
    "pytest.ini_options": frozenset(
        {"pythonpath", "testpaths", "addopts", "xfail_strict", "filterwarnings"}
    ),
    "ruff": frozenset({"line-length", "target-version", "src", "lint"}),
    "ruff.lint": frozenset({"select", "ignore", "per-file-ignores"}),
    "mypy": frozenset(
        {"strict", "python_version", "mypy_path", "files", "explicit_package_bases"}
        | {"namespace_packages", "overrides"}
    ),
}
#: What these must list at least, so that the scope of a tool shrinks nowhere unseen.
_AT_LEAST: Final[Mapping[str, frozenset[str]]] = {
    "mypy.files": frozenset({"src", "desk", "local", "checks", "benchmarks", "tests", "events"}),
    "pytest.ini_options.testpaths": frozenset({"tests"}),
    "ruff.lint.select": frozenset(
        {"A", "ARG", "ASYNC", "B", "BLE", "C4", "C90", "DTZ", "E", "ERA", "F", "FBT", "FURB"}
        | {"G", "I", "INP", "ISC", "LOG", "N", "PERF", "PIE", "PL", "PT", "PTH", "RET", "RSE"}
        | {"RUF", "S", "SIM", "SLF", "T10", "T20", "TC", "TID", "TRY", "UP", "W"}
    ),
}
#: What these must be: anything else could leave tests out, or let failures pass.
_EXACTLY: Final[Mapping[str, Json]] = {
    "mypy.strict": True,
    "pytest.ini_options.addopts": "-ra --strict-markers --strict-config",
    "pytest.ini_options.xfail_strict": True,
}
#: Of packages without types, and never of the project's own.
_OVERRIDE: Final = frozenset({"module", "ignore_missing_imports"})
_OWN: Final = (*_AT_LEAST["mypy.files"], "processor", "*")

#: One rule is excepted for all files; families only for folders, and the security family nowhere.
_ONE_RULE: Final = re.compile(r"[A-Z]+\d{3,}")
_FAMILY: Final = re.compile(r"(?!S$|S\d|ALL$)[A-Z]+\d*")
#: Whatever else a pattern could be, this one speaks of no file below src/.
_NOT_DEPLOYED: Final = re.compile(r"(tests|events|desk|local|benchmarks|checks)/[\w./*-]+")

_IN_TESTS: Final = Suppression(
    "tests/", "fmt: skip", "tables of cases, and lists, are read by their rows and columns"
)

_MYPY_COMMENT: Final = re.compile(r"#\s*mypy:")
_UNTYPED: Final = ("no_type_check", "no_type_check_decorator")
#: Names by which a file takes part in what pytest collects and runs, and where they may stand: not
#: where the tests of the template are.
_HOOK: Final = re.compile(r"pytest_\w+|collect_ignore\w*")
_HOOKED: Final = ("tests/integration/", "checks/mutation/")


def silencers() -> Sequence[Outcome]:
    """Settings in files of their own, in pyproject, and in comments and decorators."""
    files = list(project_files(ROOT))
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    python = python_files(ROOT)
    found = [
        *settings_files(files),
        *pyproject_settings(pyproject["tool"]),
        *(one for file in python for one in in_python(file)),
    ]
    marks, spans = suppressions.of_layout(python)
    return [outcome_of_all([*found, *spans], marks, len(files))]


def outcome_of_all(found: Sequence[Finding], marks: Sequence[Suppression], files: int) -> Outcome:
    """Lines that are kept from the formatter count as suppressed, each for its reason."""
    kept = [Finding(mark.where, mark.rule, "is kept from the formatter") for mark in marks]
    of_tests = [mark for mark in marks if _IN_TESTS.covers(Finding(mark.where, mark.rule, ""))]
    reasons = [mark for mark in marks if mark not in of_tests]
    if of_tests:
        reasons.append(_IN_TESTS)
    return judged("silencers", files, [*found, *kept], reasons, unit="files")


def settings_files(files: Sequence[Path], root: Path = ROOT) -> Iterator[Finding]:
    """Files that a tool would obey, wherever they stand; pyproject.toml has one place."""
    for file in files:
        where = str(file.relative_to(root))
        is_nested = file.name == "pyproject.toml" and file.parent != root
        if is_nested or _FILES.fullmatch(file.name):
            yield Finding(where, "silencer", "settings of a tool stand where no reason can")
        elif file.suffix in _UNREADABLE:
            yield Finding(where, "silencer", "is code that no gate can read")
        elif file.is_symlink():
            yield Finding(where, "silencer", "is a link: no gate looks at where it leads")


def pyproject_settings(tool: Json) -> Iterator[Finding]:
    """Settings that are none of those decided on, lists cut short, exceptions too wide."""
    for table, known in _SETTINGS.items():
        for key in sorted(_at(tool, table, {}).keys() - known):
            yield _of_pyproject(f"{table}.{key}".lstrip("."), "may take files or rules from a tool")
    for key, least in _AT_LEAST.items():
        for missing in sorted(least - set(_at(tool, key, []))):
            yield _of_pyproject(key, f"leaves out {missing}")
    for key, value in _EXACTLY.items():
        if _at(tool, key, None) != value:
            yield _of_pyproject(key, f"is not {json.dumps(value)}")
    yield from _overrides(tool)
    yield from _exceptions(_at(tool, "ruff.lint", {}))


def _at(tool: Json, key: str, otherwise: Json) -> Json:
    value = tool
    for name in filter(None, key.split(".")):
        value = value.get(name, {})
    return value or otherwise


def _overrides(tool: Json) -> Iterator[Finding]:
    for override in _at(tool, "mypy.overrides", []):
        for key in sorted(override.keys() - _OVERRIDE):
            yield _of_pyproject(f"mypy.overrides.{key}", "silences mypy without a line's reason")
        modules = override.get("module", [])
        for module in [modules] if isinstance(modules, str) else modules:
            if module.partition(".")[0] in _OWN:
                yield _of_pyproject("mypy.overrides", f"speaks of {module}, which has types")


def _exceptions(lint: Json) -> Iterator[Finding]:
    for rule in lint.get("ignore", []):
        if not _ONE_RULE.fullmatch(rule):
            yield _of_pyproject("ruff.lint.ignore", f"{rule} is more than one rule")
    for pattern, rules in lint.get("per-file-ignores", {}).items():
        key = "ruff.lint.per-file-ignores"
        if ".." in pattern or not _NOT_DEPLOYED.fullmatch(pattern):
            yield _of_pyproject(key, f"{pattern} may speak of src/, which gives reasons by line")
        for rule in rules:
            if not _ONE_RULE.fullmatch(rule) and not _FAMILY.fullmatch(rule):
                yield _of_pyproject(key, f"{rule} on {pattern} excepts the security family")


def _of_pyproject(key: str, message: str) -> Finding:
    return Finding("pyproject.toml", f"tool.{key}", message)


def in_python(file: Path, root: Path = ROOT) -> Iterator[Finding]:
    """Comments that give mypy settings for a whole file, what turns it off, hooks of pytest."""
    with tokenize.open(file) as source:
        text = source.read()
    if "mypy:" in text or "no_type_check" in text:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            where = f"{file.relative_to(root)}:{token.start[0]}"
            if token.type == tokenize.COMMENT and _MYPY_COMMENT.match(token.string):
                yield Finding(where, "mypy", "gives settings for the whole file")
            if token.type == tokenize.NAME and token.string in _UNTYPED:
                yield Finding(where, "mypy", f"{token.string} hides a function from mypy")
    name = file.relative_to(root).as_posix()
    if _HOOK.search(text) and not name.startswith(_HOOKED):
        for line, hook in _hooks(ast.parse(text)):
            yield Finding(f"{name}:{line}", "pytest", f"{hook} can leave tests out of a run")


def _hooks(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case (
                ast.FunctionDef(name=name, lineno=line)
                | ast.Name(id=name, ctx=ast.Store(), lineno=line)
            ) if _HOOK.fullmatch(name):
                yield line, name
            case ast.ImportFrom(names=names, lineno=line):
                imported = (alias.asname or alias.name for alias in names)
                yield from ((line, name) for name in imported if _HOOK.fullmatch(name))
