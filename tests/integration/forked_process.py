"""The function in processes forked from one that holds the libraries: many, started quickly.

Apart from that they are those of function_process.py. Nothing of the processor that looks at the
environment is loaded before a process has its own.
"""

import importlib
import multiprocessing
import os
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from tests.integration.deployed import Json

_FORKS: Final = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["boto3", "processor.pipeline", "pytest"])


def fork(event: Json, environment: Mapping[str, str], output: Path) -> ForkServerProcess:
    """Starts a process on an event.

    Args:
        event: The event.
        environment: All of its variables.
        output: Where its output goes, errors and log lines alike.
    """
    process = _FORKS.Process(target=_run, args=(event, dict(environment), output), daemon=True)
    process.start()
    return process


def _run(event: Json, environment: dict[str, str], output: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with output.open("wb") as opened:
        for descriptor in (1, 2):
            os.dup2(opened.fileno(), descriptor)
    importlib.import_module("tests.integration.function_process").handle(event)
