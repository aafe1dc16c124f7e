"""The desk's document is a session that really happens: typed again, it prints the same again.

Times, version ids and what follows from them differ each time, and are compared as such. After a
change that is meant, RENEW_DOCUMENTS=1 writes what is printed now into the document.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from local import environment, session
from local.progress import Progress

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = ROOT / "docs" / "desk.md"
RENEW: Final = "RENEW_DOCUMENTS"

_BLOCK: Final = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PASSING: Final = (
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "VERSION"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?"), "TIME"),
    (re.compile(r"file id [0-9a-f]{64}"), "file id ID"),
    (re.compile(r"corrected-[a-p]{16}"), "CORRECTED"),
    (re.compile(r"localhost:\d+"), "localhost:PORT"),
    (re.compile(r"^(AWS::Logs::LogGroup .* )[\d,]+ bytes$", re.MULTILINE), r"\1SOME bytes"),
    (re.compile(r"\.html: [\d.]+ KiB"), ".html: SOME KiB"),
)
"""What is another at each run. Nothing else is let pass."""


@dataclass(frozen=True)
class Step:
    """A command of the document, and what it prints there."""

    command: str
    printed: str


def steps(text: str) -> Iterator[Step]:
    """The commands of all console blocks, in order; a line that begins with `$ ` is one."""
    for block in _BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            yield Step(command, printed)


def lasting(printed: str) -> str:
    """What is printed, without what is another each time."""
    for pattern, name in _PASSING:
        printed = pattern.sub(name, printed)
    return printed


def renewed(text: str, printed: list[tuple[Step, str]]) -> str:
    """The document, with what is printed now."""
    place = 0
    for step, now in printed:
        old, new = (f"$ {step.command}\n{one}" for one in (step.printed, now))
        place = text.index(old, place)
        text = text[:place] + new + text[place + len(old) :]
        place += len(new)
    return text


def type_in(command: str, folder: Path, variables: dict[str, str]) -> str:
    """Runs a command as a shell does, with the desk on its path; gives all that it printed."""
    done = subprocess.run(
        ["bash", "-c", f'{command}\ncode=$?; [ $code = 0 ] || echo "(exit code $code)"'],
        cwd=folder,
        env=environment.clean() | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place to work in, with the sample files and a `desk` on the path."""
    made = tmp_path_factory.mktemp("desk")
    (made / "events").symlink_to(ROOT / "events")
    program = made / "bin" / "desk"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(f'{ROOT}:{ROOT / "src"}')} "
        f'exec {shlex.quote(sys.executable)} -m desk "$@"\n'
    )
    program.chmod(0o755)
    return made


def test_the_documented_session_prints_what_the_document_shows(
    embedded: None, folder: Path
) -> None:
    text = DOCUMENT.read_text()
    printed: list[tuple[Step, str]] = []
    with session.temporary(Progress()) as running:
        variables = running.variables()
        variables["PATH"] = f"{folder / 'bin'}:{os.environ['PATH']}"
        printed = [(step, type_in(step.command, folder, variables)) for step in steps(text)]

    if os.environ.get(RENEW):
        DOCUMENT.write_text(renewed(text, printed))
        return
    for step, now in printed:
        assert lasting(now) == lasting(step.printed), step.command


def test_every_command_of_the_desk_is_in_the_documented_session() -> None:
    from desk.cli import desk  # noqa: PLC0415  Not needed where the document is only renewed.

    typed = {
        words[1]
        for step in steps(DOCUMENT.read_text())
        if (words := shlex.split(step.command))[0] == "desk" and len(words) > 1
    }

    assert set(desk.commands) <= typed
