"""Judges a request by policy statements, as far as the project's own policies need it.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Policy evaluation
logic". A key that the request does not carry makes an affirmative operator false and a negated one
true; `...IfExists` is true for it; `Null` asks for just that.
"""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from tests.support.template import Json, Stack, as_list

_POLICY_PROPERTIES: Final = {
    "AWS::EC2::VPCEndpoint": "PolicyDocument",
    "AWS::IAM::ManagedPolicy": "PolicyDocument",
    "AWS::IAM::Role": "AssumeRolePolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
}
_AFFIRMATIVE: Final[dict[str, Callable[[str, str], bool]]] = {
    "ArnEquals": fnmatchcase,
    "ArnLike": fnmatchcase,
    "Bool": lambda value, wanted: value == wanted,
    "NumericLessThan": lambda value, wanted: float(value) < float(wanted),
    "StringEquals": lambda value, wanted: value == wanted,
    "StringLike": fnmatchcase,
}
_NEGATED: Final[dict[str, Callable[[str, str], bool]]] = {
    "ArnNotEquals": fnmatchcase,
    "StringNotEquals": lambda value, wanted: value == wanted,
}


def policies(stack: Stack) -> dict[str, list[Json]]:
    """Statements of every policy in the stack, by the logical id of the resource that holds it."""
    return {
        logical_id: statements(stack, logical_id)
        for logical_id, resource in stack.resources.items()
        if resource["Type"] in _POLICY_PROPERTIES
    }


def statements(stack: Stack, logical_id: str) -> list[Json]:
    """Statements of the policy that one resource holds."""
    resource = stack.resources[logical_id]
    document = resource["Properties"][_POLICY_PROPERTIES[resource["Type"]]]
    return as_list(document["Statement"])


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
        and any(fnmatchcase(action, pattern) for pattern in as_list(statement["Action"]))
        and any(fnmatchcase(resource, pattern) for pattern in as_list(statement["Resource"]))
        and _conditions_hold(statement.get("Condition", {}), request)
    ]


def _conditions_hold(conditions: Mapping[str, Any], request: Mapping[str, str]) -> bool:
    return all(
        _operator_holds(operator, request.get(key), [str(value) for value in as_list(wanted)])
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _operator_holds(operator: str, value: str | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return wanted == [str(value is None).lower()]
    name = operator.removesuffix("IfExists")
    if name in _NEGATED:
        return value is None or not any(_NEGATED[name](value, one) for one in wanted)
    if value is None:
        return operator != name
    return any(_AFFIRMATIVE[name](value, one) for one in wanted)
