"""MiniStack, completed and served."""

import asyncio
import logging
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
    alarms,
    authorization,
    descriptions,
    embedded_metrics,
    execution_role,
    existence,
    invocations,
    metric_filters,
    metrics,
    objects,
    partiql,
    policy_versions,
    requests,
    rules,
    service_metrics,
    simulator,
    table_policies,
    throttling,
    trail_log,
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

log = logging.getLogger("local.server")

#: Between two looks at queues and alarms. A look takes less than a millisecond.
WATCH_SECONDS = 1.0


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
    table_policies.install()
    policy_versions.install()
    invocations.install()
    rules.install()
    _complete_watching()
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


def _complete_watching() -> None:
    """Metrics, what puts them, the trail and the alarms."""
    metrics.install()
    embedded_metrics.install()
    metric_filters.install()
    service_metrics.install()
    throttling.install()
    trail_log.install()
    alarms.install()


async def _watch() -> None:
    """Measure and evaluate, for as long as the emulator runs."""
    metrics.serve_on(asyncio.get_running_loop())
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        service_metrics.measure_queues()
        alarms.evaluate_all()


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
    watching = asyncio.create_task(_watch())
    await asyncio.wait(
        {serving, watching, asyncio.create_task(stopped.wait())}, return_when="FIRST_COMPLETED"
    )
    if watching.done():
        # An emulator whose alarms no longer ring must not go on as if nothing rang.
        log.error("watching ended", exc_info=watching.exception())
    # Waits for the functions' processes, so that none is left to whoever inherits them. Open
    # connections and what is in memory are meant to go.
    lambda_runtime.reset()
    os._exit(0)
