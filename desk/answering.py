"""Whether corrected records are those of a file: by their transaction ids, as far as those tell."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from desk.errors import DeskError
from desk.rejects import export_rejects, rejected_records
from desk.verify import Evidence
from processor.domain.field import text_of
from processor.domain.file import ObjectVersion
from processor.domain.layout import canonical_name
from processor.formats import open_records
from processor.formats.records import RawRecord

_CHUNK_BYTES: Final = 1024 * 1024
_ID: Final = "transactionId"


def require_own_records(corrected: Path, version: ObjectVersion, evidence: Evidence) -> None:
    """Refuses corrections whose ids are not those of the quarantined records.

    An id may be another one where it was what had to be corrected: of a conflict, of an id that
    breaks a rule, of what could not be read as a record.

    Args:
        corrected: The corrected records.
        version: The file whose quarantine they are to answer.
        evidence: Where that is read.

    Raises:
        DeskError: More of them have other ids than can be.
        ServiceUnavailable, ServiceRefused: The quarantine cannot be read now, or may not.
    """
    files, results, patience = evidence.files, evidence.results, evidence.patience
    changeable = sum(
        line["outcome"] == "conflict" or line["field"] in (None, _ID)
        for line in rejected_records(version, results, patience)
    )
    with tempfile.TemporaryFile() as exported:
        export_rejects(version, files, results, patience, exported)
        exported.seek(0)
        known = _ids(lambda _: _chunks(exported), version.key)
    with corrected.open("rb") as opened:
        others = _ids(lambda _: _chunks(opened), corrected.name) - known
    if others.total() > changeable:
        raise DeskError(
            f"not uploaded, since {others.total():,} of the transaction ids are none of those in "
            f"quarantine of {version}, and {changeable:,} could be: is it this file's correction?"
        )


def _ids(read: Callable[[int], Iterator[bytes]], name: str) -> Counter[str]:
    ids: Counter[str] = Counter()
    for record in open_records(read, name).records:
        if isinstance(record, RawRecord) and not record.defect:
            pairs = zip(record.names, record.values, strict=False)
            ids.update(text_of(value) for each, value in pairs if canonical_name(each) == _ID)
    return ids


def _chunks(opened: BinaryIO) -> Iterator[bytes]:
    while chunk := opened.read(_CHUNK_BYTES):
        yield chunk
