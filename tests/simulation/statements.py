"""Statements of an invocation: each request runs beside it, as it does over a connection."""

import json
from collections.abc import Callable
from typing import Any

from greenlet import getcurrent, greenlet

from processor.adapters.statements import NoReply, Reply
from tests.simulation.interference import Interference
from tests.simulation.schedule import Killed, Schedule
from tests.support.statements import reply_of


class _Underway:
    """A request, until its reply is there; whoever asks before waits."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._fetch: Callable[[], Reply] | None = None
        self._waiting: greenlet | None = None

    def end(self, fetch: Callable[[], Reply]) -> None:
        self._fetch = fetch
        if self._waiting:
            self._schedule.after(0, self._waiting.switch)

    def receive(self) -> Reply:
        """See ReplyUnderway."""
        if self._fetch is None:
            self._waiting = getcurrent()
            self._schedule.give_back()
        assert self._fetch
        return self._fetch()

    def abandon(self) -> None:
        """See ReplyUnderway: what was sent is executed, whoever hears of it."""


class SimulatedStatements:
    """See Statements.

    Args:
        client: A simulated DynamoDB client.
        border: Where time passes and things go wrong.
    """

    def __init__(self, client: Any, border: Interference) -> None:
        self._client = client
        self._border = border

    def send(self, body: bytes) -> _Underway:
        """See Statements."""
        border = self._border
        invocation = border.caller()
        underway = _Underway(border.schedule)

        def run() -> None:
            border.enter(invocation)
            try:
                reply = reply_of(lambda: self._client.batch_execute_statement(**json.loads(body)))
            except (NoReply, Killed) as error:
                underway.end(_raising(error))
            else:
                underway.end(lambda: reply)
            finally:
                border.leave()

        border.schedule.start(run)
        return underway


def _raising(error: BaseException) -> Callable[[], Reply]:
    def fetch() -> Reply:
        raise error

    return fetch
