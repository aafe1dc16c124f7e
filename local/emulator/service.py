"""Clients with which completions call the emulator's own service API.

They sign as the emulator's root, over the loopback socket, from worker threads: a completion goes
through the same validation as any caller, and what it sets is what `describe` shows.
"""

import functools
import os
from collections.abc import Callable
from typing import Any

from local import aws

Clients = Callable[[str], Any]


def own_endpoint() -> str:
    """Where the emulator reaches itself."""
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def root_clients() -> Clients:
    """A function from a service's name to a client of the emulator itself, made at first use."""

    @functools.cache
    def client(service: str) -> Any:
        keys = (os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
        return aws.client(service, own_endpoint(), os.environ["AWS_DEFAULT_REGION"], keys)

    return client
