"""The house rules that no linter knows: which way imports point, and how long things may get."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
MODULES = sorted((SOURCE / "processor").rglob("*.py"))
ALL_FILES = sorted(
    path
    for folder in ("src", "desk", "local", "checks", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)

FUNCTION_LINES_MAX = 60
MODULE_LINES_MAX = 300
LINE_COLUMNS_MAX = 100
PRAGMA = re.compile(r"\s*# (noqa|type:|pragma:).*")
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}

# What a module may import besides the standard library, by the longest prefix of its name.
# The pieces of the pipeline obey its rule.
PIPELINE = {
    *("processor.ports", "processor.ledger_ports"),
    *("processor.domain", "processor.formats", "processor.errors"),
}
PIPELINE_PIECES = {
    "processor.backoff",
    "processor.closing",
    "processor.part",
    "processor.planner",
    "processor.proven_keys",
    "processor.quarantine",
    "processor.reading",
    "processor.redaction",
    "processor.store",
    "processor.sweep",
    "processor.task_queue",
    "processor.world",
}
AWS = {"botocore", "aws_lambda_powertools", "httptools", "urllib3", "mypy_boto3_*"}
ALLOWED: dict[str, set[str]] = {
    "processor": set(),
    "processor.errors": set(),
    "processor.domain": {"processor.domain"},
    "processor.formats": {
        *("processor.formats", "processor.domain.reject", "processor.domain.field"),
        "processor.domain.position",
    },
    "processor.ports": {"processor.domain"},
    "processor.ledger_ports": {"processor.domain"},
    "processor.notification": {"processor.domain"},
    "processor.settings": {"processor.errors"},
    "processor.keyring": {"processor.errors", "processor.domain"},
    "processor.pipeline": PIPELINE | PIPELINE_PIECES,
    **dict.fromkeys(PIPELINE_PIECES, PIPELINE | PIPELINE_PIECES),
    "processor.adapters": {
        *("processor.adapters", "processor.ports", "processor.ledger_ports"),
        *("processor.domain", "processor.errors"),
        *AWS,
    },
    "processor.startup": set(),
    "processor.app": {
        *(
            "processor",
            "processor.startup",
            "processor.pipeline",
            "processor.adapters",
            "processor.settings",
        ),
        *("processor.notification", "processor.keyring", "processor.domain", "processor.errors"),
        *("processor.closing", "processor.planner", "processor.sweep", "processor.world"),
        *AWS,
    },
}


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports_of(tree: ast.Module) -> Iterator[str]:
    """Names of imported modules; of `from a import b` that is `a.b`, as b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, package: str) -> bool:
    """Whether a name is a package's or lies in it; `x_*` means every package of that prefix."""
    if package.endswith("*"):
        return name.startswith(package[:-1])
    if package == "processor":
        return name.count(".") == 1 and name.rpartition(".")[2].isupper()
    return name == package or name.startswith(f"{package}.")


def forbidden_imports(module: str, tree: ast.Module) -> list[str]:
    rule = max((prefix for prefix in ALLOWED if f"{module}.".startswith(f"{prefix}.")), key=len)
    return [
        name
        for name in imports_of(tree)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(is_within(name, package) for package in ALLOWED[rule])
    ]


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_only_the_way_of_the_layers(path: Path) -> None:
    assert forbidden_imports(name_of(path), parsed(path)) == []


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("processor.domain.money", "import boto3"),
        ("processor.domain.money", "from processor.errors import EventFailed"),
        ("processor.formats.csv", "from processor.domain.validation import Validator"),
        ("processor.formats.csv", "from processor import store"),
        ("processor.pipeline", "from processor.adapters.s3 import S3SourceFiles"),
        ("processor.pipeline", "import botocore.exceptions"),
        ("processor.adapters.s3", "from processor.pipeline import Pipeline"),
        ("processor.adapters.s3", "from processor.formats import open_records"),
        ("processor.settings", "def late():\n    import boto3"),
        ("processor.notification", "from src.processor.domain.file import ObjectVersion"),
        ("processor.app", "from processor.formats.csv import read"),
        ("processor.new_module", "import boto3"),
    ],
)
def test_an_import_against_the_layers_is_found(module: str, statement: str) -> None:
    assert forbidden_imports(module, ast.parse(statement))


def test_every_module_can_be_imported_first_and_with_an_empty_environment() -> None:
    names = [name_of(path) for path in MODULES]
    script = (
        "import importlib, socket, sys\n"
        "def refuse(*_): raise AssertionError('import opens a connection')\n"
        "socket.socket.connect = refuse\n"
        f"for name in {names!r}:\n"
        "    for known in [known for known in sys.modules if known.startswith('processor')]:\n"
        "        del sys.modules[known]\n"
        "    importlib.import_module(name)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = [
        f"{relative(path)}:{node.lineno} {node.name}: {length}"
        for path in ALL_FILES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]

    assert too_long == []


def test_no_module_is_too_long() -> None:
    lengths = {relative(path): len(path.read_text().splitlines()) for path in ALL_FILES}

    assert {path: n for path, n in lengths.items() if n > MODULE_LINES_MAX} == {}


def columns_of(line: str) -> int:
    """How wide a line is, with ruff's exceptions: what cannot be broken, and what tools read.

    Source: https://docs.astral.sh/ruff/rules/line-too-long/
    """
    line = PRAGMA.sub("", line)
    *before, last = line.split() or [""]
    return 0 if not before or "://" in last else len(line)


def test_no_line_is_too_wide() -> None:
    too_wide = [
        f"{relative(path)}:{number}"
        for path in ALL_FILES
        for number, line in enumerate(path.read_text().split("\n"), start=1)
        if columns_of(line) > LINE_COLUMNS_MAX
    ]

    assert too_wide == []


def test_modules_are_named_for_what_they_hold() -> None:
    assert [relative(path) for path in ALL_FILES if path.stem in VAGUE_NAMES] == []


def handlers_of_everything(path: Path) -> int:
    """How many handlers catch Exception, or more."""
    broad = {"Exception", "BaseException"}
    return sum(
        isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or any(isinstance(part, ast.Name) and part.id in broad for part in ast.walk(node.type))
        )
        for node in ast.walk(parsed(path))
    )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_entry_point_catches_every_exception_and_only_once(path: Path) -> None:
    assert handlers_of_everything(path) == (name_of(path) == "processor.app")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_prints(path: Path) -> None:
    printing = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Name) and node.id in {"print", "breakpoint"}
    ]

    assert printing == []
