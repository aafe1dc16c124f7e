"""Who asks AWS for what, from where: the left-hand side of every table of requests.

Sources: IAM User Guide, "AWS global condition context keys", for which callers carry which keys;
"AWS JSON policy elements: Principal", for how a policy names them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.support.template import ACCOUNT

OTHER_ACCOUNT: Final = "999999999999"
# What a !Ref to the VPC gives in the worked-out stack.
VPC: Final = "VPC"


@dataclass(frozen=True)
class Caller:
    """Whoever signs a request, or nobody.

    Attributes:
        kind: "role" for a role of an account (users behave alike), "service" for a service of AWS
            that calls in its own name, "anonymous" for a request without a signature.
        name: The role's ARN or the service's name.
        account: Account of the role; empty for the others.
        keys: Condition keys that the request carries because of who signs it.
        is_administrator: Whether IAM allows the caller everything, whatever the stack says. With
            it a table asks what a resource's own policy lets through.
    """

    kind: str
    name: str
    account: str
    keys: Mapping[str, str]
    is_administrator: bool = False


def role(name: str, *, account: str = ACCOUNT, is_administrator: bool = False) -> Caller:
    """A session of a role."""
    arn = f"arn:aws:iam::{account}:role/{name}"
    keys = {
        "aws:PrincipalAccount": account,
        "aws:PrincipalArn": arn,
        "aws:PrincipalIsAWSService": "false",
    }
    return Caller("role", arn, account, keys, is_administrator)


def administrator(*, account: str = ACCOUNT) -> Caller:
    """Somebody to whom IAM allows everything: only a resource's own policy can stop him."""
    return role("administrator", account=account, is_administrator=True)


def service(name: str, *, source_account: str = ACCOUNT, source_arn: str = "") -> Caller:
    """A service of AWS on behalf of one of its resources.

    It carries neither an account of its own nor what is known of TLS: AWS leaves those keys out of
    calls between its services.

    Args:
        name: Such as `cloudtrail.amazonaws.com`.
        source_account: Whose resource makes the service call.
        source_arn: That resource; empty if the service does not say.
    """
    keys = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": name,
        "aws:SourceAccount": source_account,
    }
    if source_arn:
        keys["aws:SourceArn"] = source_arn
    return Caller("service", name, "", keys)


# A request without a signature says "anonymous" where others name their account, and does not
# say whether it comes from a service.
ANONYMOUS: Final = Caller("anonymous", "", "", {"aws:PrincipalAccount": "anonymous"})


@dataclass(frozen=True)
class Request:
    """One call of an AWS API, as far as policies look at it.

    Attributes:
        caller: Who asks.
        action: As a policy names it, such as `s3:PutObject`.
        resource: ARN of what is acted on; "*" for the actions that know no resource.
        keys: Condition keys from the request itself, such as its headers. They win over those
            that the caller and the connection bring along.
        from_subnet: Whether it comes from the stack's subnets. It then needs an endpoint, and
            carries the VPC in which that endpoint stands.
    """

    caller: Caller
    action: str
    resource: str
    keys: Mapping[str, str] = field(default_factory=dict)
    from_subnet: bool = False

    @property
    def carried(self) -> dict[str, str]:
        """Every condition key of the request."""
        connection = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.2"}
        if self.caller.kind == "service":
            connection = {}
        if self.from_subnet:
            connection["aws:SourceVpc"] = VPC
        return {**connection, **self.caller.keys, **self.keys}
