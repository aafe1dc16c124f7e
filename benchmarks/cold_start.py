"""What passes in a fresh process until the first record can be taken.

Of the function that is all from the first line of its process until the server is asked for the
file's first bytes: imports, settings, clients, and the file's registration. Of the others it is
their imports and their clients, without a call.
"""

import json
import os
import subprocess
import sys
from statistics import median
from typing import Final

from benchmarks.loopback import ROOT, Loopback, Served, upload_event

_BEGIN: Final = "import time; begun = time.monotonic()\n"
_END: Final = "\nprint(time.monotonic() - begun)"
_BOTO3: Final = "import boto3; boto3.client('s3'); boto3.client('dynamodb')"
_POWERTOOLS: Final = (
    "from aws_lambda_powertools import Logger, Metrics, Tracer\n"
    "from aws_lambda_powertools.utilities.parser import event_parser\n"
    "Logger(); Metrics(); Tracer(disabled=True)\n" + _BOTO3
)
_FUNCTION: Final = """
import json, sys
class Context:
    function_name = invoked_function_arn = aws_request_id = "function"
    memory_limit_in_mb = 1769
    def get_remaining_time_in_millis(self):
        return 900_000
from processor.app import lambda_handler
lambda_handler(json.loads(sys.argv[1]), Context())
print(f"BEGUN {begun}")
"""
"""Nothing of the benchmarks is imported: it would bring modules that the function needs as well."""

OTHERS: Final = {"boto3": _BEGIN + _BOTO3 + _END, "boto3, Powertools": _BEGIN + _POWERTOOLS + _END}
FUNCTION: Final = "function"


def measure(loopback: Loopback, served: Served, runs: int) -> dict[str, float]:
    """Seconds, medians of so many runs: FUNCTION's, and those of OTHERS by name."""
    seconds: dict[str, list[float]] = {name: [] for name in (FUNCTION, *OTHERS)}
    for _ in range(runs + 1):
        for name, code in OTHERS.items():
            seconds[name].append(float(_output(loopback, code).split()[-1]))
        seconds[FUNCTION].append(_function(loopback, served))
    # The first may have read from the disk what the others found in memory.
    return {name: median(measured[1:]) for name, measured in seconds.items()}


def _function(loopback: Loopback, served: Served) -> float:
    loopback.reset()
    event = json.dumps(upload_event(served))
    lines = _output(loopback, _BEGIN + _FUNCTION, event).splitlines()
    (begun,) = [float(line.split(" ")[1]) for line in lines if line.startswith("BEGUN ")]
    ready: float = loopback.counters()["firstGetObjectAt"]
    return ready - begun


def _output(loopback: Loopback, code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=os.environ | loopback.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout
