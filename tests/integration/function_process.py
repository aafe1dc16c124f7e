"""The function in a process of its own: the entry point, with the function's rights.

Run as a program, it is that process: an event on its input, the answer as its last line of output.
What Lambda would kill, a test can kill here.
"""

import json
import os
import resource
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from processor.app import lambda_handler
from tests.integration.deployed import Json, Stack, client

ROOT = Path(__file__).parents[2]
TIME_LIMIT_SECONDS = 900


@dataclass(frozen=True)
class Run:
    """What a run to the end gives."""

    answer: Json
    peak_memory_bytes: int


def environment_of(stack: Stack) -> dict[str, str]:
    """This process's environment, and the function's own with its session in place of ours."""
    function = client("lambda").get_function_configuration(
        FunctionName=stack.outputs["TransactionProcessorFunctionName"]
    )
    credentials = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    inherited = {name: value for name, value in os.environ.items() if name not in credentials}
    variables: dict[str, str] = function["Environment"]["Variables"]
    return (
        inherited
        | variables
        | {
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function['Runtime']}",
            "AWS_PROFILE": "function-code",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
    )


def start(stack: Stack, event: Json) -> "subprocess.Popen[bytes]":
    """Starts the process, with the function's own environment and session, on an event."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.function_process"],
        cwd=ROOT,
        env=environment_of(stack),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(json.dumps(event).encode())
    process.stdin.close()
    return process


def run_handler(stack: Stack, event: Json) -> Run:
    """Runs an event to its end; fails with what the process wrote if it fails."""
    process = start(stack, event)
    assert process.stdout
    output = process.stdout.read().decode()
    assert process.wait() == 0, output
    told = json.loads(output.splitlines()[-1])
    return Run(told["answer"], told["peakMemoryBytes"])


class Context:
    """As much of Lambda's context as the entry point asks for."""

    function_name = "transaction-processor"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:transaction-processor"

    def __init__(self) -> None:
        self.aws_request_id = str(uuid.uuid4())

    def get_remaining_time_in_millis(self) -> int:
        return TIME_LIMIT_SECONDS * 1000


def handle(event: Json) -> None:
    """What the process does."""
    answer = lambda_handler(event, Context())
    told = {"answer": answer, "peakMemoryBytes": peak_memory_bytes()}
    sys.stdout.write(f"\n{json.dumps(told)}\n")


def peak_memory_bytes() -> int:
    """The most that this process ever held.

    Linux counts the parent's memory before exec in `ru_maxrss`, so it is asked another way there;
    macOS gives bytes where Linux gives KiB. Source: getrusage(2), proc_pid_status(5).
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    handle(json.load(sys.stdin))
