"""The loopback AWS as a process: `python -m benchmarks.server --latency-ms 5 --port 0`.

Prints its port as soon as it accepts connections, and serves until it is killed.
"""

import argparse
import asyncio
import gc
import selectors
import sys

from benchmarks.serving.account import Account
from benchmarks.serving.connection import Connection, Latency


async def serve(port: int, latency: Latency, *, until_input_ends: bool) -> None:
    """Serves for ever.

    Args:
        port: Of the loopback interface; 0: any that is free.
        latency: Of AWS's answers.
        until_input_ends: Whether to stop when nobody can write to standard input any more: whoever
            started this holds the other end, and lets go of it at the latest when he dies.
    """
    account = Account(latency)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(account.answer, latency), "127.0.0.1", port, backlog=256
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    if until_input_ends:
        loop.add_reader(sys.stdin.fileno(), lambda: sys.stdin.buffer.read(1) or loop.stop())
    gc.collect()
    gc.freeze()
    gc.disable()
    await server.serve_forever()


def main() -> None:
    """Is the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--until-input-ends", action="store_true")
    given = parser.parse_args()
    latency = Latency(given.latency_ms / 1000)
    # select() waits by microseconds, epoll_wait() by milliseconds: a latency is what was asked.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    task = loop.create_task(serve(given.port, latency, until_input_ends=given.until_input_ends))
    try:
        loop.run_forever()
    finally:
        if task.done() and not task.cancelled():
            task.result()


if __name__ == "__main__":
    main()
