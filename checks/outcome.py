"""What a gate says: how much it looked at, what it found, what was suppressed and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Final

#: Fewer words are a label, not a reason.
REASON_WORDS_MIN: Final = 3


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a tool objects to. `where` is a logical id, or `file:line`."""

    where: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}: {self.message}"


@dataclass(frozen=True, order=True)
class Suppression:
    """An objection that the project accepts, and why.

    `where` is spelled as in the finding. For code it may also be a file without a line, a folder
    that ends in `/`, or a pattern with `*`; then `rule` may be a family, such as `ARG`.
    """

    where: str
    rule: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it is this finding that the suppression speaks of."""
        if finding.where == self.where:
            return finding.rule == self.rule
        file, _, line = finding.where.rpartition(":")
        if not line or not finding.rule.startswith(self.rule):
            return False
        if self.where.endswith("/"):
            return file.startswith(self.where)
        return fnmatch(file, self.where)


@dataclass(frozen=True)
class Outcome:
    """Of one row of the table.

    `rules` is how many rules, or files, the tool says that it looked at; `unit` says which. With
    `skipped` the gate could not look, or not at everything, which is neither a finding nor a pass.
    """

    tool: str
    rules: int
    unit: str = "rules"
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppression, ...] = ()
    skipped: str | None = None
    seconds: float = field(default=0.0, compare=False)


class ToolFailed(Exception):
    """Raised when a tool ended without a report; the runner makes it a finding of the gate."""


def judged(
    tool: str,
    rules: int,
    findings: Iterable[Finding],
    suppressions: Iterable[Suppression] = (),
    *,
    unit: str = "rules",
) -> Outcome:
    """Match a tool's findings, made without any suppression, against the suppressions.

    A suppression that covers nothing is a finding, and so is one without a reason: both hide what
    the next reader should see. A gate that ran no rule at all is a finding too.
    """
    findings = sorted(set(findings))
    suppressions = sorted(set(suppressions))
    left = [one for one in findings if not any(each.covers(one) for each in suppressions)]
    for suppression in suppressions:
        if not any(suppression.covers(one) for one in findings):
            left.append(
                Finding(
                    suppression.where,
                    suppression.rule,
                    "suppressed, but nothing is found there: remove the suppression",
                )
            )
        if len(suppression.reason.split()) < REASON_WORDS_MIN:
            left.append(
                Finding(
                    suppression.where,
                    suppression.rule,
                    "suppressed without a reason: say in a sentence why it is right here",
                )
            )
    if rules == 0:
        left.append(Finding(tool, "empty", f"looked at no {unit}"))
    used = [each for each in suppressions if any(each.covers(one) for one in findings)]
    return Outcome(tool, rules, unit, tuple(left), tuple(used))
