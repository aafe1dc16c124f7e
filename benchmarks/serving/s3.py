"""S3 over HTTP, path-style, answered by the simulation; files are mapped, never read as a whole."""

import hashlib
import mmap
from collections.abc import Mapping
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape  # nosec B406  # Writes XML and parses none.

from botocore.exceptions import ClientError

from benchmarks.serving.connection import Answer, Request
from tests.simulation.border import PassThrough
from tests.simulation.services.s3 import S3Client
from tests.simulation.services.s3_store import S3Store, Version

_READ_HEADERS: Final = {
    "range": "Range",
    "if-match": "IfMatch",
    "x-amz-checksum-mode": "ChecksumMode",
}
_WRITE_HEADERS: Final = {
    "content-type": "ContentType",
    "if-match": "IfMatch",
    "if-none-match": "IfNoneMatch",
    "x-amz-checksum-sha256": "ChecksumSHA256",
    "x-amz-server-side-encryption": "ServerSideEncryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
}
_ANSWER_HEADERS: Final = {
    "ETag": "ETag",
    "ContentType": "Content-Type",
    "ContentRange": "Content-Range",
    "AcceptRanges": "Accept-Ranges",
    "VersionId": "x-amz-version-id",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "ChecksumCRC32": "x-amz-checksum-crc32",
    "ChecksumSHA256": "x-amz-checksum-sha256",
}
_METADATA: Final = "x-amz-meta-"
_PARTIAL: Final = 206


class S3Service:
    """Answers HEAD, GET and PUT of objects.

    Args:
        store: All buckets.

    Attributes:
        requests: Operation -> how many.
    """

    def __init__(self, store: S3Store) -> None:
        self._store = store
        self._client = S3Client(store, PassThrough())
        self.requests: dict[str, int] = {}

    def answer(self, request: Request) -> Answer:
        """See RFC 9110 and the API reference."""
        parts = urlsplit(request.target)
        bucket, _, key = unquote(parts.path.removeprefix("/")).partition("/")
        query = parse_qs(parts.query, keep_blank_values=True)
        parameters: dict[str, Any] = {"Bucket": bucket, "Key": key}
        if "versionId" in query:
            parameters["VersionId"] = query["versionId"][0]
        call = {"HEAD": self._head, "GET": self._get, "PUT": self._put}.get(request.method)
        # The SDK names the operation to whoever reads its log; here it means nothing.
        if call is None or not key or query.keys() - {"versionId", "x-id"}:
            raise NotImplementedError(f"S3 {request.method} {parts.query}")
        try:
            return call(parameters, request)
        except ClientError as error:
            return _refusal(error, with_body=request.method != "HEAD")

    def serve_file(self, bucket: str, key: str, path: Path, content_type: str) -> Version:
        """A new version of an object: a file's bytes as they are. It must not change any more.

        Its ETag is made of its name and size: under KMS it is no digest of the content either.
        """
        with path.open("rb") as opened:
            size = path.stat().st_size
            body: Any = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        kept = self._store.buckets[bucket].objects.setdefault(key, [])
        version = Version(
            f"file{len(kept) + 1:08}",
            body,
            hashlib.sha256(f"{path} {size}".encode()).hexdigest()[:32],
            self._store.clock().replace(microsecond=0),
            content_type,
            encryption="aws:kms",
        )
        kept.append(version)
        return version

    def _count(self, operation: str) -> None:
        self.requests[operation] = self.requests.get(operation, 0) + 1

    def _head(self, parameters: dict[str, Any], request: Request) -> Answer:
        self._count("HeadObject")
        reply = self._client.head_object(**parameters, **_given(request, _READ_HEADERS))
        return Answer(200, headers=_headers(reply), length=reply["ContentLength"])

    def _get(self, parameters: dict[str, Any], request: Request) -> Answer:
        self._count("GetObject")
        reply = self._client.get_object(**parameters, **_given(request, _READ_HEADERS))
        status = reply["ResponseMetadata"]["HTTPStatusCode"]
        if status == _PARTIAL:
            # A range has no checksum of its own.
            reply = {name: reply[name] for name in reply if not name.startswith("Checksum")}
        return Answer(
            status, headers=_headers(reply), stream=reply["Body"], length=reply["ContentLength"]
        )

    def _put(self, parameters: dict[str, Any], request: Request) -> Answer:
        self._count("PutObject")
        if request.header("content-encoding") == "aws-chunked":
            raise NotImplementedError("a body in chunks that are signed or have a trailer")
        metadata = {
            name.decode().removeprefix(_METADATA): value.decode()
            for name, value in request.headers.items()
            if name.startswith(_METADATA.encode())
        }
        reply = self._client.put_object(
            **parameters, **_given(request, _WRITE_HEADERS), Metadata=metadata, Body=request.body
        )
        return Answer(200, headers=_headers(reply))


def _given(request: Request, names: Mapping[str, str]) -> dict[str, str]:
    values = {parameter: request.header(name) for name, parameter in names.items()}
    return {parameter: value for parameter, value in values.items() if value is not None}


def _headers(reply: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        name: reply[member]
        for member, name in _ANSWER_HEADERS.items()
        if reply.get(member) is not None
    }
    if "LastModified" in reply:
        headers["Last-Modified"] = format_datetime(reply["LastModified"], usegmt=True)
    for name, value in reply.get("Metadata", {}).items():
        headers[_METADATA + name] = value
    return headers


def _refusal(error: ClientError, *, with_body: bool) -> Answer:
    response: Any = error.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    if not with_body:
        return Answer(status)
    code, message = (escape(response["Error"][name]) for name in ("Code", "Message"))
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Answer(status, body.encode(), {"Content-Type": "application/xml"})
