"""The calls of the function's role, as the embedded AWS records them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from tests.integration.deployed import Json

FILE = "EMBEDDED_AWS_CALLS"
"""Names the file; see local/emulator/calls.py for what is in it."""


class Phase(StrEnum):
    """Times in which refusals prove something, and nothing is wrong."""

    REFUSALS_MEANT = "refusals meant"
    """A test has the function do what it may not."""

    RIGHTS_CHANGED = "rights changed"
    """A test runs the function with other rights than the template gives it."""


def file() -> Path | None:
    """Where the calls are, None if nobody records them."""
    name = os.environ.get(FILE)
    return Path(name) if name else None


def read_from(offset: int) -> list[Json]:
    """The calls noted behind a place in the file; notes of phases are left out."""
    return [line for line in _lines(offset) if "action" in line]


def size() -> int:
    """The place behind the last call."""
    recorded = file()
    return recorded.stat().st_size if recorded else 0


@contextmanager
def phase(kind: Phase, test: str) -> Iterator[None]:
    """Notes among the calls when a phase begins and ends."""
    _note(kind, test, is_begin=True)
    try:
        yield
    finally:
        _note(kind, test, is_begin=False)


def with_phases() -> list[tuple[Json, set[Phase]]]:
    """Every call, with the phases in which it was made."""
    current: list[Phase] = []
    found: list[tuple[Json, set[Phase]]] = []
    for line in _lines(0):
        if "phase" not in line:
            found.append((line, set(current)))
        elif line["begins"]:
            current.append(Phase(line["phase"]))
        else:
            current.remove(Phase(line["phase"]))
    return found


def _note(kind: Phase, test: str, *, is_begin: bool) -> None:
    recorded = file()
    if recorded is None:
        return
    line = json.dumps({"phase": kind, "test": test, "begins": is_begin}) + "\n"
    # One write to a file opened for appending: it does not mix with the emulator's own lines.
    with recorded.open("a", encoding="utf-8") as opened:
        opened.write(line)


def _lines(offset: int) -> list[Json]:
    recorded = file()
    if recorded is None:
        return []
    with recorded.open("rb") as opened:
        opened.seek(offset)
        return [json.loads(line) for line in opened]
