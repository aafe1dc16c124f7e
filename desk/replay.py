"""Replays: a file brought again on purpose, as it was or with its rejects corrected.

Either way it is a new object version, a file of its own with a receipt of its own, whose metadata
names the file that it replays; see processor.domain.replay.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from desk.errors import DeskError
from processor.domain.card import TokenizationKey
from processor.domain.file import OBJECT_KEY_BYTES_MAX, ObjectVersion, ReplayKind, ReplayOf
from processor.domain.masking import mask
from processor.domain.receipt import FIRST_REJECTS_MAX
from processor.domain.replay import REPLAY_NAMES, ReplayUnreadable, metadata_of
from processor.domain.transaction import Transaction
from processor.domain.validation import Validator, validate_header
from processor.formats import open_records
from processor.formats.records import Break, RawRecord

METADATA_BYTES_MAX: Final = 2048
"""Names and values. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html"""

PUT_BYTES_MAX: Final = 5_000_000_000
"""Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html"""

_DIGEST_LETTERS: Final = 16
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")
_CHUNK_BYTES: Final = 1024 * 1024
_ENDING_CHARACTERS_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Upload:
    """An object version in TransactionDataBucket.

    Args:
        version: Its name, with its version id.
        size_bytes: Its size.
        metadata: Its user metadata.
        headers: What else its sender declared, by the parameter's name: ContentType and the like.
    """

    version: ObjectVersion
    size_bytes: int
    metadata: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Uploads(Protocol):
    """TransactionDataBucket, as a sender who may also read it has it.

    Every method may raise ServiceUnavailable or ServiceRefused.
    """

    def look(self, key: str, version_id: str | None) -> Upload:
        """Raises DeskError if there is no such version; of None, the current one is meant."""
        ...

    def copy(self, upload: Upload, metadata: Mapping[str, str]) -> str | None:
        """Copies a version onto its key, with other metadata.

        Returns:
            The id of the new version; None if another one came meanwhile, so that it is not known.
        """
        ...

    def put_if_absent(self, key: str, body: BinaryIO, metadata: Mapping[str, str]) -> str | None:
        """Uploads a new object; its version id, None if the key is taken."""
        ...


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay that was uploaded. Its own event has it processed.

    Args:
        replayed: The file that it replays.
        replaying: The new file; its version id is None where that is not known.
        kind: What it brings again.
        created: Whether it was uploaded now; False if the same one had been before.
        metadata_dropped: Whether the first sender's metadata found no room beside the replay's.
        record_count: Records of a correction; None of a whole file.
    """

    replayed: ObjectVersion
    replaying: ObjectVersion
    kind: ReplayKind
    created: bool = True
    metadata_dropped: bool = False
    record_count: int | None = None


def replay_file(uploads: Uploads, key: str, version_id: str | None = None) -> Replay:
    """Copies a file onto its key as a new version, which is processed as a file of its own.

    What the first one stored is a duplicate then; what was rejected is judged by today's rules.
    Repeated after a lost reply it makes one more version, and one more receipt: nothing else.

    Args:
        uploads: Where the file lies.
        key: Its key.
        version_id: Its version; None for the current one.

    Raises:
        DeskError: There is no such version, or it has no version id to be named by.
        ServiceUnavailable, ServiceRefused: It cannot be copied now, or may not.
    """
    upload = uploads.look(key, version_id)
    replayed = upload.version
    said = _metadata_of(ReplayOf(key, replayed.version, ReplayKind.FILE), key)
    kept = {
        name: text
        for name, text in upload.metadata.items()
        if name not in REPLAY_NAMES and (name + text).isascii()
    }
    fits = _byte_count(kept | said) <= METADATA_BYTES_MAX
    new_id = uploads.copy(upload, kept | said if fits else said)
    replaying = ObjectVersion(replayed.bucket, key, new_id)
    return Replay(replayed, replaying, ReplayKind.FILE, metadata_dropped=not fits)


def replay_rejects(
    uploads: Uploads, replayed: ObjectVersion, corrected: Path, expected_count: int | None
) -> Replay:
    """Uploads corrected records under a key that their content and the replayed file make.

    So the same correction is uploaded once, however often this is repeated.

    Args:
        uploads: Where the file lies whose rejects these are.
        replayed: That file.
        corrected: The corrected records, in any format that is read.
        expected_count: How many they are to be; None for any number.

    Raises:
        DeskError: A record would be rejected again, or there are not as many as expected.
        ServiceUnavailable, ServiceRefused: It cannot be uploaded now, or may not.
    """
    if corrected.stat().st_size > PUT_BYTES_MAX:
        raise DeskError(f"{_shown(corrected)} is larger than {PUT_BYTES_MAX:,} bytes")
    count = require_valid(corrected)
    if expected_count is not None and count != expected_count:
        raise DeskError(
            f"{_shown(corrected)}: not uploaded, since it has {count:,} records, and "
            f"{expected_count:,} of {replayed} are in quarantine: none is to be forgotten "
            "(with --partial the file still awaits action)"
        )
    new_key = corrected_key(replayed, corrected)
    metadata = _metadata_of(ReplayOf(replayed.key, replayed.version, ReplayKind.REJECTS), new_key)
    with corrected.open("rb") as body:
        new_id = uploads.put_if_absent(new_key, body, metadata)
    replaying = uploads.look(new_key, None).version if new_id is None else None
    return Replay(
        replayed,
        replaying or ObjectVersion(replayed.bucket, new_key, new_id),
        ReplayKind.REJECTS,
        created=new_id is not None,
        record_count=count,
    )


def corrected_key(replayed: ObjectVersion, corrected: Path) -> str:
    """`<key>.corrected-<letters><ending>`; the key is cut where that would be too long.

    The letters stand for the content and the replayed version: letters alone, since digits can be a
    card number by chance.
    """
    digest = hashlib.sha256(replayed.file_id.encode())
    for chunk in _chunks(corrected):
        digest.update(chunk)
    letters = digest.hexdigest()[:_DIGEST_LETTERS].translate(_LETTERS)
    ending = corrected.suffix.lower()
    if not (ending[1:].isascii() and ending[1:].isalnum() and len(ending) < _ENDING_CHARACTERS_MAX):
        ending = ""
    tail = f".corrected-{letters}{ending}"
    room = OBJECT_KEY_BYTES_MAX - len(tail)
    return replayed.key.encode()[:room].decode(errors="ignore") + tail


def require_valid(corrected: Path) -> int:
    """Reads a local file as the function would, and judges its records by the same rules.

    Returns:
        How many records it has.

    Raises:
        DeskError: It cannot be read to its end, has no record, or one breaks a rule. The message
            has numbers, reasons and fields of the first ones, never a value.
    """
    reading = open_records(lambda _: _chunks(corrected), corrected.name)
    refusal = validate_header(reading.header.names) if reading.header is not None else None
    if refusal:
        raise DeskError(f"{_shown(corrected)}: its header: {refusal.reason} {refusal.field or ''}")
    # Tokens of any key will do: nothing is stored here.
    key = TokenizationKey("check", b"tokens that are thrown away")
    validator = Validator(key.tokenize)
    found: list[str] = []
    count = 0
    for record in reading.records:
        count += 1
        found += _problem(record, validator)
        if len(found) == FIRST_REJECTS_MAX:
            break
    if not count:
        raise DeskError(f"{_shown(corrected)}: it has no record")
    if found:
        raise DeskError(
            f"{_shown(corrected)}: not uploaded, since of its records\n  " + "\n  ".join(found)
        )
    return count


def _shown(file: Path) -> str:
    """A local file's name, which may be that of the file in the bucket: card numbers masked."""
    return mask(file.name)[0]


def _problem(record: RawRecord | Break, validator: Validator) -> Iterator[str]:
    if isinstance(record, Break):
        yield f"record {record.record_number} cannot be read: {record.reason}"
    elif record.defect:
        yield f"record {record.number} cannot be read: {record.defect}"
    else:
        judged = validator.validate(record.names, record.values)
        if not isinstance(judged, Transaction):
            field_name = f" ({judged.field})" if judged.field else ""
            yield f"record {record.number} is rejected: {judged.reason}{field_name}"


def _metadata_of(replay: ReplayOf, own_key: str) -> dict[str, str]:
    try:
        metadata = metadata_of(replay, own_key)
    except ReplayUnreadable as error:
        raise DeskError(
            f"{error}: the function would not read it, as of a key with a card number in it"
        ) from error
    if _byte_count(metadata) > METADATA_BYTES_MAX:
        raise DeskError(f"the replayed file's name takes more than {METADATA_BYTES_MAX} bytes")
    return metadata


def _byte_count(metadata: Mapping[str, str]) -> int:
    return sum(len(name) + len(text) for name, text in metadata.items())


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            yield chunk
