"""Reading evidence: receipts and quarantine by the versions that are named."""

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from desk.errors import DeskError
from processor.backoff import Backoff
from processor.domain.entries import FileEntry, PartResult
from processor.domain.file import ObjectVersion
from processor.domain.masking import mask
from processor.domain.receipt import parse
from processor.domain.task import Task

type Json = dict[str, Any]


class Results(Protocol):
    """TransactionResultsBucket, read only."""

    def read(self, key: str, version_id: str | None = None) -> bytes | None:
        """A version's bytes, of the current one if none is named; None if there is no such version.

        Raises:
            ServiceUnavailable, ServiceRefused: It cannot be read now, or may not.
        """
        ...


class OperatorClock:
    """Time as a person has it: it is up when they say so."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        self._sleep(seconds)

    def remaining_seconds(self) -> float:
        return float("inf")


class NoTelemetry:
    """Counts nothing: the metrics are the function's."""

    def file_started(self, entry: FileEntry) -> None: ...

    def part_done(self, result: PartResult) -> None: ...

    def task_queued(self, task: Task, *, again: bool) -> None: ...

    def swept(self, version: ObjectVersion, why: str, *, started: bool) -> None: ...

    def file_done(self, receipt: Mapping[str, object], entry: FileEntry) -> None: ...

    def file_seen_again(self, entry: FileEntry) -> None: ...

    def retrying(self, what: str, attempt: int, count: int) -> None: ...


def backoff(clock: OperatorClock | None = None) -> Backoff:
    """Tries again as the function does, without an end of its time."""
    return Backoff(clock or OperatorClock(), NoTelemetry(), random.Random())  # noqa: S311  # nosec B311  # Only spreads retries.


def read_receipt(results: Results, version: ObjectVersion, patience: Backoff) -> Json | None:
    """A file's receipt; None if it has none.

    Raises:
        DeskError: There is one, which is no JSON object.
    """
    body = patience.call(results.read, version.receipt_key)
    if body is None:
        return None
    receipt = parse(body)
    if not receipt:
        raise DeskError(f"the receipt of {version} is no JSON object")
    return receipt


@dataclass(frozen=True, slots=True)
class QuarantineBody:
    """An object of the quarantine, as it was found.

    Args:
        key: Its key, as the receipt lists it.
        lines: Its lines; those that are no JSON object are None.
        fault: What is wrong with it as a whole, in words; None if it is what the receipt lists.
    """

    key: str
    lines: list[Json | None]
    fault: str | None = None

    @property
    def key_shown(self) -> str:
        """The key as messages show it: card numbers masked."""
        return mask(self.key)[0]


def read_quarantine(results: Results, receipt: Json, patience: Backoff) -> Iterator[QuarantineBody]:
    """The objects that a receipt lists, one at a time, in the order of the file."""
    quarantine = receipt.get("quarantine") or {}
    for listed in quarantine.get("objects", []):
        key = str(listed.get("key"))
        body = patience.call(results.read, key, listed.get("versionId"))
        if body is None:
            yield QuarantineBody(key, [], "is not there")
            continue
        lines = [json_object(line) for line in body.split(b"\n")[:-1]]
        fault = None
        if hashlib.sha256(body).hexdigest() != listed.get("sha256"):
            fault = "has other bytes than the receipt says"
        elif len(lines) != listed.get("lineCount"):
            fault = "has another number of lines than the receipt says"
        yield QuarantineBody(key, lines, fault)


def json_object(line: bytes) -> Json | None:
    """A line of quarantine; None if it is no JSON object."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):  # The parser's answer to very deep nesting.
        return None
    return document if isinstance(document, dict) else None
