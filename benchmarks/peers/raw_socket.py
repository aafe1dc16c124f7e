"""The floor: what the same inserts cost without any SDK, by hand and with nothing kept safe.

Bodies of 25 PartiQL inserts by string formatting, a signer of its own, raw sockets, eight threads.
No answer is judged beyond its status, nothing is tried again: no one should run this.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import os
import queue
import socket
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import batched
from json.encoder import encode_basestring
from typing import Final
from urllib.parse import quote, urlsplit

from benchmarks import measured
from benchmarks.peers.checking import Item, items_of
from benchmarks.serving.names import TRANSACTIONS

THREADS: Final = 8
ROWS_A_REQUEST: Final = 25
_NUMBERS: Final = frozenset({"timestamp", "amount", "recordNumber"})
_HOST: Final = urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
_REGION: Final = os.environ["AWS_REGION"]
_ACCESS_KEY: Final = os.environ["AWS_ACCESS_KEY_ID"]
_TARGET: Final = "DynamoDB_20120810.BatchExecuteStatement"


class Signer:
    """Signature Version 4 for one service, its derived key kept for the day."""

    def __init__(self, service: str) -> None:
        self._date = datetime.now(UTC).strftime("%Y%m%d")
        self._scope = f"{self._date}/{_REGION}/{service}/aws4_request"
        key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
        for part in self._scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        self._key = key

    def head(self, method: str, path: str, extra: dict[str, str], body: bytes) -> bytes:
        """A request's head, signed."""
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        digest = hashlib.sha256(body).hexdigest()
        headers = {"host": _HOST, "x-amz-content-sha256": digest, "x-amz-date": now, **extra}
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        names = ";".join(headers)
        canonical = f"{method}\n{path}\n\n{lines}\n{names}\n{digest}".encode()
        hashed = hashlib.sha256(canonical).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{now}\n{self._scope}\n{hashed}".encode()
        signature = hmac.digest(self._key, text, "sha256").hex()
        sent = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return (
            f"{method} {path} HTTP/1.1\r\n{sent}Content-Length: {len(body)}\r\n"
            f"Authorization: AWS4-HMAC-SHA256 Credential={_ACCESS_KEY}/{self._scope}, "
            f"SignedHeaders={names}, Signature={signature}\r\n\r\n"
        ).encode()


def connect() -> socket.socket:
    """A connection to the endpoint."""
    host, _, port = _HOST.partition(":")
    connection = socket.create_connection((host, int(port)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def receive(connection: socket.socket) -> bytes:
    """The body of a good answer."""
    received = connection.recv(65536)
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += connection.recv(65536)
    head = received[:end].lower()
    if not head.startswith((b"http/1.1 200", b"http/1.1 206")):
        raise AssertionError(head)
    length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
    pieces = [received[end + 4 :]]
    missing = length - len(pieces[0])
    while missing:
        piece = connection.recv(min(missing, 1024 * 1024))
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def bodies(items: Iterable[Item]) -> Iterator[bytes]:
    """BatchExecuteStatement requests."""
    statements: dict[tuple[str, ...], str] = {}
    for batch in batched(items, ROWS_A_REQUEST, strict=False):
        texts = []
        for item in batch:
            names = tuple(item)
            statement = statements.get(names)
            if statement is None:
                members = ", ".join(f"'{name}': ?" for name in names)
                text = f'INSERT INTO "{TRANSACTIONS}" VALUE {{{members}}}'
                statement = statements[names] = encode_basestring(text)
            values = ",".join(
                [
                    f'{{"N":"{value}"}}'
                    if name in _NUMBERS
                    else f'{{"S":{encode_basestring(value)}}}'
                    for name, value in item.items()
                ]
            )
            texts.append(f'{{"Statement":{statement},"Parameters":[{values}]}}')
        yield f'{{"Statements":[{",".join(texts)}]}}'.encode()


def send_all(waiting: "queue.Queue[bytes | None]", failed: list[Exception]) -> None:
    """Sends bodies over a connection of its own until there is None."""
    try:
        signer = Signer("dynamodb")
        with connect() as connection:
            while (body := waiting.get()) is not None:
                extra = {"x-amz-target": _TARGET}
                connection.sendall(signer.head("POST", "/", extra, body) + body)
                receive(connection)
    except (AssertionError, OSError) as error:
        failed.append(error)


def handle(file: measured.File) -> int:
    """Inserts all rows that can be read."""
    path = f"/{file['bucket']}/{quote(file['key'])}"
    with connect() as connection:
        connection.sendall(Signer("s3").head("GET", path, {}, b""))
        text = receive(connection).decode()
    waiting: queue.Queue[bytes | None] = queue.Queue(THREADS * 2)
    failed: list[Exception] = []
    threads = [
        threading.Thread(target=send_all, args=(waiting, failed), daemon=True)
        for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    count = 0

    def counted() -> Iterator[Item]:
        nonlocal count
        for item in items_of(text, file):
            count += 1
            yield item

    for body in bodies(counted()):
        waiting.put(body)
    for _ in threads:
        waiting.put(None)
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return count


if __name__ == "__main__":
    measured.run(handle)
