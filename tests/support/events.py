"""S3 events, as S3 writes them."""

from typing import Any
from urllib.parse import quote_plus

from processor.domain.file import ObjectVersion


def s3_event(*versions: ObjectVersion) -> dict[str, Any]:
    """One event with a record for each version, keys encoded as S3 encodes them."""
    return {"Records": [s3_record(version) for version in versions]}


def s3_record(version: ObjectVersion) -> dict[str, Any]:
    """One record of an S3 event."""
    stored: dict[str, Any] = {"key": quote_plus(version.key, safe="/"), "sequencer": "0055AED6"}
    if version.version_id:
        stored["versionId"] = version.version_id
    if version.etag:
        stored["eTag"] = version.etag
    if version.size_bytes is not None:
        stored["size"] = version.size_bytes
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-central-1",
        "eventTime": "2026-03-01T12:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": version.bucket}, "object": stored},
    }
