"""Quarantine: where rejected and conflicting records are kept, as JSON lines.

Byte for byte, but for card numbers: those are masked, and the exact bytes remain in the file.
"""

import base64
import hashlib
import json
from typing import Final

from processor.backoff import Backoff
from processor.domain.control_totals import Outcome
from processor.domain.entries import QuarantineObject
from processor.domain.judgement import Verdict
from processor.domain.reject import Reject
from processor.domain.task import ProcessPart
from processor.formats.records import RawRecord
from processor.ports import ResultsBucket
from processor.redaction import Redactor

OBJECT_BYTES_MAX: Final = 8 * 1024 * 1024
"""Lines gathered before an object is written, so that memory does not grow with the rejects."""

CONTENT_TYPE: Final = "application/x-ndjson"


class Quarantine:
    """Writes the quarantine of one segment of a part, as few objects at fixed keys.

    An attempt that is repeated writes the same bytes under the same keys and so finds its own
    objects: nothing is there twice. Other bytes than before (a later release judged differently,
    before any result was recorded) become a new version, and the receipt names the one it means.

    Args:
        results: Where to.
        task: The part, or the segment of it.
        backoff: For calls that must be tried again.
        redactor: Masks card numbers in raw records.
    """

    def __init__(
        self,
        results: ResultsBucket,
        task: ProcessPart,
        backoff: Backoff,
        redactor: Redactor,
    ) -> None:
        self._results = results
        self._task = task
        self._backoff = backoff
        self._redactor = redactor
        self._lines: list[bytes] = []
        self._lines_bytes = 0
        self._objects: list[QuarantineObject] = []

    def add(
        self, record: RawRecord, verdict: Verdict, reject: Reject, fingerprint: str | None
    ) -> int:
        """Adds one record with the decision on it.

        Args:
            record: The record.
            verdict: A conflict or a reject.
            reject: Why.
            fingerprint: Of its content, if it is valid.

        Returns:
            How many card numbers were masked in it.
        """
        raw, masked_count = self._redactor.redact(record)
        document = _document(record, verdict, reject, fingerprint)
        document |= _raw_members(raw) | {"maskedCardNumbers": masked_count}
        line = json.dumps(document, ensure_ascii=False).encode() + b"\n"
        self._lines.append(line)
        self._lines_bytes += len(line)
        if self._lines_bytes >= OBJECT_BYTES_MAX:
            self._write()
        return masked_count

    def close(self) -> list[QuarantineObject]:
        """Writes what is left, and lists the objects in the order of the file."""
        if self._lines:
            self._write()
        return self._objects

    def _write(self) -> None:
        body = b"".join(self._lines)
        line_count = len(self._lines)
        self._lines = []
        self._lines_bytes = 0
        task, number = self._task, len(self._objects) + 1
        key = task.version.quarantine_key(task.part_number, number, task.segment)
        answer = self._backoff.call(self._results.put_if_absent, key, body, CONTENT_TYPE)
        version_id = answer.version_id
        if not answer.created:
            there, version_id = self._backoff.call(self._results.get, key)
            if there != body:
                version_id = self._backoff.call(self._results.put, key, body, CONTENT_TYPE)
        sha256 = hashlib.sha256(body).hexdigest()
        self._objects.append(QuarantineObject(version_id, sha256, line_count))


def _document(
    record: RawRecord, verdict: Verdict, reject: Reject, fingerprint: str | None
) -> dict[str, object]:
    """One line, but for its bytes."""
    document: dict[str, object] = {
        "recordNumber": record.number,
        "byteOffset": record.byte_offset,
        "byteLength": record.byte_length,
        "outcome": verdict.outcome.value,
        "reason": reject.reason.value,
        "field": reject.field,
    }
    if verdict.outcome is Outcome.CONFLICT and verdict.first_file:
        bucket, key, version = verdict.first_file
        document["fingerprint"] = fingerprint
        document["stored"] = {
            "fingerprint": verdict.first_fingerprint,
            "bucket": bucket,
            "key": key,
            "versionId": version,
            "recordNumber": verdict.first_record_number,
        }
    return document


def _raw_members(raw: bytes) -> dict[str, object]:
    """The bytes, as text where they are UTF-8, and as Base64 where not."""
    try:
        return {"raw": raw.decode(), "rawEncoding": "utf-8"}
    except UnicodeDecodeError:
        return {"raw": base64.b64encode(raw).decode(), "rawEncoding": "base64"}
