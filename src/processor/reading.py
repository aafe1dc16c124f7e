"""The bytes of a file, by ranges, going on behind whatever a broken connection delivered."""

from collections.abc import Iterator
from typing import Final

from processor.backoff import Backoff
from processor.domain.file import SourceFile
from processor.domain.reject import Reason
from processor.errors import ObjectChanged, ObjectGone
from processor.formats.records import StreamBroken
from processor.ports import SourceFiles

RANGE_BYTES_MAX: Final = 4 * 1024 * 1024
"""Asked for at a time: large enough that requests cost little, small enough to hold in memory."""

HEAD_BYTES: Final = 256 * 1024
"""First range of what may be read for its first lines only; each further one is twice as long."""


class FileReader:
    """Reads one file.

    Args:
        files: Where from.
        backoff: For reads that must be tried again.
        source: The file, its version pinned.
    """

    def __init__(self, files: SourceFiles, backoff: Backoff, source: SourceFile) -> None:
        self._files = files
        self._backoff = backoff
        self._source = source

    def stream(
        self, begin: int = 0, end: int | None = None, range_bytes: int = RANGE_BYTES_MAX
    ) -> Iterator[bytes]:
        """The bytes from an offset on.

        Args:
            begin: Offset of the first byte.
            end: Offset behind the last one; None for the end of the file.
            range_bytes: Asked for at first.

        Raises:
            StreamBroken: The file vanished or changed.
            ServiceUnavailable, ServiceRefused, OutOfTime: As any call.
        """
        byte_offset = begin
        end = self._source.size_bytes if end is None else end
        while byte_offset < end:
            length = min(range_bytes, end - byte_offset)
            try:
                chunk = self._backoff.call(self._files.read, self._source, byte_offset, length)
            except ObjectGone as error:
                raise StreamBroken(Reason.OBJECT_GONE) from error
            except ObjectChanged as error:
                raise StreamBroken(Reason.OBJECT_CHANGED) from error
            yield chunk
            byte_offset += len(chunk)
            range_bytes = min(RANGE_BYTES_MAX, 2 * range_bytes)

    def lines_from(self, begin: int) -> Iterator[bytes]:
        """The bytes from an offset on, in short ranges: only the next line end is looked for."""
        return self.stream(begin, None, HEAD_BYTES)

    def part(self, begin: int, end: int | None) -> Iterator[bytes]:
        """The bytes from an offset to the end of a part; the head of the file in short ranges."""
        return self.stream(begin, end, RANGE_BYTES_MAX if begin else HEAD_BYTES)
