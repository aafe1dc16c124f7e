"""Replays: how the metadata of an object names the file that it replays.

    replay-of: file | rejects
    replay-of-version: the version of the replayed file
    replay-of-key: its key, where that is not the object's own

S3 takes 2 KB of user metadata, names included, and a key may have half of that in bytes: it is
percent-encoded, or Base64 with `base64:` before it where that would be too long.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
"""

import base64
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

from processor.domain.file import OBJECT_KEY_BYTES_MAX, ReplayKind, ReplayOf
from processor.domain.masking import has_card_number

KIND_NAME: Final = "replay-of"
VERSION_NAME: Final = "replay-of-version"
KEY_NAME: Final = "replay-of-key"
REPLAY_NAMES: Final = (KIND_NAME, VERSION_NAME, KEY_NAME)

_PERCENT_ENCODED_MAX: Final = 1536
"""Characters, of a key as metadata. The Base64 of the longest key has 1,368."""

_BASE64: Final = "base64:"
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_VERSION: Final = re.compile(r"[A-Za-z0-9._-]{1,1024}")


class ReplayUnreadable(ValueError):
    """Raised for metadata that speaks of a replay and does not name a file."""


def replay_of_metadata(metadata: Mapping[str, str], own_key: str) -> ReplayOf | None:
    """Reads what an object's sender says of a replay.

    A key or version with a card number in it is refused where the metadata gives it: ledger and
    receipt would keep it, and masked it would lead to no receipt. The object's own key is taken as
    it is: ledger and receipt hold that anyway, as the file's name.

    Args:
        metadata: The object's user metadata, names in lower case without `x-amz-meta-`.
        own_key: The object's key.

    Returns:
        The replayed file; None if the metadata speaks of none.

    Raises:
        ReplayUnreadable: It speaks of one, but not like metadata_of.
    """
    if not any(name in metadata for name in REPLAY_NAMES):
        return None
    version = metadata.get(VERSION_NAME, "")
    if metadata.get(KIND_NAME) not in list(ReplayKind):
        raise ReplayUnreadable(f"{KIND_NAME} is none of {', '.join(ReplayKind)}")
    if not _VERSION.fullmatch(version) or has_card_number(version):
        raise ReplayUnreadable(f"{VERSION_NAME} is no version")
    key = _decoded(metadata[KEY_NAME]) if KEY_NAME in metadata else own_key
    return ReplayOf(key, version, ReplayKind(metadata[KIND_NAME]))


def metadata_of(replay: ReplayOf, own_key: str) -> dict[str, str]:
    """The metadata of an object with the key `own_key` that replays a file.

    Raises:
        ReplayUnreadable: replay_of_metadata would refuse it.
    """
    metadata = {KIND_NAME: replay.kind.value, VERSION_NAME: replay.version}
    if replay.key != own_key:
        metadata[KEY_NAME] = _encoded(replay.key)
    if replay_of_metadata(metadata, own_key) != replay:
        raise ReplayUnreadable(f"{KEY_NAME} is no key")
    return metadata


def _encoded(key: str) -> str:
    encoded = quote(key, safe="/")
    if len(encoded) <= _PERCENT_ENCODED_MAX:
        return encoded
    return _BASE64 + base64.b64encode(key.encode()).decode()


def _decoded(text: str) -> str:
    try:
        if text.startswith(_BASE64):
            key = base64.b64decode(text.removeprefix(_BASE64), validate=True).decode()
        elif _STRAY_PERCENT.search(text):
            raise ReplayUnreadable(f"{KEY_NAME} is not percent-encoded")
        else:
            key = unquote(text, errors="strict")
        byte_count = len(key.encode())
    except UnicodeError as error:
        raise ReplayUnreadable(f"{KEY_NAME} is no UTF-8") from error
    except ValueError as error:
        raise ReplayUnreadable(f"{KEY_NAME} is not encoded") from error
    if not 0 < byte_count <= OBJECT_KEY_BYTES_MAX or has_card_number(key):
        raise ReplayUnreadable(f"{KEY_NAME} is no key")
    return key
