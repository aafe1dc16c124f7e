"""HTTP/1.1 with kept connections, as little of it as SDKs send, on asyncio's raw bytes."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple, Protocol, cast

CHUNK_BYTES = 1024 * 1024


class Readable(Protocol):
    """A body that is read piece by piece."""

    def read(self, amt: int | None = None) -> bytes:
        """The next bytes, at most so many; b"" at the end."""
        ...


class Request(NamedTuple):
    """One request.

    Args:
        method: As "GET".
        target: Path and query, encoded as they came.
        headers: Name in lower case -> value.
        body: Whole.
    """

    method: str
    target: str
    headers: Mapping[bytes, bytes]
    body: bytes

    def header(self, name: str) -> str | None:
        """Its value, if there is one."""
        value = self.headers.get(name.encode())
        return None if value is None else value.decode()


class Answer(NamedTuple):
    """One answer.

    Args:
        status: HTTP's.
        body: Whole; of a HEAD nothing.
        headers: Beside Content-Length.
        stream: Read and sent behind the head instead of `body`.
        length: The Content-Length, where it is not that of `body`.
        at_once: Whether it does not wait.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}
    stream: Readable | None = None
    length: int | None = None
    at_once: bool = False


type Handler = Callable[[Request], Answer]


class Latency:
    """How long an answer takes, in seconds; may change while the server runs."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Connection(asyncio.Protocol):
    """One client's connection: requests are answered when they are whole, each after the latency.

    Whatever a request does is done when it arrives. Its answer waits, and keeps none waiting.
    """

    def __init__(self, handle: Handler, latency: Latency) -> None:
        self._handle = handle
        self._latency = latency
        self._received = bytearray()
        self._head: tuple[str, str, dict[bytes, bytes]] | None = None
        self._wanted = 0
        self._writable = asyncio.Event()
        self._writable.set()
        self._sending: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)
        self._loop = asyncio.get_running_loop()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio names it so.
        """See asyncio.Protocol."""
        if self._sending:
            self._sending.cancel()

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        received = self._received
        received += data
        while True:
            if self._head is None and not self._take_head():
                return
            if len(received) < self._wanted:
                return
            method, target, headers = cast("tuple[str, str, dict[bytes, bytes]]", self._head)
            body = bytes(received[: self._wanted])
            del received[: self._wanted]
            self._head = None
            answer = self._handle(Request(method, target, headers, body))
            if self._latency.seconds and not answer.at_once:
                self._loop.call_later(self._latency.seconds, self._send, answer)
            else:
                self._send(answer)

    def _take_head(self) -> bool:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return False
        first, *lines = bytes(self._received[:end]).split(b"\r\n")
        del self._received[: end + 4]
        method, target, _ = first.decode().split(" ")
        headers = {}
        for line in lines:
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        self._wanted = int(headers.get(b"content-length", b"0"))
        self._head = method, target, headers
        if headers.get(b"expect") == b"100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _send(self, answer: Answer) -> None:
        if self._transport.is_closing():
            return
        length = len(answer.body) if answer.length is None else answer.length
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        lines.append(f"Content-Length: {length}\r\n\r\n")
        head = "\r\n".join(lines).encode()
        if answer.stream is None:
            self._transport.write(head + answer.body)
            return
        self._transport.write(head)
        self._sending = self._loop.create_task(self._send_stream(answer.stream))

    async def _send_stream(self, stream: Readable) -> None:
        while chunk := stream.read(CHUNK_BYTES):
            await self._writable.wait()
            self._transport.write(chunk)
