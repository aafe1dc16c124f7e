"""Test data that nobody here wrote, where the environment says that there is any.

CORPORA names a folder that holds `JSONTestSuite` (github.com/nst/JSONTestSuite), `blns`
(github.com/minimaxir/big-list-of-naughty-strings) and `s3-events` (tests/events of
github.com/aws-powertools/powertools-lambda-python).
"""

import os
from pathlib import Path

import pytest

CORPORA = Path(os.environ.get("CORPORA", "no-corpora"))

needs_corpora = pytest.mark.skipif(
    not CORPORA.is_dir(), reason="no corpora: CORPORA names no folder (docs/testing.md)"
)


def json_suite() -> list[Path]:
    """All files of JSONTestSuite's test_parsing; none where the corpora are absent."""
    return sorted((CORPORA / "JSONTestSuite" / "test_parsing").glob("*.json"))
