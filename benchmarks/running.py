"""Programs that are measured, as processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks.loopback import ROOT, Loopback, Served
from benchmarks.measured import MARK

SUBJECT: Final = "benchmarks.subject"


@dataclass(frozen=True)
class Report:
    """What a program tells of one file.

    Args:
        seconds: From being given the file to being done with it.
        processor_seconds: Of the process, user and system, in that time.
        memory_after_imports: Bytes held before the first file.
        peak_memory: The most bytes ever held.
        answer: What it returned.
    """

    seconds: float
    processor_seconds: float
    memory_after_imports: int
    peak_memory: int
    answer: Any


class Running:
    """A program that waits for files."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def handle(self, served: Served) -> Report:
        """Has a file handled. Fails with what the program wrote if it fails."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(served)) + "\n")
        self._process.stdin.flush()
        others = []
        for line in self._process.stdout:
            if line.startswith(MARK):
                told = json.loads(line.removeprefix(MARK))
                return Report(
                    told["seconds"],
                    told["processorSeconds"],
                    told["memoryAfterImports"],
                    told["peakMemory"],
                    told["answer"],
                )
            others.append(line)
        raise AssertionError(f"{self._process.args!r} failed:\n{''.join(others[-20:])}")


@contextmanager
def running(loopback: Loopback, module: str, *arguments: str) -> Iterator[Running]:
    """A program of this interpreter's, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=os.environ | loopback.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.stdout.read()
        process.wait()
