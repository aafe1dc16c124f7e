"""docs/faults.md: each fault once, each test, mistake and code that it names is there."""

import ast
import inspect
import re
from functools import cache
from pathlib import Path

import pytest

from processor import errors
from processor.domain.reject import Reason
from tests.simulation.mistakes import MUTATIONS
from tests.simulation.summary import RECOVERIES
from tests.support.template import stack

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
COLUMNS = ["No.", "Fault", "Outcome here", "Shown by"]
LAST = 57
REASON_CHARACTERS_MIN = 30

_TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
_SIMULATION = re.compile(r'(mistake|recovery) "([^"]+)"')
_NOT_HERE = re.compile(r"\*\*Not here:\*\* (.*)")
_CODE = re.compile(r"`([A-Z][A-Z_]+[A-Z])`")
_NAME = re.compile(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`")


def tables() -> list[list[list[str]]]:
    """The cells of each table, row by row, its head first."""
    found: list[list[list[str]]] = []
    before = ""
    for line in TEXT.splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            if not before.startswith("|"):
                found.append([])
            if set(line) != set("|-"):
                found[-1].append(cells)
        before = line
    return found


ROWS = {row[0]: row for table in tables() for row in table[1:]}


@cache
def names_in(path: str) -> frozenset[str]:
    """Functions of a module, and of its classes as `Class::function`."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for kind in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        names |= {
            f"{kind.name}::{node.name}" for node in kind.body if isinstance(node, ast.FunctionDef)
        }
    return frozenset(names)


def test_each_fault_is_there_once_in_its_group() -> None:
    groups = re.findall(r"^## ([A-Z])\. ", TEXT, re.MULTILINE)

    numbers = [row[0] for table in tables() for row in table[1:]]

    assert groups == list("ABCDEFGHI")
    assert len(tables()) == len(groups)
    assert numbers == [str(number) for number in range(1, LAST + 1)]
    assert all(table[0] == COLUMNS for table in tables())


@pytest.mark.parametrize("number", ROWS)
def test_what_shows_an_outcome_exists(number: str) -> None:
    _, _, _, shown = ROWS[number]

    tests = _TEST.findall(shown)
    simulated = {
        "mistake": {mutation.name for mutation in MUTATIONS},
        "recovery": set(RECOVERIES),
    }

    assert tests
    for path, name in tests:
        assert name in names_in(path), f"{path} has no {name}"
        assert name.rpartition("::")[2].startswith("test_")
    for kind, name in _SIMULATION.findall(shown):
        assert name in simulated[kind], f"no {kind} {name}"
    # Whatever else stands there would be a test, mistake or reason that nobody looked at.
    rest = _NOT_HERE.sub("", _SIMULATION.sub("", _TEST.sub("", shown)))
    assert rest.replace("<br>", "").replace(",", "").strip() == ""


@pytest.mark.parametrize("number", ROWS)
def test_what_cannot_be_shown_says_why(number: str) -> None:
    _, fault, outcome, shown = ROWS[number]

    reasons = _NOT_HERE.findall(shown)

    assert shown.lower().count("not here") == len(reasons)
    assert all(len(reason) >= REASON_CHARACTERS_MIN for reason in reasons)
    assert fault
    assert outcome


def test_every_code_error_and_resource_is_one_of_the_project() -> None:
    notices = {"DUPLICATE_FILE", "DUPLICATE_DELIVERY", "BAD_EVENT"}
    classes = {name for name, _ in inspect.getmembers(errors, inspect.isclass)}
    resources = set(stack().resources)

    codes, names = set(_CODE.findall(TEXT)), set(_NAME.findall(TEXT))

    assert codes <= {reason.value for reason in Reason} | notices
    assert names <= classes | resources
    assert "OBJECT_GONE" in codes
    assert {"EvidenceGone", "FailedEventsQueue"} <= names
