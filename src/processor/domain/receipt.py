"""The receipt: the one immutable document that says what became of a file."""

import json
from enum import StrEnum
from typing import Final

from processor.domain.control_totals import CardCounts, Outcome, Totals
from processor.domain.entries import Fault, FileEntry, PartResult

FIRST_REJECTS_MAX: Final = 10
"""Rejects listed in the receipt itself, for whoever has not opened the quarantine yet."""

FAULTS_MAX: Final = 10
"""Faults listed besides the first one. Only a file of several parts can have more than one: each
part is read to its own end, whatever became of the others."""

RECEIPT_FORMAT: Final = 3
"""The layout's number; raised whenever the same ledger would give another document."""


class FileStatus(StrEnum):
    """How far a file could be read."""

    PROCESSED = "processed"
    BROKEN = "broken"
    REFUSED = "refused"


def build_receipt(
    entry: FileEntry, parts: list[PartResult], results_bucket: str
) -> dict[str, object]:
    """Builds a finished file's receipt, from the ledger alone.

    So every attempt to write it makes the same document, whoever makes it and whenever.

    Args:
        entry: The file.
        parts: Results of all its parts and their segments, in the order of the file.
        results_bucket: Where the quarantine lies.

    Raises:
        ValueError: A part is still to come.
    """
    done = sum(part.remainder is None for part in parts)
    if not entry.finished or done != entry.parts_total:
        raise ValueError(f"{done} of {entry.parts_total} parts are recorded")
    totals = Totals()
    for part in parts:
        totals.add(part.totals)
    faults = [part.fault for part in parts if part.fault]
    return {
        "receiptFormat": RECEIPT_FORMAT,
        "file": _file_document(entry),
        "replayOf": entry.source.replay_document() if entry.source else None,
        "fileId": entry.object_version.file_id,
        "format": next((part.format for part in parts if part.format), None),
        "status": _status(totals, faults).value,
        "fault": _fault_document(faults[0]) if faults else None,
        "furtherFaults": [_fault_document(fault) for fault in faults[1:][:FAULTS_MAX]],
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


def _status(totals: Totals, faults: list[Fault]) -> FileStatus:
    if not faults:
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
    REPLAY_UNREADABLE: its metadata speaks of a replay, and does not name the replayed file.
    """
    duplicates = totals.outcomes[Outcome.DUPLICATE]
    sent_twice = duplicates and duplicates == totals.read and len(totals.duplicates) == 1
    notices = ["DUPLICATE_FILE"] if sent_twice and not totals.duplicates_unnamed else []
    if entry.object_version.has_card_number_in_key:
        notices.append("CARD_NUMBER_IN_KEY")
    if entry.source and entry.source.replay_unreadable:
        notices.append("REPLAY_UNREADABLE")
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
            for (bucket, key, version), count in sorted(totals.duplicates.items())
        ],
        "unnamed": totals.duplicates_unnamed,
    }


def _quarantine_document(
    entry: FileEntry, parts: list[PartResult], results_bucket: str
) -> dict[str, object] | None:
    objects = [
        {
            "key": entry.object_version.quarantine_key(part.part_number, number, part.segment),
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
