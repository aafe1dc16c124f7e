"""Trying again, with jittered delays, within the invocation's time."""

import random
from collections.abc import Callable
from typing import Final

from processor.errors import OutOfTime, ServiceUnavailable
from processor.ports import Clock, Telemetry

ATTEMPTS_MAX: Final = 12
"""Attempts in a row without progress; with the delays below, about 15 s of waiting on average."""

DELAY_SECONDS_FIRST: Final = 0.1
DELAY_SECONDS_MAX: Final = 5.0

TIME_RESERVE_SECONDS: Final = 45.0
"""Kept free at the end of an invocation: the longest a call can take, all its own retries included,
so that a failure is raised and logged before the invocation is killed."""

HAND_OVER_SECONDS: Final = 2 * TIME_RESERVE_SECONDS
"""Time left at which an invocation hands on what it has not begun: so that it can still settle what
is under way, record it and queue the rest, each with some retries."""


class Backoff:
    """Decides whether, and when, something is tried again.

    Args:
        clock: Whose time is used up.
        telemetry: Is told of each retry.
        jitter: Spreads the retries of parallel invocations.
    """

    def __init__(self, clock: Clock, telemetry: Telemetry, jitter: random.Random) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._jitter = jitter

    def require_time(self) -> None:
        """Raises OutOfTime when the invocation's time is nearly over."""
        if self._clock.remaining_seconds() < TIME_RESERVE_SECONDS:
            raise OutOfTime(f"less than {TIME_RESERVE_SECONDS:.0f} s of the invocation remain")

    def wait(self, operation: str, attempt: int, count: int = 1) -> None:
        """Waits before the next attempt: any time up to a ceiling that doubles (full jitter).

        Args:
            operation: What is tried, for the log.
            attempt: How many attempts in a row have made no progress.
            count: How many things are tried.

        Raises:
            ServiceUnavailable: They were too many.
            OutOfTime: The invocation's time is nearly over.

        Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        if attempt >= ATTEMPTS_MAX:
            raise ServiceUnavailable(f"{operation}: {count} undone after {attempt} attempts")
        self.require_time()
        self._telemetry.retrying(operation, attempt, count)
        ceiling = min(DELAY_SECONDS_MAX, DELAY_SECONDS_FIRST * 2 ** (attempt - 1))
        self._clock.sleep(self._jitter.uniform(0, ceiling))

    def call[**P, T](self, operation: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls until the service is available. The operation must be safe to repeat.

        Raises:
            ServiceUnavailable: It never was, in ATTEMPTS_MAX attempts.
            OutOfTime: The invocation's time is nearly over.
        """
        attempt = 0
        while True:
            self.require_time()
            try:
                return operation(*args, **kwargs)
            except ServiceUnavailable as error:
                attempt += 1
                if attempt >= ATTEMPTS_MAX:
                    raise
                last = error
            self.wait(str(last), attempt)
