"""Bytes on their way to a format: in small pieces, with what is unfinished held within a limit."""

import codecs
from collections import deque
from collections.abc import Iterable, Iterator

from processor.domain.reject import Reason
from processor.formats.records import RAW_BYTES_KEPT_MAX, RECORD_BYTES_MAX, RawRecord, StreamBroken

PIECE_BYTES_MAX = 128 * 1024
"""Longest run of bytes a format looks at at once.

Small enough to stay in a processor's cache and to keep the lists of its lines small, long enough
that the cost of a piece does not count. Less than RECORD_BYTES_MAX, so that a record that lies
within one piece is never too long.
"""

WHITE_SPACE = b" \t\r\n"
"""What JSON calls white space. Source: RFC 8259, section 2."""

_TERMINATOR_BYTES_MAX = len(b"\r\n")

LENGTH_HELD_MAX = RECORD_BYTES_MAX + _TERMINATOR_BYTES_MAX
"""Longest record, with its terminator, that is held; a longer one is rejected unseen."""


class Pieces:
    """Cuts chunks of any size into pieces, and turns a broken stream into an end with a reason.

    Args:
        chunks: Consecutive bytes; each chunk of any size.

    Attributes:
        broken: Why the stream ended before its file did; None if it did not. Known after the last
            piece.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.broken: Reason | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._chunks:
                for at in range(0, len(chunk), PIECE_BYTES_MAX):
                    yield chunk[at : at + PIECE_BYTES_MAX]
        except StreamBroken as broken:
            self.broken = broken.reason


class Unfinished:
    """A record whose end has not been seen yet: counted whole, held only as far as it can matter.

    Args:
        byte_offset: Offset in the file of the first byte that will be added.
    """

    def __init__(self, byte_offset: int) -> None:
        self.byte_offset = byte_offset
        self.byte_length = 0
        self._held = bytearray()
        self._ending = b""
        self._is_utf8 = True
        # Exists once the record is too long; until then the bytes are held and decoded later.
        self._decoder: codecs.IncrementalDecoder | None = None

    def add(self, data: bytes) -> None:
        """Adds the bytes that follow."""
        self.byte_length += len(data)
        self._ending = (self._ending + data[-_TERMINATOR_BYTES_MAX:])[-_TERMINATOR_BYTES_MAX:]
        if self._decoder is None:
            self._held += data
            if self.byte_length <= LENGTH_HELD_MAX:
                return
            self._decoder = codecs.getincrementaldecoder("utf-8")()
            data, self._held = bytes(self._held), self._held[:RAW_BYTES_KEPT_MAX]
        self._check_encoding(data)

    def _check_encoding(self, data: bytes, *, final: bool = False) -> None:
        if self._is_utf8 and self._decoder is not None:
            try:
                self._decoder.decode(data, final)
            except UnicodeDecodeError:
                self._is_utf8 = False

    @property
    def whole(self) -> bytes | None:
        """All the bytes; None if they are too many for a record."""
        return bytes(self._held) if self._decoder is None else None

    def too_long(self, number: int, terminator: bytes = b"") -> RawRecord:
        """The reject of a record that ended but was too long to be held (`whole` is None).

        Args:
            number: Its number.
            terminator: What ends a record of this file; not part of the record.
        """
        self._check_encoding(b"", final=True)
        ending = len(self._ending) - len(without_terminator(self._ending, terminator))
        defect = Reason.RECORD_TOO_LARGE if self._is_utf8 else Reason.BAD_ENCODING
        length = self.byte_length - ending
        return RawRecord(number, self.byte_offset, bytes(self._held), length, defect=defect)

    def tail(self, number: int, reason: Reason) -> RawRecord:
        """What lies behind a break, as the one record that it counts as."""
        raw = bytes(self._held[:RAW_BYTES_KEPT_MAX])
        return RawRecord(number, self.byte_offset, raw, self.byte_length, defect=reason)


def without_terminator(record: bytes, terminator: bytes) -> bytes:
    """The record without its terminator: `terminator`, and if that is LF also one CR before it.

    The last record of a file may have lost its terminator, or the LF of its CRLF.
    """
    content = record.removesuffix(terminator)
    return content.removesuffix(b"\r") if terminator == b"\n" else content


def refused(number: int, byte_offset: int, raw: bytes, defect: Reason) -> RawRecord:
    """A record that could not be read, its bytes cut if they are too many."""
    kept = raw if len(raw) <= RECORD_BYTES_MAX else raw[:RAW_BYTES_KEPT_MAX]
    return RawRecord(number, byte_offset, kept, len(raw), defect=defect)


class Source:
    """A stream whose beginning can be looked at before it is read.

    Whatever the stream raises comes out where its bytes are asked for; StreamBroken only when the
    bytes before it have been given.

    Args:
        chunks: Consecutive bytes; each chunk of any size.
        byte_offset: Offset in the file of the first byte.

    Attributes:
        byte_offset: Offset in the file of the first byte that is still there.
    """

    def __init__(self, chunks: Iterable[bytes], byte_offset: int) -> None:
        self.byte_offset = byte_offset
        self._chunks = iter(chunks)
        self._held: deque[bytes] = deque()
        self._held_bytes = 0
        self._is_ended = False
        self._broken: StreamBroken | None = None

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only if the stream has no more; they stay to be read."""
        while self._held_bytes < size and not self._is_ended:
            try:
                chunk = next(self._chunks)
            except StopIteration:
                self._is_ended = True
            except StreamBroken as broken:
                self._is_ended = True
                self._broken = broken
            else:
                self._held.append(chunk)
                self._held_bytes += len(chunk)
        head = bytearray()
        for chunk in self._held:
            head += chunk[: size - len(head)]
            if len(head) == size:
                break
        return bytes(head)

    @property
    def broken(self) -> Reason | None:
        """Why the stream ended before its file did, as far as it has been peeked at."""
        return self._broken.reason if self._broken is not None else None

    def drop(self, size: int) -> None:
        """Leaves out bytes that have been peeked at."""
        self.byte_offset += size
        self._held_bytes -= size
        while size > 0:
            chunk = self._held.popleft()
            if len(chunk) > size:
                self._held.appendleft(chunk[size:])
            size -= len(chunk)

    def skip_to(self, byte_offset: int) -> None:
        """Reads up to an offset, and leaves out what lies before it."""
        while self.byte_offset < byte_offset:
            skipped = len(self.peek(min(PIECE_BYTES_MAX, byte_offset - self.byte_offset)))
            if skipped == 0:
                return
            self.drop(skipped)

    def __iter__(self) -> Iterator[bytes]:
        while self._held:
            yield self._held.popleft()
        if self._broken is not None:
            raise self._broken
        yield from self._chunks
