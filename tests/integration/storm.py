"""A storm over files: their events delivered several times and many at once, to processes that are
killed and whose calls go wrong; and the calm after it.

The buckets must notify nobody: what S3 would notify, of uploads and of tasks, is delivered here.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from processor.domain.file import ObjectVersion
from tests.integration.delivery import Sent
from tests.integration.deployed import ENDPOINT, Json, Stack, client
from tests.integration.forked_process import fork
from tests.integration.function_process import environment_of, run_handler
from tests.integration.stormy_proxy import StormyProxy, Weather
from tests.simulation.faults import Fault
from tests.support.events import s3_event

DELIVERIES: Final = 3
"""Of each event, as Lambda delivers one that fails."""

AT_ONCE: Final = 6
REPEATED_SHARE: Final = 0.6
"""How often an event comes again at once, and not at any time later."""

KILLED_SHARE: Final = 0.7
KILL_AT_MAX: Final = 20
"""About as many calls as a part needs that nothing happens to."""

SWEEP: Final[Json] = {"sweep": {"olderThanMinutes": 0}}


class Tasks:
    """The tasks of some files, each version of one an event.

    Args:
        stack: Where.
        files: Whose.
    """

    def __init__(self, stack: Stack, files: Iterable[Sent]) -> None:
        self._bucket = stack.outputs["TransactionResultsBucketName"]
        self._folders = [f"work/{sent.version.file_id}/" for sent in files]
        self._seen: set[ObjectVersion] = set()

    def new(self) -> list[ObjectVersion]:
        """Those that were queued since the last time."""
        versions = sorted(set(self._listed()) - self._seen, key=lambda version: version.key)
        self._seen |= set(versions)
        return versions

    def _listed(self) -> Iterator[ObjectVersion]:
        for folder in self._folders:
            pages = client("s3").get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self._bucket, Prefix=folder):
                for listed in page.get("Versions", []):
                    yield ObjectVersion(self._bucket, listed["Key"], listed["VersionId"])


@dataclass
class Report:
    """What there was of a storm.

    Args:
        seed: Of every chance in it, though not of how processes run into each other.
        deliveries: How many there were.
        killed: How many processes were killed before they were done.
        failed: How many gave up by themselves.
        faults: How often each.
        reasons: Why files and tasks failed, as the function logged it, each with how often.
    """

    seed: int
    deliveries: int = 0
    killed: int = 0
    failed: int = 0
    faults: Counter[Fault] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass
class _Delivery:
    """An event under way.

    Args:
        process: That handles it.
        proxy: Before it.
        output: What it writes.
    """

    process: ForkServerProcess
    proxy: StormyProxy
    output: Path


class Storm:
    """A storm.

    Args:
        stack: Over what.
        files: The files, uploaded and not processed.
        lost: Ends the keys of tasks whose events get lost.
        seed: Of its chances.
        folder: For the processes' output.
    """

    def __init__(
        self, stack: Stack, files: Iterable[Sent], lost: str, seed: int, folder: Path
    ) -> None:
        self.report = Report(seed)
        self._environment = environment_of(stack)
        self._lost = lost
        self._folder = folder
        self._chance = random.Random(seed)
        self._pending = [s3_event(sent.version) for sent in files] * DELIVERIES
        self._last: Json = {}
        self._running: list[_Delivery] = []

    def rage(self, tasks: Tasks) -> None:
        """Delivers everything, whatever becomes of it, until nothing is left to deliver."""
        while True:
            for version in tasks.new():
                if not version.key.endswith(self._lost):
                    self._pending += [s3_event(version)] * DELIVERIES
            while self._pending and len(self._running) < AT_ONCE:
                self._start(self._next())
            if not self._running:
                return
            ended = wait([one.process.sentinel for one in self._running])
            for one in [one for one in self._running if one.process.sentinel in ended]:
                self._running.remove(one)
                self._end(one)

    def _next(self) -> Json:
        """An event to deliver now: often the last one again, so that its processes collide."""
        if self._last in self._pending and self._chance.random() < REPEATED_SHARE:
            self._pending.remove(self._last)
        else:
            self._last = self._pending.pop(self._chance.randrange(len(self._pending)))
        return self._last

    def _start(self, event: Json) -> None:
        self.report.deliveries += 1
        proxy = StormyProxy(os.environ[ENDPOINT], self._weather())
        output = self._folder / f"{self.report.deliveries:03}.txt"
        process = fork(event, self._environment | {ENDPOINT: proxy.url}, output)
        proxy.kill.set_result(process.kill)
        self._running.append(_Delivery(process, proxy, output))

    def _weather(self) -> Weather:
        chance = random.Random(self._chance.getrandbits(64))
        kill_at = chance.randint(1, KILL_AT_MAX) if chance.random() < KILLED_SHARE else None
        return Weather(chance, kill_at, kills_before=chance.random() < 1 / 2)

    def _end(self, delivery: _Delivery) -> None:
        delivery.process.join()
        delivery.proxy.close()
        code = delivery.process.exitcode or 0
        self.report.killed += code < 0
        self.report.failed += code > 0
        self.report.faults += delivery.proxy.weather.met
        if code > 0:
            self.report.reasons.update(reasons_in(delivery.output.read_text()))


def reasons_in(output: str) -> list[str]:
    """Why files and tasks failed, by a process's log; its last line, if it gave no reason."""
    lines = output.splitlines()
    logged = [json.loads(line) for line in lines if line.startswith("{")]
    return [line["reason"] for line in logged if line.get("reason")] or lines[-1:]


def deliver_in_calm(stack: Stack, events: Iterable[Json], tasks: Tasks) -> None:
    """Delivers events once and undisturbed, and those of the tasks that follow from them."""
    for event in events:
        run_handler(stack, event)
    while queued := tasks.new():
        run_handler(stack, s3_event(*queued))
