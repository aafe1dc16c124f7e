"""A server on the loopback interface that answers as it was told to, and a certificate for it."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from botocore.credentials import ReadOnlyCredentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from processor.adapters.statements import Endpoint, HttpStatements

CREDENTIALS = ReadOnlyCredentials("AKIDEXAMPLE", "secret", "session-token")


def reply(body: bytes, *more: str, status: str = "200 OK") -> bytes:
    """A whole HTTP reply."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@dataclass
class Request:
    """What a server took in."""

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A server on the loopback interface that gives planned bytes for each request, then closes a
    connection if there are none.

    Args:
        replies: The planned bytes.
        answer: Gives the bytes for a request once no more are planned.
        hangs_up: Whether it closes a connection behind its first reply, whole or not.
    """

    replies: list[bytes] = field(default_factory=list)
    answer: Callable[[Request], bytes] = field(default=lambda _: b"")
    hangs_up: bool = False
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    tls: ssl.SSLContext | None = None
    hold: threading.Event = field(default_factory=threading.Event)
    seen: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        self.hold.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._accepted: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def hang_up(self) -> None:
        """Closes its side of every connection."""
        for connection in self._accepted:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.hold.set()
        with suppress(OSError):
            # Closing alone would leave the thread in accept, and the port open.
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._accepted.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as stream:
                while first_line := stream.readline():
                    headers = {}
                    while line := stream.readline().strip():
                        name, _, value = line.decode().partition(":")
                        headers[name.lower()] = value.strip()
                    body = stream.read(int(headers["content-length"]))
                    request = Request(first_line.decode().split()[1], headers, body)
                    self.requests.append(request)
                    self.seen.release()
                    self.hold.wait()
                    planned = self.replies.pop(0) if self.replies else self.answer(request)
                    connection.sendall(planned)
                    if not planned or self.hangs_up:
                        return
        except OSError:
            return


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody signed but itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.IPAddress(IPv4Address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def statements_at(
    server: Server,
    *,
    credentials: Callable[[], ReadOnlyCredentials] = lambda: CREDENTIALS,
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    url: str = "http://127.0.0.1:{}",
    read_seconds: float = 10.0,
) -> HttpStatements:
    """Statements that go to a server."""
    endpoint = Endpoint(url.format(server.port), "eu-central-1", "agent/1", 10.0, read_seconds)
    return HttpStatements(endpoint, credentials, trust)
