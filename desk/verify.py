"""Verify: recounts a file from source, table and quarantine, and compares with its receipt.

The function's own PartProcessor reads the file once more. Where it would store, the table is looked
up; where it would quarantine, what is there is compared. Nothing is written anywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from desk.differences import Differences, compare_sections
from desk.errors import DeskError
from desk.items import Items, TableReading
from desk.quarantined import QuarantineComparison
from desk.reading import Json, OperatorClock, Results, read_quarantine, read_receipt
from processor import SOFTWARE
from processor.backoff import Backoff
from processor.domain.card import TokenizationKey
from processor.domain.entries import Fault, FileEntry, PartResult
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.receipt import build_receipt
from processor.domain.task import ProcessPart
from processor.domain.validation import Validator, validate_header
from processor.errors import ObjectChanged, ObjectGone
from processor.formats import open_records
from processor.part import PartProcessor
from processor.pipeline import VANISHED
from processor.ports import SourceFiles, TokenizationKeys
from processor.quarantine import Quarantine
from processor.reading import FileReader
from processor.redaction import Redactor

_NOT_RECOUNTED: Final = frozenset(
    {"receiptFormat", "quarantine", "parts", "startedAt", "endedAt", "software"}
)
"""Members of a receipt that say how and when; and the quarantine, compared by its lines."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where things are read. Each may raise ServiceUnavailable or ServiceRefused.

    Args:
        files: TransactionDataBucket.
        items: TransactionMetadataTable.
        results: TransactionResultsBucket.
        keys: Tokenization keys; asked only where a record has a card number.
        patience: For calls that must be tried again.
    """

    files: SourceFiles
    items: Items
    results: Results
    keys: Callable[[], TokenizationKeys]
    patience: Backoff


@dataclass(frozen=True, slots=True)
class Verification:
    """What a recount found.

    Args:
        version: The file.
        receipt: Its receipt; None if it has none.
        differences: What differs.
    """

    version: ObjectVersion
    receipt: Json | None
    differences: Differences

    @property
    def ok(self) -> bool:
        return self.differences.count == 0

    @property
    def other_software(self) -> list[str]:
        """Releases that made the receipt and are not this one: their rules may have been others."""
        named = (self.receipt or {}).get("software", [])
        return [str(one) for one in named if one != SOFTWARE]


def verify(version: ObjectVersion, evidence: Evidence) -> Verification:
    """Recounts one file, in constant memory and one pass, as long as the file takes to read.

    Args:
        version: The file; its current version if none is named.
        evidence: Where things are read.

    Raises:
        DeskError: The receipt is no JSON object.
        ConfigurationInvalid: The file has card numbers, and the key of their tokens is not there.
        ServiceUnavailable, ServiceRefused: Something cannot be read now, or may not.
    """
    differences = Differences()
    try:
        source = evidence.patience.call(evidence.files.describe, version)
    except (ObjectGone, ObjectChanged):
        source = None
    version = source.object_version if source else version
    receipt = read_receipt(evidence.results, version, evidence.patience)
    if receipt is None:
        differences.add("receipt", None, "nothing", "a file that is not done, or is not there")
    elif receipt.get("parts", 1) > 1 and receipt.get("fault"):
        raise DeskError(
            f"{version} broke within one of its parts, and was read on behind it: only a file that "
            "was read to its end, or in one part, can be recounted"
        )
    elif source is None:
        _compare_gone(receipt, differences)
    else:
        _compare(source, receipt, evidence, differences)
    return Verification(version, receipt, differences)


def _compare(
    source: SourceFile, receipt: Json, evidence: Evidence, differences: Differences
) -> None:
    key_id = (receipt.get("cardNumbers") or {}).get("tokenKeyId")
    bodies = read_quarantine(evidence.results, receipt, evidence.patience)
    quarantine = QuarantineComparison(bodies, differences)
    result = recount(source, key_id, evidence, quarantine, differences)
    quarantine.close()
    entry = FileEntry(source.object_version, source, 1, 1, "", token_key_id=key_id)
    # Bucket and keys of the quarantine are not compared, so that none need be named.
    found = build_receipt(entry, [result], "")
    for name in (name for name in found if name in receipt and name not in _NOT_RECOUNTED):
        compare_sections(receipt[name], found[name], f"receipt {name}", differences)
    listed = receipt.get("quarantine") or {}
    line_count = sum(obj.line_count for obj in result.quarantine)
    compare_sections(
        listed.get("lineCount", 0), line_count, "receipt quarantine.lineCount", differences
    )


def recount(
    source: SourceFile,
    key_id: str | None,
    evidence: Evidence,
    quarantine: QuarantineComparison,
    differences: Differences,
) -> PartResult:
    """Reads a whole file as one part, as Pipeline does, and gives what it should have come to.

    In how many parts it was processed makes no difference: the table decides between them, and says
    here what it said then.
    """
    patience = evidence.patience
    reader = FileReader(evidence.files, patience, source)
    reading = open_records(reader.stream, source.object_version.key)
    names = reading.header.names if reading.header else None
    refusal = validate_header(names) if names is not None else None
    if refusal:
        result = PartResult(1, fault=Fault(refusal.reason, 0, 1, refusal.field))
    else:
        keys = _LateKeys(evidence.keys)
        store = TableReading(evidence.items, source, patience, keys, differences)
        task = ProcessPart(source.object_version)
        lines = Quarantine(quarantine, task, patience, Redactor(names))
        validator = Validator(lambda number: keys.key(key_id or keys.current_id).tokenize(number))
        part = PartProcessor(store, lines, validator, OperatorClock(), is_json=names is None)
        result = part.process(task, reading.records)
    result.format = str(reading)
    return result


def _compare_gone(receipt: Json, differences: Differences) -> None:
    """A file that is gone is true to its receipt only if it was gone then, and nothing read."""
    reason = (receipt.get("fault") or {}).get("reason")
    read = (receipt.get("outcomes") or {}).get("read")
    if reason not in VANISHED or read != 0:
        differences.add("file", None, "a file that was read", "nothing: it is gone")


class _LateKeys:
    """Tokenization keys that are read when the first card number needs one."""

    def __init__(self, read: Callable[[], TokenizationKeys]) -> None:
        self._read = read
        self._keys: TokenizationKeys | None = None

    @property
    def current_id(self) -> str:
        """See TokenizationKeys."""
        return self._there().current_id

    def key(self, key_id: str) -> TokenizationKey:
        """See TokenizationKeys."""
        return self._there().key(key_id)

    def _there(self) -> TokenizationKeys:
        if self._keys is None:
            self._keys = self._read()
        return self._keys
