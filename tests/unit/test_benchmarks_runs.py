"""A measured run is one whose results were verified: the function's, and its peers'."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.loopback import Loopback, started
from benchmarks.running import SUBJECT, running
from benchmarks.runs import WARM_UP, Files, once, twice, verify
from benchmarks.serving.names import RESULTS, TRANSACTIONS
from benchmarks.transactions import Contents
from benchmarks.workers import process

pytestmark = pytest.mark.usefixtures("socket_enabled")

SMALL = Contents(120, reject_share=0.05)


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with started() as server:
        yield server


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.parametrize(
    "contents",
    [
        SMALL,
        replace(SMALL, form="ndjson", newlines=True),
        replace(SMALL, form="json", gzipped=True),
    ],
    ids=str,
)
def test_the_function_s_receipt_has_the_generator_s_totals(
    loopback: Loopback, files: Files, contents: Contents
) -> None:
    run = once(loopback, files, SUBJECT, contents)

    totals = files.get(contents)[1]
    table = loopback.table(TRANSACTIONS)
    assert table["count"] == totals.valid + WARM_UP.rows
    assert table["overwritten"] == 0
    assert (run.rows, run.requests["BatchExecuteStatement"]) == (120, -(-totals.valid // 25))
    assert run.requests["PutObject"] == 2, "quarantine and receipt"
    assert run.write_units >= totals.valid
    assert run.peak_memory > run.memory_after_imports > 10 * 1024 * 1024
    assert run.processor_seconds > 0


def test_a_file_sent_again_is_all_duplicates(loopback: Loopback, files: Files) -> None:
    first, second = twice(loopback, files, SMALL)

    assert "BatchGetItem" not in first.requests
    assert "BatchGetItem" not in second.requests, "a refused insert says who holds its key"
    assert second.write_units >= files.get(SMALL)[1].valid, "and is charged for as a write"


@pytest.mark.parametrize(
    ("peer", "writes", "units_a_row"),
    [
        ("tutorial", "PutItem", 1),
        ("batch_writer", "BatchWriteItem", 1),
        ("raw_socket", "BatchExecuteStatement", 1),
        ("powertools_idempotency", "UpdateItem", 3),
    ],
)
def test_a_peer_stores_what_it_should(
    loopback: Loopback, files: Files, peer: str, writes: str, units_a_row: int
) -> None:
    run = once(loopback, files, f"benchmarks.peers.{peer}", SMALL)

    assert run.requests[writes] > 0
    assert run.write_units == units_a_row * files.get(SMALL)[1].valid


def test_a_row_too_few_or_another_amount_is_noticed(loopback: Loopback, files: Files) -> None:
    once(loopback, files, "benchmarks.peers.raw_socket", SMALL)
    warm_up, totals = files.get(WARM_UP)[1], files.get(SMALL)[1]

    verify(loopback, warm_up, totals)
    for wrong in (
        replace(totals, records=totals.records + 1),
        replace(totals, sums=totals.sums | {"EUR": "0.01"}),
    ):
        with pytest.raises(AssertionError, match="the table holds"):
            verify(loopback, warm_up, wrong)


def test_a_program_that_fails_is_no_run(loopback: Loopback, files: Files) -> None:
    served = replace(files.serve(loopback, SMALL), version_id="absent")

    with (
        running(loopback, "benchmarks.peers.raw_socket") as program,
        pytest.raises(AssertionError, match="failed"),
    ):
        program.handle(replace(served, key="absent"))


@pytest.mark.parametrize("count", [1, 2])
def test_workers_process_a_file_of_several_parts_to_its_receipt(
    loopback: Loopback, files: Files, count: int
) -> None:
    contents = Contents(1500)
    loopback.reset()
    loopback.change_settings(part_bytes=65536)
    served = files.serve(loopback, contents)

    together = process(loopback, served, files.serve(loopback, WARM_UP), count)

    verify(loopback, files.get(WARM_UP)[1], files.get(contents)[1])
    told = loopback.notifications()
    tasks = [one for one in told if one["key"].startswith("work/")]
    receipts = [one for one in told if one["bucket"] == RESULTS and "receipts/" in one["key"]]
    assert len(tasks) >= 4
    assert len(together.reports) == 1 + len(tasks)
    assert len(receipts) == 2, "the file's, and that of the one that all workers had first"
