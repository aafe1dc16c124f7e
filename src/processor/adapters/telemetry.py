"""Logs and metrics through Powertools: JSON lines, and EMF, so that no endpoint is called."""

from collections.abc import Mapping
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from processor.domain.control_totals import Outcome
from processor.domain.receipt import FileEntry

_CARD_METRICS: Final = {
    "cardNumbersTokenized": "tokenized",
    "cardNumbersMasked": "masked",
    "cardNumbersMaskedInQuarantine": "maskedInQuarantine",
}
"""Metric -> member of the receipt's `cardNumbers`."""


class PowertoolsTelemetry:
    """Tells what happens to files, in counts and codes, never in a record's values.

    Args:
        logger: Carries the request's id in every line.
        metrics: Flushed by the entry point.
    """

    def __init__(self, logger: Logger, metrics: Metrics) -> None:
        self._logger = logger
        self._metrics = metrics

    def file_started(self, entry: FileEntry) -> None:
        """See Telemetry."""
        size_bytes = entry.source.size_bytes if entry.source else None
        self._logger.info("file started", size_bytes=size_bytes, registered_at=entry.registered_at)

    def file_done(self, receipt: Mapping[str, Any], entry: FileEntry) -> None:
        """See Telemetry. Metrics: each outcome, how the file ended, what was done to cards."""
        outcomes = receipt["outcomes"]
        for outcome in Outcome:
            self._metrics.add_metric(outcome.value, MetricUnit.Count, outcomes[outcome.value])
        self._metrics.add_metric(receipt["status"], MetricUnit.Count, 1)
        cards = receipt["cardNumbers"]
        for metric, name in _CARD_METRICS.items():
            self._metrics.add_metric(metric, MetricUnit.Count, cards[name])
        if entry.source:
            self._metrics.add_metric("fileSize", MetricUnit.Bytes, entry.source.size_bytes)
        self._logger.info(
            "file done",
            status=receipt["status"],
            fault=receipt["fault"],
            outcomes=outcomes,
            reasons=receipt["reasons"],
            card_numbers=cards,
            notices=receipt["notices"],
            started_at=receipt["startedAt"],
            ended_at=receipt["endedAt"],
        )

    def file_seen_again(self, entry: FileEntry) -> None:
        """See Telemetry."""
        self._metrics.add_metric("seenAgain", MetricUnit.Count, 1)
        self._logger.info(
            "DUPLICATE_DELIVERY: another delivery decided the file, its outcomes stand",
            registered_at=entry.registered_at,
        )

    def retrying(self, what: str, attempt: int, count: int) -> None:
        """See Telemetry."""
        self._metrics.add_metric("retries", MetricUnit.Count, 1)
        self._logger.warning("trying again", operation=what, attempt=attempt, rows=count)
