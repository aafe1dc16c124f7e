"""Quarantine: where rejected and conflicting records are kept, byte for byte, as JSON lines."""

import base64
import hashlib
import json
from typing import Final

from processor.backoff import Backoff
from processor.domain.control_totals import Outcome
from processor.domain.file import ObjectVersion
from processor.domain.judgement import Verdict
from processor.domain.receipt import QuarantineObject
from processor.domain.reject import Reject
from processor.formats.records import RawRecord
from processor.ports import ResultsBucket

OBJECT_BYTES_MAX: Final = 8 * 1024 * 1024
"""Lines gathered before an object is written, so that memory does not grow with the rejects."""

CONTENT_TYPE: Final = "application/x-ndjson"


class Quarantine:
    """Writes the quarantine of one part, as few objects at fixed keys.

    An attempt that is repeated writes the same bytes under the same keys and so finds its own
    objects: nothing is there twice. Other bytes than before (a later release judged differently,
    before any result was recorded) become a new version, and the receipt names the one it means.

    Args:
        results: Where to.
        version: The file.
        part_number: The part.
        backoff: For calls that must be tried again.
    """

    def __init__(
        self, results: ResultsBucket, version: ObjectVersion, part_number: int, backoff: Backoff
    ) -> None:
        self._results = results
        self._version = version
        self._part_number = part_number
        self._backoff = backoff
        self._lines: list[bytes] = []
        self._lines_bytes = 0
        self._objects: list[QuarantineObject] = []

    def add(
        self, record: RawRecord, verdict: Verdict, reject: Reject, fingerprint: str | None
    ) -> None:
        """Adds one record with the decision on it.

        Args:
            record: The record.
            verdict: A conflict or a reject.
            reject: Why.
            fingerprint: Of its content, if it is valid.
        """
        document = _document(record, verdict, reject, fingerprint)
        line = json.dumps(document, ensure_ascii=False).encode() + b"\n"
        self._lines.append(line)
        self._lines_bytes += len(line)
        if self._lines_bytes >= OBJECT_BYTES_MAX:
            self._write()

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
        key = self._version.quarantine_key(self._part_number, len(self._objects) + 1)
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
    """One line. The bytes are given as text where they are UTF-8, and as Base64 where not."""
    try:
        raw, encoding = record.raw.decode(), "utf-8"
    except UnicodeDecodeError:
        raw, encoding = base64.b64encode(record.raw).decode(), "base64"
    document: dict[str, object] = {
        "recordNumber": record.number,
        "byteOffset": record.byte_offset,
        "byteLength": record.byte_length,
        "outcome": verdict.outcome.value,
        "reason": reject.reason.value,
        "field": reject.field,
        "raw": raw,
        "rawEncoding": encoding,
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
