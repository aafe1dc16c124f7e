"""What the function tells of its work: counts and codes, never a value of a record."""

import json

import pytest

from tests.integration.delivery import Desk, Sent, wait_for
from tests.integration.deployed import Json, Stack
from tests.integration.files import as_csv, transaction

MARKER = "4929"
"""Begins every value of the file, as an account or card number might."""


@pytest.fixture(scope="module")
def sent(desk: Desk, run: str) -> Sent:
    """A file of good and bad records that is done."""
    marked = {
        "accountId": f"{MARKER}{run}1",
        "merchant": f"{MARKER}{run}2",
        "description": f"{MARKER}{run}3",
        "reference": f"{MARKER}{run}4",
        "channel": f"{MARKER}{run}5",
    }
    good = transaction(f"{MARKER}{run}0", 1) | marked
    bad = [good | {"amount": f"{MARKER}{run}6"}, good | {"timestamp": f"{MARKER}{run}7"}]
    conflict = good | {"description": f"{MARKER}{run}8"}
    sent = desk.send("log/marked.csv", as_csv([good, *bad, conflict]))
    desk.receipt(sent)
    return sent


@pytest.fixture(scope="module")
def log(desk: Desk, sent: Sent) -> list[Json]:
    """The log's lines of this file and of its request, once its end is told."""

    def lines_or_none() -> list[Json] | None:
        lines = [json.loads(line) for line in desk.log() if line.startswith("{")]
        requests = {
            line["function_request_id"]
            for line in lines
            if line.get("file_id") == sent.version.file_id and line["message"] == "file done"
        }
        mine = [line for line in lines if line.get("function_request_id") in requests]
        return mine or None

    found = wait_for(lines_or_none)
    assert found, "the function did not log the end of the file"
    return found


def test_a_file_is_told_by_its_start_and_its_end_with_request_and_file(
    sent: Sent, log: list[Json]
) -> None:
    mine = [line for line in log if line.get("file_id") == sent.version.file_id]

    assert [line["message"] for line in mine] == ["file started", "part done", "file done"]
    assert {line["key"] for line in mine} == {sent.version.key}
    assert {line["version_id"] for line in mine} == {sent.version.version_id}
    assert mine[-1]["outcomes"] == {
        "read": 4,
        "stored": 1,
        "duplicate": 0,
        "conflict": 1,
        "rejected": 2,
    }


def test_metrics_go_through_the_log_with_the_environment_as_dimension(
    desk: Desk, stack: Stack, log: list[Json]
) -> None:
    metrics = [json.loads(line) for line in desk.log() if line.startswith("{") and "_aws" in line]

    # A line of metrics names no file; these are the counts of this one.
    mine = next(
        line
        for line in metrics
        if (line.get("stored"), line.get("conflict"), line.get("rejected")) == ([1.0], [1.0], [2.0])
    )
    (declared,) = mine["_aws"]["CloudWatchMetrics"]
    assert declared["Namespace"] == "TransactionProcessing"
    assert mine["environment"] == stack.parameters["EnvironmentSuffix"]
    assert {"stored", "duplicate", "conflict", "rejected", "processed"} <= {
        metric["Name"] for metric in declared["Metrics"]
    }


def test_no_value_of_a_record_is_in_the_log(desk: Desk, run: str, log: list[Json]) -> None:
    telling = [line for line in desk.log() if f"{MARKER}{run}" in line]

    assert telling == []
