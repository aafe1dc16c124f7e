"""docs/file-format.md: its examples are files that are taken, its limits the ones in force."""

import re
from pathlib import Path

import pytest

from processor.formats import gzip
from processor.formats.json_text import JSON_DEPTH_MAX
from processor.formats.records import RAW_BYTES_KEPT_MAX, RECORD_BYTES_MAX, RawRecord
from tests.support.readings import open_data

DOCUMENT = (Path(__file__).parents[2] / "docs" / "file-format.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(\w+)\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


def test_every_form_has_an_example() -> None:
    assert [language for language, _ in EXAMPLES] == ["csv", "ndjson", "json", "json"]


@pytest.mark.parametrize(("language", "text"), EXAMPLES)
def test_examples_are_read_whatever_their_name(language: str, text: str) -> None:
    reading = open_data(text.encode(), "example")
    items = list(reading.records)

    assert reading.format == language
    assert items
    for item in items:
        assert isinstance(item, RawRecord)
        assert item.defect is None
        assert {"transactionId", "timestamp", "amount", "currency"} <= set(item.names)


def test_limits_in_the_document_are_the_ones_in_force() -> None:
    assert f"{RECORD_BYTES_MAX:,} bytes" in DOCUMENT
    assert f"first {RAW_BYTES_KEPT_MAX // 1024} KiB" in DOCUMENT
    assert f"{JSON_DEPTH_MAX} levels" in DOCUMENT
    assert f"{gzip.UNSUSPICIOUS_BYTES_MAX // 1024**2} MiB" in DOCUMENT
    assert f"{gzip.RATIO_MAX} times" in DOCUMENT
    assert f"{gzip.OUTPUT_BYTES_MAX // 1024**3} GiB" in DOCUMENT
