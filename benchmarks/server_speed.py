"""How fast the loopback AWS is, so that one can tell that it is not what is measured.

    python -m benchmarks.server_speed

Requests are built beforehand and sent over a few raw sockets, the next one on each as soon as its
answer is there. No latency.
"""

import argparse
import json
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Final, cast

from benchmarks.loopback import Loopback, started
from benchmarks.serving.names import TRANSACTIONS

CONNECTIONS: Final = 8
REQUESTS: Final = 1200
ROWS_A_REQUEST: Final = 25
_NAMES: Final = (
    *("transactionId", "timestamp", "amount", "currency", "fingerprint", "recordNumber"),
    *("accountId", "type", "merchant", "description", "reference", "extra", "status"),
    *("processedAt", "bucket", "key", "versionId", "contentType", "encryptionType"),
    "lastModified",
)


@dataclass(frozen=True)
class Speed:
    """What the server does in a second.

    Args:
        requests: BatchExecuteStatement of 25 inserts each.
        rows: Inserts.
        microseconds_a_row: Of the server's processor time.
        json: What reads and writes JSON in it.
    """

    requests: float
    rows: float
    microseconds_a_row: float
    json: str


def measure(loopback: Loopback) -> Speed:
    """Inserts REQUESTS times ROWS_A_REQUEST rows as fast as the server takes them."""
    waiting = deque(_requests())
    before = loopback.counters()
    begun = time.perf_counter()
    _exchange(loopback.port, waiting)
    seconds = time.perf_counter() - begun
    after = loopback.counters()
    rows = REQUESTS * ROWS_A_REQUEST
    if loopback.table(TRANSACTIONS)["count"] != rows:
        raise AssertionError("the server did not store what it was sent")
    used = after["processorSeconds"] - before["processorSeconds"]
    return Speed(REQUESTS / seconds, rows / seconds, used / rows * 1e6, after["json"])


def _exchange(port: int, waiting: deque[bytes]) -> None:
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, bytearray())
            connection.sendall(waiting.popleft())
        while selector.get_map():
            for ready, _ in selector.select():
                connection, received = cast("socket.socket", ready.fileobj), ready.data
                received += connection.recv(65536)
                if not received.endswith(b"]}"):
                    continue
                received.clear()
                if waiting:
                    connection.sendall(waiting.popleft())
                else:
                    selector.unregister(connection)
                    connection.close()


def _requests() -> list[bytes]:
    """About as the function would write them."""
    members = ", ".join(f"'{name}': ?" for name in _NAMES)
    statement = f'INSERT INTO "{TRANSACTIONS}" VALUE {{{members}}}'
    made = []
    for first in range(0, REQUESTS * ROWS_A_REQUEST, ROWS_A_REQUEST):
        statements = [
            {"Statement": statement, "Parameters": _values(number)}
            for number in range(first, first + ROWS_A_REQUEST)
        ]
        body = json.dumps({"Statements": statements}).encode()
        head = (
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: AWS4-HMAC-SHA256\r\n"
            "X-Amz-Target: DynamoDB_20120810.BatchExecuteStatement\r\n"
            f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def _values(number: int) -> list[object]:
    texts = {name: {"S": f"{name} of about that length"[:20]} for name in _NAMES}
    texts["transactionId"] = {"S": f"TX-0001-{number:09}"}
    texts["timestamp"] = {"N": str(1772323200000 + number)}
    texts["amount"] = {"N": f"{number}.25"}
    texts["currency"] = {"S": "EUR"}
    texts["fingerprint"] = {"S": f"{number:064x}"}
    texts["recordNumber"] = {"N": str(number)}
    extra: dict[str, object] = {"M": {"channel": {"S": "web"}}}
    return [extra if name == "extra" else texts[name] for name in _NAMES]


def main() -> None:
    """Prints it."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with started() as loopback:
        sys.stdout.write(json.dumps(asdict(measure(loopback)), indent=2) + "\n")


if __name__ == "__main__":
    main()
