"""A file in several parts, by several processes of the function at once, as S3's events start them.

What S3 and Lambda do between two invocations is done here by asking the server what was written to
work/, so that times hold no delivery of events.
"""

import queue
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from benchmarks.loopback import Loopback, Served
from benchmarks.running import SUBJECT, Report, Running, running
from benchmarks.serving.names import RESULTS

POLL_SECONDS: Final = 0.01


@dataclass(frozen=True)
class Together:
    """What several workers took for one file.

    Args:
        seconds: From the file's event until no task was left.
        reports: Of all invocations.
    """

    seconds: float
    reports: list[Report]

    @property
    def memory_over_imports(self) -> int:
        """Bytes, of the worker that held most."""
        return max(one.peak_memory - one.memory_after_imports for one in self.reports)


class _Queue:
    """Events and who works on them. A worker that fails leaves its error, and all end."""

    def __init__(self) -> None:
        self.events: queue.Queue[Served | None] = queue.Queue()
        self.reports: list[Report] = []
        self.errors: list[BaseException] = []
        self.open = 0

    def put(self, event: Served) -> None:
        self.open += 1
        self.events.put(event)

    def work(self, program: Running) -> None:
        try:
            while (event := self.events.get()) is not None:
                self.reports.append(program.handle(event))
                self.events.task_done()
        except BaseException as error:  # noqa: BLE001  Raised again where the workers are waited for.
            self.errors.append(error)


def process(loopback: Loopback, served: Served, warm_up: Served, count: int) -> Together:
    """Has a file processed to its receipt by so many workers."""
    waiting = _Queue()
    with ExitStack() as stack:
        programs = [stack.enter_context(running(loopback, SUBJECT)) for _ in range(count)]
        for program in programs:
            program.handle(warm_up)
        seen = len(loopback.notifications())
        threads = [
            threading.Thread(target=waiting.work, args=(program,), daemon=True)
            for program in programs
        ]
        begun = time.perf_counter()
        waiting.put(served)
        for thread in threads:
            thread.start()
        while not waiting.errors:
            done = len(waiting.reports)
            told = loopback.notifications(after=seen)
            seen += len(told)
            for one in told:
                if one["bucket"] == RESULTS and one["key"].startswith("work/"):
                    place = (one["bucket"], one["key"], one["versionId"])
                    waiting.put(Served(*place, one["etag"], one["size"]))
            # All that were done before the server was asked had written their tasks by then.
            if done == waiting.open:
                break
            time.sleep(POLL_SECONDS)
        seconds = time.perf_counter() - begun
        for _ in threads:
            waiting.events.put(None)
        if waiting.errors:
            raise waiting.errors[0]
        for thread in threads:
            thread.join()
    return Together(seconds, waiting.reports)
