"""The function itself, as a process that is measured: its real entry point, on S3's events.

With `--profile FILE` the processor time of the last file is written there, for `pstats`: of the
thread that runs the entry point, waiting left out.
"""

import argparse
import cProfile
import time
from typing import Any

from benchmarks import measured
from benchmarks.loopback import Served, upload_event
from processor.app import lambda_handler


def invoke(file: measured.File) -> object:
    """Hands an uploaded file, or a task for one, to the function."""
    served = Served(**file)
    context: Any = measured.Context()
    return lambda_handler(upload_event(served), context)


def main() -> None:
    """Is the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile")
    given = parser.parse_args()
    if given.profile is None:
        measured.run(invoke)
        return

    def profiled(file: measured.File) -> object:
        profile = cProfile.Profile(time.thread_time)
        try:
            return profile.runcall(invoke, file)
        finally:
            profile.dump_stats(given.profile)

    measured.run(profiled)


if __name__ == "__main__":
    main()
