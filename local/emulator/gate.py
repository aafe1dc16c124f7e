"""The ASGI application that the sockets serve: MiniStack behind a check of who may come in."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from local.emulator.bridge import Bridge, over_bridge
from local.emulator.calls import user_agent

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def guard(application: Application, bridge: Bridge | None) -> Application:
    """Wrap MiniStack so that the bridge is open to containers only, and for AWS calls only."""

    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        user_agent.set(_user_agent(scope))
        if scope["type"] != "http" or bridge is None or scope["server"][0] != bridge.address:
            await application(scope, receive, send)
            return
        # Paths of the emulator's own administration (reset, configuration) all begin so.
        administers = scope["path"].startswith(("/_", "/health"))
        if administers or not bridge.admits(scope["client"][0]):
            await _refuse(send)
            return
        token = over_bridge.set(True)
        try:
            await application(scope, receive, send)
        finally:
            over_bridge.reset(token)

    return gate


def _user_agent(scope: Scope) -> str:
    """What the request says it comes from; each request is served in a context of its own."""
    headers = dict(scope.get("headers") or ())
    found: bytes = headers.get(b"user-agent", b"")
    return found.decode("latin-1")


async def _refuse(send: Send) -> None:
    body = json.dumps({"message": "Only containers of this machine's Docker bridge, only AWS."})
    await send(
        {
            "type": "http.response.start",
            "status": 403,
            "headers": [(b"content-type", b"application/json")],
        }
    )
    await send({"type": "http.response.body", "body": body.encode()})
