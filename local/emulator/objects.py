# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""S3 objects: ranges of a version, and the encryption that an object is stored with.

Sources: S3 API Reference, "GetObject" (Range with versionId), "PutObject" (encryption headers);
S3 User Guide, "Specifying server-side encryption with AWS KMS": a write that names `aws:kms` and
no key takes the AWS managed key, and a bucket key follows the bucket's configuration.
"""

from typing import Any

from ministack.services import s3

from local.emulator.encryption import ALGORITHM_HEADER, KEY_HEADER, key_arn

BUCKET_KEY_HEADER = "x-amz-server-side-encryption-bucket-key-enabled"

Response = tuple[int, dict[str, str], Any]


def install() -> None:
    """Complete reads of a version's range, and the encryption of writes."""
    _complete_ranges()
    _complete_encryption()


def _complete_ranges() -> None:
    original = s3._get_object

    def get_object(
        bucket_name: str,
        key: str,
        headers: dict[str, str],
        query_params: dict[str, Any] | None = None,
    ) -> Response:
        response: Response = original(bucket_name, key, headers, query_params)
        status, response_headers, body = response
        wanted = headers.get("range", "")
        if status != 200 or not wanted or not s3._qp(query_params or {}, "versionId", ""):
            return response
        return _slice(bucket_name, key, wanted, response_headers, body)

    s3._get_object = get_object


def _slice(
    bucket_name: str, key: str, wanted: str, headers: dict[str, str], body: bytes
) -> Response:
    size_bytes = len(body)
    span = s3._parse_range(wanted, size_bytes)
    if span is None:
        error = {"Content-Type": "application/xml", "Content-Range": f"bytes */{size_bytes}"}
        return 416, error, s3._xml_body(s3._range_error_xml(bucket_name, key))
    start, end = span
    part = body[start : end + 1]
    # A checksum of the whole object does not describe a slice; SDKs would fail on it.
    kept = {
        name: value for name, value in headers.items() if not name.startswith("x-amz-checksum-")
    }
    kept["Content-Length"] = str(len(part))
    kept["Content-Range"] = f"bytes {start}-{end}/{size_bytes}"
    return 206, kept, part


def _complete_encryption() -> None:
    original = s3._resolve_sse_write_headers

    def resolve_sse_write_headers(
        headers: dict[str, str], bucket_name: str
    ) -> tuple[dict[str, str] | None, Response | None]:
        if headers.get(ALGORITHM_HEADER) == "aws:kms":
            headers = dict(headers)
            headers[KEY_HEADER] = key_arn(headers.get(KEY_HEADER) or "alias/aws/s3")
        stamped, error = original(headers, bucket_name)
        if not stamped or stamped.get(ALGORITHM_HEADER) != "aws:kms":
            return stamped, error
        asked = headers.get(BUCKET_KEY_HEADER, "").lower()
        if asked == "true" or (not asked and _uses_bucket_key(bucket_name)):
            stamped[BUCKET_KEY_HEADER] = "true"
        return stamped, error

    s3._resolve_sse_write_headers = resolve_sse_write_headers
    s3._SSE_STORED_HEADERS = (*s3._SSE_STORED_HEADERS, BUCKET_KEY_HEADER)


def _uses_bucket_key(bucket_name: str) -> bool:
    configuration = s3._bucket_encryption.get(bucket_name) or ""
    if isinstance(configuration, bytes):
        configuration = configuration.decode()
    return "<BucketKeyEnabled>true</BucketKeyEnabled>" in configuration
