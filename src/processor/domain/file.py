"""Files: one S3 object version each, and how it is named everywhere."""

import hashlib
import json
from enum import StrEnum
from typing import Final, NamedTuple

from processor.domain.masking import has_card_number, mask

OBJECT_KEY_BYTES_MAX: Final = 1024
"""Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""

VERSION_BYTES_SHOWN_MAX: Final = 255
"""S3 gives ids of 32 characters, and reserves the right to 1024 bytes, which fill a key alone."""


class ObjectVersion(NamedTuple):
    """One object version, as a notification names it.

    Args:
        bucket: Bucket name.
        key: Object key, decoded.
        version_id: None where the bucket keeps no versions, or the event names none.
        etag: Without quotes; None where the event names none.
        size_bytes: None where the event names none.
    """

    bucket: str
    key: str
    version_id: str | None = None
    etag: str | None = None
    size_bytes: int | None = None

    @property
    def version(self) -> str:
        """What tells this version from others of its key: its id, or its ETag if it has none."""
        return self.version_id or f"etag-{self.etag or 'unknown'}"

    @property
    def key_shown(self) -> str:
        """The key as log lines and error messages show it: card numbers masked."""
        return mask(self.key)[0]

    @property
    def has_card_number_in_key(self) -> bool:
        """Whether the sender put a card number into the object's name."""
        return has_card_number(self.key)

    def __str__(self) -> str:
        """As error messages name it."""
        return f"s3://{self.bucket}/{self.key_shown} version {self.version}"

    @property
    def file_id(self) -> str:
        """SHA-256 of bucket, key and version: the partition key of the file in FileLedgerTable.

        A hash, since the three together may be longer than a key may be.
        """
        name = json.dumps([self.bucket, self.key, self.version]).encode()
        return hashlib.sha256(name).hexdigest()

    @property
    def receipt_key(self) -> str:
        """Where its receipt lies in TransactionResultsBucket."""
        return self._result_key("receipts", ".json")

    def quarantine_key(self, part_number: int, object_number: int, segment: int = 1) -> str:
        """Where an object of its quarantine lies; all numbers count from 1.

        Keys sort in the order of the file: `part-00007/`, `part-00007.002/`, `part-00008/`.
        """
        part = f"part-{part_number:05}" + (f".{segment:03}" if segment > 1 else "")
        return self._result_key("rejected", f"/{part}/{object_number:05}.jsonl")

    def _result_key(self, prefix: str, suffix: str) -> str:
        """The key of something that belongs to this file.

        `<prefix>/<source key>/<version><suffix>`: whoever knows the source key finds it by listing.
        A source key too long for that is cut and told apart by the file's id, which also stands for
        a version id longer than any that S3 has been seen to give.
        """
        is_short = len(self.version.encode()) <= VERSION_BYTES_SHOWN_MAX
        tail = f"/{self.version if is_short else self.file_id}{suffix}"
        room = OBJECT_KEY_BYTES_MAX - len(f"{prefix}/{tail}".encode())
        key = self.key.encode()
        if len(key) > room:
            shortened = key[: room - 1 - len(self.file_id)].decode(errors="ignore")
            return f"{prefix}/{shortened}~{self.file_id}{tail}"
        return f"{prefix}/{self.key}{tail}"


class ReplayKind(StrEnum):
    """What a replay brings again."""

    FILE = "file"
    """The file as it was."""
    REJECTS = "rejects"
    """Corrected records, in place of those that were rejected."""


class ReplayOf(NamedTuple):
    """The file that another one replays, by its sender's word: nobody asks whether it exists.

    Args:
        key: Its object key, in the same bucket.
        version: Its version; see ObjectVersion.
        kind: What of it is brought again.
    """

    key: str
    version: str
    kind: ReplayKind


class SourceFile(NamedTuple):
    """What S3 says of a file; stored with each of its transactions and in its receipt.

    No checksum of the content is among it: it would be an unkeyed hash of whatever card number is
    in the file, beside a text that may show all the rest. Source: PCI DSS 3.5.1.1.

    Args:
        object_version: Its name. The version id is pinned if the bucket keeps versions.
        size_bytes: Size of the object as stored.
        etag: Without quotes. Not a digest of the content where the object is encrypted by KMS.
        content_type: As the sender declared it.
        encryption_type: "aws:kms", "AES256", or "none".
        last_modified: UTC, RFC 3339 with seconds.
        replay_of: The file that it replays; None for any other file, and where it cannot be read.
        replay_unreadable: Whether its metadata speaks of a replay, and does not name a file.
    """

    object_version: ObjectVersion
    size_bytes: int
    etag: str
    content_type: str
    encryption_type: str
    last_modified: str
    replay_of: ReplayOf | None = None
    replay_unreadable: bool = False

    def to_document(self) -> dict[str, str | int | None]:
        """The receipt's `file` section."""
        return {
            "bucket": self.object_version.bucket,
            "key": self.object_version.key,
            "versionId": self.object_version.version,
            "size": self.size_bytes,
            "eTag": self.etag,
            "contentType": self.content_type,
            "encryptionType": self.encryption_type,
            "lastModified": self.last_modified,
        }

    def replay_document(self) -> dict[str, str] | None:
        """The receipt's `replayOf` section."""
        if self.replay_of is None:
            return None
        replayed = ObjectVersion(
            self.object_version.bucket, self.replay_of.key, self.replay_of.version
        )
        return {
            "key": replayed.key,
            "versionId": replayed.version,
            "kind": self.replay_of.kind.value,
            "receiptKey": replayed.receipt_key,
        }
