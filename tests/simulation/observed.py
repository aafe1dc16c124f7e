"""Telemetry of simulated invocations: what it is told shows which ways back were gone."""

from collections.abc import Callable, Mapping
from typing import Any

from processor.domain.entries import FileEntry, PartResult
from processor.domain.file import ObjectVersion
from processor.domain.task import Task
from tests.simulation.summary import Summary


class ObservedTelemetry:
    """See Telemetry. Metrics and logs are not simulated.

    Args:
        summary: Counts recoveries.
        found: Is told of what a sweep finds, and why.
    """

    def __init__(self, summary: Summary, found: Callable[[ObjectVersion, str], None]) -> None:
        self._summary = summary
        self._found = found

    def file_started(self, entry: FileEntry) -> None:
        """See Telemetry."""

    def part_done(self, result: PartResult) -> None:
        """See Telemetry."""
        if result.remainder is not None:
            self._summary.reached("a remainder was handed on")
        if result.segment > 1:
            self._summary.reached("a remainder was taken up")

    def task_queued(self, task: Task, *, again: bool) -> None:
        """See Telemetry."""
        kind = task.to_document()["task"]
        self._summary.reached(f"a {kind} task was queued{' again' if again else ''}")

    def swept(self, version: ObjectVersion, why: str, *, started: bool) -> None:
        """See Telemetry."""
        self._found(version, why)
        self._summary.reached(f"swept: {why}")

    def file_done(self, receipt: Mapping[str, Any], entry: FileEntry) -> None:
        """See Telemetry."""
        outcomes = receipt["outcomes"]
        if outcomes["conflict"]:
            self._summary.reached("a conflict")
        own = receipt["file"]
        for first in receipt["duplicates"]["firstStoredBy"]:
            is_own = (first["key"], first["versionId"]) == (own["key"], own["versionId"])
            place = "within the file" if is_own else "of another file"
            self._summary.reached(f"a duplicate {place}")
        fault = receipt["fault"]
        if fault and fault["reason"] == "OBJECT_GONE":
            self._summary.reached("a vanished file has its receipt")

    def file_seen_again(self, entry: FileEntry) -> None:
        """See Telemetry."""
        self._summary.reached("a file had been recorded before")

    def retrying(self, what: str, attempt: int, count: int) -> None:
        """See Telemetry."""
