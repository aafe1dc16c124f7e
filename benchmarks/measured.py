"""A program that is measured: what it does with each file, and what that takes.

It reads files from its input, a JSON line each, and answers each with a line that begins with MARK.
"""

import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

MARK: Final = "MEASURED "
_TIME_LIMIT_SECONDS: Final = 900.0


class Context:
    """As much of Lambda's context as the entry point asks for."""

    function_name = "transaction-processor"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:transaction-processor"

    def __init__(self) -> None:
        self.aws_request_id = str(uuid.uuid4())
        self._end = time.monotonic() + _TIME_LIMIT_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Until Lambda would end the invocation."""
        return max(0, round((self._end - time.monotonic()) * 1000))


type File = dict[str, Any]
"""`bucket`, `key`, `version_id`, `etag`, `size`."""


def run(handle: Callable[[File], object]) -> None:
    """Handles file after file until the input ends.

    Args:
        handle: Does everything for one file; what it returns is reported as `answer`.
    """
    floor = memory_bytes("VmRSS")
    for line in sys.stdin:
        file = json.loads(line)
        used, begun = time.process_time(), time.perf_counter()
        answer = handle(file)
        seconds, processor = time.perf_counter() - begun, time.process_time() - used
        report = {
            "seconds": seconds,
            "processorSeconds": processor,
            "memoryAfterImports": floor,
            "peakMemory": memory_bytes("VmHWM"),
            "answer": answer,
        }
        sys.stdout.write(f"\n{MARK}{json.dumps(report)}\n")
        sys.stdout.flush()


def memory_bytes(name: str) -> int:
    """`VmRSS`: what this process holds; `VmHWM`: the most it ever held. See proc_pid_status(5)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"{name} is told by Linux alone, this is {os.uname().sysname}")
