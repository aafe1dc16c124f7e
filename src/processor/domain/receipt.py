"""The receipt: the one immutable document that says what became of a file."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from processor.domain.control_totals import CardCounts, Outcome, Totals
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.reject import Reason

FIRST_REJECTS_MAX: Final = 10
"""Rejects listed in the receipt itself, for whoever has not opened the quarantine yet."""

RECEIPT_FORMAT: Final = 2
"""The layout's number; raised whenever the same ledger would give another document."""


class FileStatus(StrEnum):
    """How far a file could be read."""

    PROCESSED = "processed"
    BROKEN = "broken"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Fault:
    """Where and why a file could not be read on.

    Args:
        reason: Why.
        byte_offset: Where the unreadable part begins; in the decompressed file for gzip.
        record_number: Number of the record that could not be read.
        field: The known column that is missing or there twice, or the kind of sensitive
            authentication data; None where that is not the reason.
    """

    reason: Reason
    byte_offset: int
    record_number: int
    field: str | None = None


@dataclass(frozen=True, slots=True)
class ListedReject:
    """One of the first records that went to quarantine."""

    record_number: int
    byte_offset: int
    outcome: Outcome
    reason: Reason
    field: str | None


@dataclass(frozen=True, slots=True)
class QuarantineObject:
    """One object of JSON lines in quarantine. Its key follows from file, part and place.

    A part keeps all of them in one ledger item of 400 KB: 3,000 objects, or 24 GB of lines.
    """

    version_id: str | None
    sha256: str
    line_count: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file in FileLedgerTable, put there once, before its first record is read.

    Args:
        object_version: Its name.
        source: What S3 said of it; None if it was gone.
        parts_total: Parts it is processed in.
        parts_done: Parts whose result is recorded.
        registered_at: When it was first seen; the receipt's start. UTC, RFC 3339.
        deliveries: How often its event was delivered, this time included.
        token_key_id: Id of the key that its card numbers' tokens are made with, by every attempt.
            None in entries of files that were finished before card numbers had tokens.
    """

    object_version: ObjectVersion
    source: SourceFile | None
    parts_total: int
    parts_done: int
    registered_at: str
    deliveries: int = 1
    token_key_id: str | None = None

    @property
    def finished(self) -> bool:
        return self.parts_done >= self.parts_total


@dataclass(slots=True)
class PartResult:
    """What became of one part; recorded once in FileLedgerTable.

    Args:
        part_number: From 1, in the order of the file.
        format: "csv", "ndjson", "json" or "unknown", each also "+gzip"; None if nothing was read.
        totals: Counts and sums.
        fault: Where it broke; None if it was read to the end.
        first_rejects: At most FIRST_REJECTS_MAX, in the order of the file.
        quarantine: Objects of rejected and conflicting records, in the order of the file.
        recorded_at: When it was done. UTC, RFC 3339.
        software: Name and version of the software that decided.
    """

    part_number: int
    format: str | None = None
    totals: Totals = field(default_factory=Totals)
    fault: Fault | None = None
    first_rejects: list[ListedReject] = field(default_factory=list)
    quarantine: list[QuarantineObject] = field(default_factory=list)
    recorded_at: str = ""
    software: str = ""


def build_receipt(
    entry: FileEntry, parts: list[PartResult], results_bucket: str
) -> dict[str, object]:
    """Builds a finished file's receipt, from the ledger alone.

    So every attempt to write it makes the same document, whoever makes it and whenever.

    Args:
        entry: The file.
        parts: Results of all its parts, in order.
        results_bucket: Where the quarantine lies.

    Raises:
        ValueError: A part is still to come.
    """
    if not entry.finished or len(parts) != entry.parts_total:
        raise ValueError(f"{len(parts)} of {entry.parts_total} parts are recorded")
    totals = Totals()
    for part in parts:
        totals.add(part.totals)
    fault = next((part.fault for part in parts if part.fault), None)
    return {
        "receiptFormat": RECEIPT_FORMAT,
        "file": _file_document(entry),
        "fileId": entry.object_version.file_id,
        "format": next((part.format for part in parts if part.format), None),
        "status": _status(totals, fault).value,
        "fault": _fault_document(fault) if fault else None,
        "notices": _notices(entry, totals),
        "outcomes": {
            "read": totals.read,
            **{outcome.value: totals.outcomes[outcome] for outcome in Outcome},
        },
        "sums": totals.sums_document(),
        "controlTotals": {"declared": None, "computed": totals.control_totals_document()},
        "reasons": totals.reasons_document(),
        "cardNumbers": _card_numbers_document(entry, totals.cards),
        "firstRejects": _first_rejects_document(parts),
        "duplicates": _duplicates_document(totals),
        "quarantine": _quarantine_document(entry, parts, results_bucket),
        "parts": entry.parts_total,
        "startedAt": entry.registered_at,
        "endedAt": max(part.recorded_at for part in parts),
        "software": sorted({part.software for part in parts}),
    }


def render(receipt: dict[str, object]) -> bytes:
    """The receipt's bytes: indented JSON in UTF-8, for people and programs alike."""
    return json.dumps(receipt, ensure_ascii=False, indent=2).encode() + b"\n"


def parse(body: bytes) -> dict[str, object]:
    """Reads a receipt's bytes; one that is no receipt is empty, and so contradicts any other."""
    try:
        receipt = json.loads(body)
    except ValueError:
        return {}
    return receipt if isinstance(receipt, dict) else {}


def contradicts(receipt: dict[str, object], other: dict[str, object]) -> bool:
    """Whether two receipts of one file, as built from one ledger, differ.

    Of another layout only the facts count.
    """
    if receipt.get("receiptFormat") == other.get("receiptFormat"):
        return receipt != other
    facts = ("fileId", "status", "outcomes", "sums", "controlTotals", "reasons")
    return any(receipt.get(fact) != other.get(fact) for fact in facts)


def _status(totals: Totals, fault: Fault | None) -> FileStatus:
    if fault is None:
        return FileStatus.PROCESSED
    return FileStatus.BROKEN if totals.read else FileStatus.REFUSED


def _file_document(entry: FileEntry) -> dict[str, str | int | None]:
    if entry.source:
        return entry.source.to_document()
    version = entry.object_version
    return {
        "bucket": version.bucket,
        "key": version.key,
        "versionId": version.version,
        "size": version.size_bytes,
        "eTag": version.etag,
    }


def _fault_document(fault: Fault) -> dict[str, object]:
    return {
        "reason": fault.reason.value,
        "byteOffset": fault.byte_offset,
        "recordNumber": fault.record_number,
        "field": fault.field,
    }


def _notices(entry: FileEntry, totals: Totals) -> list[str]:
    """What somebody should know of a file besides its outcomes.

    DUPLICATE_FILE: every record had been stored by one other file, it was sent twice.
    CARD_NUMBER_IN_KEY: its name holds a card number.
    """
    duplicates = totals.outcomes[Outcome.DUPLICATE]
    sent_twice = duplicates and duplicates == totals.read and len(totals.duplicates) == 1
    notices = ["DUPLICATE_FILE"] if sent_twice and not totals.duplicates_unnamed else []
    if entry.object_version.has_card_number_in_key:
        notices.append("CARD_NUMBER_IN_KEY")
    return notices


def _card_numbers_document(entry: FileEntry, cards: CardCounts) -> dict[str, int | str | None]:
    return {
        "tokenized": cards.tokenized,
        "masked": cards.masked,
        "maskedInQuarantine": cards.masked_in_quarantine,
        "tokenKeyId": entry.token_key_id if cards.tokenized else None,
    }


def _first_rejects_document(parts: list[PartResult]) -> list[dict[str, object]]:
    rejects = [reject for part in parts for reject in part.first_rejects]
    return [
        {
            "recordNumber": reject.record_number,
            "byteOffset": reject.byte_offset,
            "outcome": reject.outcome.value,
            "reason": reject.reason.value,
            "field": reject.field,
        }
        for reject in rejects[:FIRST_REJECTS_MAX]
    ]


def _duplicates_document(totals: Totals) -> dict[str, object]:
    return {
        "firstStoredBy": [
            {"bucket": bucket, "key": key, "versionId": version, "count": count}
            for (bucket, key, version), count in totals.duplicates.items()
        ],
        "unnamed": totals.duplicates_unnamed,
    }


def _quarantine_document(
    entry: FileEntry, parts: list[PartResult], results_bucket: str
) -> dict[str, object] | None:
    objects = [
        {
            "key": entry.object_version.quarantine_key(part.part_number, number),
            "versionId": obj.version_id,
            "sha256": obj.sha256,
            "lineCount": obj.line_count,
        }
        for part in parts
        for number, obj in enumerate(part.quarantine, 1)
    ]
    if not objects:
        return None
    line_count = sum(obj.line_count for part in parts for obj in part.quarantine)
    return {"bucket": results_bucket, "lineCount": line_count, "objects": objects}
