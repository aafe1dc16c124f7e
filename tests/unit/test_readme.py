"""What the README shows is what happens."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SAMPLE = ROOT / "events" / "files" / "transactions.csv"


@pytest.fixture(scope="module")
def receipt() -> dict[str, Any]:
    """Of the sample file."""
    return World().process_file(SAMPLE.read_bytes(), SAMPLE.name)


def lines() -> set[tuple[str, ...]]:
    """The README's lines as words."""
    return {tuple(line.split()) for line in README.splitlines()}


def test_the_outcomes_shown_are_those_of_the_sample(receipt: dict[str, Any]) -> None:
    counts = tuple(f"{count:,}" for count in receipt["outcomes"].values())

    assert tuple(receipt["outcomes"]) in lines()
    assert counts in lines()
    assert all(count > 0 for count in receipt["outcomes"].values())


def test_the_sums_shown_are_those_of_the_sample(receipt: dict[str, Any]) -> None:
    for currency, sums in receipt["sums"].items():
        assert (currency, *sums.values()) in lines()


def test_the_reasons_shown_are_those_of_the_sample(receipt: dict[str, Any]) -> None:
    for reason, count in receipt["reasons"].items():
        assert (reason, f"{count:,}") in lines()


def test_every_make_target_shown_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]

    shown = {
        target
        for document in documents
        for target in re.findall(r"(?:`|^    )make ([a-z-]+)", document.read_text(), re.MULTILINE)
    }

    assert {"run", "test", "up", "down", "lint"} <= shown <= targets


def test_the_sample_is_what_its_generator_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = runpy.run_path(str(SAMPLE.with_name("generate.py")))
    written = tmp_path / "transactions.csv"
    main = generator["main"]
    monkeypatch.setitem(main.__globals__, "TARGET", written)

    main()

    assert written.read_bytes() == SAMPLE.read_bytes()
