"""What S3 holds: buckets, keys and their versions; and the notifications of every write."""

import base64
import hashlib
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.simulation.services.clock import Clock
from tests.simulation.services.encryption import EncryptionKeys
from tests.simulation.services.errors import service_error

if TYPE_CHECKING:
    from collections.abc import Callable

NULL_VERSION = "null"
"""How a version is called that was written while the bucket kept none."""


@dataclass(frozen=True)
class Notification:
    """What S3 tells of a write, once at least, some time, in any order.

    Args:
        event_name: As "ObjectCreated:Put".
        key: Not encoded.
        version_id: None in a bucket that keeps no versions.
        sequencer: Grows with every write.
    """

    event_name: str
    bucket: str
    key: str
    version_id: str | None
    etag: str
    size: int
    at: datetime
    sequencer: int


@dataclass(frozen=True)
class Version:
    """One version of an object, or a delete marker (whose body is None)."""

    version_id: str
    body: bytes | None
    etag: str
    last_modified: datetime
    content_type: str = "binary/octet-stream"
    metadata: dict[str, str] = field(default_factory=dict)
    encryption: str = "AES256"
    key_arn: str | None = None
    checksums: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The body's bytes."""
        return len(self.body or b"")


@dataclass
class Bucket:
    """A bucket.

    Args:
        versioned: Whether it keeps versions.
        default_key_arn: Encrypts what names no key; None: S3's own (AES256).
        objects: Key -> versions, the oldest first. No key without a version.
    """

    name: str
    versioned: bool = True
    default_key_arn: str | None = None
    objects: dict[str, list[Version]] = field(default_factory=dict)

    def current(self, key: str) -> Version | None:
        """The newest version, be it a delete marker."""
        versions = self.objects.get(key)
        return versions[-1] if versions else None

    def exists(self, key: str) -> bool:
        """Whether a read without version finds an object."""
        current = self.current(key)
        return current is not None and current.body is not None


class S3Store:
    """All buckets.

    Args:
        clock: The simulated time.
        keys: The keys that objects are encrypted under.

    Attributes:
        notifications: Of every write so far, in order.
        on_notification: Called with each, if set.
    """

    def __init__(self, clock: Clock, keys: EncryptionKeys | None = None) -> None:
        self.clock = clock
        self.keys = keys or EncryptionKeys()
        self.buckets: dict[str, Bucket] = {}
        self.notifications: list[Notification] = []
        self.on_notification: Callable[[Notification], None] | None = None
        self._written = 0

    def create_bucket(
        self, name: str, *, versioned: bool = True, default_key_arn: str | None = None
    ) -> Bucket:
        """Adds an empty bucket."""
        self.buckets[name] = Bucket(name, versioned, default_key_arn)
        return self.buckets[name]

    def bucket(self, operation: str, name: str) -> Bucket:
        """The bucket, or the error of the operation."""
        try:
            return self.buckets[name]
        except KeyError:
            code = "404" if operation == "HeadObject" else "NoSuchBucket"
            raise service_error(
                operation, code, "The specified bucket does not exist", status=404
            ) from None

    def write(
        self, bucket: Bucket, key: str, body: bytes | None, event_name: str, **facts: Any
    ) -> Version:
        """Adds a version (body None: a delete marker), and tells of it.

        An ETag is the body's MD5 but under KMS, where it is none: here another for every version.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
        """
        self._written += 1
        version_id = f"v{self._written:08}" if bucket.versioned else NULL_VERSION
        salt = str(self._written).encode() if facts.get("key_arn") else b""
        etag = "" if body is None else hashlib.md5(salt + body, usedforsecurity=False).hexdigest()
        at = self.clock().replace(microsecond=0)
        version = Version(version_id, body, etag, at, **facts)
        kept = bucket.objects.setdefault(key, [])
        if not bucket.versioned:
            kept[:] = [other for other in kept if other.version_id != NULL_VERSION]
        kept.append(version)
        self._notify(bucket, key, version, event_name)
        return version

    def remove(self, bucket: Bucket, key: str, version_id: str) -> Version | None:
        """Deletes a version for good; None if there is none."""
        kept = bucket.objects.get(key, [])
        for index, version in enumerate(kept):
            if version.version_id == version_id:
                del kept[index]
                if not kept:
                    del bucket.objects[key]
                self._written += 1
                self._notify(bucket, key, version, "ObjectRemoved:Delete")
                return version
        return None

    def _notify(self, bucket: Bucket, key: str, version: Version, event_name: str) -> None:
        notification = Notification(
            event_name,
            bucket.name,
            key,
            version.version_id if bucket.versioned else None,
            version.etag,
            version.size,
            self.clock(),
            self._written,
        )
        self.notifications.append(notification)
        if self.on_notification:
            self.on_notification(notification)


def checksums_of(body: bytes, parameters: dict[str, Any]) -> dict[str, str]:
    """The checksum that is kept: the caller's SHA-256, else the CRC-32 that the SDK adds.

    Raises:
        ClientError: BadDigest: the body is not what was sent.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """
    given = parameters.get("ChecksumSHA256")
    if given is None:
        return {"ChecksumCRC32": base64.b64encode(zlib.crc32(body).to_bytes(4)).decode()}
    if base64.b64encode(hashlib.sha256(body).digest()).decode() != given:
        raise service_error(
            "PutObject", "BadDigest", "The SHA256 you specified did not match what was received."
        )
    return {"ChecksumSHA256": given}
