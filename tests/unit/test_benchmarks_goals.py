"""Goals are judged and costs computed from what was measured, and reported as they are."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from benchmarks import report
from benchmarks.costs import cost_of
from benchmarks.goals import Goal, judged
from benchmarks.runs import Run

MIB = 1024 * 1024
NAMES = ("CSV", "CSV, all duplicates", "NDJSON", "gzip", "JSON array", "5 % rejects")
PEERS = ("raw_socket", "batch_writer", "awswrangler_put", "tutorial", "powertools_idempotency")


def measured(rate: float, processor: float = 10.0, dollars: float = 0.65) -> dict[str, Any]:
    return {
        "rowsASecond": rate,
        "microsecondsARow": processor,
        "memoryOverImports": MIB,
        "dollarsAMillion": {"total": dollars},
    }


def results(**changed: Any) -> dict[str, Any]:
    """Of a function that just reaches every goal."""
    runs = {name: measured(10_000.0) for name in (*NAMES, *PEERS)}
    runs["CSV, all duplicates"] = measured(5_000.0)
    runs["batch_writer"] = measured(1_250.0, 30.0)
    runs["tutorial"] = measured(100.0)
    runs["raw_socket"] = measured(20_000.0, 3.75)
    sizes = [
        {"rows": 1, "bytes": 1_000, "memoryOverImports": 64 * MIB},
        {"rows": 2, "bytes": 10_000_000, "memoryOverImports": 50 * MIB},
        {"rows": 3, "bytes": 90_000_000, "memoryOverImports": 58 * MIB},
    ]
    all_of_it: dict[str, Any] = {
        "runs": runs,
        "sizes": sizes,
        "longSizes": {
            "date": "2026-02-28",
            "sizes": [one | {"rowsASecond": 9_000.0} for one in sizes],
        },
        "coldStarts": {"function": 1.15, "boto3": 1.0, "boto3, Powertools": 2.0},
        "machine": {"date": "2026-03-01", "processors": 2, "system": "Linux", "python": "3.13"},
        "server": {"rows": 1e5, "requests": 4e3},
        "latencyMs": 5.0,
        "rounds": 3,
        "rows": 10_000,
    }
    all_of_it["machine"]["loadBefore"] = 0.1
    return all_of_it | changed


def missed(found: dict[str, Any]) -> set[str]:
    return {goal.name for goal in judged(found) if not goal.is_reached}


def test_what_just_suffices_suffices() -> None:
    assert missed(results()) == set()


@pytest.mark.parametrize(
    ("name", "worse", "goals"),
    [
        ("batch_writer", measured(1_251.0, 30.0), {"rows/s, to batch_writer"}),
        ("tutorial", measured(101.0), {"rows/s, to the tutorial"}),
        ("batch_writer", measured(1_250.0, 29.0), {"processor time a row, to batch_writer"}),
        ("raw_socket", measured(1.0, 3.5), {"processor time a row, to raw sockets"}),
        ("gzip", measured(7_600.0), {"time of gzip, to CSV"}),
        ("CSV, all duplicates", measured(4_900.0), {"rows/s of all duplicates, to all new"}),
        ("5 % rejects", measured(8_600.0), {"time with 5 % rejects, to none"}),
        ("CSV", measured(10_000.0, 10.0, 0.67), {"cost of a million transactions"}),
    ],
)
def test_what_does_not_is_said(name: str, worse: dict[str, Any], goals: set[str]) -> None:
    found = results()
    found["runs"][name] = worse

    assert missed(found) == goals


def test_memory_and_its_growth_are_goals_of_their_own() -> None:
    found = results()
    found["sizes"][2]["memoryOverImports"] = 65 * MIB

    assert missed(found) == {
        "memory over imports",
        "growth of memory from a file of 10 MB to one of 90 MB",
    }


def test_growth_that_was_not_measured_is_not_reached() -> None:
    found = results()
    del found["sizes"][2]
    growth = "growth of memory from a file of 10 MB to one of 1 GB"

    assert missed(found) == {growth}
    assert [goal.value for goal in judged(found) if goal.name == growth] == [None]


def test_a_cold_start_is_compared_with_boto3_s() -> None:
    found = results(coldStarts={"function": 1.2, "boto3": 1.0})

    assert missed(found) == {"cold start, to boto3 with two clients"}


def test_a_cost_is_the_sum_of_what_is_paid_for() -> None:
    requests = {"PutObject": 10, "GetObject": 20, "HeadObject": 5, "BatchExecuteStatement": 4000}
    run = Run(100_000, 10.0, 8.0, 0, 0, requests, 100_010, 2_000)

    cost = cost_of(run)

    assert cost.dynamodb == pytest.approx(10 * (100_010 * 0.625e-6 + 2_000 * 0.125e-6))
    assert cost.s3 == pytest.approx(10 * (10 * 0.005 + 25 * 0.0004) / 1000)
    assert cost.x86_64 == pytest.approx(10 * (10 * 1769 / 1024 * 0.0000166667 + 0.0000002))
    assert cost.arm64 == pytest.approx(10 * (10 * 1769 / 1024 * 0.0000133334 + 0.0000002))
    assert cost.total == cost.dynamodb + cost.s3 + cost.x86_64
    assert cost.total_arm64 == cost.dynamodb + cost.s3 + cost.arm64


def test_the_document_is_renewed_between_its_markers_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "performance.md")
    old = f"# Head\n\n{report.BEGIN}\n\nof before\n\n{report.END}\n\nTail\n"
    (tmp_path / "performance.md").write_text(old)
    found = results()
    goal = Goal("rows/s, to batch_writer", at_least=True, limit=8, value=7.5, unit="x")
    found["goals"] = [{name: getattr(goal, name) for name in Goal.__slots__}]

    report.write_document(found)
    once = (tmp_path / "performance.md").read_text()
    report.write_document(found)

    assert (tmp_path / "performance.md").read_text() == once
    assert once.startswith("# Head\n")
    assert once.endswith("\nTail\n")
    assert "of before" not in once
    assert "| rows/s, to batch_writer | ≥ 8.00 x | 7.50 x | **not reached** |" in once
    assert "(`--long`, 2026-02-28)" in once
    assert "| 3 | 90 | 9,000 | 58 |" in once


def test_the_document_shows_the_results_as_they_are_kept() -> None:
    kept = json.loads(report.RESULTS.read_text())
    fresh = kept | {"goals": [asdict(goal) for goal in judged(kept)]}

    assert fresh == kept
    assert report.measured_section(kept) in report.DOCUMENT.read_text()
