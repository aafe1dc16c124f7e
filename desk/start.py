"""Where the program `desk` begins: before its imports, so that Ctrl-C ends those as it ends all."""

import sys


def main() -> int:
    """Runs one command; answers the exit code."""
    try:
        from desk.cli import main as run  # noqa: PLC0415  See the module.

        return run()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
