"""Statements over HTTP: what is sent, several at once, and each way in which no reply comes.

The one module of unit tests that opens sockets, on the loopback interface.
"""

import json
import ssl
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError
from botocore.session import Session
from pytest_socket import enable_socket, socket_allow_hosts

from processor.adapters.dynamodb import DynamoDbTransactionTable
from processor.adapters.statements import (
    Endpoint,
    HttpStatements,
    NoReply,
    Reply,
    statements_of,
)
from processor.errors import ServiceRefused
from processor.ports import InsertAnswer
from tests.support.contracts import PROCESSED_AT, a_row, a_source
from tests.support.loopback import Server, certificate, reply

CREDENTIALS = ReadOnlyCredentials("AKIDEXAMPLE", "secret", "session-token")
BODY = b'{"Statements":[]}'
ANSWER = b'{"Responses":[]}'


@pytest.fixture
def server() -> Iterator[Server]:
    enable_socket()
    socket_allow_hosts(["127.0.0.1"])
    server = Server()
    yield server
    server.close()


def calls_of(
    server: Server,
    *,
    credentials: Callable[[], ReadOnlyCredentials] = lambda: CREDENTIALS,
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    url: str = "http://127.0.0.1:{}",
    read_seconds: float = 10.0,
) -> HttpStatements:
    endpoint = Endpoint(url.format(server.port), "eu-central-1", "agent/1", 10.0, read_seconds)
    return HttpStatements(endpoint, credentials, trust)


@pytest.mark.parametrize(("path", "target"), [("", "/"), ("/", "/"), ("/local/aws", "/local/aws/")])
def test_a_request_is_the_api_s_and_signed_by_the_credentials_of_the_moment(
    server: Server, monkeypatch: pytest.MonkeyPatch, path: str, target: str
) -> None:
    server.replies = [reply(ANSWER)]

    answer = calls_of(server, url="http://127.0.0.1:{}" + path).send(BODY).receive()

    assert answer == Reply(200, ANSWER)
    (request,) = server.requests
    assert request.target == target
    assert request.body == BODY
    assert request.headers["x-amz-target"] == "DynamoDB_20120810.BatchExecuteStatement"
    assert request.headers["content-type"] == "application/x-amz-json-1.0"
    assert request.headers["user-agent"] == "agent/1"
    assert request.headers["x-amz-security-token"] == "session-token"
    sent_at = datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_: sent_at)
    signed = {name: request.headers[name] for name in ("content-type", "x-amz-target")}
    url = f"http://127.0.0.1:{server.port}{request.target}"
    expected = AWSRequest("POST", url, signed, request.body)
    SigV4Auth(CREDENTIALS, "dynamodb", "eu-central-1").add_auth(expected)
    assert request.headers["authorization"] == expected.headers["Authorization"]


def test_requests_are_under_way_together_and_each_gets_its_own_reply(server: Server) -> None:
    server.hold.clear()
    calls = calls_of(server)
    bodies = [b'{"n":%d}' % number for number in range(8)]

    underway = []
    for body in bodies:
        underway.append(calls.send(body))
        # All of them arrive although none has been answered.
        assert server.seen.acquire(timeout=10)
    server.replies = [reply(b"%d" % number) for number in range(8)]
    server.hold.set()

    assert sorted(one.receive().body for one in underway) == [b"%d" % n for n in range(8)]
    assert [request.body for request in server.requests] == bodies
    assert server.connections == 8


def test_a_connection_is_used_again_until_it_was_idle_for_long(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.replies = [reply(ANSWER)] * 3
    calls = calls_of(server)
    now = 0.0
    monkeypatch.setattr("processor.adapters.statements.time.monotonic", lambda: now)

    calls.send(BODY).receive()
    now = 9.0
    calls.send(BODY).receive()
    assert server.connections == 1
    now = 20.0
    calls.send(BODY).receive()

    assert server.connections == 2


def used(server: Server, calls: HttpStatements, count: int) -> None:
    """Has so many connections at once, all of them idle in the end."""
    server.replies = [reply(ANSWER)] * count
    for one in [calls.send(BODY) for _ in range(count)]:
        one.receive()


def test_connections_that_were_closed_while_idle_cost_no_attempt(server: Server) -> None:
    calls = calls_of(server)
    used(server, calls, 3)

    server.hang_up()
    server.replies = [reply(ANSWER)]

    assert calls.send(BODY).receive() == Reply(200, ANSWER)
    assert server.connections == 4


def test_after_one_failed_the_other_idle_connections_are_not_tried(server: Server) -> None:
    calls = calls_of(server, read_seconds=0.05)
    used(server, calls, 3)
    server.hold.clear()
    with pytest.raises(NoReply, match="Timeout"):
        calls.send(BODY).receive()
    # One is for the request that nobody waits for any more.
    server.replies = [reply(ANSWER)] * 2
    server.hold.set()

    calls.send(BODY).receive()

    assert server.connections == 4


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://[fd00:ec2::253]", "fd00:ec2::253", 80),
        ("http://[fd00:ec2::253]:8000", "fd00:ec2::253", 8000),
        (
            "https://dynamodb.eu-central-1.amazonaws.com",
            *("dynamodb.eu-central-1.amazonaws.com", 443),
        ),
    ],
)
def test_host_and_port_are_the_endpoint_s(
    monkeypatch: pytest.MonkeyPatch, url: str, host: str, port: int
) -> None:
    asked: list[object] = []

    def create_connection(address: object, *_: object) -> object:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.create_connection", create_connection)
    calls = HttpStatements(
        Endpoint(url, "eu-central-1", "agent/1"), lambda: CREDENTIALS, ssl.create_default_context
    )

    with pytest.raises(NoReply, match="ConnectionRefusedError"):
        calls.send(BODY).receive()

    assert asked == [(host, port)]


def test_a_connection_that_the_server_closes_is_not_used_again(server: Server) -> None:
    server.replies = [reply(ANSWER, "Connection: close"), reply(ANSWER)]
    calls = calls_of(server)

    calls.send(BODY).receive()
    calls.send(BODY).receive()

    assert server.connections == 2


@pytest.mark.parametrize(
    ("planned", "told"),
    [
        (b"", "RemoteDisconnected"),
        (reply(ANSWER)[:-3], "IncompleteRead"),
        (reply(ANSWER)[:20], "RemoteDisconnected|LineTooLong|BadStatusLine|IncompleteRead"),
        (b"no HTTP\r\n\r\n", "BadStatusLine"),
        (reply(ANSWER, f"x-amz-crc32: {zlib.crc32(ANSWER) ^ 1}"), "crc32"),
        (reply(ANSWER, "x-amz-crc32: none"), "crc32"),
    ],
)
def test_what_is_no_whole_reply_is_none_and_the_next_request_has_its_own(
    server: Server, planned: bytes, told: str
) -> None:
    # Behind a reply that is cut off the server closes the connection.
    server.replies = [
        planned,
        *([b""] if planned and b"crc32" not in planned else []),
        reply(b"{}"),
    ]
    # What never ends is cut off by the time limit.
    calls = calls_of(server, read_seconds=0.5)

    with pytest.raises(NoReply, match=f"{told}|Timeout"):
        calls.send(BODY).receive()
    server.replies = [reply(b"{}")]

    assert calls.send(BODY).receive() == Reply(200, b"{}")


def test_a_true_checksum_is_taken(server: Server) -> None:
    server.replies = [reply(ANSWER, f"x-amz-crc32: {zlib.crc32(ANSWER)}")]

    assert calls_of(server).send(BODY).receive().body == ANSWER


def test_a_server_that_never_answers_is_not_waited_for_for_ever(server: Server) -> None:
    server.hold.clear()

    with pytest.raises(NoReply, match="Timeout"):
        calls_of(server, read_seconds=0.05).send(BODY).receive()


def test_where_nobody_listens_there_is_no_reply(server: Server) -> None:
    server.close()

    with pytest.raises(NoReply, match="Connection"):
        calls_of(server).send(BODY).receive()


def test_an_abandoned_reply_is_never_another_request_s(server: Server) -> None:
    server.hold.clear()
    server.replies = [reply(b"old"), reply(b"new")]
    calls = calls_of(server)
    abandoned = calls.send(BODY)
    assert server.seen.acquire(timeout=10)

    abandoned.abandon()
    server.hold.set()
    calls.send(BODY).receive()

    # Whichever of the two was written first: the second request had a connection of its own.
    assert server.connections == 2


def test_credentials_that_are_expired_when_they_come_may_be_better_the_next_time(
    server: Server,
) -> None:
    def expired() -> ReadOnlyCredentials:
        raise RuntimeError("Credentials were refreshed, but the refreshed credentials are expired")

    with pytest.raises(NoReply, match="RuntimeError"):
        calls_of(server, credentials=expired).send(BODY).receive()

    assert server.connections == 0


def test_certificates_that_are_not_there_are_a_reply_that_does_not_come(server: Server) -> None:
    def missing() -> ssl.SSLContext:
        raise FileNotFoundError

    with pytest.raises(NoReply, match="FileNotFoundError"):
        calls_of(server, url="https://127.0.0.1:{}", trust=missing).send(BODY).receive()


@pytest.mark.parametrize("body", [b"", b"<html>welcome</html>", b"{}", b"[]", b'{"Responses":'])
def test_a_success_that_is_not_dynamodb_s_is_tried_again(server: Server, body: bytes) -> None:
    server.replies = [reply(body)]
    table = DynamoDbTransactionTable(None, calls_of(server), "t")  # type: ignore[arg-type]  # Nothing is read back.

    underway = table.insert([a_row("A")], a_source(), PROCESSED_AT)

    assert underway.answers() == [InsertAnswer.TRY_AGAIN]


def test_without_credentials_nothing_is_sent_and_the_file_fails(server: Server) -> None:
    def none() -> ReadOnlyCredentials:
        raise NoCredentialsError

    table = DynamoDbTransactionTable(None, calls_of(server, credentials=none), "t")  # type: ignore[arg-type]  # Nothing is read back.

    with pytest.raises(ServiceRefused, match="no credentials"):
        table.insert([a_row("A")], a_source(), PROCESSED_AT).answers()

    assert server.connections == 0


@pytest.mark.parametrize(
    ("status", "kind", "answer"),
    [
        ("400 Bad Request", "com.amazonaws.dynamodb.v20120810#ThrottlingException", None),
        ("400 Bad Request", "ProvisionedThroughputExceededException", None),
        ("503 Service Unavailable", "", None),
        ("400 Bad Request", "x#AccessDeniedException", "AccessDeniedException"),
        ("400 Bad Request", "", "BatchExecuteStatement: $"),
    ],
)
def test_an_error_is_read_as_the_sdk_reads_it(
    server: Server, status: str, kind: str, answer: str | None
) -> None:
    body = json.dumps({"__type": kind, "message": "T-1 is not welcome"}).encode() if kind else b"<"
    server.replies = [reply(body, status=status)]
    table = DynamoDbTransactionTable(None, calls_of(server), "t")  # type: ignore[arg-type]  # Nothing is read back.
    underway = table.insert([a_row("T-1")], a_source(), PROCESSED_AT)

    if answer is None:
        assert underway.answers() == [InsertAnswer.TRY_AGAIN]
        return
    with pytest.raises(ServiceRefused, match=answer) as raised:
        underway.answers()
    assert "T-1" not in str(raised.value)


def test_tls_trusts_the_certificates_it_is_given_and_no_others(
    server: Server, tmp_path: Path
) -> None:
    path = certificate(tmp_path)
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(path)
    server.replies = [reply(ANSWER)]

    with pytest.raises(NoReply, match="SSLCertVerificationError"):
        calls_of(server, url="https://127.0.0.1:{}").send(BODY).receive()
    assert not server.requests
    trusting = calls_of(
        server, url="https://127.0.0.1:{}", trust=lambda: ssl.create_default_context(cafile=path)
    )

    assert trusting.send(BODY).receive().body == ANSWER


@pytest.mark.parametrize("is_in_profile", [True, False])
def test_certificates_are_those_that_the_sdk_would_trust(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_in_profile: bool
) -> None:
    path = certificate(tmp_path)
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(path)
    server.replies = [reply(ANSWER)]
    configuration = tmp_path / "config"
    configuration.write_text(f"[default]\nca_bundle = {path}\n" if is_in_profile else "")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(configuration))
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://127.0.0.1:{server.port}")
    if not is_in_profile:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(path))
    session = Session()
    client: Any = session.create_client("dynamodb", region_name="eu-central-1")

    assert statements_of(session, client).send(BODY).receive().body == ANSWER
