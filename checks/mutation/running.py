"""Runs the tests against each mutant, in a process of its own.

    this process: imports, collects the tests once ──┬── fork: judge mutant 1, run tests until red
                                                     ├── fork: judge mutant 2, …
                                                     └── two at a time

A fork costs milliseconds where a start of pytest costs seconds, and what one mutant spoils is gone
with its process.
"""

import gc
import json
import os
import re
import selectors
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from checks.mutation.mutants import Json, Mutant, mutated
from tests.support import template

_ONE_MUTANT_SECONDS_MAX: Final = 120
_MESSAGE_CHARACTERS_MAX: Final = 500
# Of a child that could not come to a verdict, or did not live to tell it.
_ERROR: Final = "error"

# How pytest begins the message of a test that looked and did not find what it expected.
_ASSERTED: Final = re.compile(r"AssertionError|assert |Failed: DID NOT RAISE")
_NONE: Final = Mutant("none", "the template as it is", lambda _: None)

type Killer = tuple[str, str]


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant.

    Attributes:
        mutant: The mutant.
        verdict: "killed" by a test; "refused", when the SAM transform fails, or a name is gone that
            others are made of; "survived"; "gated", when only a gate noticed; or "error", when the
            run itself failed.
        by: The test, or the place, that noticed; empty for a survivor.
        message: What it said, in one line.
    """

    mutant: Mutant
    verdict: str
    by: str = ""
    message: str = ""


@dataclass(frozen=True)
class Pace:
    """How fast, and how far, each mutant is looked into.

    Attributes:
        workers_count: How many mutants are judged at the same time.
        is_patient: Whether to look on for a test that asserts, where one only stumbled.
    """

    workers_count: int
    is_patient: bool


class TestsNotUsableError(Exception):
    """Raised when the tests cannot judge mutants; the caller shows it and ends."""

    __test__ = False


def is_assertion(message: str) -> bool:
    """Whether a test failed because what it found is not what it expects.

    Otherwise it stumbled, for example over a property that is gone, before it came to its question.
    """
    return _ASSERTED.match(message) is not None


def run(
    tests: Sequence[str],
    source: Json,
    mutants: Sequence[Mutant],
    tell: Callable[[Outcome], None],
    pace: Pace,
) -> list[Outcome]:
    """Judges mutants by tests.

    Args:
        tests: Files of tests, those first that are to be named as killers.
        source: The template as it is written; it is not changed.
        mutants: What to judge.
        tell: Is called with each outcome as it comes.
        pace: How fast, and how far, each mutant is looked into.

    Raises:
        TestsNotUsableError: When the tests cannot be collected, look at the template before a
            mutant is put in its place, or fail already without a mutant.
    """
    loop = _MutantLoop(source, mutants, tell, pace)
    arguments = ["-p", "no:terminal", "-p", "no:cacheprovider", "-o", "addopts=", "-s", *tests]
    status = pytest.main(arguments, plugins=[loop])
    if loop.problem or len(loop.outcomes) != len(mutants):
        raise TestsNotUsableError(loop.problem or f"pytest ended with {status!r}")
    return loop.outcomes


class _MutantLoop:
    """Plugin of pytest that takes the place of its loop over the tests."""

    def __init__(
        self,
        source: Json,
        mutants: Sequence[Mutant],
        tell: Callable[[Outcome], None],
        pace: Pace,
    ) -> None:
        self._source = source
        self._mutants = mutants
        self._tell = tell
        self._pace = pace
        self._stumble: Killer | None = None
        self._assertion: Killer | None = None
        self.outcomes: list[Outcome] = []
        self.problem = ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            self.problem = "the tests cannot be collected"
        elif template.is_read():
            # Their tables would be those of the whole template, whatever is judged.
            self.problem = "a test module looks at the template when it is imported"
        else:
            # What the parent collected is not to be copied into each child by a first collection.
            gc.freeze()
            [outcome] = self._outcomes(session, [_NONE])
            if outcome.verdict != "survived":
                self.problem = f"fails without a mutant: {outcome.by} {outcome.message}"
        if not self.problem:
            for outcome in self._outcomes(session, self._mutants):
                self.outcomes.append(outcome)
                self._tell(outcome)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problem = f"cannot be collected: {report.nodeid} {report.longrepr}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.failed:
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        message = str(crash.message if crash else report.longrepr).partition("\n")[0]
        if is_assertion(message):
            self._assertion = self._assertion or (report.nodeid, message)
        else:
            self._stumble = self._stumble or (report.nodeid, message)

    def _outcomes(self, session: pytest.Session, mutants: Sequence[Mutant]) -> Iterator[Outcome]:
        """Judges mutants side by side; the order of the outcomes is that in which they come."""
        waiting = list(reversed(mutants))
        with selectors.DefaultSelector() as running:
            while waiting or running.get_map():
                while waiting and len(running.get_map()) < self._pace.workers_count:
                    self._start(session, waiting.pop(), running)
                for key, _ in running.select():
                    child, mutant = key.data
                    running.unregister(key.fileobj)
                    yield _told(key.fd, child, mutant)

    def _start(
        self, session: pytest.Session, mutant: Mutant, running: selectors.BaseSelector
    ) -> None:
        reader, writer = os.pipe()
        child = os.fork()
        if child:
            os.close(writer)
            running.register(reader, selectors.EVENT_READ, (child, mutant))
            return
        # Nothing may return from here: there is a whole pytest above, twice from now on.
        signal.alarm(_ONE_MUTANT_SECONDS_MAX)
        try:
            _silence()
            answer = self._judged(session, mutant)
        except BaseException as problem:  # noqa: BLE001 - told to the parent, which shows it
            answer = (_ERROR, type(problem).__name__, str(problem))
        with os.fdopen(writer, "w") as pipe:
            json.dump([text[:_MESSAGE_CHARACTERS_MAX] for text in answer], pipe)
        os._exit(0)

    def _likeliest_first(self, session: pytest.Session, mutant: Mutant) -> list[pytest.Item]:
        """The tests, by how many words of the mutant's name their module, then their name, has.

        Only the order depends on it, and with it the time until a mutant falls.
        """
        words = _words(mutant.name)
        return sorted(
            session.items,
            key=lambda item: (
                -len(words & _words_of(item.path)),
                -len(words & _words(item.nodeid)),
            ),
        )

    def _judged(self, session: pytest.Session, mutant: Mutant) -> tuple[str, str, str]:
        if mutant is _NONE:
            template.judge(self._source)
        elif mutant.is_generated:
            template.judge(self._source, mutant.change)
        else:
            template.judge(mutated(self._source, mutant))
        try:
            template.stack()
        except Exception as refusal:  # noqa: BLE001 - whatever the transform raises is the answer
            return "refused", f"{type(refusal).__module__}.{type(refusal).__name__}", str(refusal)
        items = self._likeliest_first(session, mutant)
        for item, following in zip(items, [*items[1:], None], strict=True):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            killer = self._assertion or (None if self._pace.is_patient else self._stumble)
            if killer:
                return "killed", *killer
        return ("killed", *self._stumble) if self._stumble else ("survived", "", "")


@cache
def _words_of(module: Path) -> frozenset[str]:
    return _words(module.read_text(encoding="utf-8"))


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z0-9]+", text))


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _told(reader: int, child: int, mutant: Mutant) -> Outcome:
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if not answer:
        return Outcome(mutant, _ERROR, "process", f"ended with status {status}")
    told: Any = json.loads(answer)
    return Outcome(mutant, *told)
