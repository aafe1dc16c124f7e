"""Stands between the function and AWS, and lets the calls of one process go wrong.

Calls are throttled, lost before or after they went through, their replies cut short, and the
process is killed at one of them. What is let through is passed on byte for byte, the `Host` header
too: the caller's signature covers it, and the embedded AWS checks signatures.
"""

import http
import http.client
import json
import random
import socket
import struct
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from tests.simulation.faults import Fault

SHARES: Final[Mapping[Fault, float]] = {
    Fault.THROTTLED: 0.05,
    Fault.LOST_REQUEST: 0.02,
    Fault.LOST_REPLY: 0.06,
    Fault.SHORT: 0.04,
}
"""How many of all calls go wrong, by the way they do."""

STATEMENTS_SHARE: Final = 0.15
"""How many batches of statements have one whose answer is an error, though it went through."""

KILL_LATE_SECONDS_MAX: Final = 0.03
RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends RST. Source: socket(7)."""

NOT_PASSED_ON: Final = {"connection", "expect", "content-length", "transfer-encoding"}
"""What two ends of one connection say to each other. The length is said again, as it was."""

TIMEOUT_SECONDS: Final = 60
SHUTDOWN_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True)
class Reply:
    """What AWS answers, or what the proxy says in its place."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Weather:
    """What becomes of the calls of one process.

    Args:
        chance: Decides.
        kill_at: The call, counted from 1, at which the process is killed; None for none.
        kills_before: Whether it is killed before that call goes through, or a little after.
        met: The faults that were, each with how often.
    """

    chance: random.Random
    kill_at: int | None = None
    kills_before: bool = False
    met: Counter[Fault] = field(default_factory=Counter)
    _calls: int = 0

    def next(self) -> Fault | None:
        """What becomes of the next call."""
        self._calls += 1
        if self._calls == self.kill_at:
            return Fault.KILL_BEFORE if self.kills_before else Fault.KILL_AFTER
        (drawn,) = self.chance.choices(
            [*SHARES, None], [*SHARES.values(), 1 - sum(SHARES.values())]
        )
        return drawn


class StormyProxy:
    """A proxy on a free loopback port, until it is closed.

    Args:
        endpoint: Where the calls that get through go.
        weather: What becomes of them.

    Attributes:
        kill: How the process is killed; whoever starts it says so, before its first call can come.
        url: The endpoint that the process is told.
    """

    def __init__(self, endpoint: str, weather: Weather) -> None:
        self.weather = weather
        self.kill: Future[Callable[[], None]] = Future()
        self._upstream = urlsplit(endpoint).netloc
        proxy = self

        class Handler(_Handler):
            def answer(self) -> None:
                proxy.serve(self)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(
            target=self._server.serve_forever, args=[SHUTDOWN_POLL_SECONDS], daemon=True
        ).start()

    def close(self) -> None:
        """Closes the port; raises what went wrong in the proxy itself."""
        self._server.shutdown()
        self._server.server_close()
        if self._server.errors:
            raise self._server.errors[0]

    def serve(self, call: "_Handler") -> None:
        """Has one call go right or wrong."""
        length = int(call.headers.get("Content-Length", 0))
        body = call.rfile.read(length)
        if len(body) < length:
            # Killed while it was sending.
            call.break_off()
            return
        fault = self.weather.next()
        if fault is Fault.KILL_BEFORE:
            self._note(fault)
            self.kill.result()()
            call.break_off()
        elif fault is Fault.LOST_REQUEST:
            self._note(fault)
            call.break_off()
        elif fault is Fault.THROTTLED:
            self._note(fault)
            call.reply(throttling(call.operation, self.weather.chance))
        else:
            self._pass_on(call, body, fault)

    def _pass_on(self, call: "_Handler", body: bytes, fault: Fault | None) -> None:
        reply = self._ask(call, body)
        chance = self.weather.chance
        if fault is Fault.LOST_REPLY:
            self._note(fault)
            call.break_off()
            return
        if fault is Fault.KILL_AFTER:
            self._note(fault)
            threading.Timer(chance.uniform(0, KILL_LATE_SECONDS_MAX), self.kill.result()).start()
        if call.operation == "BatchExecuteStatement" and chance.random() < STATEMENTS_SHARE:
            self._note(Fault.STATEMENTS)
            reply = with_a_failed_statement(reply, chance)
        if fault is Fault.SHORT and len(reply.body) > 1 and call.command != "HEAD":
            self._note(fault)
            call.reply(reply, chance.randrange(1, len(reply.body)))
        else:
            call.reply(reply)

    def _ask(self, call: "_Handler", body: bytes) -> Reply:
        connection = http.client.HTTPConnection(self._upstream, timeout=TIMEOUT_SECONDS)
        try:
            connection.putrequest(
                call.command, call.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in call.headers.items():
                if name.lower() not in NOT_PASSED_ON:
                    connection.putheader(name, value)
            if "Content-Length" in call.headers:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Reply(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def _note(self, fault: Fault) -> None:
        self.weather.met[fault] += 1


class _Server(ThreadingHTTPServer):
    """Takes connections of the process, and keeps the errors of its threads."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.errors: list[Exception] = []
        super().__init__(address, handler)

    def shutdown_request(self, request: Any) -> None:
        """Closes the connection at once, so that one that is to be reset is not ended properly."""
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A process that was killed hears no answer; anything else is the proxy's own fault."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    """One connection of the process."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self) -> None:
        """Answers a call whose head was read."""
        raise NotImplementedError

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = lambda self: self.answer()  # noqa: N815  http.server calls them.

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server names it so.
        """Says nothing."""

    @property
    def operation(self) -> str:
        """The operation's name, where a header tells it: of DynamoDB and Secrets Manager."""
        return (self.headers.get("X-Amz-Target") or "").rpartition(".")[2]

    def reply(self, reply: Reply, body_bytes: int | None = None) -> None:
        """Passes a reply on, or its beginning: then the connection breaks."""
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            if name.lower() not in NOT_PASSED_ON or (
                self.command == "HEAD" and name.lower() == "content-length"
            ):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[:body_bytes])
        if body_bytes is not None:
            self.close_connection = True

    def break_off(self) -> None:
        """Resets the connection."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close_connection = True


def throttling(operation: str, chance: random.Random) -> Reply:
    """The services' own answers to too many calls; S3's to those that name no operation.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    and https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    if not operation:
        body = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message>"
        return Reply(503, [("Content-Type", "application/xml")], body + b"</Error>")
    code = chance.choice(("ThrottlingException", "ProvisionedThroughputExceededException"))
    return Reply(400, [("Content-Type", "application/x-amz-json-1.0")], as_json({"__type": code}))


def with_a_failed_statement(reply: Reply, chance: random.Random) -> Reply:
    """A batch's reply, in which one statement that went through is said to have failed."""
    if reply.status != http.HTTPStatus.OK:
        return reply
    document = json.loads(reply.body)
    codes = ("ThrottlingError", "ProvisionedThroughputExceeded", "InternalServerError")
    document["Responses"][chance.randrange(len(document["Responses"]))] = {
        "Error": {"Code": chance.choice(codes), "Message": "Try again."}
    }
    headers = [(name, value) for name, value in reply.headers if name.lower() != "x-amz-crc32"]
    return Reply(reply.status, headers, as_json(document))


def as_json(document: object) -> bytes:
    return json.dumps(document).encode()
