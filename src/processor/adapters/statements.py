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
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, NoCredentialsError
from botocore.httpsession import get_cert_path
from urllib3.util.wait import wait_for_read

from processor.adapters.aws import CONNECT_SECONDS, READ_SECONDS

if TYPE_CHECKING:
    from botocore.awsrequest import AWSRequest
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient

IDLE_SECONDS_MAX: Final = 10.0
"""Longest time after which a connection is used again. Whoever keeps one longer may find it closed,
and would have to ask twice."""

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


class _Request:
    method = "POST"
    params = None

    def __init__(self, url: str, headers: dict[str, str], body: bytes) -> None:
        self.url = url
        self.headers = headers
        self.body = body
        self.context: dict[str, object] = {}


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
        self._path = f"{self._address.path.rstrip('/')}/"
        self._url = self._address._replace(path=self._path).geturl()
        self._headers = _HEADERS | {"User-Agent": endpoint.user_agent}
        self._credentials = credentials
        self._trust = trust
        self._tls: ssl.SSLContext | None = None
        self._idle: list[tuple[HTTPConnection, float]] = []

    def send(self, body: bytes) -> ReplyUnderway:
        """See Statements."""
        try:
            headers = self._signed_headers(body)
            connection = self._connection()
        except (OSError, BotoCoreError, RuntimeError) as error:
            # The SDK says RuntimeError of credentials that are expired when they have just come.
            return _NotSent(error)
        try:
            if connection.sock is None:
                self._connect(connection)
            connection.request("POST", self._path, body, headers)
        except (OSError, HTTPException) as error:
            self.give_up(connection)
            return _NotSent(error)
        return _Underway(connection, self)

    def _connect(self, connection: HTTPConnection) -> None:
        connection.connect()
        opened: socket.socket = connection.sock
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        opened.settimeout(self._endpoint.read_seconds)

    def release(self, connection: HTTPConnection) -> None:
        """Takes back a connection whose reply was read."""
        self._idle.append((connection, time.monotonic()))

    def give_up(self, connection: HTTPConnection) -> None:
        """Closes a connection that failed, and those that nobody uses: whatever became of one may
        have become of all, and each would cost an attempt to find out."""
        connection.close()
        while self._idle:
            self._idle.pop()[0].close()

    def _connection(self) -> HTTPConnection:
        while self._idle:
            connection, since = self._idle.pop()
            # What can be read before anything was asked is the end: the clock may have stood still
            # with the whole process, and the other side's has not.
            is_young = time.monotonic() - since < IDLE_SECONDS_MAX
            if is_young and not wait_for_read(connection.sock, 0):
                return connection
            connection.close()
        # With a port, or the last group of an IPv6 address would be taken for one.
        host = str(self._address.hostname)
        port = self._address.port or _PORTS[self._address.scheme]
        seconds = self._endpoint.connect_seconds
        if self._address.scheme == "http":
            return HTTPConnection(host, port, timeout=seconds)
        self._tls = self._tls or self._trust()
        return HTTPSConnection(host, port, timeout=seconds, context=self._tls)

    def _signed_headers(self, body: bytes) -> dict[str, str]:
        request = _Request(self._url, dict(self._headers), body)
        signer = SigV4Auth(self._credentials(), "dynamodb", self._endpoint.region)
        # As much of botocore's AWSRequest as the signer reads, at half of what the signature costs.
        signer.add_auth(cast("AWSRequest", request))
        return request.headers


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
    def __init__(self, connection: HTTPConnection, statements: HttpStatements) -> None:
        self._connection = connection
        self._statements = statements

    def receive(self) -> Reply:
        """See ReplyUnderway."""
        try:
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            self._statements.give_up(self._connection)
            raise NoReply(type(error).__name__) from error
        if response.will_close:
            self._connection.close()
        else:
            self._statements.release(self._connection)
        checksum = response.headers.get("x-amz-crc32")
        if checksum and checksum != str(zlib.crc32(body)):
            raise NoReply("crc32")
        return Reply(response.status, body)

    def abandon(self) -> None:
        """See ReplyUnderway. A reply that nobody read would be taken for the next one's."""
        self._connection.close()


class _NotSent:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def receive(self) -> Reply:
        """See ReplyUnderway."""
        raise NoReply(type(self._error).__name__) from self._error

    def abandon(self) -> None:
        """See ReplyUnderway: there is nothing to wait for."""
