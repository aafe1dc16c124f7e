"""Files with receipts that nobody sent: states as FileReading gives them, the same for one seed."""

import hashlib
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.files import FileState, UploadedFile
from processor.domain.control_totals import Outcome
from processor.domain.entries import FileEntry
from processor.domain.file import ObjectVersion
from tests.support.fakes import BUCKET

NOW = datetime(2026, 3, 9, 9, 20, tzinfo=UTC)

_SENDERS = ("northbank/cards", "northbank/transfers", "harbour-pay", "kiosk24/daily", "omnimart")
_DECIMALS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
_REASONS = ("AMOUNT_FORMAT", "TIMESTAMP_OFFSET", "FIELD_MISSING", "CURRENCY", "COLUMN_COUNT")
_RARE_REASONS = ("AMOUNT_SCALE", "CARD_NUMBER_CHECK_DIGIT", "TRANSACTION_ID_FORMAT", "JSON_SYNTAX")
_FAULTS = ("GZIP_TRUNCATED", "CSV_UNTERMINATED_QUOTE", "JSON_UNTERMINATED")
_REFUSALS = ("FORMAT_UNKNOWN", "HEADER_MISMATCH", "EMPTY_FILE")


def uploaded(
    key: str = "in/file.csv",
    version_id: str | None = "v1",
    size_bytes: int = 1000,
    uploaded_at: datetime = NOW - timedelta(days=1),
) -> UploadedFile:
    """A file in the bucket."""
    return UploadedFile(ObjectVersion(BUCKET, key, version_id), size_bytes, uploaded_at)


def receipt_of(  # noqa: PLR0913  Each is a member of a receipt that some test is about.
    file: UploadedFile,
    *,
    status: str = "processed",
    outcomes: Mapping[str, int] | None = None,
    sums: Mapping[str, Mapping[str, str]] | None = None,
    reasons: Mapping[str, int] | None = None,
    fault: str | None = None,
    notices: tuple[str, ...] = (),
    replay_of: tuple[ObjectVersion, str] | None = None,
    seconds: float = 1.5,
) -> dict[str, Any]:
    """A receipt with all members of a real one, as a test compares."""
    counts = {one.value: (outcomes or {}).get(one.value, 0) for one in Outcome}
    started = file.uploaded_at + timedelta(seconds=2)
    computed = {"recordCount": sum(counts.values()), "sums": {}, "hashTotal": "0" * 16}
    place = {"byteOffset": 4321, "recordNumber": 7, "field": None}
    replayed, kind = replay_of or (None, None)
    return {
        "receiptFormat": 3,
        "file": {"bucket": BUCKET, "key": file.version.key, "versionId": file.version.version},
        "replayOf": replayed
        and {
            "key": replayed.key,
            "versionId": replayed.version,
            "kind": kind,
            "receiptKey": replayed.receipt_key,
        },
        "fileId": file.version.file_id,
        "format": "csv",
        "status": status,
        "fault": {"reason": fault, **place} if fault else None,
        "furtherFaults": [],
        "notices": list(notices),
        "outcomes": {"read": sum(counts.values()), **counts},
        "sums": {currency: dict(by_outcome) for currency, by_outcome in (sums or {}).items()},
        "controlTotals": {"declared": None, "computed": computed},
        "reasons": dict(reasons or {}),
        "cardNumbers": {"tokenized": 0, "masked": 0, "maskedInQuarantine": 0, "tokenKeyId": None},
        "firstRejects": [],
        "duplicates": {"firstStoredBy": [], "unnamed": 0},
        "quarantine": None,
        "parts": 1,
        "startedAt": _rfc_3339(started),
        "endedAt": _rfc_3339(started + timedelta(seconds=seconds)),
        "software": ["transaction-processor test"],
    }


def state_of(file: UploadedFile, **members: Any) -> FileState:
    """A file with a receipt; members as receipt_of takes them."""
    return FileState(file, None, receipt_of(file, **members))


def state_without_receipt(file: UploadedFile, *, is_begun: bool = True) -> FileState:
    """A file that is not done."""
    begun = FileEntry(file.version, None, 4, 2, _rfc_3339(file.uploaded_at))
    return FileState(file, begun if is_begun else None, None)


def states_of_every_kind(key: str, version_id: str = "v1") -> list[FileState]:
    """A file on each list of what awaits action, and one that is well."""
    file = uploaded(key, version_id)
    return [
        state_without_receipt(file),
        state_of(file, status="broken", fault="GZIP_TRUNCATED", outcomes={"stored": 3}),
        state_of(file, outcomes={"conflict": 2}, reasons={"CONFLICT_ID_REUSED": 2}),
        state_of(file, outcomes={"rejected": 1}, reasons={"AMOUNT_SCALE": 1}),
        state_of(file, outcomes={"stored": 1}, replay_of=(uploaded(key, "v0").version, "file")),
    ]


def busy_states(count: int, seed: int = 1, days: int = 7) -> list[FileState]:
    """About as many files of a busy bucket before NOW, the last one first: nearly all are well."""
    states = _busy_states(count, seed, days)
    return sorted(states, key=lambda state: state.file.uploaded_at, reverse=True)


def _busy_states(count: int, seed: int, days: int) -> Iterator[FileState]:
    chance = random.Random(seed)
    for number in range(count):
        ago = timedelta(days=days) * (number + chance.random()) / max(count, 1)
        time = NOW - ago
        # By night and at weekends fewer come: those are sent a few hours earlier.
        is_quiet = time.hour < 6 or (time.weekday() > 4 and chance.random() < 0.7)
        if is_quiet and chance.random() < 0.8 and number:
            continue
        sender = chance.choice(_SENDERS)
        ending = chance.choice(("csv", "csv", "csv.gz", "ndjson"))
        key = f"{sender}/{time:%Y-%m-%d}/batch-{chance.randrange(10_000):04}.{ending}"
        size_bytes = int(chance.lognormvariate(13, 1.6))
        file = uploaded(key, _version_id(f"{seed}/{number}"), size_bytes, time)
        state = _state(file, chance)
        if state.receipt and state.receipt["outcomes"]["rejected"] and chance.random() < 0.7:
            corrected = uploaded(
                f"{key}.corrected-ghijklmnopghijkl.csv",
                _version_id(f"{seed}/{number}/corrected"),
                size_bytes // 50,
                min(time + timedelta(hours=3), NOW),
            )
            yield _corrected(corrected, state)
        yield state


def _corrected(file: UploadedFile, state: FileState) -> FileState:
    """The replay that answers for a file's rejects."""
    counts = {"stored": state.receipt["outcomes"]["rejected"]} if state.receipt else {}
    return state_of(file, outcomes=counts, replay_of=(state.file.version, "rejects"))


def _state(file: UploadedFile, chance: random.Random) -> FileState:
    kind = chance.random()
    if kind < 0.003:
        return state_without_receipt(file, is_begun=chance.random() < 0.5)
    if kind < 0.005:
        return state_of(file, status="refused", fault=chance.choice(_REFUSALS), seconds=0.2)
    records = max(file.size_bytes // 90, 1)
    counts = {"stored": records, "duplicate": 0, "conflict": 0, "rejected": 0}
    members: dict[str, Any] = {}
    if kind < 0.03:
        counts["rejected"] = chance.randrange(1, 1 + min(records, 40))
    elif kind < 0.034:
        counts["conflict"] = chance.randrange(1, 1 + min(records, 5))
    elif kind < 0.037:
        members |= {"status": "broken", "fault": chance.choice(_FAULTS)}
        counts["rejected"] = 1
    elif kind < 0.045:
        counts = {"stored": 0, "duplicate": records, "conflict": 0, "rejected": 0}
        members["notices"] = ("DUPLICATE_FILE",)
    counts["stored"] -= min(counts["rejected"] + counts["conflict"], counts["stored"])
    return state_of(
        file,
        outcomes=counts,
        reasons=_reasons(counts, chance),
        sums=_sums(counts, chance),
        seconds=round(0.2 + counts["stored"] / chance.uniform(7_000, 12_000), 3),
        **members,
    )


def _reasons(counts: Mapping[str, int], chance: random.Random) -> dict[str, int]:
    reasons = {"CONFLICT_ID_REUSED": counts["conflict"]} if counts["conflict"] else {}
    if counts["rejected"]:
        among = _REASONS if chance.random() < 0.8 else _RARE_REASONS
        weights = range(len(among), 0, -1)
        (reason,) = chance.choices(among, weights)
        reasons[reason] = counts["rejected"]
    return reasons


def _sums(counts: Mapping[str, int], chance: random.Random) -> dict[str, dict[str, str]]:
    currency = chance.choices(tuple(_DECIMALS), (12, 5, 2, 1))[0]
    decimals = _DECIMALS[currency]
    sums = {}
    for outcome in ("stored", "duplicate", "conflict"):
        minor = counts[outcome] * chance.randrange(500, 9_000)
        whole, fraction = divmod(minor, 10**decimals)
        sums[outcome] = f"{whole}.{fraction:0{decimals}}" if decimals else f"{whole}"
    return {currency: sums}


def _version_id(seed: str) -> str:
    """32 letters and digits, as S3 gives them."""
    return hashlib.sha256(seed.encode()).hexdigest()[:32]


def _rfc_3339(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"
