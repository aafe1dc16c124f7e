"""Quarantined records as a file that a person can correct and upload as a replay."""

import base64
import csv
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from desk.errors import DeskError
from desk.reading import Json, Results, read_quarantine, read_receipt
from processor.backoff import Backoff
from processor.domain.file import ObjectVersion
from processor.domain.masking import mask
from processor.errors import ObjectChanged, ObjectGone
from processor.formats import open_records
from processor.formats.records import RAW_BYTES_KEPT_MAX
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
        incomplete: Numbers of the first masked or cut records, up to NUMBERS_LISTED_MAX.
    """

    format: str
    record_count: int = 0
    masked_count: int = 0
    cut_count: int = 0
    incomplete: list[int] = field(default_factory=list)


def export_rejects(
    version: ObjectVersion,
    files: SourceFiles,
    results: Results,
    patience: Backoff,
    target: BinaryIO,
) -> Export:
    """Writes all quarantined records of a file, conflicts too, in its own format.

    CSV gets the file's header, JSON becomes one array. What is masked stays masked: no card number
    leaves the bucket by this way.

    Raises:
        DeskError: The file has no receipt or no quarantine, the quarantine is not what the receipt
            says, or the file of the header is gone.
        ServiceUnavailable, ServiceRefused: Something cannot be read now, or may not.
    """
    receipt = read_receipt(results, version, patience)
    if receipt is None:
        raise DeskError(f"{version} has no receipt")
    if not receipt.get("quarantine"):
        raise DeskError(f"nothing of {version} is in quarantine")
    export = Export(str(receipt.get("format")).partition("+")[0])
    between = b"\n"
    if export.format == "csv":
        target.write(_header(version, files, patience) + b"\n")
    elif export.format == "json":
        target.write(b"[\n")
        between = b",\n"
    for line in _lines(results, receipt, patience):
        target.write((between if export.record_count else b"") + _raw(line))
        _count(line, export)
    target.write(b"\n]\n" if export.format == "json" else b"\n")
    return export


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
            with whole.open("xb") as opened:
                yield opened
            target.touch(exist_ok=False)  # A rename alone would replace what has come meanwhile.
            whole.replace(target)
    except FileExistsError as error:
        raise taken from error
    except OSError as error:
        raise DeskError(f"{shown}: {error.strerror or type(error).__name__}") from error


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
    if (is_masked or is_cut) and len(export.incomplete) < NUMBERS_LISTED_MAX:
        export.incomplete.append(line["recordNumber"])


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
