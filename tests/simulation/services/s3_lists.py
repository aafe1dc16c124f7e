"""Lists of what a bucket holds, by keys in the order of their UTF-8 bytes."""

from typing import Any, Final

from tests.simulation.services.errors import reply, service_error
from tests.simulation.services.s3_store import S3Store, Version

_KEYS_MAX: Final = 1000


def list_object_versions(store: S3Store, parameters: dict[str, Any]) -> dict[str, Any]:
    """Versions and delete markers, those of a key from the newest to the oldest.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
    """
    bucket = store.bucket("ListObjectVersions", parameters["Bucket"])
    key_marker = parameters.get("KeyMarker") or ""
    id_marker = parameters.get("VersionIdMarker") or ""
    if id_marker and not key_marker:
        raise service_error(
            "ListObjectVersions",
            "InvalidArgument",
            "A version-id marker cannot be specified without a key marker.",
        )
    prefix = parameters.get("Prefix", "")
    listed: list[tuple[str, Version, bool]] = []
    for key in _keys(bucket.objects, prefix):
        if key < key_marker or (key == key_marker and not id_marker):
            continue
        newest_first = bucket.objects[key][::-1]
        entries = [(key, version, index == 0) for index, version in enumerate(newest_first)]
        if key == key_marker:
            ids = [version.version_id for version in newest_first]
            # A version removed since is no place to go on from: the key is begun again.
            entries = entries[ids.index(id_marker) + 1 if id_marker in ids else 0 :]
        listed += entries
    size = min(parameters.get("MaxKeys", _KEYS_MAX), _KEYS_MAX)
    page, more = listed[:size], len(listed) > size
    answer = reply(
        Name=bucket.name,
        Prefix=prefix,
        KeyMarker=key_marker,
        VersionIdMarker=id_marker,
        MaxKeys=size,
        IsTruncated=more,
        NextKeyMarker=page[-1][0] if more and page else None,
        NextVersionIdMarker=page[-1][1].version_id if more and page else None,
    )
    versions = [_version(*entry) for entry in page if entry[1].body is not None]
    markers = [_marker(*entry) for entry in page if entry[1].body is None]
    # What would be empty is absent, as botocore has it.
    return answer | {
        name: found for name, found in (("Versions", versions), ("DeleteMarkers", markers)) if found
    }


def _keys(objects: dict[str, list[Version]], prefix: str) -> list[str]:
    """Code points have the order of their UTF-8 bytes."""
    return sorted(key for key in objects if key.startswith(prefix))


def _marker(key: str, version: Version, latest: bool) -> dict[str, Any]:
    return {
        "Key": key,
        "VersionId": version.version_id,
        "IsLatest": latest,
        "LastModified": version.last_modified,
    }


def _version(key: str, version: Version, latest: bool) -> dict[str, Any]:
    return _marker(key, version, latest) | {
        "ETag": f'"{version.etag}"',
        "Size": version.size,
        "StorageClass": "STANDARD",
    }


def list_objects_v2(store: S3Store, parameters: dict[str, Any]) -> dict[str, Any]:
    """Current objects. The token of a page is the last key of the one before.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    """
    bucket = store.bucket("ListObjectsV2", parameters["Bucket"])
    prefix = parameters.get("Prefix", "")
    after = parameters.get("ContinuationToken") or parameters.get("StartAfter", "")
    keys = [key for key in _keys(bucket.objects, prefix) if key > after and bucket.exists(key)]
    size = min(parameters.get("MaxKeys", _KEYS_MAX), _KEYS_MAX)
    page, more = keys[:size], len(keys) > size
    contents = [_content(key, bucket.objects[key][-1]) for key in page]
    return reply(
        Name=bucket.name,
        Prefix=prefix,
        MaxKeys=size,
        KeyCount=len(page),
        IsTruncated=more,
        NextContinuationToken=page[-1] if more and page else None,
        Contents=contents or None,
    )


def _content(key: str, version: Version) -> dict[str, Any]:
    return {
        "Key": key,
        "LastModified": version.last_modified,
        "ETag": f'"{version.etag}"',
        "Size": version.size,
        "StorageClass": "STANDARD",
    }
