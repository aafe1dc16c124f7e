"""What the runs of many seeds went through: faults by kind and place, and recoveries reached."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

RECOVERIES: Final = (
    "a row found itself",
    "a duplicate of another file",
    "a duplicate within the file",
    "a conflict",
    "an answer left the item out",
    "a read-back left a key out",
    "a statement alone tried again",
    "a whole batch tried again",
    "reset within a body",
    "a read went on behind what came",
    "a file had been recorded before",
    "the receipt was there",
    "a quarantine object was there",
    "a quarantine object was replaced",
    "the entry was closed",
    "killed at its time limit",
    "ended before its time limit",
    "tried again by Lambda",
    "throttled by concurrency",
    "redriven",
    "swept: never begun: its notification is late or lost",
    "swept: its plan is not complete",
    "swept: parts are not done",
    "swept: all parts done, receipt not known to be written",
    "a remainder was handed on",
    "a remainder was taken up",
    "a plan task was queued",
    "a count task was queued",
    "a count task was queued again",
    "a part task was queued",
    "a part task was queued again",
    "a start task was queued again",
    "evidence gone",
    "a vanished file has its receipt",
    "a token under a key of before",
)
"""Names of the ways back that the pipeline has. One that no run reaches is not tested."""


@dataclass
class Summary:
    """Counts over runs."""

    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(kind, call site) -> how often."""

    recoveries: Counter[str] = field(default_factory=Counter)
    runs: int = 0

    def fault(self, kind: str, site: str) -> None:
        """Counts a fault."""
        self.faults[str(kind), site] += 1

    def reached(self, recovery: str) -> None:
        """Counts a way back that was gone."""
        assert recovery in RECOVERIES, recovery
        self.recoveries[recovery] += 1

    def add(self, other: "Summary") -> None:
        """Adds another's counts."""
        self.faults += other.faults
        self.recoveries += other.recoveries
        self.runs += other.runs

    @property
    def missing(self) -> list[str]:
        """Ways back that no run has gone."""
        return [name for name in RECOVERIES if not self.recoveries[name]]

    def text(self) -> str:
        """A table for a person."""
        lines = [f"{self.runs} runs, {self.faults.total()} faults", ""]
        lines += [
            f"{count:8}  {site:32} {kind}" for (kind, site), count in sorted(self.faults.items())
        ]
        lines.append("")
        lines += [f"{self.recoveries[name]:8}  {name}" for name in RECOVERIES]
        return "\n".join(lines)
