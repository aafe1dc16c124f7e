"""Where the stack keeps its policies, and what they say taken by themselves."""

from collections.abc import Iterable, Mapping

from checks.translation import policy_of
from tests.support.policy.conditions import conditions_hold
from tests.support.policy.patterns import is_like, is_resource_like
from tests.support.template import Json, Stack, as_list


def policies(stack: Stack) -> dict[str, list[Json]]:
    """Statements of every policy in the stack, by the logical id of the resource that holds it."""
    return {
        logical_id: statements(stack, logical_id)
        for logical_id, resource in stack.resources.items()
        if policy_of(resource)
    }


def statements(stack: Stack, logical_id: str) -> list[Json]:
    """Statements of the policy that one resource holds."""
    document = policy_of(stack.resources[logical_id])
    return as_list(document["Statement"]) if document else []


def allowed_pairs(policy: Iterable[Json]) -> set[tuple[str, str]]:
    """Every (action, resource) that the statements allow, conditions aside."""
    return {
        (action, resource)
        for statement in policy
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def denied_by(
    policy: Iterable[Json], action: str, resource: str, request: Mapping[str, str]
) -> list[str]:
    """Sids of the Deny statements that refuse a request.

    Args:
        policy: The statements; principals are not looked at.
        action: As in a policy, such as `s3:PutObject`.
        resource: ARN of what is acted on.
        request: Condition keys that the request carries.
    """
    return [
        statement["Sid"]
        for statement in policy
        if statement["Effect"] == "Deny"
        and any(is_like(action, pattern) for pattern in as_list(statement["Action"]))
        and any(is_resource_like(resource, pattern) for pattern in as_list(statement["Resource"]))
        and conditions_hold(statement.get("Condition", {}), request)
    ]
