"""An S3 client on a store in memory: reads and writes of objects (lists: s3_lists)."""

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from tests.simulation.border import Border
from tests.simulation.services.errors import accept, reply, service_error
from tests.simulation.services.paging import Pages
from tests.simulation.services.s3_body import Body
from tests.simulation.services.s3_lists import list_object_versions, list_objects_v2
from tests.simulation.services.s3_store import Bucket, S3Store, Version, checksums_of

_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
_MARKERS: Final = {
    "list_object_versions": {
        "NextKeyMarker": "KeyMarker",
        "NextVersionIdMarker": "VersionIdMarker",
    },
    "list_objects_v2": {"NextContinuationToken": "ContinuationToken"},
}
_PLACE: Final = ("Bucket", "Key")


class S3Client:
    """The calls of a boto3 S3 client that a pipeline needs, by the API reference.

    Not simulated: rights, bucket policies, multipart uploads, tags, and the metadata of HTTP.

    Args:
        store: Shared by all clients.
        border: Of this client.
    """

    def __init__(self, store: S3Store, border: Border) -> None:
        self._store = store
        self._border = border

    def _call(
        self,
        operation: str,
        parameters: dict[str, Any],
        execute: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> dict[str, Any]:
        return self._border.call("s3", operation, parameters, lambda: execute(parameters))

    def head_object(self, **parameters: Any) -> dict[str, Any]:
        """Errors have no body, and so the status as their code: 404, 405, 412."""
        accept("HeadObject", parameters, _PLACE, ("VersionId", "IfMatch"))
        return self._call("HeadObject", parameters, self._head)

    def get_object(self, **parameters: Any) -> dict[str, Any]:
        """A version's body, or a range of it."""
        optional = ("VersionId", "IfMatch", "Range", "ChecksumMode")
        accept("GetObject", parameters, _PLACE, optional)
        return self._call("GetObject", parameters, self._get)

    def put_object(self, **parameters: Any) -> dict[str, Any]:
        """A new version; with IfNoneMatch "*" only where no object is."""
        optional = (
            *("Body", "ContentType", "Metadata", "ServerSideEncryption", "SSEKMSKeyId"),
            *("ChecksumSHA256", "ChecksumAlgorithm", "IfNoneMatch", "IfMatch", "BucketKeyEnabled"),
        )
        accept("PutObject", parameters, _PLACE, optional)
        return self._call("PutObject", parameters, self._put)

    def copy_object(self, **parameters: Any) -> dict[str, Any]:
        """A new version with the body of another."""
        optional = (
            *("ContentType", "Metadata", "MetadataDirective"),
            *("ServerSideEncryption", "SSEKMSKeyId", "ChecksumAlgorithm"),
        )
        accept("CopyObject", parameters, (*_PLACE, "CopySource"), optional)
        return self._call("CopyObject", parameters, self._copy)

    def delete_object(self, **parameters: Any) -> dict[str, Any]:
        """A delete marker; with a version id, the end of that version."""
        accept("DeleteObject", parameters, _PLACE, ("VersionId",))
        return self._call("DeleteObject", parameters, self._delete)

    def list_object_versions(self, **parameters: Any) -> dict[str, Any]:
        """See s3_lists."""
        optional = ("Prefix", "KeyMarker", "VersionIdMarker", "MaxKeys")
        accept("ListObjectVersions", parameters, ("Bucket",), optional)
        return self._call(
            "ListObjectVersions", parameters, lambda given: list_object_versions(self._store, given)
        )

    def list_objects_v2(self, **parameters: Any) -> dict[str, Any]:
        """See s3_lists."""
        optional = ("Prefix", "StartAfter", "ContinuationToken", "MaxKeys")
        accept("ListObjectsV2", parameters, ("Bucket",), optional)
        return self._call(
            "ListObjectsV2", parameters, lambda given: list_objects_v2(self._store, given)
        )

    def get_paginator(self, operation_name: str) -> Pages:
        """Of a list."""
        return Pages(getattr(self, operation_name), _MARKERS[operation_name], "MaxKeys")

    def _head(self, parameters: dict[str, Any]) -> dict[str, Any]:
        # Without a checksum the key is not needed. Source: API_HeadObject, "Permissions".
        version = self._readable("HeadObject", parameters)
        return reply(ContentLength=version.size, **_headers(parameters, version, self._store))

    def _get(self, parameters: dict[str, Any]) -> dict[str, Any]:
        version = self._readable("GetObject", parameters)
        self._check_key("GetObject", version.key_arn)
        data = version.body or b""
        content_range = None
        span = _span(parameters.get("Range", ""), len(data))
        if span:
            begin, end = span
            content_range = f"bytes {begin}-{end - 1}/{len(data)}"
            data = data[begin:end]
        place = {name: parameters[name] for name in _PLACE}
        return reply(
            206 if span else 200,
            Body=Body(self._border, place, data),
            ContentLength=len(data),
            ContentRange=content_range,
            **_headers(parameters, version, self._store),
        )

    def _readable(self, operation: str, parameters: dict[str, Any]) -> Version:
        """The version that a read means, its conditions met."""
        bucket = self._store.bucket(operation, parameters["Bucket"])
        version = _find(bucket, operation, parameters["Key"], parameters.get("VersionId"))
        wanted = parameters.get("IfMatch")
        if wanted is not None and wanted.strip('"') not in (version.etag, "*"):
            raise _precondition_failed(operation)
        return version

    def _check_key(self, operation: str, key_arn: str | None) -> None:
        if error := self._store.keys.s3_error(operation, key_arn):
            raise error

    def _put(self, parameters: dict[str, Any]) -> dict[str, Any]:
        bucket = self._store.bucket("PutObject", parameters["Bucket"])
        key = parameters["Key"]
        body = parameters.get("Body", b"")
        body = bytes(body) if isinstance(body, bytes | bytearray) else body.read()
        current = bucket.current(key) if bucket.exists(key) else None
        if current and parameters.get("IfNoneMatch") == "*":
            raise _precondition_failed("PutObject")
        wanted = parameters.get("IfMatch")
        if wanted is not None and current is None:
            raise service_error("PutObject", "NoSuchKey", _NO_SUCH_KEY, status=404)
        if wanted is not None and current and wanted.strip('"') != current.etag:
            raise _precondition_failed("PutObject")
        checksums = checksums_of(body, parameters)
        facts = self._encryption("PutObject", bucket, parameters)
        facts |= {"metadata": dict(parameters.get("Metadata", {})), "checksums": checksums}
        if "ContentType" in parameters:
            facts["content_type"] = parameters["ContentType"]
        version = self._store.write(bucket, key, body, "ObjectCreated:Put", **facts)
        return _written(bucket, version)

    def _encryption(
        self, operation: str, bucket: Bucket, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        """How a new version is encrypted: as it is asked for, else as the bucket says."""
        key_arn = parameters.get("SSEKMSKeyId")
        kind = parameters.get("ServerSideEncryption")
        if kind is None and bucket.default_key_arn:
            kind, key_arn = "aws:kms", bucket.default_key_arn
        self._check_key(operation, key_arn)
        return {"encryption": kind or "AES256", "key_arn": key_arn}

    def _copy(self, parameters: dict[str, Any]) -> dict[str, Any]:
        source_bucket, source_key, source_id = _copy_source(parameters["CopySource"])
        bucket = self._store.bucket("CopyObject", parameters["Bucket"])
        source = _find(
            self._store.bucket("CopyObject", source_bucket), "CopyObject", source_key, source_id
        )
        replaced = parameters.get("MetadataDirective", "COPY") == "REPLACE"
        onto_itself = (source_bucket, source_key) == (bucket.name, parameters["Key"])
        changed = replaced or source_id or "ServerSideEncryption" in parameters
        if onto_itself and not changed:
            raise service_error(
                "CopyObject", "InvalidRequest", "This copy request is illegal: it changes nothing."
            )
        self._check_key("CopyObject", source.key_arn)
        facts = self._encryption("CopyObject", bucket, parameters)
        facts["content_type"] = source.content_type
        facts["metadata"] = dict(source.metadata)
        if replaced:
            facts["content_type"] = parameters.get("ContentType", "binary/octet-stream")
            facts["metadata"] = dict(parameters.get("Metadata", {}))
        facts["checksums"] = dict(source.checksums)
        version = self._store.write(
            bucket, parameters["Key"], source.body, "ObjectCreated:Copy", **facts
        )
        result = {"ETag": f'"{version.etag}"', "LastModified": version.last_modified}
        copied = _written(bucket, version)
        del copied["ETag"]
        source_version = source.version_id if source.version_id != "null" else None
        return {**copied, "CopyObjectResult": result, "CopySourceVersionId": source_version}

    def _delete(self, parameters: dict[str, Any]) -> dict[str, Any]:
        bucket = self._store.bucket("DeleteObject", parameters["Bucket"])
        key, version_id = parameters["Key"], parameters.get("VersionId")
        if version_id is not None or not bucket.versioned:
            removed = self._store.remove(bucket, key, version_id or "null")
            marker = True if removed and removed.body is None else None
            return reply(204, VersionId=version_id, DeleteMarker=marker)
        version = self._store.write(bucket, key, None, "ObjectRemoved:DeleteMarkerCreated")
        return reply(204, VersionId=version.version_id, DeleteMarker=True)


_NO_SUCH_KEY: Final = "The specified key does not exist."


def _find(bucket: Bucket, operation: str, key: str, version_id: str | None) -> Version:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html"""
    head = operation == "HeadObject"
    if version_id is None:
        version = bucket.current(key)
        if version is None or version.body is None:
            code = "404" if head else "NoSuchKey"
            raise service_error(operation, code, "Not Found" if head else _NO_SUCH_KEY, status=404)
        return version
    for version in bucket.objects.get(key, ()):
        if version.version_id == version_id:
            if version.body is None:
                code = "405" if head else "MethodNotAllowed"
                raise service_error(operation, code, "Method Not Allowed", status=405)
            return version
    code = "404" if head else "NoSuchVersion"
    raise service_error(operation, code, "The specified version does not exist.", status=404)


def _precondition_failed(operation: str) -> Exception:
    code = "412" if operation == "HeadObject" else "PreconditionFailed"
    message = "At least one of the pre-conditions you specified did not hold"
    return service_error(operation, code, message, status=412)


def _span(header: str, size: int) -> tuple[int, int] | None:
    """Begin and end of the bytes; None where the header is none, or says nothing (RFC 9110, 14.2).

    Raises:
        ClientError: InvalidRange, 416: it begins behind the end.
    """
    match = _RANGE.fullmatch(header)
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < begin:
            return None
    if begin >= size:
        raise service_error(
            "GetObject", "InvalidRange", "The requested range is not satisfiable", status=416
        )
    return begin, end


def _headers(parameters: dict[str, Any], version: Version, store: S3Store) -> dict[str, Any]:
    bucket = store.buckets[parameters["Bucket"]]
    checksums = version.checksums if parameters.get("ChecksumMode") == "ENABLED" else {}
    return {
        "ETag": f'"{version.etag}"',
        "LastModified": version.last_modified,
        "ContentType": version.content_type,
        "Metadata": dict(version.metadata),
        "VersionId": version.version_id if bucket.versioned else None,
        "ServerSideEncryption": version.encryption,
        "SSEKMSKeyId": version.key_arn,
        "AcceptRanges": "bytes",
        **checksums,
    }


def _written(bucket: Bucket, version: Version) -> dict[str, Any]:
    return reply(
        ETag=f'"{version.etag}"',
        VersionId=version.version_id if bucket.versioned else None,
        ServerSideEncryption=version.encryption,
        SSEKMSKeyId=version.key_arn,
        **version.checksums,
    )


def _copy_source(source: str | dict[str, str]) -> tuple[str, str, str | None]:
    """Bucket, key and version id; of text the key is URL-encoded."""
    if isinstance(source, dict):
        return source["Bucket"], source["Key"], source.get("VersionId")
    path, _, version_id = source.partition("?versionId=")
    bucket, _, key = unquote(path.removeprefix("/")).partition("/")
    return bucket, key, version_id or None
