"""A simulation: the real pipeline and adapters on services that live in this process."""

import sys
from pathlib import Path

# Run as a program it finds the function's code here; last, so that another copy can be put before.
sys.path.append(str(Path(__file__).resolve().parents[2] / "src"))
