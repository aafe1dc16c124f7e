"""Run the emulator: bind, complete MiniStack, serve until the launcher is gone.

Started by `local.supervisor` as `python -m local.emulator STATE_DIRECTORY [ADDRESS NETWORK]`.
The port is chosen by binding it, before MiniStack is imported, because MiniStack reads its port
from the environment at import; nobody else can take it in between.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Serve on a free loopback port, and on the Docker bridge when one is given."""
    state = Path(sys.argv[1])
    bridge_arguments = sys.argv[2:4]
    sockets = [_bound(LOOPBACK)]
    port = sockets[0].getsockname()[1]
    os.environ["GATEWAY_PORT"] = str(port)
    if bridge_arguments:
        sockets.append(_bound(bridge_arguments[0]))
    if not sys.stdin.isatty() and os.environ.pop("LOCAL_STOP_AT_END_OF_INPUT", ""):
        threading.Thread(target=_stop_at_end_of_input, args=(state,), daemon=True).start()

    # MiniStack reads its port when it is imported.
    from local.emulator.bridge import Bridge  # noqa: PLC0415  For that reason.
    from local.emulator.server import serve  # noqa: PLC0415  For that reason.

    bridge = Bridge(*bridge_arguments) if bridge_arguments else None
    ready = {
        "pid": os.getpid(),
        "port": port,
        "bridgePort": sockets[1].getsockname()[1] if bridge else None,
        "bridgeAddress": bridge.address if bridge else None,
    }

    def announce() -> None:
        partial = state / "emulator.json.partial"
        partial.write_text(json.dumps(ready), encoding="utf-8")
        partial.rename(state / "emulator.json")

    asyncio.run(serve(sockets, bridge, state, announce))


def _bound(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, 0))
    return listener


def _stop_at_end_of_input(state: Path) -> None:
    """Die with the launcher, however it died: the pipe it holds is closed by the kernel.

    The functions' processes are in this process group, so they go too.
    """
    while os.read(0, 4096):
        pass
    # By somebody outside this process group, after its end: as long as threads of this process
    # unpack functions, directories come back.
    command = ["sh", "-c", 'sleep 0.3; rm -rf "$(readlink "$0/tmp")" "$0"', str(state)]
    subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
