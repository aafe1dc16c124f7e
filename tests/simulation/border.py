"""Where a client's call leaves the process: the one place where a simulation may interfere."""

from collections.abc import Callable
from typing import Any, Protocol


class Border(Protocol):
    """Asked once for every call of a client, and for every read of an object's body."""

    def call(
        self,
        service: str,
        operation: str,
        parameters: dict[str, Any],
        execute: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        """Lets the call happen, or does to it what a network and a service may.

        It may wait, raise before, execute and then raise (the reply is lost), or execute more than
        once (a repeated request).

        Args:
            service: "s3", "dynamodb", "secretsmanager", "sqs" or "lambda".
            operation: The API's name, as "PutObject"; "GetObject.read" is a read of a body.
            parameters: What the client was called with. Of a body's read `Amount`, the bytes wanted
                at most: lowered, the read is short.
            execute: Performs the operation on the store at once, and returns the reply or raises
                botocore's ClientError, as the service would.
        """
        ...


class PassThrough:
    """A border at which nothing happens."""

    def call(
        self,
        service: str,
        operation: str,
        parameters: dict[str, Any],
        execute: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        """See Border."""
        return execute()
