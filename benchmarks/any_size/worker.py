"""The function's entry point in a process of its own, as Lambda runs it: one event after the other.

`python -m benchmarks.any_size.worker` reads an event a line from its input, and answers each with a
line of JSON. What the function itself prints goes nowhere.
"""

import json
import os
import sys
import time
import uuid
from typing import Any, Final

from benchmarks.any_size.peak import peak_memory_bytes
from processor.app import container, lambda_handler

LAMBDA_SECONDS: Final = 900
"""The time limit in template.yaml."""


class Context:
    """As much of Lambda's context as the entry point asks for."""

    function_name = "transaction-processor"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:transaction-processor"

    def __init__(self) -> None:
        self.aws_request_id = str(uuid.uuid4())
        self._ends_at = time.monotonic() + LAMBDA_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would end the invocation."""
        return round((self._ends_at - time.monotonic()) * 1000)


def main() -> None:
    """Is the process."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    container()
    answers.write(json.dumps({"floorBytes": peak_memory_bytes()}) + "\n")
    for line in sys.stdin:
        answers.write(json.dumps(invoked(json.loads(line))) + "\n")


def invoked(event: dict[str, Any]) -> dict[str, Any]:
    """One invocation and what it took. What the function raises comes out, and ends the process."""
    began, cpu_began = time.monotonic(), time.process_time()
    answer = lambda_handler(event, Context())
    return {
        "answer": answer,
        "seconds": time.monotonic() - began,
        "processorSeconds": time.process_time() - cpu_began,
        "peakBytes": peak_memory_bytes(),
    }


if __name__ == "__main__":
    main()
