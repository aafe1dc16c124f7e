"""Connections of statements: where they go, whom they trust, and when one is used again."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from processor.adapters.statements import (
    Endpoint,
    HttpStatements,
    NoReply,
    Reply,
    statements_of,
)
from tests.support.loopback import CREDENTIALS, Server, certificate, reply, statements_at

BODY = b'{"Statements":[]}'
ANSWER = b'{"Responses":[]}'


def test_a_connection_is_used_again_until_it_was_idle_for_long(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.replies = [reply(ANSWER)] * 3
    calls = statements_at(server)
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
    calls = statements_at(server)
    used(server, calls, 3)

    server.hang_up()
    server.replies = [reply(ANSWER)]

    assert calls.send(BODY).receive() == Reply(200, ANSWER)
    assert server.connections == 4


def test_after_one_failed_the_other_idle_connections_are_not_tried(server: Server) -> None:
    calls = statements_at(server, read_seconds=0.05)
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
    calls = statements_at(server)

    calls.send(BODY).receive()
    calls.send(BODY).receive()

    assert server.connections == 2


def test_certificates_that_are_not_there_are_a_reply_that_does_not_come(server: Server) -> None:
    def missing() -> ssl.SSLContext:
        raise FileNotFoundError

    with pytest.raises(NoReply, match="FileNotFoundError"):
        statements_at(server, url="https://127.0.0.1:{}", trust=missing).send(BODY).receive()


def test_tls_trusts_the_certificates_it_is_given_and_no_others(
    server: Server, tmp_path: Path
) -> None:
    path = certificate(tmp_path)
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(path)
    server.replies = [reply(ANSWER)]

    with pytest.raises(NoReply, match="SSLCertVerificationError"):
        statements_at(server, url="https://127.0.0.1:{}").send(BODY).receive()
    assert not server.requests
    trusting = statements_at(
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
