"""BatchExecuteStatement without the SDK around it: the one call that is made for every row.

The SDK takes longer to check, serialise and parse such a call than everything else that a row needs
(docs/performance.md). So its body comes ready, is signed by the SDK's signer with the SDK's
credentials, goes to the SDK's endpoint, and leaves without waiting: while DynamoDB works, the next
records are read.
"""

import socket
import ssl
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, NoCredentialsError
from botocore.httpsession import get_cert_path
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from urllib3.util.wait import wait_for_read

from processor.adapters.aws import CONNECT_SECONDS, READ_SECONDS
from processor.adapters.signing import SigningPlace, signed

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient

IDLE_SECONDS_MAX: Final = 10.0
"""Longest time after which a connection is used again. Whoever keeps one longer may find it closed,
and would have to ask twice."""

REPLY_SECONDS_MAX: Final = 20.0
"""Longest time that a reply may trickle in, from its first byte that is waited for to its last."""

_RECEIVED_BYTES: Final = 64 * 1024
_PORTS: Final = {"http": 80, "https": 443}

_HEADERS: Final = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.BatchExecuteStatement",
}


class NoReply(Exception):
    """Raised when no whole reply came. Whether the statements were executed is not known."""


class Reply(NamedTuple):
    """What DynamoDB answered: the HTTP status and the JSON text."""

    status: int
    body: bytes


class ReplyUnderway(Protocol):
    """A request that was sent, and its reply, which is fetched later or not at all."""

    def receive(self) -> Reply:
        """Waits for the reply; to be called once.

        Raises:
            NoReply: There is none.
        """
        ...

    def abandon(self) -> None:
        """Says that nobody will ask for the reply."""
        ...


class Statements(Protocol):
    """DynamoDB's BatchExecuteStatement."""

    def send(self, body: bytes) -> ReplyUnderway:
        """Sends a request. Raises nothing that `receive` does not raise.

        Args:
            body: As the API reference has it, JSON.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/
        API_BatchExecuteStatement.html
        """
        ...


class Endpoint(NamedTuple):
    """Where requests go, and how; all as the SDK's client has it.

    Args:
        url: With the path, if it has one.
        region: For the signature.
        user_agent: By which CloudTrail tells who calls.
        connect_seconds: Longest time to connect.
        read_seconds: Longest time to wait for a reply, or for more of it.
    """

    url: str
    region: str
    user_agent: str
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS


class HttpStatements:
    """Sends over connections of its own, as many as there are requests under way.

    It tries nothing again: that is for whoever knows the rows. The time limits are the SDK's
    settings; a reply whose checksum is wrong is none, as in the SDK.

    Args:
        endpoint: See there.
        credentials: Gives the current ones; asked before each request.
        trust: Makes the TLS settings, when the first connection needs them.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Callable[[], ReadOnlyCredentials],
        trust: Callable[[], ssl.SSLContext],
    ) -> None:
        self._endpoint = endpoint
        self._address = urlsplit(endpoint.url)
        path = f"{self._address.path.rstrip('/')}/"
        self._url = self._address._replace(path=path).geturl()
        self._first_lines = (
            f"POST {path} HTTP/1.1\r\nAccept-Encoding: identity\r\n"
            f"User-Agent: {endpoint.user_agent}\r\n"
        )
        self._headers = _HEADERS | {"Host": _host(endpoint)}
        self._credentials = credentials
        self._trust = trust
        self._tls: ssl.SSLContext | None = None
        self._idle: list[tuple[socket.socket, float]] = []

    def send(self, body: bytes) -> ReplyUnderway:
        """See Statements."""
        try:
            head = self._head(body)
            connection = self._connection()
        except (OSError, BotoCoreError, RuntimeError) as error:
            # The SDK says RuntimeError of credentials that are expired when they have just come.
            return _NotSent(error)
        try:
            connection.sendall(head + body)
        except OSError as error:
            self.give_up(connection)
            return _NotSent(error)
        return _Underway(connection, self)

    def _head(self, body: bytes) -> bytes:
        """Request line and headers, signed."""
        place = SigningPlace(self._url, "dynamodb", self._endpoint.region)
        headers = signed(place, self._headers, body, self._credentials())
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        return (f"{self._first_lines}{''.join(lines)}Content-Length: {len(body)}\r\n\r\n").encode()

    def release(self, connection: socket.socket) -> None:
        """Takes back a connection whose reply was read."""
        self._idle.append((connection, time.monotonic()))

    def give_up(self, connection: socket.socket) -> None:
        """Closes a connection that failed, and those that nobody uses: whatever became of one may
        have become of all, and each would cost an attempt to find out."""
        connection.close()
        while self._idle:
            self._idle.pop()[0].close()

    def _connection(self) -> socket.socket:
        while self._idle:
            connection, since = self._idle.pop()
            # What can be read before anything was asked is the end: the clock may have stood still
            # with the whole process, and the other side's has not.
            is_young = time.monotonic() - since < IDLE_SECONDS_MAX
            if is_young and not wait_for_read(connection, 0):
                return connection
            connection.close()
        host = str(self._address.hostname)
        port = self._address.port or _PORTS[self._address.scheme]
        with ExitStack() as opened:
            connection = socket.create_connection((host, port), self._endpoint.connect_seconds)
            opened.callback(connection.close)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._address.scheme == "https":
                self._tls = self._tls or self._trust()
                connection = self._tls.wrap_socket(connection, server_hostname=host)
            connection.settimeout(self._endpoint.read_seconds)
            opened.pop_all()
        return connection


def _host(endpoint: Endpoint) -> str:
    """The Host header: with the port, unless that is the scheme's own."""
    address = urlsplit(endpoint.url)
    name = f"[{address.hostname}]" if ":" in str(address.hostname) else str(address.hostname)
    is_usual = address.port in (None, _PORTS[address.scheme])
    return name if is_usual else f"{name}:{address.port}"


def statements_of(session: "Session", client: "DynamoDBClient") -> HttpStatements:
    """Statements at a client's endpoint, with its session's credentials and certificates."""

    def credentials() -> ReadOnlyCredentials:
        found = session.get_credentials()
        if found is None:
            raise NoCredentialsError
        return found.get_frozen_credentials()

    def trust() -> ssl.SSLContext:
        bundle = session.get_config_variable("ca_bundle") or get_cert_path(verify=True)
        return ssl.create_default_context(cafile=bundle)

    # Set by the client; the stubs do not know it.
    user_agent: str = client.meta.config.user_agent  # type: ignore[attr-defined]
    endpoint = Endpoint(client.meta.endpoint_url, client.meta.region_name, user_agent)
    return HttpStatements(endpoint, credentials, trust)


class _Underway:
    """One request that was sent; takes what the parser finds in its reply."""

    def __init__(self, connection: socket.socket, statements: HttpStatements) -> None:
        self._connection = connection
        self._statements = statements
        self._parser = HttpResponseParser(self)
        self._body: list[bytes] = []
        self._checksum: bytes | None = None
        self._is_whole = False
        self._is_kept_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if name.lower() == b"x-amz-crc32":
            self._checksum = value

    def on_body(self, body: bytes) -> None:
        """Called by the parser, with each piece."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Called by the parser. A second message is whatever it is, but no reply to this."""
        self._is_kept_alive = not self._is_whole and self._parser.should_keep_alive()
        self._is_whole = True

    def receive(self) -> Reply:
        """See ReplyUnderway."""
        try:
            self._read()
        except (OSError, HttpParserError, HttpParserUpgrade) as error:
            self._statements.give_up(self._connection)
            raise NoReply(type(error).__name__) from error
        if self._is_kept_alive:
            self._statements.release(self._connection)
        else:
            self._connection.close()
        body = b"".join(self._body)
        if self._checksum and self._checksum != str(zlib.crc32(body)).encode():
            raise NoReply("crc32")
        return Reply(self._parser.get_status_code(), body)

    def _read(self) -> None:
        end = time.monotonic() + REPLY_SECONDS_MAX
        while not self._is_whole:
            if time.monotonic() > end:
                raise TimeoutError
            received = self._connection.recv(_RECEIVED_BYTES)
            if not received:
                raise ConnectionResetError
            self._parser.feed_data(received)

    def abandon(self) -> None:
        """See ReplyUnderway. A reply that nobody read would be taken for the next one's; with one
        that was read, the connection is not this request's any more."""
        if not self._is_whole:
            self._connection.close()


class _NotSent:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def receive(self) -> Reply:
        """See ReplyUnderway."""
        raise NoReply(type(self._error).__name__) from self._error

    def abandon(self) -> None:
        """See ReplyUnderway: there is nothing to wait for."""
