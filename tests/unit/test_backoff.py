"""Trying again: how often, how long, and when not any more."""

import random

import pytest

from processor.backoff import (
    ATTEMPTS_MAX,
    DELAY_SECONDS_FIRST,
    DELAY_SECONDS_MAX,
    TIME_RESERVE_SECONDS,
    Backoff,
)
from processor.errors import ObjectGone, OutOfTime, ServiceRefused, ServiceUnavailable
from tests.support.fakes import FakeClock, RecordingTelemetry


class Flaky:
    """An operation that fails some times before it succeeds."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.failures = failures
        self.error = error
        self.calls = 0

    def __call__(self, answer: str) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return answer


def backoff(clock: FakeClock, seed: int = 7) -> Backoff:
    return Backoff(clock, RecordingTelemetry(), random.Random(seed))


def test_an_unavailable_service_is_called_until_it_answers() -> None:
    operation = Flaky(3, ServiceUnavailable("PutObject: SlowDown"))
    clock = FakeClock()

    answer = backoff(clock).call(operation, "done")

    assert answer == "done"
    assert operation.calls == 4
    assert len(clock.slept) == 3


@pytest.mark.parametrize("error", [ServiceRefused("AccessDenied"), ObjectGone("gone"), KeyError()])
def test_nothing_else_is_tried_again(error: Exception) -> None:
    operation = Flaky(1, error)

    with pytest.raises(type(error)):
        backoff(FakeClock()).call(operation, "done")

    assert operation.calls == 1


def test_attempts_are_bounded_and_the_last_error_is_told() -> None:
    operation = Flaky(100, ServiceUnavailable("PutObject: SlowDown"))

    with pytest.raises(ServiceUnavailable, match="PutObject: SlowDown"):
        backoff(FakeClock()).call(operation, "done")

    assert operation.calls == ATTEMPTS_MAX


def test_delays_are_random_below_a_ceiling_that_doubles() -> None:
    delays = []
    for seed in range(50):
        clock = FakeClock()
        with pytest.raises(ServiceUnavailable):
            backoff(clock, seed).call(Flaky(100, ServiceUnavailable("x")), "done")
        delays.append(clock.slept)

    for attempt, column in enumerate(zip(*delays, strict=True)):
        ceiling = min(DELAY_SECONDS_MAX, DELAY_SECONDS_FIRST * 2**attempt)
        assert max(column) <= ceiling
        assert min(column) < ceiling / 4
        assert max(column) > ceiling / 2


def test_nothing_is_begun_when_the_time_is_nearly_over() -> None:
    operation = Flaky(0, ServiceUnavailable("x"))
    clock = FakeClock(remaining=TIME_RESERVE_SECONDS - 1)

    with pytest.raises(OutOfTime, match="less than 45 s"):
        backoff(clock).call(operation, "done")

    assert operation.calls == 0


def test_waiting_ends_in_time() -> None:
    operation = Flaky(100, ServiceUnavailable("x"))
    clock = FakeClock(remaining=TIME_RESERVE_SECONDS + 0.3)

    with pytest.raises(OutOfTime):
        backoff(clock).call(operation, "done")

    assert operation.calls < ATTEMPTS_MAX
