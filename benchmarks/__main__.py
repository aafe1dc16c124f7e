"""`python -m benchmarks`: makes the benchmarks' own environment, and measures in it.

python -m benchmarks             under ten minutes
python -m benchmarks --long      files of up to 10 million rows as well
python -m benchmarks --report    tables, document and charts again, from results.json
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from local.prepare import ROOT, Environment

ENVIRONMENT: Final = Environment(
    ROOT / ".venv-bench",
    (Path(__file__).with_name("requirements.txt"), ROOT / "src" / "requirements.txt"),
)


def main() -> int:
    """Answers the exit code."""
    if code := ENVIRONMENT.prepare():
        return code
    command = [str(ENVIRONMENT.python), "-m", "benchmarks.measure", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
