"""Where in a file reading starts or goes on."""

from typing import Final, NamedTuple


class Position(NamedTuple):
    """A place between two records.

    Args:
        byte_offset: Offset of the first byte that is read; in the decompressed file for gzip.
        record_number: Number of the first record that begins there or later.
        after_stray_comma: Within a JSON array: whether the last record before was a comma that
            stood where a value should. Elsewhere without meaning.
    """

    byte_offset: int = 0
    record_number: int = 1
    after_stray_comma: bool = False


FILE_BEGINS: Final = Position()
