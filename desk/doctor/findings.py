"""What a look at the stack brings: a finding each, with its remedy."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended; later ones are worse."""

    OK = "ok"
    NOT_LOOKED_AT = "not looked at"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found.

    Args:
        status: How it is judged.
        found: What is so, in one line. Never a value of a record or of the secret.
        remedy: What to do; empty where nothing is to be done.
    """

    status: Status
    found: str
    remedy: str = ""


class NotLookedAt(Exception):
    """Raised when something cannot be looked at; the check that needed it ends, and says so.

    Args:
        why: The right that the caller lacks, or what the service answered.
        remedy: What to do about it.
        is_refused: Whether it is the caller who may not.
    """

    def __init__(self, why: str, remedy: str = "", *, is_refused: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy
        self.is_refused = is_refused


class Missing(Exception):
    """Raised when the stack lacks a resource that every stack of the pipeline has.

    Args:
        logical_id: Its name in the template.
    """

    def __init__(self, logical_id: str) -> None:
        super().__init__(logical_id)
        self.logical_id = logical_id


def ok(found: str) -> Finding:
    """All is as it should be."""
    return Finding(Status.OK, found)


def warning(found: str, remedy: str) -> Finding:
    """A person should know; files are processed nevertheless."""
    return Finding(Status.WARNING, found, remedy)


def failed(found: str, remedy: str) -> Finding:
    """Something does not work, or does not protect as it should."""
    return Finding(Status.FAILED, found, remedy)


def unless(holds: bool, finding: Finding) -> list[Finding]:  # noqa: FBT001  Reads as the condition.
    """The finding, unless all is as it should be."""
    return [] if holds else [finding]
