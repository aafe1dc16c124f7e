"""Lambda's asynchronous invocation: late, twice, out of order, and tried three times.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (two more
tries, one and two minutes later; throttles back off from 1 s to 5 min);
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html (an event may come twice)
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus

from processor.planner import PART_BYTES
from tests.simulation.schedule import Killed, Schedule
from tests.simulation.summary import Summary

RETRY_SECONDS: Final = (60.0, 120.0)
THROTTLE_SECONDS_FIRST: Final = 1.0
THROTTLE_SECONDS_MAX: Final = 300.0

ENDINGS: Final = {
    "OutOfTime": "ended before its time limit",
    "EvidenceGone": "evidence gone",
}
"""Error that ends an invocation -> the way back that it shows."""

type Event = Mapping[str, Any]


@dataclass(eq=False)
class Invocation:
    """One run of the function.

    Args:
        delivery: Its number, from 1 in the order of their start.
        event: What it was given.
        deadline: When Lambda kills it, in seconds of virtual time.
        calls: Calls to services so far.
        is_dead: Whether it was killed: then whatever it asks of a service is refused.
    """

    delivery: int
    event: Event
    deadline: float
    calls: int = 0
    is_dead: bool = False


@dataclass
class Limits:
    """How the function is set up, and how its queue behaves.

    Args:
        concurrency: Runs at one time.
        time_limit_seconds: Of one run.
        twice: Probability that an event is delivered twice.
        late_seconds: The most that a delivery is late.
    """

    concurrency: int = 10
    time_limit_seconds: float = 900.0
    twice: float = 0.0
    late_seconds: float = 1.0


@dataclass
class Weather:
    """How a world is: everything by chance that is no fault of a call.

    Args:
        limits: Of the function.
        latency_seconds: The most that a request or a reply takes.
        lost_events: Probability that S3 never tells of a write.
        left_quarantine: Probability that an earlier release left an object in a file's quarantine.
        part_bytes: Size of a part.
    """

    limits: Limits = field(default_factory=Limits)
    latency_seconds: float = 0.05
    lost_events: float = 0.0
    left_quarantine: float = 0.0
    part_bytes: int = PART_BYTES


type Handler = Callable[[Invocation], None]
type Tell = Callable[[Invocation, str], None]


@dataclass
class Function:
    """The function and its queue.

    Args:
        schedule: The clock.
        chance: The seed's.
        limits: See there.
        handler: Runs one invocation; what it raises fails it.
        tell: Writes a line of the trace.
        summary: Counts recoveries.
    """

    schedule: Schedule
    chance: random.Random
    limits: Limits
    handler: Handler
    tell: Tell
    summary: Summary
    failed: list[Event] = field(default_factory=list)
    """FailedEventsQueue."""

    running: int = 0
    waiting: int = 0
    """Events in Lambda's queue."""

    deliveries: int = 0

    def send(self, event: Event) -> None:
        """Takes an event into the queue."""
        copies = 2 if self.chance.random() < self.limits.twice else 1
        for _ in range(copies):
            self._queue(event, 0, self.chance.uniform(0, self.limits.late_seconds))

    def _queue(self, event: Event, tried: int, seconds: float, throttled: int = 0) -> None:
        self.waiting += 1
        self.schedule.after(seconds, lambda: self._deliver(event, tried, throttled))

    def _deliver(self, event: Event, tried: int, throttled: int) -> None:
        self.waiting -= 1
        if self.running >= self.limits.concurrency:
            ceiling = min(THROTTLE_SECONDS_MAX, THROTTLE_SECONDS_FIRST * 2**throttled)
            self.summary.reached("throttled by concurrency")
            self._queue(event, tried, self.chance.uniform(ceiling / 2, ceiling), throttled + 1)
            return
        self.running += 1
        self.deliveries += 1
        deadline = self.schedule.seconds + self.limits.time_limit_seconds
        invocation = Invocation(self.deliveries, event, deadline)
        self.schedule.start(lambda: self._run(invocation, tried))

    def _run(self, invocation: Invocation, tried: int) -> None:
        self.tell(invocation, f"begins try {tried + 1}")
        try:
            self.handler(invocation)
            outcome = "done"
        except Killed:
            outcome = "killed"
        except Exception as error:  # noqa: BLE001  Lambda takes whatever a function raises.
            outcome = f"failed: {type(error).__name__}: {error}"
        invocation.is_dead = True
        self.running -= 1
        self.tell(invocation, f"ends: {outcome}")
        for name, recovery in ENDINGS.items():
            if name in outcome:
                self.summary.reached(recovery)
        if outcome == "done":
            return
        if tried < len(RETRY_SECONDS):
            self.summary.reached("tried again by Lambda")
            self._queue(invocation.event, tried + 1, RETRY_SECONDS[tried])
        else:
            self.tell(invocation, "goes to FailedEventsQueue")
            self.failed.append(invocation.event)


def s3_event(name: str, bucket: str, key: str, stored: dict[str, Any]) -> Event:
    """As S3 sends it."""
    s3 = {"bucket": {"name": bucket}, "object": stored | {"key": quote_plus(key, safe="/")}}
    record = {"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": name, "s3": s3}
    return {"Records": [record]}
