"""What every format turns bytes into: numbered raw records, and at most one break."""

from collections.abc import Iterator
from typing import NamedTuple

from processor.domain.field import FieldValue
from processor.domain.reject import Reason

RECORD_BYTES_MAX = 1024 * 1024
"""Longest record that is held in memory and judged; a longer one is rejected, RECORD_TOO_LARGE.

A DynamoDB item holds 400 KB, so that no longer record could be stored; twice that for JSON escapes.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

RAW_BYTES_KEPT_MAX = 64 * 1024
"""How much of a too long record, or of what lies behind a break, is kept as its exact bytes.

The rest is named by offset and length, and lies in the source file, which is retained.
"""


class RawRecord(NamedTuple):
    """One raw row before validation.

    Args:
        number: Position among the records of the whole file, from 1. Headers and blank lines are
            no records.
        byte_offset: Offset of the first byte of `raw` in the file, for gzip the decompressed one.
        raw: The exact bytes, without the terminator or separator. At most RAW_BYTES_KEPT_MAX bytes
            if the record is too long or lies behind a break, otherwise all of them.
        byte_length: Length of the record in the file: len(raw), unless raw was cut.
        names: Field names as the file spells them. CSV gives the same tuple for every record.
        values: One value a name.
        defect: Why the record could not be read; then names and values are empty.
    """

    number: int
    byte_offset: int
    raw: bytes
    byte_length: int
    names: tuple[str, ...] = ()
    values: tuple[FieldValue, ...] | list[str] = ()
    defect: Reason | None = None


class Break(NamedTuple):
    """Where and why a file cannot be read on; always the last thing a format yields.

    Bytes of an unfinished record behind the break come just before it, as a RawRecord with the same
    reason as its defect, so that they are accounted for.

    Args:
        reason: Why.
        byte_offset: Where the unreadable part begins.
        record_number: Number of the record that could not be read (the last good one + 1).
    """

    reason: Reason
    byte_offset: int
    record_number: int


class StreamBroken(Exception):
    """Raised by a stream that ends before its file does; the format turns it into a Break."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


type Records = Iterator[RawRecord | Break]
