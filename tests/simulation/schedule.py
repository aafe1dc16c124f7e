"""One thread, one clock, one order: who goes on when follows from the seed alone.

Every invocation of the function is a greenlet. Whoever waits gives the thread back, and says how
long in virtual time; the schedule goes on with whoever is due first. Waiting times are drawn by the
seed, and so is every interleaving.
"""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from math import inf
from typing import Final

from greenlet import getcurrent, greenlet

START: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""The moment at which every simulated world begins."""


class Killed(BaseException):
    """Ends an invocation as Lambda does: no code of it catches this, none runs on after it."""


class Schedule:
    """The clock, and what is to happen by it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._until = inf
        self._order = count()
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._hub = getcurrent()

    def now(self) -> datetime:
        """Virtual time, UTC."""
        return START + timedelta(seconds=self.seconds)

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Has something done later. What is due at one moment is done in the order of asking."""
        heapq.heappush(self._due, (self.seconds + seconds, next(self._order), action))

    def start(self, run: Callable[[], None]) -> None:
        """Runs something that may wait, from now on, beside all else."""
        self.after(0, greenlet(run, self._hub).switch)

    def wait(self, seconds: float) -> None:
        """Lets others go on for so long. Only for what `start` runs."""
        moment = self.seconds + seconds
        if moment <= self._until and not (self._due and self._due[0][0] <= moment):
            # Nothing else is due until then: the caller would be the next one.
            self.seconds = moment
            return
        self.after(seconds, getcurrent().switch)
        self.give_back()

    def give_back(self) -> None:
        """Lets others go on until somebody switches back. Only for what `start` runs."""
        self._hub.switch()

    def wait_and_die(self, seconds: float) -> None:
        """Waits for so long, and raises Killed."""
        self.wait(seconds)
        raise Killed

    def is_running(self) -> bool:
        """Whether the caller is something that `start` runs."""
        return getcurrent() is not self._hub

    def run(self, until: float = inf) -> None:
        """Does what is due, until nothing is, or to a moment of virtual time (in seconds)."""
        self._until = until
        due = self._due
        while due and due[0][0] <= until:
            self.seconds, _, action = heapq.heappop(due)
            action()
        if until < inf:
            self.seconds = max(self.seconds, until)
