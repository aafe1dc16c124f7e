"""Metrics and logs: what is written is what the alarms read, and holds no record's value."""

import gzip
import io
import json
import uuid
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from processor.adapters.telemetry import PowertoolsTelemetry
from tests.support.template import stack
from tests.support.world import MIXED, World


def emitted(
    capsys: pytest.CaptureFixture[str], *, times: int, body: bytes = MIXED
) -> tuple[dict[str, Any], str]:
    """The metrics of one invocation that gets the same event so many times, and all it wrote."""
    variables = stack().properties("TransactionProcessorFunction")["Environment"]["Variables"]
    metrics = Metrics(
        namespace=variables["POWERTOOLS_METRICS_NAMESPACE"],
        service=variables["POWERTOOLS_SERVICE_NAME"],
    )
    metrics.clear_metrics()
    metrics.set_default_dimensions(environment="dev")
    world = World()
    log = io.StringIO()
    logger = Logger(service=f"test-{uuid.uuid4()}", stream=log)
    # The world declares the fake that it is made with.
    world.telemetry = PowertoolsTelemetry(logger, metrics)  # type: ignore[assignment]
    version = world.files.upload(body)
    for _ in range(times):
        world.process(version)
    capsys.readouterr()
    metrics.flush_metrics()
    written = capsys.readouterr().out
    return json.loads(written), written + log.getvalue()


def test_each_outcome_and_the_file_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    metrics, _ = emitted(capsys, times=1)

    names = ("stored", "duplicate", "conflict", "rejected", "processed", "fileSize")
    counted = {name: metrics[name] for name in names}
    assert counted == {
        "stored": [3],
        "duplicate": [1],
        "conflict": [1],
        "rejected": [1],
        "processed": [1],
        "fileSize": [len(MIXED)],
    }


def test_what_was_done_to_card_numbers_is_counted_and_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    card = "4111111111111111"
    rows = [f"A{n},2026-03-01T12:00:00Z,1.00,EUR,{card},{card}" for n in range(2)] + [card] * 5
    body = "\n".join(["transactionId,timestamp,amount,currency,cardNumber,note", *rows]).encode()

    metrics, written = emitted(capsys, times=1, body=body)

    assert metrics["cardNumbersTokenized"] == [2]
    assert metrics["cardNumbersMasked"] == [2]
    assert metrics["cardNumbersMaskedInQuarantine"] == [5]
    (done,) = [line for line in written.splitlines() if "file done" in line]
    assert json.loads(done)["card_numbers"] == {
        "tokenized": 2,
        "masked": 2,
        "maskedInQuarantine": 5,
        "tokenKeyId": "k1",
    }
    assert card not in written


def test_an_event_seen_again_counts_nothing_but_itself(capsys: pytest.CaptureFixture[str]) -> None:
    metrics, _ = emitted(capsys, times=2)

    assert metrics["seenAgain"] == [1]
    assert metrics["stored"] == [3]


HEADER = b"transactionId,timestamp,amount,currency\n"
GOOD = b"A,2026-03-01T12:00:00Z,1.00,EUR\n"
BAD = b"B,yesterday,1.00,EUR\n"


@pytest.mark.parametrize(
    ("body", "status", "percent"),
    [
        (HEADER + GOOD + 3 * BAD, "processed", 75),
        (HEADER + GOOD, "processed", 0),
        (HEADER, "processed", 0),
        (b"", "refused", 100),
        (b"[" + b'{"amount": 1}, ' + b"{", "broken", 100),
        (gzip.compress(HEADER + GOOD + BAD)[:-4], "broken", 50),
    ],
    ids=["some", "none", "no records", "refused", "broken, all", "broken, some"],
)
def test_the_rejected_part_of_each_file_is_told_in_percent(
    capsys: pytest.CaptureFixture[str], body: bytes, status: str, percent: float
) -> None:
    metrics, _ = emitted(capsys, times=2, body=body)

    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert metrics[status] == [1]
    assert metrics["rejectedPercent"] == [percent]
    assert {"Name": "rejectedPercent", "Unit": "Percent"} in directive["Metrics"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("ConflictsAlarm", MIXED),
        ("RejectRateAlarm", MIXED),
        ("BrokenFilesAlarm", gzip.compress(MIXED)[:-4]),
    ],
)
def test_an_alarm_on_records_reads_the_metric_that_is_written(
    capsys: pytest.CaptureFixture[str], name: str, body: bytes
) -> None:
    alarm = stack().properties(name)

    metrics, _ = emitted(capsys, times=1, body=body)

    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == alarm["Namespace"]
    assert alarm["MetricName"] in {metric["Name"] for metric in directive["Metrics"]}
    (dimensions,) = directive["Dimensions"]
    assert {name: metrics[name] for name in dimensions} == {
        dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]
    }


def test_no_value_of_a_record_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    _, written = emitted(capsys, times=2)

    assert "file done" in written
    assert "DUPLICATE_DELIVERY" in written
    assert "yesterday" not in written
    assert "9.99" not in written
