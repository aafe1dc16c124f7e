"""Starts invocations as S3's notifications do: one for the upload, one for each task in work/."""

import json
import os
import queue
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.loopback import ROOT, Loopback, Served, upload_event

_POLL_SECONDS: Final = 0.05
_NOTHING: Final = {"Event": "s3:TestEvent"}

type Told = Callable[["Invocation", int], None]
"""Is told of each invocation that ended, and how many are known of that have not."""


class InvocationFailed(Exception):
    """Raised when the function failed or died; nothing that follows would be worth measuring."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What one invocation took.

    Args:
        task: What it was for: `upload`, or the name of the task's object, as `part-00003`.
        seconds: From event to answer.
        processor_seconds: Of the process, user and system.
        peak_bytes: The most that its process ever held.
        floor_bytes: What it held before its first event: interpreter, modules, clients.
    """

    task: str
    seconds: float
    processor_seconds: float
    peak_bytes: int
    floor_bytes: int

    @property
    def kind(self) -> str:
        """`upload`, `part`, `count` or `plan`."""
        return self.task.partition("-")[0]


@dataclass(slots=True)
class Run:
    """A file brought to its receipt.

    Args:
        receipt: The document.
        invocations: In the order in which they ended.
        seconds: From the first event to the last answer.
    """

    receipt: dict[str, Any]
    invocations: list[Invocation] = field(default_factory=list)
    seconds: float = 0.0

    def peak_bytes(self, kind: str) -> int | None:
        """The most that an invocation of a kind held; None if there was none."""
        peaks = [one.peak_bytes for one in self.invocations if one.kind == kind]
        return max(peaks, default=None)


class Worker:
    """A process that runs the function.

    Args:
        environment: Where it finds AWS and its settings.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.any_size.worker"],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._floor_bytes = self._answer()["floorBytes"]

    def invoke(self, task: str, event: dict[str, Any]) -> Invocation:
        """Runs one event to its end.

        Raises:
            InvocationFailed: See there.
        """
        assert self._process.stdin
        self._process.stdin.write(json.dumps(event).encode() + b"\n")
        self._process.stdin.flush()
        took = self._answer()
        return Invocation(
            task,
            took["seconds"],
            took["processorSeconds"],
            took["peakBytes"],
            self._floor_bytes,
        )

    def warm(self) -> None:
        """Has the settings read and a connection made, as a container that ran before."""
        self.invoke("nothing", _NOTHING)

    def end(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise InvocationFailed(f"the worker ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Workers:
    """Takes invocations, as many at once as there are processes.

    Args:
        environment: Where they find AWS and their settings.
        count: How many.
        are_fresh: Whether each invocation has a process that ran no other, so that its peak of
            memory is its own.
    """

    def __init__(self, environment: dict[str, str], count: int, *, are_fresh: bool) -> None:
        self.count = count
        self._environment = environment
        self._are_fresh = are_fresh
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self._all: list[Worker] = []
        for _ in range(0 if are_fresh else count):
            worker = Worker(environment)
            worker.warm()
            self._all.append(worker)
            self._idle.put(worker)

    def invoke(self, task: str, event: dict[str, Any]) -> Invocation:
        """Runs one event to its end; at most `count` at once."""
        worker = Worker(self._environment) if self._are_fresh else self._idle.get()
        try:
            return worker.invoke(task, event)
        finally:
            if self._are_fresh:
                worker.end()
            else:
                self._idle.put(worker)

    def end(self) -> None:
        """Ends all processes."""
        for worker in self._all:
            worker.end()


@contextmanager
def workers(loopback: Loopback, count: int, *, are_fresh: bool = False) -> Iterator[Workers]:
    """Processes that run the function, until the block ends; see Workers."""
    started = Workers(loopback.environment(), count, are_fresh=are_fresh)
    try:
        yield started
    finally:
        started.end()


def process(loopback: Loopback, pool: Workers, served: Served, told: Told | None = None) -> Run:
    """Brings a file to its receipt.

    Args:
        loopback: Where it lies; its tables and results are empty.
        pool: Who does it.
        served: The file.
        told: Is told how far it is.

    Raises:
        InvocationFailed: An invocation failed, or all ended and there is no receipt.
    """
    began = time.monotonic()
    invocations: list[Invocation] = []
    running: set[Future[Invocation]] = set()
    seen = len(loopback.notifications())
    with ThreadPoolExecutor(pool.count) as threads:
        running.add(threads.submit(pool.invoke, "upload", upload_event(served)))
        while running:
            done, running = wait(running, _POLL_SECONDS, FIRST_COMPLETED)
            # Asked for after they ended: nothing that they queued is missed.
            notifications = loopback.notifications(seen)
            seen += len(notifications)
            running |= {
                threads.submit(pool.invoke, _task_name(one["key"]), _event_of(one))
                for one in notifications
                if one["bucket"] != served.bucket and one["key"].startswith("work/")
            }
            for future in done:
                invocations.append(future.result())
                if told:
                    told(invocations[-1], len(running))
    seconds = time.monotonic() - began
    return Run(receipt_of(loopback, served), invocations, seconds)


def receipt_of(loopback: Loopback, served: Served) -> dict[str, Any]:
    """The receipt of a file. Raises InvocationFailed if there is none."""
    key = f"receipts/{served.key}/{served.version_id}.json"
    buckets = {one["bucket"] for one in loopback.notifications() if one["key"] == key}
    if not buckets:
        raise InvocationFailed(f"every invocation ended, and there is no {key}")
    receipt: dict[str, Any] = json.loads(loopback.object_bytes(buckets.pop(), key))
    return receipt


def _task_name(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")


def _event_of(told: dict[str, Any]) -> dict[str, Any]:
    task = Served(told["bucket"], told["key"], told["versionId"], told["etag"], told["size"])
    event: dict[str, Any] = upload_event(task)
    return event
