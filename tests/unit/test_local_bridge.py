"""Who may come in over the Docker bridge, and as whom."""

import asyncio
from typing import Any

import pytest

from local.emulator.bridge import Bridge, over_bridge
from local.emulator.gate import guard

BRIDGE = Bridge("172.17.0.1", "172.17.0.0/16")


def ask(server: str, client: str, path: str = "/bucket/key") -> str:
    """Send a request through the gate; answers who it was served for, or `refused`."""
    served: list[str] = []

    async def application(_scope: Any, _receive: Any, _send: Any) -> None:
        served.append("function" if over_bridge.get() else "caller")

    async def receive() -> Any:
        raise AssertionError("the gate reads no request")

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 403

    scope = {"type": "http", "server": (server, 1), "client": (client, 2), "path": path}

    async def serve() -> None:
        await guard(application, BRIDGE)(scope, receive, send)

    asyncio.run(serve())
    return served[0] if served else "refused"


@pytest.fixture(autouse=True)
def _event_loop_socket(socket_enabled: None) -> None:
    """An event loop wakes itself by a socket pair; nothing here connects."""


def test_container_acts_as_the_function() -> None:
    assert ask(server="172.17.0.1", client="172.17.0.2") == "function"


def test_caller_on_the_loopback_address_acts_as_itself() -> None:
    assert ask(server="127.0.0.1", client="127.0.0.1") == "caller"


def test_other_network_is_refused_on_the_bridge() -> None:
    assert ask(server="172.17.0.1", client="192.168.1.7") == "refused"


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_localstack/health", "/health"])
def test_container_does_not_administer_the_emulator(path: str) -> None:
    assert ask(server="172.17.0.1", client="172.17.0.2", path=path) == "refused"


def test_nothing_of_a_bridged_request_is_left_for_the_next() -> None:
    ask(server="172.17.0.1", client="172.17.0.2")

    assert over_bridge.get() is False
