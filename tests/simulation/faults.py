"""What goes wrong at a call to a service: by chance, or as a test says.

Codes and statuses are those of the services' references; which operations can answer so is in
`POSSIBLE`.
"""

import random
from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)


class Fault(StrEnum):
    """The kinds of faults of one call."""

    KILL_BEFORE = "killed before the call"
    KILL_AFTER = "killed after the call"
    LOST_REQUEST = "request lost"
    LOST_REPLY = "reply lost"
    THROTTLED = "throttled"
    INTERNAL = "internal error"
    SLOW = "time jumps"
    STATEMENTS = "some statements failed"
    UNPROCESSED = "some keys unprocessed"
    WRITE_CONFLICT = "409 of a conditional write"
    TRANSACTION_CONFLICT = "transaction conflict"
    RESET = "reset within the body"
    SHORT = "short body"


EVERYWHERE: Final = (
    Fault.KILL_BEFORE,
    Fault.KILL_AFTER,
    Fault.LOST_REQUEST,
    Fault.LOST_REPLY,
    Fault.THROTTLED,
    Fault.INTERNAL,
    Fault.SLOW,
)
POSSIBLE: Final[Mapping[str, tuple[Fault, ...]]] = {
    "dynamodb.BatchExecuteStatement": (*EVERYWHERE, Fault.STATEMENTS, Fault.STATEMENTS),
    "dynamodb.BatchGetItem": (*EVERYWHERE, Fault.UNPROCESSED),
    "dynamodb.TransactWriteItems": (*EVERYWHERE, Fault.TRANSACTION_CONFLICT),
    "s3.PutObject": (*EVERYWHERE, Fault.WRITE_CONFLICT),
    "s3.GetObject.read": (
        *(Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.RESET, Fault.SHORT, Fault.SLOW),
    ),
}
"""What can happen at which operation; at those not named, what can happen everywhere."""

KILLS: Final = (Fault.KILL_BEFORE, Fault.KILL_AFTER)

_THROTTLES: Final = {
    "s3": ("SlowDown", 503),
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "secretsmanager": ("ThrottlingException", 400),
}
"""Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html"""

_INTERNAL_ERRORS: Final = {
    "s3": ("InternalError", 500),
    "dynamodb": ("InternalServerError", 500),
    "secretsmanager": ("InternalServiceError", 500),
}


class Call(NamedTuple):
    """One call of an invocation.

    Args:
        delivery: Which delivery of an event makes it, from 1 in the order of their start.
        number: Which of that delivery's calls it is, from 1.
        site: Service and operation, `s3.PutObject`.
        seconds: When.
    """

    delivery: int
    number: int
    site: str
    seconds: float


class Faults(Protocol):
    """Decides on each call."""

    def choose(self, call: Call) -> Fault | None:
        """The call's fault, or None."""
        ...


class ChanceFaults:
    """Faults by chance, up to a moment.

    Args:
        chance: The seed's.
        rate: Probability of a fault at a call.
        kill_share: Of the kills among the faults, how many stand; the rest becomes no fault.
        until_seconds: From when on nothing fails.
    """

    def __init__(
        self, chance: random.Random, rate: float, kill_share: float, until_seconds: float
    ) -> None:
        self._chance = chance
        self._rate = rate
        self._kill_share = kill_share
        self._until_seconds = until_seconds

    def choose(self, call: Call) -> Fault | None:
        """See Faults."""
        if call.seconds >= self._until_seconds or self._chance.random() >= self._rate:
            return None
        fault = self._chance.choice(POSSIBLE.get(call.site, EVERYWHERE))
        if fault in KILLS and self._chance.random() >= self._kill_share:
            return None
        return fault


class ScriptedFaults:
    """Faults at named calls.

    Args:
        script: (delivery, number of the call in it) -> fault. One that is not possible at the call
            that has the number does not happen.
    """

    def __init__(self, script: Mapping[tuple[int, int], Fault]) -> None:
        self._script = script
        self.calls: dict[int, list[str]] = defaultdict(list)
        """Delivery -> the sites of its calls."""

    def choose(self, call: Call) -> Fault | None:
        """See Faults."""
        self.calls[call.delivery].append(call.site)
        fault = self._script.get((call.delivery, call.number))
        return fault if fault in POSSIBLE.get(call.site, EVERYWHERE) else None


def service_error(operation: str, code: str, status: int, **more: Any) -> ClientError:
    """An error as botocore raises it."""
    answer: Any = {
        "Error": {"Code": code, "Message": "simulated"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return ClientError(answer, operation)


def throttle(service: str, operation: str) -> ClientError:
    """The service is asked too much; nothing was done."""
    return service_error(operation, *_THROTTLES[service])


def internal_error(service: str, operation: str) -> ClientError:
    """The service failed. Whether it did anything is unknown."""
    return service_error(operation, *_INTERNAL_ERRORS[service])


def no_connection(service: str) -> Exception:
    """The request did not reach the service."""
    return EndpointConnectionError(endpoint_url=f"https://{service}")


def no_reply(service: str, chance: random.Random) -> Exception:
    """The request was sent, and nothing came back."""
    kind = chance.choice((ConnectionClosedError, ReadTimeoutError))
    return kind(endpoint_url=f"https://{service}", error=None)
