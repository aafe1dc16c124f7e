"""Statements over HTTP: what is sent, several at once, and each way in which no reply comes.

These unit tests open sockets, on the loopback interface.
"""

import json
import zlib
from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError

from processor.adapters.dynamodb import DynamoDbTransactionTable
from processor.adapters.statements import REPLY_SECONDS_MAX, NoReply, Reply
from processor.errors import ServiceRefused
from processor.ports import InsertAnswer
from tests.support.contracts import PROCESSED_AT, a_row, a_source
from tests.support.loopback import CREDENTIALS, Server, reply, statements_at

BODY = b'{"Statements":[]}'
ANSWER = b'{"Responses":[]}'


@pytest.mark.parametrize(("path", "target"), [("", "/"), ("/", "/"), ("/local/aws", "/local/aws/")])
def test_a_request_is_the_api_s_and_signed_by_the_credentials_of_the_moment(
    server: Server, monkeypatch: pytest.MonkeyPatch, path: str, target: str
) -> None:
    server.replies = [reply(ANSWER)]

    answer = statements_at(server, url="http://127.0.0.1:{}" + path).send(BODY).receive()

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
    calls = statements_at(server)
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


@pytest.mark.parametrize(
    ("planned", "told"),
    [
        (b"", "ConnectionResetError"),
        (reply(ANSWER)[:-3], "ConnectionResetError"),
        (reply(ANSWER)[:20], "ConnectionResetError"),
        (b"no HTTP\r\n\r\n", "HttpParserError"),
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
    calls = statements_at(server, read_seconds=0.5)

    with pytest.raises(NoReply, match=f"{told}|Timeout"):
        calls.send(BODY).receive()
    server.replies = [reply(b"{}")]

    assert calls.send(BODY).receive() == Reply(200, b"{}")


def test_a_true_checksum_is_taken(server: Server) -> None:
    server.replies = [reply(ANSWER, f"x-amz-crc32: {zlib.crc32(ANSWER)}")]

    assert statements_at(server).send(BODY).receive().body == ANSWER


def test_a_server_that_never_answers_is_not_waited_for_for_ever(server: Server) -> None:
    server.hold.clear()

    with pytest.raises(NoReply, match="Timeout"):
        statements_at(server, read_seconds=0.05).send(BODY).receive()


def test_a_reply_that_trickles_is_not_waited_for_for_ever(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.replies = [reply(ANSWER)[:-3]]
    underway = statements_at(server, read_seconds=0.5).send(BODY)
    clock = iter([0.0, 0.0, REPLY_SECONDS_MAX + 1])
    monkeypatch.setattr("processor.adapters.statements.time.monotonic", lambda: next(clock))

    with pytest.raises(NoReply, match="Timeout"):
        underway.receive()

    assert not list(clock), "the clock was looked at between two pieces"


@pytest.mark.parametrize(
    "data",
    [
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"R\r\n1\r\n}\r\n0\r\n\r\n',
        b"HTTP/1.1 200 OK\r\ncontent-length:4\r\n\r\n" + b'{"R}',
    ],
)
def test_a_reply_may_have_any_form_that_http_allows(server: Server, data: bytes) -> None:
    server.replies = [data]

    assert statements_at(server).send(BODY).receive() == Reply(200, b'{"R}')


def test_a_connection_with_more_on_it_than_a_reply_is_not_used_again(server: Server) -> None:
    server.replies = [reply(ANSWER) + reply(b"{}"), reply(ANSWER)]
    calls = statements_at(server)

    assert [calls.send(BODY).receive().status for _ in range(2)] == [200, 200]
    assert server.connections == 2


def test_where_nobody_listens_there_is_no_reply(server: Server) -> None:
    server.close()

    with pytest.raises(NoReply, match="Connection"):
        statements_at(server).send(BODY).receive()


def test_what_is_abandoned_behind_its_reply_leaves_the_connection_to_the_next(
    server: Server,
) -> None:
    server.replies = [reply(ANSWER)] * 2
    calls = statements_at(server)
    underway = calls.send(BODY)
    underway.receive()

    underway.abandon()

    assert calls.send(BODY).receive() == Reply(200, ANSWER)
    assert server.connections == 1


def test_an_abandoned_reply_is_never_another_request_s(server: Server) -> None:
    server.hold.clear()
    server.replies = [reply(b"old"), reply(b"new")]
    calls = statements_at(server)
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
        statements_at(server, credentials=expired).send(BODY).receive()

    assert server.connections == 0


@pytest.mark.parametrize("body", [b"", b"<html>welcome</html>", b"{}", b"[]", b'{"Responses":'])
def test_a_success_that_is_not_dynamodb_s_is_tried_again(server: Server, body: bytes) -> None:
    server.replies = [reply(body)]
    table = DynamoDbTransactionTable(None, statements_at(server), "t")  # type: ignore[arg-type]  # Nothing is read back.

    underway = table.insert([a_row("A")], a_source(), PROCESSED_AT)

    assert underway.answers() == [InsertAnswer.TRY_AGAIN]


def test_without_credentials_nothing_is_sent_and_the_file_fails(server: Server) -> None:
    def none() -> ReadOnlyCredentials:
        raise NoCredentialsError

    table = DynamoDbTransactionTable(None, statements_at(server, credentials=none), "t")  # type: ignore[arg-type]  # Nothing is read back.

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
        ("400 Bad Request", "x#ABC 4111-1111", "BatchExecuteStatement: $"),
        ("400 Bad Request", "", "BatchExecuteStatement: $"),
    ],
)
def test_an_error_is_read_as_the_sdk_reads_it(
    server: Server, status: str, kind: str, answer: str | None
) -> None:
    body = json.dumps({"__type": kind, "message": "T-1 is not welcome"}).encode() if kind else b"<"
    server.replies = [reply(body, status=status)]
    table = DynamoDbTransactionTable(None, statements_at(server), "t")  # type: ignore[arg-type]  # Nothing is read back.
    underway = table.insert([a_row("T-1")], a_source(), PROCESSED_AT)

    if answer is None:
        assert underway.answers() == [InsertAnswer.TRY_AGAIN]
        return
    with pytest.raises(ServiceRefused, match=answer) as raised:
        underway.answers()
    assert "T-1" not in str(raised.value)
