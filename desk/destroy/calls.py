"""Calls that remove: each says what is gone already, and why something stays."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from desk.reading import Json
from processor.adapters.aws import error_code

GONE: Final = frozenset(
    {
        *("NoSuchBucket", "NoSuchEntity", "NoSuchKey", "NotFound", "NotFoundException", "404"),
        *("ResourceNotFound", "ResourceNotFoundException", "TrailNotFoundException"),
        *("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "DashboardNotFoundError"),
        *("InvalidFlowLogId.NotFound", "InvalidVpcEndpointId.NotFound", "InvalidGroup.NotFound"),
        *("InvalidSubnetID.NotFound", "InvalidRouteTableID.NotFound", "InvalidVpcID.NotFound"),
        *("InvalidNetworkInterfaceID.NotFound", "InvalidSecurityGroupRuleId.NotFound"),
        *("InvalidPermission.NotFound", "InvalidAssociationID.NotFound", "NoSuchBucketPolicy"),
    }
)

POLL_SECONDS: Final = 15.0
"""Between two looks at what AWS does in its own time; the first ones come sooner."""

_FIRST_POLL_SECONDS: Final = 1.0


class Left(Exception):
    """Raised when a resource cannot be removed now; what does not need it gone goes on.

    Args:
        why: Why, in one line.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Calls:
    """Calls AWS as the caller.

    Args:
        make_client: Makes a client of a service.
        wait_seconds: How long to wait in all for what AWS does in its own time.
        sleep: Waits.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        make_client: Callable[[str], Any],
        wait_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_client = make_client
        self._wait_seconds = wait_seconds
        self._sleep = sleep
        self._monotonic = monotonic
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A client of a service."""
        if service not in self._clients:
            self._clients[service] = self._make_client(service)
        return self._clients[service]

    def unless_gone(self, service: str, operation: str, **parameters: Any) -> Json | None:
        """A call's answer; None if what it is about is not there.

        Raises:
            Left: It is refused, or cannot be made now.
        """
        try:
            answer: Json = getattr(self.client(service), operation)(**parameters)
        except ClientError as error:
            if error_code(error) in GONE:
                return None
            raise Left(f"{error.operation_name}: {error_code(error)}") from error
        except BotoCoreError as error:
            raise Left(f"{operation}: {type(error).__name__}") from error
        return answer

    def attempts(self) -> Iterator[None]:
        """Goes round until the time is up, with a pause before each turn but the first.

        What is still to be waited for when it ends is left. The time is each waiting's own.
        """
        begun = self._monotonic()
        pause = _FIRST_POLL_SECONDS
        while True:
            yield
            left = begun + self._wait_seconds - self._monotonic()
            if left <= 0:
                return
            self._sleep(min(pause, left))
            pause = min(pause * 2, POLL_SECONDS)
