"""Test data that nobody here wrote: see ORIGIN.md beside it."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
CORPORA = Path(os.environ.get("CORPORA", _ROOT.parent / "shared" / "corpora"))

needs_corpora = pytest.mark.skipif(
    not CORPORA.is_dir(), reason="no corpora: set CORPORA to a folder with JSONTestSuite and blns"
)


def json_suite() -> list[Path]:
    """All files of JSONTestSuite's test_parsing; none where the corpora are absent."""
    return sorted((CORPORA / "JSONTestSuite" / "test_parsing").glob("*.json"))
