"""Compares docs/security.md with the control matrix, or writes its generated parts (--write)."""

import argparse
import difflib
import sys
from pathlib import Path
from typing import Final

from samcli.yamlhelper import yaml_parse

from checks.controls.document import with_generated

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = ROOT / "docs" / "security.md"


def main() -> int:
    """Returns 0 if the document is what the data says, or was written so; 1 if it differs."""
    parser = argparse.ArgumentParser(prog="python -m checks.controls", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write instead of comparing")
    write = parser.parse_args().write
    template = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    before = DOCUMENT.read_text(encoding="utf-8")
    after = with_generated(before, template)
    if write:
        DOCUMENT.write_text(after, encoding="utf-8")
        return 0
    difference = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), "written", "data"
    )
    sys.stdout.writelines(difference)
    return int(before != after)


if __name__ == "__main__":
    sys.exit(main())
