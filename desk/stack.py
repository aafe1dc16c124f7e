"""A deployed stack: its resources by its own outputs, and clients for them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from desk.errors import DeskError
from processor.adapters.aws import error_code, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

FUNCTION_SECONDS_MAX: Final = 900
CONNECTIONS_MAX: Final = 64
"""More than any command uses at once: uploads in parts, or receipts that are read."""


@dataclass(frozen=True)
class Stack:
    """A stack, and who asks.

    Args:
        name: Its name.
        session: The caller's.
        outputs: Output key -> value.
    """

    name: str
    session: boto3.Session
    outputs: dict[str, str]

    def output(self, key: str) -> str:
        """Raises DeskError for an output that the stack lacks: it is none of this pipeline's."""
        if key not in self.outputs:
            raise DeskError(f"stack {self.name} has no output {key}: is it this pipeline's?")
        return self.outputs[key]

    def client(self, service: str, *, waits_for_function: bool = False) -> Any:
        """A client; one that waits for the function asks once and as long as that may run.

        Its address is AWS's own, or what AWS_ENDPOINT_URL or the profile says.
        """
        return _client(self.session, service, waits_for_function=waits_for_function)


def find(name: str, region: str | None = None, profile: str | None = None) -> Stack:
    """Asks CloudFormation for a stack.

    Raises:
        DeskError: There is no such stack, profile or region.
        ServiceUnavailable, ServiceRefused: CloudFormation cannot be asked now, or may not.
    """
    session, client = _asked_by(region, profile)
    return Stack(name, session, outputs_of(client, name))


def find_or_gone(name: str, region: str | None = None, profile: str | None = None) -> Stack:
    """The same of a stack that may be gone already; it has no outputs then."""
    session, client = _asked_by(region, profile)
    try:
        return Stack(name, session, outputs_of(client, name))
    except DeskError:
        return Stack(name, session, {})


def _asked_by(
    region: str | None, profile: str | None
) -> "tuple[boto3.Session, CloudFormationClient]":
    try:
        session = boto3.Session(region_name=region, profile_name=profile)
        return session, _client(session, "cloudformation")
    except BotoCoreError as error:
        raise DeskError(str(error)) from error


def outputs_of(client: "CloudFormationClient", name: str) -> dict[str, str]:
    """A stack's outputs, key to value; raises as `find`."""
    with translated_errors("DescribeStacks"):
        try:
            stack = client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if error_code(error) != "ValidationError":
                raise
            raise DeskError(f"there is no stack {name} in {client.meta.region_name}") from error
    return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}


def _client(session: boto3.Session, service: str, *, waits_for_function: bool = False) -> Any:
    config = Config(
        connect_timeout=5,
        read_timeout=FUNCTION_SECONDS_MAX + 10 if waits_for_function else 60,
        retries={"mode": "standard", "total_max_attempts": 1 if waits_for_function else 5},
        tcp_keepalive=True,
        max_pool_connections=CONNECTIONS_MAX,
    )
    # The stubs know each service by its literal name; here the name is a variable.
    untyped: Any = session
    return untyped.client(service, config=config)
