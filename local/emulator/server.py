"""MiniStack, completed and served."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import ministack.app
from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from ministack.core import lambda_runtime

from local.emulator import (
    authorization,
    descriptions,
    execution_role,
    existence,
    invocations,
    objects,
    partiql,
    policy_versions,
    requests,
    rules,
    simulator,
)
from local.emulator.bridge import Bridge, FunctionIdentity
from local.emulator.calls import CallRecord
from local.emulator.gate import guard
from local.emulator.record import Record
from local.emulator.resources import (
    alarm,
    bucket,
    function,
    network,
    rule,
    secret,
    table,
    topic,
    trail,
)
from local.emulator.service import root_clients
from local.emulator.stacks import Completions


def complete(state: Path) -> None:
    """Apply every completion; must run before the first request.

    Args:
        state: Directory of this emulator's run; receives `completions.json`, `calls.jsonl` and the
            functions' credentials.
    """
    function_identity = FunctionIdentity()
    function_identity.install()
    requests.install()
    simulator.install()
    calls = CallRecord(state / "calls.jsonl")
    authorization.install(calls)
    execution_role.install(authorization.ServiceOfLambda(calls))
    descriptions.install()
    objects.install()
    existence.install()
    partiql.install()
    policy_versions.install()
    invocations.install()
    rules.install()
    completions = Completions(Record(state / "completions.json"), root_clients())
    alarm.register(completions)
    bucket.register(completions)
    table.register(completions)
    function.register(completions, function_identity, state / "functions.json")
    network.register(completions)
    rule.register(completions)
    secret.register(completions)
    topic.register(completions)
    trail.register(completions)
    completions.install()


async def serve(
    sockets: list[socket.socket], bridge: Bridge | None, state: Path, announce: Callable[[], None]
) -> None:
    """Serve until SIGTERM; does not return.

    Args:
        sockets: Bound, not yet listening.
        bridge: The Docker bridge that the second socket is bound to, or None.
        state: Directory of this emulator's run.
        announce: Called once, when connections are accepted.
    """
    complete(state)
    config = Config()
    config.bind = [f"fd://{bound.fileno()}" for bound in sockets]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    for bound in sockets:
        bound.listen(128)
    announce()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    serving = asyncio.create_task(
        hypercorn_serve(
            # MiniStack's application has no types.
            guard(ministack.app.app, bridge),  # type: ignore[arg-type]
            config,
            shutdown_trigger=asyncio.Event().wait,
        )
    )
    await asyncio.wait(
        {serving, asyncio.create_task(stopped.wait())}, return_when="FIRST_COMPLETED"
    )
    # Waits for the functions' processes, so that none is left to whoever inherits them. Open
    # connections and what is in memory are meant to go.
    lambda_runtime.reset()
    os._exit(0)
