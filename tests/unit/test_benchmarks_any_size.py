"""Files of any size: what the benchmarks of `make bench-size` count, compute and report."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.any_size import arithmetic, files, memory, recount, report, scan
from benchmarks.any_size.arithmetic import Case, Measured
from benchmarks.loopback import started

COUNTED = {
    "outcomes": {"read": 3, "stored": 2, "duplicate": 0, "conflict": 0, "rejected": 1},
    "computed": {"recordCount": 3, "sums": {"EUR": "3.50"}, "hashTotal": "00000000000000ff"},
}
RECEIPT = {
    "outcomes": COUNTED["outcomes"],
    "controlTotals": {"declared": None, "computed": COUNTED["computed"]},
}


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize(("form", "megabytes"), [("csv", 8), ("ndjson", 3)])
def test_a_file_of_many_parts_has_the_receipt_of_a_separate_count(
    tmp_path: Path, form: Any, megabytes: int
) -> None:
    path = tmp_path / f"large.{form}"
    records = files.write_long(path, megabytes, form)

    with started() as loopback:
        row = memory.counted_twice(loopback, path, 2 * 1024 * 1024, lambda _: None)

    assert row["differences"] == []
    assert row["records"] == records
    assert row["receipt"]["outcomes"]["rejected"] == records // 199
    assert row["receipt"]["computed"] == row["recount"]["computed"]
    assert row["peakBytes"].keys() >= {"upload", "part"}
    # One that plans; then four parts; or two parts, each counted first.
    assert row["invocations"] == 5


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_the_recount_finds_what_the_generator_wrote(tmp_path: Path, form: Any) -> None:
    path = tmp_path / f"ordinary.{form}"
    totals = files.write_ordinary(path, 1, form)

    counted = recount.recount(recount.records_of(path))

    assert counted["outcomes"]["stored"] == totals.valid
    assert counted["outcomes"]["rejected"] == totals.rejected > 0
    assert counted["computed"]["sums"] == totals.sums
    assert abs(totals.size_bytes - files.MB) < files.MB / 50


def test_the_recount_refuses_ids_that_do_not_increase() -> None:
    record = {"transactionId": "T2", "timestamp": "2026-03-01T00:00:00Z"}
    record |= {"amount": "1.00", "currency": "EUR"}

    with pytest.raises(ValueError, match="record 2"):
        recount.recount([record, record])


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("outcomes", ("outcomes", "stored"), 3),
        ("recordCount", ("controlTotals", "computed", "recordCount"), 2),
        ("sums", ("controlTotals", "computed", "sums", "EUR"), "3.51"),
        ("hashTotal", ("controlTotals", "computed", "hashTotal"), "0000000000000100"),
    ],
)
def test_every_difference_is_found(name: str, place: tuple[str, ...], value: Any) -> None:
    receipt: dict[str, Any] = copy.deepcopy(RECEIPT)
    inner = receipt
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value

    found = recount.differences(receipt, COUNTED)

    assert recount.differences(RECEIPT, COUNTED) == []
    assert [one.partition(":")[0] for one in found] == [name]


def row_of(megabytes: int, peak_mib: int, *differences: str) -> dict[str, Any]:
    return {
        "form": "csv",
        "megabytes": megabytes,
        "way": "one long part",
        "differences": list(differences),
        "peakBytes": {"upload": peak_mib * 1024 * 1024},
    }


def test_memory_that_grows_and_counts_that_differ_break_a_promise() -> None:
    assert report.broken({"memory": [row_of(10, 80), row_of(1000, 143)]}) == []
    assert report.broken({"memory": [row_of(1000, 144), row_of(10, 80)]}) == [
        "csv, one long part: memory grows by 64 MiB with the file"
    ]
    assert report.broken({"memory": [row_of(10, 80, "sums: no")]}) == [
        "csv, 10 MB, one long part: sums: no"
    ]


def test_the_section_takes_its_own_place_in_the_document() -> None:
    document = report.within("# Performance\n\nOther.\n", "first\n")

    again = report.within(document + "\nBehind.\n", "second\n")

    assert "first" not in again
    assert again.replace("second", "first") == document + "\nBehind.\n"
    assert document.startswith("# Performance\n\nOther.\n\n")


def test_the_document_says_what_was_measured() -> None:
    root = Path(__file__).resolve().parents[2]
    results = json.loads((root / "benchmarks/any_size/results.json").read_text())

    document = (root / "docs/performance.md").read_text()

    assert report.within(document, report.section(results)) == document
    assert report.broken(results) == []


@pytest.mark.parametrize("form", scan.GOALS)
def test_what_planners_are_measured_with_is_what_its_name_says(form: str) -> None:
    data = scan.data_of(form, 10_000)

    records = scan.records_in(form, [data])

    assert records == data.count(b"TX-2026-") > 10
    assert (b'"' in data) == (form != "plain CSV")


def test_a_hundred_million_records_are_bound_by_the_table() -> None:
    measured = Measured(records_per_second=5_000, scan_bytes_per_second=300e6)

    no_limit, reserved, many, many_reserved = arithmetic.cases(measured)

    assert (no_limit.parts, no_limit.workers, reserved.workers) == (507, 507, 8)
    assert no_limit.seconds == reserved.seconds == many.seconds == 2_500
    assert no_limit.planning_seconds == 200
    # 507 parts at once take 2,500 s each, three invocations; eight at once take 39 s each.
    assert (no_limit.invocations, reserved.invocations) == (1 + 3 * 507, 1 + 507)
    assert (many.parts, many.workers, many.invocations) == (10_000, 1_000, 10_000)
    assert many_reserved.lambda_seconds == 8 * 2_500
    assert reserved.write_units == 100_000_000 + 507 * 5 + 2
    assert reserved.dollars["writes"] == pytest.approx(62.50, abs=0.01)
    assert reserved.dollars["Lambda"] == pytest.approx(20_200 * 1769 / 1024 / 60_000, rel=0.001)


def test_a_slow_worker_is_the_bound_where_few_work() -> None:
    alone = Case(1, 1, Measured(records_per_second=1_000, scan_bytes_per_second=300e6))

    assert alone.seconds == 100_000
