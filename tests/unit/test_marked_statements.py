"""Inserts by HTTP tell no value: whatever the reply quotes, however it breaks, or if none comes.

These unit tests open sockets, on the loopback interface.
"""

import json
import socket
import ssl
import zlib
from collections.abc import Callable

import pytest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError, NoCredentialsError

from processor.adapters.statements import HttpStatements
from tests.support.emitted import Emitted
from tests.support.leaks import told
from tests.support.loopback import Request, Server, reply, statements_at
from tests.support.marked import MARKS
from tests.support.marked_files import SOME_OF_EVERYTHING
from tests.support.marked_services import QUOTED, SEARCH, Services, quoting

type Answer = Callable[[Request], bytes]


def responding(error: object, more: int = 0) -> Answer:
    """Each statement, and some more, with the same error."""

    def answer(request: Request) -> bytes:
        count = len(json.loads(request.body)["Statements"]) + more
        return reply(json.dumps({"Responses": [{"Error": error}] * count}).encode())

    return answer


def refusing(kind: str, status: str = "400 Bad Request") -> Answer:
    """The whole request, in a message that quotes it."""

    def answer(request: Request) -> bytes:
        quoted = quoting(request).decode()
        return reply(json.dumps({"__type": kind, "message": quoted}).encode(), status=status)

    return answer


def with_checksum(request: Request) -> bytes:
    body = quoting(request)
    return reply(body, f"x-amz-crc32: {zlib.crc32(body) ^ 1}")


ITEM = {"transactionId": {"S": QUOTED}}
ONE_LINE = QUOTED.replace("\n", " ")

ANSWERS: dict[str, tuple[Answer, str]] = {
    "no HTTP": (lambda request: quoting(request) + b"\r\n\r\n", "ServiceUnavailable"),
    "cut short": (lambda request: reply(quoting(request))[:-3], "ServiceUnavailable"),
    "a wrong checksum": (with_checksum, "ServiceUnavailable"),
    "a page": (lambda request: reply(b"<p>" + quoting(request)), "ServiceUnavailable"),
    "half an answer": (
        lambda request: reply(b'{"Responses": [' + quoting(request)),
        "ServiceUnavailable",
    ),
    "a refusal that is a page": (
        lambda request: reply(b"<p>" + quoting(request), status="400 Bad Request"),
        "ServiceRefused",
    ),
    "a status that quotes": (
        lambda request: reply(quoting(request), status=f"403 {ONE_LINE}"),
        "ServiceRefused",
    ),
    "a header that quotes": (
        lambda request: reply(quoting(request), f"x-odd: {ONE_LINE}", status="403 No"),
        "ServiceRefused",
    ),
    "a refusal": (refusing("x#AccessDeniedException"), "ServiceRefused"),
    "a refusal by what is no code": (refusing(QUOTED), "ServiceRefused"),
    "an invalid statement": (refusing("x#ValidationException"), "ServiceRefused"),
    "a throttled request": (refusing("x#ThrottlingException"), "ServiceUnavailable"),
    "a failing service": (refusing("", "500 Oh"), "ServiceUnavailable"),
    "too many answers": (
        responding({"Code": "DuplicateItem", "Message": QUOTED, "Item": ITEM}, more=1),
        "ServiceRefused",
    ),
    "an item that is none": (
        responding({"Code": "DuplicateItem", "Message": QUOTED, "Item": ITEM}),
        "KeyError",
    ),
    "a statement that is refused": (
        responding({"Code": "AccessDenied", "Message": QUOTED, "Item": ITEM}),
        "ServiceRefused",
    ),
    "a statement that is refused by what is no code": (
        responding({"Code": QUOTED, "Message": QUOTED}),
        "ServiceRefused",
    ),
    "a statement that is throttled": (
        responding({"Code": "ThrottlingError", "Message": QUOTED, "Item": ITEM}),
        "ServiceUnavailable",
    ),
    "statements that are invalid": (
        responding({"Code": "ValidationError", "Message": QUOTED, "Item": ITEM}),
        "ServiceRefused",
    ),
}


def deliver(services: Services, name: str) -> Emitted:
    """A file whose key has a card number as well."""
    key = f"in/{name} 5200-8282-8282-8210.csv"
    return services.deliver(services.upload(SOME_OF_EVERYTHING, key))


def test_no_reply_is_told(services: Services, server: Server) -> None:
    server.hangs_up = True
    runs = {}

    for name, (answer, _) in ANSWERS.items():
        server.answer = answer
        runs[name] = deliver(services, name)

    assert [name for name, run in runs.items() if ANSWERS[name][1] not in run.error] == []
    assert all(MARKS["accountId"].encode() in request.body for request in server.requests)
    assert told(*runs.values(), search=SEARCH) == []


def test_no_duplicate_and_no_conflict_is_told(services: Services, server: Server) -> None:
    # Each comes with the item that was there before.
    versions = [services.upload(SOME_OF_EVERYTHING, f"in/{number}.csv") for number in range(2)]

    run = services.deliver(*versions)

    assert run.output.count('"file done"') == 2
    assert len(server.requests) >= 4
    assert told(run, search=SEARCH) == []


def nowhere(_: Server) -> HttpStatements:
    closed = Server()
    closed.close()
    return statements_at(closed)


def without_trust(server: Server) -> HttpStatements:
    def trust() -> ssl.SSLContext:
        raise OSError(QUOTED)

    return statements_at(server, url="https://127.0.0.1:{}", trust=trust)


def with_credentials(error: Exception) -> Callable[[Server], HttpStatements]:
    """Statements whose credentials never come."""

    def statements(server: Server) -> HttpStatements:
        def credentials() -> ReadOnlyCredentials:
            raise error from ValueError(QUOTED)

        return statements_at(server, credentials=credentials)

    return statements


UNSENT: dict[str, Callable[[Server], HttpStatements]] = {
    "no server": nowhere,
    "no reply": statements_at,
    "no trust": without_trust,
    "no credentials": with_credentials(NoCredentialsError()),
    "expired credentials": with_credentials(RuntimeError(QUOTED)),
    "credentials that are refused": with_credentials(
        ClientError({"Error": {"Code": "Odd", "Message": QUOTED}}, "GetCredentials")
    ),
}


def test_no_request_that_is_not_sent_or_answered_is_told(
    services: Services, server: Server
) -> None:
    server.answer = lambda _: b""
    runs = {}

    for name, statements in UNSENT.items():
        services.statements = statements(server)
        runs[name] = deliver(services, name)

    assert [name for name, run in runs.items() if "EventFailed" not in run.error] == []
    assert told(*runs.values(), search=SEARCH) == []


def test_no_request_that_breaks_while_it_is_sent_is_told(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sendall(_: socket.socket, data: bytes) -> None:
        raise BrokenPipeError(data)

    monkeypatch.setattr(socket.socket, "sendall", sendall)

    run = deliver(services, "broken")

    assert "ServiceUnavailable" in run.error
    assert told(run, search=SEARCH) == []
