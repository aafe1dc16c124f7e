"""gzip: one stream of bytes to another, every fault of the container found and no byte lost to it.

Python's own readers do not do: `zlib.decompressobj` stops without a word after the first member and
at a file that was cut off, and both it and the `gzip` module drop what they had decompressed before
a fault.
Source: RFC 1952; https://docs.python.org/3.13/library/zlib.html
"""

import zlib
from collections.abc import Generator, Iterable, Iterator

from processor.domain.reject import Reason
from processor.formats.records import StreamBroken

MAGIC = b"\x1f\x8b"
"""How every gzip member begins. Source: RFC 1952, section 2.3.1."""

RATIO_MAX = 200
"""Most bytes out for one byte in. Transactions compress 3 to 30 times; deflate can do 1032."""

UNSUSPICIOUS_BYTES_MAX = 64 * 1024 * 1024
"""Up to so many bytes out the ratio does not matter: that is read within seconds anyway."""

OUTPUT_BYTES_MAX = 20 * 1024**3
"""Most bytes out, whatever the ratio: no invocation reads more in its 15 minutes, and a gzip file
cannot be cut into parts."""

HARMLESS_BYTES_MAX = UNSUSPICIOUS_BYTES_MAX // 1100
"""A gzip file so short cannot come to more than UNSUSPICIOUS_BYTES_MAX, and need not be measured.

Source: https://zlib.net/zlib_tech.html (deflate reaches at most 1032 : 1).
"""

# Fixed, so that a verdict does not depend on how the stream is cut; and small, because what is left
# in a block is copied after each member, and a block can be full of tiny ones.
_BLOCK_BYTES = 16 * 1024
_STEP_BYTES_MAX = 128 * 1024
_GZIP_WBITS = 16 + zlib.MAX_WBITS


def decompress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Gives the content of all members, in pieces of at most 128 KiB.

    Args:
        chunks: The bytes of the file, in chunks of any size.

    Raises:
        StreamBroken: Behind the last byte that could be decompressed: GZIP_CORRUPT if what follows
            is no gzip or a check sum is wrong, GZIP_TRUNCATED if the file ends within a member.
    """
    members = _Members()
    for block in _blocks(chunks):
        yield from members.take(block)
    if members.is_open:
        raise StreamBroken(Reason.GZIP_TRUNCATED)


def is_bomb(chunks: Iterable[bytes], output_bytes_max: int = OUTPUT_BYTES_MAX) -> bool:
    """Whether a file decompresses, at any point, to far more than its bytes up to there.

    Reads on until the answer is known. A file that is broken is no bomb; reading it will tell.

    Args:
        chunks: The bytes of the file, in chunks of any size.
        output_bytes_max: Most bytes out, whatever the ratio.
    """
    members = _Members()
    bytes_in = bytes_out = 0
    try:
        for block in _blocks(chunks):
            bytes_in += len(block)
            bytes_out += sum(map(len, members.take(block)))
            if bytes_out > output_bytes_max:
                return True
            if bytes_out > max(UNSUSPICIOUS_BYTES_MAX, RATIO_MAX * bytes_in):
                return True
    except StreamBroken:
        return False
    return False


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of one size; what there is of the last one comes before a break."""
    held = bytearray()
    try:
        for chunk in chunks:
            held += chunk
            whole = len(held) - len(held) % _BLOCK_BYTES
            for at in range(0, whole, _BLOCK_BYTES):
                yield bytes(held[at : at + _BLOCK_BYTES])
            del held[:whole]
    except StreamBroken:
        yield bytes(held)
        raise
    yield bytes(held)


class _Members:
    """Decompresses the members of a file, one after the other."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WBITS)
        self.is_open = True

    def take(self, block: bytes) -> Iterator[bytes]:
        """Gives the content of the next block of the file."""
        while block:
            if not self.is_open:
                # Zeros may pad the file behind a member. Source: gzip(1), "trailing zeros".
                block = block.lstrip(b"\0")
                if not block:
                    return
                # zlib would wait for a second byte before it says so.
                if not block.startswith(MAGIC[:1]):
                    raise StreamBroken(Reason.GZIP_CORRUPT)
                self._member = zlib.decompressobj(_GZIP_WBITS)
                self.is_open = True
            block = yield from self._take_of_member(block)

    def _take_of_member(self, block: bytes) -> Generator[bytes, None, bytes]:
        """Gives what the block holds of the member; returns what is left of the block behind it."""
        while True:
            # After a fault zlib no longer gives what it had; the copy can be asked again.
            before = self._member.copy()
            try:
                content = self._member.decompress(block, _STEP_BYTES_MAX)
            except zlib.error as error:
                yield from _content_before_fault(before, block)
                raise StreamBroken(Reason.GZIP_CORRUPT) from error
            if content:
                yield content
            if self._member.eof:
                self.is_open = False
                return self._member.unused_data
            block = self._member.unconsumed_tail
            # A full step may have left something inside even when the block is used up.
            if not block and len(content) < _STEP_BYTES_MAX:
                return b""


def _content_before_fault(member: "zlib._Decompress", block: bytes) -> Iterator[bytes]:
    """What a block that has a fault holds before it, found byte by byte."""
    content = bytearray()
    for at in range(len(block)):
        try:
            content += member.decompress(block[at : at + 1])
        except zlib.error:
            break
    yield bytes(content)
