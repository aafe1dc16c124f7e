"""Who asks AWS for what, from where: the left-hand side of every table of requests.

Sources: IAM User Guide, "AWS global condition context keys", for which callers carry which keys;
"AWS JSON policy elements: Principal", for how a policy names them.

What a service of AWS carries when it calls in its own name is not written down. The guide says of
`aws:SecureTransport`, `aws:PrincipalAccount` and `aws:PrincipalArn` that they are "always included
in the request context", and does not say what the last two would be for a caller without an
account; it is also told that AWS leaves them out of calls between its services. So a service's
request stands for all of these cases, and has an answer only if they all have the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Final

from tests.support.policy.known import UnknownPolicyElementError, require_known_key
from tests.support.template import ACCOUNT

OTHER_ACCOUNT: Final = "999999999999"
# What a !Ref to the VPC gives in the worked-out stack.
VPC: Final = "VPC"

_CONNECTION: Final = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.2"}
# An account that nobody here knows.
_OF_AWS: Final = "000000000000"
_SERVICE_MAY_CARRY: Final[Mapping[str, tuple[str, ...]]] = {
    **{key: (value,) for key, value in _CONNECTION.items()},
    "aws:PrincipalAccount": (ACCOUNT, _OF_AWS),
    "aws:PrincipalArn": (f"arn:aws:iam::{_OF_AWS}:role/service",),
    "kms:CallerAccount": (ACCOUNT, _OF_AWS),
}


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

    Whether it carries an account of its own, and what is known of TLS, is left open: see
    `Request.as_it_may_come`.

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

    def __post_init__(self) -> None:
        for key in self.carried:
            require_known_key(key)
            if not self._can_carry(key):
                raise UnknownPolicyElementError(f"{self.action} carries no {key}")

    @property
    def carried(self) -> dict[str, str]:
        """Every condition key of the request; of a service's, only those that are sure."""
        connection = {} if self.caller.kind == "service" else dict(_CONNECTION)
        if self.caller.account:
            connection["kms:CallerAccount"] = self.caller.account
        if self.from_subnet:
            connection["aws:SourceVpc"] = VPC
        possible = {key: value for key, value in connection.items() if self._can_carry(key)}
        return {**possible, **self.caller.keys, **self.keys}

    def _can_carry(self, key: str) -> bool:
        """Whether a key is everybody's, or of the service that is asked."""
        of = key.partition(":")[0]
        return of not in {"kms", "s3"} or of == self.action.partition(":")[0]

    def as_it_may_come(self) -> list["Request"]:
        """The request in each form in which AWS may see it: more than one for a service's only."""
        if self.caller.kind != "service":
            return [self]
        unsure = {
            key: (None, *values)
            for key, values in _SERVICE_MAY_CARRY.items()
            if key not in self.carried and self._can_carry(key)
        }
        return [
            replace(self, keys={**self.keys, **_without_none(zip(unsure, chosen, strict=True))})
            for chosen in product(*unsure.values())
        ]


def _without_none(pairs: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    return {key: value for key, value in pairs if value is not None}
