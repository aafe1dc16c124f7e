"""Each command that starts a benchmark does, from the shell of someone who has set nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import ROOT

COMMAND = re.compile(
    r"^[ \t]+@?(?P<settings>(?:PYTHONPATH=\S+ )?)(?:\.venv\S*|\$\(PYTHON\)) "
    r"-m (?P<module>benchmarks\S*)",
    re.MULTILINE,
)
TEXTS = [ROOT / "Makefile", ROOT / "docs" / "performance.md"]
COMMANDS = sorted(
    {
        (found["settings"].strip(), found["module"])
        for text in TEXTS
        for found in COMMAND.finditer(text.read_text(encoding="utf-8"))
        # That one first installs what it needs, whatever it is asked.
        if found["module"] != "benchmarks"
    }
)


def test_the_commands_are_found() -> None:
    assert {module for _, module in COMMANDS} >= {"benchmarks.any_size", "benchmarks.server"}


@pytest.mark.parametrize(("settings", "module"), COMMANDS)
def test_a_benchmark_starts_as_the_document_and_the_makefile_say(
    settings: str, module: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if settings:
        environment["PYTHONPATH"] = settings.partition("=")[2]

    done = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=Path(ROOT),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout
