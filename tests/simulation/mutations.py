"""Whether the simulation finds deliberate mistakes.

A mutation changes one text of one module, in a copy of the source that a fresh process loads.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.simulation.mistakes import MUTATIONS
from tests.simulation.mutation import Mutation

ROOT: Final = Path(__file__).resolve().parents[2]


def run_all(seeds: int) -> int:
    """Runs every mutation until it is caught; returns 1 if one is not."""
    survivors = [one.name for one in MUTATIONS if not _is_caught(one, seeds)]
    sys.stdout.write(f"{len(MUTATIONS) - len(survivors)} of {len(MUTATIONS)} caught\n")
    for name in survivors:
        sys.stdout.write(f"survived: {name}\n")
    return 1 if survivors else 0


def _is_caught(mutation: Mutation, seeds: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        apply(mutation, source)
        for options in (("--seeds", str(seeds)), ("--exhaustive",)):
            program = (sys.executable, "-m", "tests.simulation", *options)
            environment = {**os.environ, "PYTHONPATH": str(source)}
            ended = subprocess.run(
                program, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
            )
            lines = ended.stdout.splitlines()
            promise = next((line for line in lines if line.startswith("promise ")), None)
            if promise:
                seed = next((line for line in lines if line.startswith("replay: ")), "")
                sys.stdout.write(f"caught: {mutation.name}: {promise}; {seed}\n")
                sys.stdout.flush()
                return True
    sys.stdout.write(f"NOT caught: {mutation.name}\n")
    return False


def apply(mutation: Mutation, source: Path) -> None:
    """Changes the copy of the source.

    Raises:
        LookupError: The old text is not there, or not once: the list is out of date.
    """
    path = source / "processor" / mutation.module
    text = path.read_text()
    if text.count(mutation.old) != 1:
        raise LookupError(f"{mutation.name}: {text.count(mutation.old)} times in {mutation.module}")
    path.write_text(text.replace(mutation.old, mutation.new))
