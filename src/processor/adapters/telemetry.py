"""Logs and metrics through Powertools: JSON lines, and EMF, so that no endpoint is called."""

from collections.abc import Mapping
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from processor.domain.control_totals import Outcome
from processor.domain.entries import FileEntry, PartResult
from processor.domain.file import ObjectVersion
from processor.domain.receipt import FileStatus
from processor.domain.task import Task

_CARD_METRICS: Final = {
    "cardNumbersTokenized": "tokenized",
    "cardNumbersMasked": "masked",
    "cardNumbersMaskedInQuarantine": "masked_in_quarantine",
}
"""Metric -> attribute of CardCounts."""


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

    def part_done(self, result: PartResult) -> None:
        """See Telemetry. Metrics: each outcome, what was done to cards; over all parts they add up
        to the file's."""
        totals = result.totals
        for outcome in Outcome:
            self._metrics.add_metric(outcome.value, MetricUnit.Count, totals.outcomes[outcome])
        for metric, name in _CARD_METRICS.items():
            self._metrics.add_metric(metric, MetricUnit.Count, getattr(totals.cards, name))
        self._logger.info(
            "part done",
            part=result.part_number,
            segment=result.segment,
            outcomes={outcome.value: totals.outcomes[outcome] for outcome in Outcome},
            fault=result.fault and result.fault.reason.value,
            goes_on_at_record=result.remainder and result.remainder.record_number,
        )

    def file_done(self, receipt: Mapping[str, Any], entry: FileEntry) -> None:
        """See Telemetry. Metrics: how the file ended, how much of it was rejected, its size."""
        self._metrics.add_metric(receipt["status"], MetricUnit.Count, 1)
        self._metrics.add_metric("rejectedPercent", MetricUnit.Percent, _rejected_percent(receipt))
        if entry.source:
            self._metrics.add_metric("fileSize", MetricUnit.Bytes, entry.source.size_bytes)
        self._logger.info(
            "file done",
            status=receipt["status"],
            fault=receipt["fault"],
            outcomes=receipt["outcomes"],
            reasons=receipt["reasons"],
            card_numbers=receipt["cardNumbers"],
            notices=receipt["notices"],
            parts=receipt["parts"],
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

    def task_queued(self, task: Task, *, again: bool) -> None:
        """See Telemetry. The task's object is named, which names the file by its id only."""
        self._metrics.add_metric("tasksQueued", MetricUnit.Count, 1)
        self._logger.info("task queued", task=task.key, again=again)

    def swept(self, version: ObjectVersion, why: str, *, started: bool) -> None:
        """See Telemetry. The metric is what FilesWithoutReceiptAlarm looks at."""
        self._metrics.add_metric("swept", MetricUnit.Count, 1)
        self._logger.warning(
            "file without receipt",
            file_id=version.file_id,
            bucket=version.bucket,
            key=version.key_shown,
            version_id=version.version_id,
            why=why,
            started=started,
        )

    def retrying(self, what: str, attempt: int, count: int) -> None:
        """See Telemetry."""
        self._metrics.add_metric("retries", MetricUnit.Count, 1)
        self._logger.warning("trying again", operation=what, attempt=attempt, rows=count)


def _rejected_percent(receipt: Mapping[str, Any]) -> float:
    """How much of what was read of a file was rejected, 0 to 100; what RejectRateAlarm looks at.

    A refused file is 100: no record of it was accepted, and it is the worst that a feed can send. A
    file that is processed and has no records is 0. Of a broken file only what was read counts, as
    nobody knows how much there would have been; it rings BrokenFilesAlarm besides.
    """
    outcomes: Mapping[str, int] = receipt["outcomes"]
    if outcomes["read"]:
        return 100 * outcomes[Outcome.REJECTED.value] / outcomes["read"]
    return 100.0 if receipt["status"] == FileStatus.REFUSED else 0.0
