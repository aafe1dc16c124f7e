"""Every place of a stack where a policy could stand, so that none is passed over in silence."""

import json
from collections.abc import Iterator
from typing import Final

from checks.translation import policy_of
from tests.support.policy.known import UnknownPolicyElementError
from tests.support.template import Json, Stack

# What decides over rights is looked at property by property. Not here, for instance: a role's
# `Policies`, `PermissionsBoundary` and `Path`, a policy's `Roles`, `Users` and `Groups`, and a
# permission's `PrincipalOrgID`, `FunctionUrlAuthType` and `EventSourceToken`.
# Source: CloudFormation Template Reference, the page of each type.
_PROPERTIES: Final[dict[str, frozenset[str]]] = {
    "AWS::IAM::ManagedPolicy": frozenset({"Description", "ManagedPolicyName", "PolicyDocument"}),
    "AWS::IAM::Role": frozenset(
        {
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "RoleName",
            "Tags",
        }
    ),
    "AWS::Lambda::Permission": frozenset(
        {"Action", "FunctionName", "Principal", "SourceAccount", "SourceArn"}
    ),
}
_EVERYBODY: Final[list[Json]] = ["*", {"AWS": "*"}, {"AWS": ["*"]}]


def require_known_places(stack: Stack) -> None:
    """Lets a stack pass whose policies all stand where the evaluator looks.

    Raises:
        UnknownPolicyElementError: When one stands elsewhere, or a property changes what one means.
    """
    for logical_id, resource in stack.resources.items():
        of_type, properties = resource["Type"], resource.get("Properties", {})
        if of_type in _PROPERTIES:
            unknown = properties.keys() - _PROPERTIES[of_type]
            if unknown:
                raise UnknownPolicyElementError(f"{logical_id}: {sorted(unknown)}")
        elif of_type.startswith("AWS::IAM::"):
            raise UnknownPolicyElementError(f"{logical_id}: {of_type}")
        own = policy_of(resource)
        if any(document != own for document in _documents(properties)):
            raise UnknownPolicyElementError(f"{logical_id}: a policy in another place")


def require_everybody(logical_id: str, statements: list[Json]) -> None:
    """Lets the policy of a gateway endpoint pass if it names principals by conditions only.

    AWS: "With gateway endpoints, the `Principal` element must be set to `*`. To specify a
    principal, use the `aws:PrincipalArn` condition key", and an account's number or `:root` lets
    nobody through but the account's root user.
    Source: AWS PrivateLink guide, "Principals for gateway endpoints".

    Raises:
        UnknownPolicyElementError: When a statement names somebody else than everybody.
    """
    for one in statements:
        if one.get("Principal") not in _EVERYBODY:
            raise UnknownPolicyElementError(f"{logical_id}/{one['Sid']}: a gateway's principal")


def _documents(value: Json) -> Iterator[Json]:
    """Whatever has statements, in a resource's properties; also where it is written as JSON."""
    if isinstance(value, dict):
        if "Statement" in value:
            yield value
        else:
            for item in value.values():
                yield from _documents(item)
    elif isinstance(value, list):
        for item in value:
            yield from _documents(item)
    elif isinstance(value, str) and '"Statement"' in value:
        yield json.loads(value)
