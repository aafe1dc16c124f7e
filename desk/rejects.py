"""Quarantined records as a file that a person can correct and upload as a replay."""

import base64
import csv
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from desk.errors import DeskError
from desk.reading import Json, Results, read_quarantine, read_receipt
from processor.backoff import Backoff
from processor.domain.field import text_of
from processor.domain.file import ObjectVersion
from processor.domain.masking import mask
from processor.errors import ObjectChanged, ObjectGone
from processor.formats import open_records
from processor.formats.records import RAW_BYTES_KEPT_MAX, RawRecord
from processor.ports import SourceFiles
from processor.reading import FileReader

NUMBERS_LISTED_MAX: Final = 100


@dataclass(slots=True)
class Export:
    """What was written, and what of it a person must complete from the file itself.

    Args:
        format: csv, ndjson or json, as the file.
        record_count: Records written.
        masked_count: Those of them with masked card numbers.
        cut_count: Those of which quarantine has only the beginning.
        unread_count: Records left out, since what cannot be read has no columns.
        incomplete: Numbers of the first masked, cut or unread records, up to NUMBERS_LISTED_MAX.
    """

    format: str
    record_count: int = 0
    masked_count: int = 0
    cut_count: int = 0
    unread_count: int = 0
    incomplete: list[int] = field(default_factory=list)

    def list_incomplete(self, line: Json) -> None:
        """Keeps a record's number, up to NUMBERS_LISTED_MAX."""
        if len(self.incomplete) < NUMBERS_LISTED_MAX:
            self.incomplete.append(line["recordNumber"])


@dataclass(slots=True)
class RejectGroup:
    """Records in quarantine for one reason.

    Args:
        outcome: rejected or conflict.
        reason: Why.
        field: Which field decided; None if the record as a whole.
        count: How many there are.
        first: Number of the first one.
    """

    outcome: str
    reason: str
    field: str | None
    count: int
    first: int

    def document(self) -> Json:
        """As JSON has it."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "field": self.field,
            "records": self.count,
            "firstRecord": self.first,
        }


class RejectGroups:
    """Counts records in quarantine by reason and field."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str, str | None], RejectGroup] = {}
        self.count = 0

    def add(self, line: Json) -> None:
        """Counts one quarantine line."""
        name = (line["outcome"], line["reason"], line["field"])
        group = self._groups.setdefault(name, RejectGroup(*name, 0, line["recordNumber"]))
        group.count += 1
        self.count += 1

    def ordered(self) -> list[RejectGroup]:
        """The groups, the largest first."""
        return sorted(self._groups.values(), key=lambda one: (-one.count, one.first))


def rejected_records(version: ObjectVersion, results: Results, patience: Backoff) -> Iterator[Json]:
    """The quarantine lines of a file, in its order, one object in memory at a time.

    Raises:
        DeskError: The file has no receipt, or the quarantine is not what that says.
        ServiceUnavailable, ServiceRefused: Something cannot be read now, or may not.
    """
    return _lines(results, _receipt_of(version, results, patience), patience)


def export_rejects(  # noqa: PLR0913  Each is a thing of its own that it works with.
    version: ObjectVersion,
    files: SourceFiles,
    results: Results,
    patience: Backoff,
    target: BinaryIO,
    *,
    as_csv: bool = False,
    done: Callable[[int], None] = lambda _: None,
) -> Export:
    """Writes all quarantined records of a file, conflicts too, in its own format or as CSV.

    CSV gets the file's header, JSON becomes one array. JSON as CSV gets a column for each name that
    any of the records has. What is masked stays masked: no card number leaves the bucket this way.

    Args:
        version: The file.
        files: Where its header is read.
        results: Where its receipt and its quarantine are read.
        patience: For calls that must be tried again.
        target: Takes the records.
        as_csv: Whether JSON becomes CSV.
        done: Is told how many more records are written.

    Raises:
        DeskError: The file has no receipt or no quarantine, the quarantine is not what the receipt
            says, or the file of the header is gone.
        ServiceUnavailable, ServiceRefused: Something cannot be read now, or may not.
    """
    receipt = _receipt_of(version, results, patience)
    if not receipt.get("quarantine"):
        raise DeskError(f"nothing of {version} is in quarantine")
    export = Export(str(receipt.get("format")).partition("+")[0])
    if as_csv and export.format != "csv":
        return _export_as_csv(lambda: _lines(results, receipt, patience), target, done)
    between = b"\n"
    if export.format == "csv":
        target.write(_header(version, files, patience) + b"\n")
    elif export.format == "json":
        target.write(b"[\n")
        between = b",\n"
    for line in _lines(results, receipt, patience):
        target.write((between if export.record_count else b"") + _raw(line))
        _count(line, export)
        done(1)
    target.write(b"\n]\n" if export.format == "json" else b"\n")
    return export


def _export_as_csv(
    lines: Callable[[], Iterator[Json]], target: BinaryIO, done: Callable[[int], None]
) -> Export:
    """Reads the lines twice: first for the names of columns, so that none need be kept."""
    export = Export("csv")
    names = tuple(dict.fromkeys(name for line in lines() for name in _members(line)))
    if not names:
        raise DeskError("none of the records can be read: export them in the file's own format")
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for line in lines():
        if members := _members(line):
            writer.writerow([members.get(name, "") for name in names])
            _count(line, export)
        else:
            export.unread_count += 1
            export.list_incomplete(line)
        done(1)
    text.detach()
    return export


def _members(line: Json) -> dict[str, str]:
    """A JSON record's members as texts; none if it cannot be read."""
    # As the array of one that it is: it may be written over several lines.
    reading = open_records(lambda _: iter([b"[", _raw(line), b"]"]), "one.json")
    record = next(iter(reading.records), None)
    if not isinstance(record, RawRecord) or record.defect:
        return {}
    pairs = zip(record.names, record.values, strict=True)
    # A cell that is empty and one that is not there are the same to the function.
    return {name: "" if value is None else text_of(value) for name, value in pairs}


def _receipt_of(version: ObjectVersion, results: Results, patience: Backoff) -> Json:
    receipt = read_receipt(results, version, patience)
    if receipt is None:
        raise DeskError(f"{version} has no receipt")
    return receipt


@contextmanager
def new_file(target: Path) -> Iterator[BinaryIO]:
    """Opens a file to write that is there once it is whole, or not at all, and replaces none.

    Until then it lies beside its target, in a folder `.rejects-…` that goes with the attempt.

    Raises:
        DeskError: There is something at the target already, or nothing can be written there.
    """
    shown = mask(str(target))[0]
    taken = DeskError(f"{shown} is there already: it stays, and nothing is exported")
    if os.path.lexists(target):
        raise taken
    try:
        with tempfile.TemporaryDirectory(prefix=".rejects-", dir=target.parent) as folder:
            whole = Path(folder) / "whole"
            # Account numbers are in it: for the eyes of whoever exports it.
            with open(whole, "xb", opener=_private) as opened:
                yield opened
            target.touch(exist_ok=False)  # A rename alone would replace what has come meanwhile.
            whole.replace(target)
    except FileExistsError as error:
        raise taken from error
    except OSError as error:
        raise DeskError(f"{shown}: {error.strerror or type(error).__name__}") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _lines(results: Results, receipt: Json, patience: Backoff) -> Iterator[Json]:
    for body in read_quarantine(results, receipt, patience):
        if body.fault:
            raise DeskError(f"quarantine object {body.key_shown} {body.fault}")
        for line in body.lines:
            if line is None:
                raise DeskError(f"quarantine object {body.key_shown}: a line is no JSON object")
            yield line


def _raw(line: Json) -> bytes:
    if line["rawEncoding"] == "base64":
        return base64.b64decode(line["raw"])
    raw: str = line["raw"]
    return raw.encode()


def _count(line: Json, export: Export) -> None:
    export.record_count += 1
    is_masked = line.get("maskedCardNumbers", 0) > 0
    # Masks are shorter than what they hide where that was escaped: the length alone tells nothing.
    is_cut = len(_raw(line)) <= RAW_BYTES_KEPT_MAX < line["byteLength"]
    export.masked_count += is_masked
    export.cut_count += is_cut
    if is_masked or is_cut:
        export.list_incomplete(line)


def _header(version: ObjectVersion, files: SourceFiles, patience: Backoff) -> bytes:
    try:
        source = patience.call(files.describe, version)
    except (ObjectGone, ObjectChanged) as error:
        raise DeskError(f"{version} is gone, and its header with it") from error
    reading = open_records(FileReader(files, patience, source).stream, version.key)
    if reading.header is None:
        raise DeskError(f"{version} has no header")
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(reading.header.names)
    return text.getvalue().encode()
