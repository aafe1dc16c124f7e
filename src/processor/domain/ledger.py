"""FileLedgerTable's entries as documents of texts, whole numbers, lists and maps, and back."""

from typing import Any

from processor.domain.control_totals import CardCounts, Outcome, Totals
from processor.domain.entries import (
    Fault,
    FileEntry,
    ListedReject,
    PartResult,
    PlannedPart,
    QuarantineObject,
)
from processor.domain.file import ObjectVersion, ReplayKind, ReplayOf, SourceFile
from processor.domain.position import Position
from processor.domain.reject import Reason

type Document = dict[str, Any]

_UNREADABLE = "unreadable"
"""In place of a replayed file that cannot be read."""


def entry_to_document(entry: FileEntry) -> Document:
    """A file's entry, but for the counters that only the ledger itself has."""
    version, source = entry.object_version, entry.source
    return {
        "bucket": version.bucket,
        "key": version.key,
        "versionId": version.version_id,
        "eTag": version.etag,
        "size": version.size_bytes,
        "source": source
        and {
            "contentType": source.content_type,
            "encryptionType": source.encryption_type,
            "lastModified": source.last_modified,
            "replayOf": _replay_to_document(source),
        },
        "partsTotal": entry.parts_total,
        "partsDone": entry.parts_done,
        "registeredAt": entry.registered_at,
        "deliveries": entry.deliveries,
        "tokenKeyId": entry.token_key_id,
    }


def entry_from_document(document: Document) -> FileEntry:
    """The inverse of entry_to_document. None may be absent; whatever else is there is left out."""
    version = ObjectVersion(
        document["bucket"],
        document["key"],
        document.get("versionId"),
        document.get("eTag"),
        document.get("size"),
    )
    source = document.get("source")
    return FileEntry(
        version,
        source
        and SourceFile(
            version,
            document["size"],
            document["eTag"],
            source["contentType"],
            source["encryptionType"],
            source["lastModified"],
            # Absent in entries of files that came before replays were told.
            *_replay_from_document(source.get("replayOf")),
        ),
        document["partsTotal"],
        document["partsDone"],
        document["registeredAt"],
        document["deliveries"],
        document.get("tokenKeyId"),
        document.get("results", 0),
        document.get("partsCounted", 0),
        document.get("hasReceipt", False),
    )


def planned_to_document(part: PlannedPart) -> Document:
    """A planned part; its count only if it is known."""
    document = {"partNumber": part.part_number, "begin": part.begin, "end": part.end}
    return document if part.record_count is None else document | {"records": part.record_count}


def planned_from_document(document: Document) -> PlannedPart:
    """The inverse of planned_to_document."""
    return PlannedPart(
        document["partNumber"], document["begin"], document["end"], document.get("records")
    )


def _replay_to_document(source: SourceFile) -> Document | str | None:
    if source.replay_unreadable:
        return _UNREADABLE
    replay = source.replay_of
    if replay is None:
        return None
    return {"key": replay.key, "versionId": replay.version, "kind": replay.kind.value}


def _replay_from_document(document: Document | str | None) -> tuple[ReplayOf | None, bool]:
    """SourceFile's last two fields."""
    if not isinstance(document, dict):
        return None, document == _UNREADABLE
    kind = ReplayKind(document["kind"])
    return ReplayOf(document["key"], document["versionId"], kind), False


def result_to_document(result: PartResult) -> Document:
    """A part's result."""
    return {
        "partNumber": result.part_number,
        "segment": result.segment,
        "format": result.format,
        "totals": _totals_to_document(result.totals),
        "fault": result.fault and result.fault._asdict(),
        "firstRejects": [reject._asdict() for reject in result.first_rejects],
        "quarantine": [obj._asdict() for obj in result.quarantine],
        "remainder": result.remainder and result.remainder._asdict(),
        "recordedAt": result.recorded_at,
        "software": result.software,
    }


def result_from_document(document: Document) -> PartResult:
    """The inverse of result_to_document."""
    fault, remainder = document["fault"], document.get("remainder")
    return PartResult(
        document["partNumber"],
        document["format"],
        _totals_from_document(document["totals"]),
        fault and Fault(**{**fault, "reason": Reason(fault["reason"])}),
        [
            ListedReject(
                **{
                    **reject,
                    "outcome": Outcome(reject["outcome"]),
                    "reason": Reason(reject["reason"]),
                }
            )
            for reject in document["firstRejects"]
        ],
        [QuarantineObject(**obj) for obj in document["quarantine"]],
        document["recordedAt"],
        document["software"],
        document.get("segment", 1),
        remainder and Position(**remainder),
    )


def _totals_to_document(totals: Totals) -> Document:
    return {
        "outcomes": dict(totals.outcomes),
        "sumsMinor": {currency: dict(sums) for currency, sums in totals.sums_minor.items()},
        "hashTotal": totals.hash_total,
        "reasons": dict(totals.reasons),
        "duplicates": [[*first_file, count] for first_file, count in totals.duplicates.items()],
        "duplicatesUnnamed": totals.duplicates_unnamed,
        "cards": {
            "tokenized": totals.cards.tokenized,
            "masked": totals.cards.masked,
            "maskedInQuarantine": totals.cards.masked_in_quarantine,
        },
    }


def _totals_from_document(document: Document) -> Totals:
    # Parts that were recorded before card numbers were looked for have no counts of them.
    cards = document.get("cards", {"tokenized": 0, "masked": 0, "maskedInQuarantine": 0})
    return Totals(
        {Outcome(outcome): count for outcome, count in document["outcomes"].items()},
        {
            currency: {Outcome(outcome): amount for outcome, amount in sums.items()}
            for currency, sums in document["sumsMinor"].items()
        },
        document["hashTotal"],
        {Reason(reason): count for reason, count in document["reasons"].items()},
        {(bucket, key, version): count for bucket, key, version, count in document["duplicates"]},
        document["duplicatesUnnamed"],
        CardCounts(cards["tokenized"], cards["masked"], cards["maskedInQuarantine"]),
    )
