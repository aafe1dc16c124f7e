"""The plan of a removal: what belongs to the stack, written down before anything is touched.

A stack's resources outlive it, and nothing but this list tells afterwards that they were its own:
names come back when the stack is deployed again. So every step takes its id from here.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from desk.destroy.calls import Calls, Left
from desk.errors import DeskError
from desk.reading import Json
from processor.adapters.aws import error_code, translated_errors

SUFFIX: Final = "EnvironmentSuffix"
_FORMAT: Final = 1
_DELETED: Final = "DELETE_COMPLETE"
_CREATE_FAILED: Final = "CREATE_FAILED"


@dataclass(frozen=True, slots=True)
class Planned:
    """A resource that is to be removed.

    Args:
        logical_id: Its name in the template.
        kind: Its type, such as AWS::S3::Bucket.
        physical_id: What AWS calls it.
        unique_id: Of roles and policies, whose names are the account's own in all regions: the id
            that no other one of the same name has. Empty for others.
        is_doubtful: Whether its creation failed, as it does where the name was another's already.
    """

    logical_id: str
    kind: str
    physical_id: str
    unique_id: str = ""
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be removed.

    Args:
        stack_id: The stack's ARN.
        stack_name: Its name.
        parameters: Its parameters, by name.
        tags: Its tags.
        resources: All that it had.
    """

    stack_id: str
    stack_name: str
    parameters: dict[str, str]
    tags: dict[str, str]
    resources: Sequence[Planned]

    @property
    def region(self) -> str:
        """Where it lies."""
        return self.stack_id.split(":")[3]

    @property
    def account(self) -> str:
        """The account that it lies in."""
        return self.stack_id.split(":")[4]

    def of_kind(self, *kinds: str) -> list[Planned]:
        """Its own resources of these types."""
        return [one for one in self.resources if one.kind in kinds and not one.is_doubtful]


def described(calls: Calls, name: str) -> Json | None:
    """The stack as DescribeStacks has it, also by the ARN of a deleted one; None if there is none.

    Raises:
        ServiceUnavailable, ServiceRefused: It cannot be asked now, or may not.
    """
    with translated_errors("DescribeStacks"):
        try:
            answer = calls.client("cloudformation").describe_stacks(StackName=name)
        except ClientError as error:
            if error_code(error) == "ValidationError":
                return None
            raise
    found: Json = answer["Stacks"][0]
    return found


def is_gone(stack: Json | None) -> bool:
    """Whether only its retained resources can be left."""
    return stack is None or stack["StackStatus"] == _DELETED


def make(calls: Calls, stack: Json) -> Plan:
    """Lists all that a stack has, or had: CloudFormation knows that of a deleted one for 90 days.

    Source: CloudFormation API Reference, ListStackResources.

    Raises:
        DeskError: A role or policy of it cannot be looked at.
        ServiceUnavailable, ServiceRefused: It cannot be asked now, or may not.
    """
    client = calls.client("cloudformation")
    with translated_errors("ListStackResources"):
        pages = client.get_paginator("list_stack_resources").paginate(StackName=stack["StackId"])
        listed = [one for page in pages for one in page["StackResourceSummaries"]]
    try:
        resources = [
            Planned(
                one["LogicalResourceId"],
                one["ResourceType"],
                one["PhysicalResourceId"],
                _unique_id(calls, one["ResourceType"], one["PhysicalResourceId"]),
                one["ResourceStatus"] == _CREATE_FAILED,
            )
            for one in listed
            if one.get("PhysicalResourceId") and one["ResourceStatus"] != _DELETED
        ]
    except Left as left:
        raise DeskError(left.why) from left
    return Plan(
        stack["StackId"],
        stack["StackName"],
        {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])},
        {one["Key"]: one["Value"] for one in stack.get("Tags", [])},
        resources,
    )


def _unique_id(calls: Calls, kind: str, physical_id: str) -> str:
    if kind == "AWS::IAM::Role":
        answer = calls.unless_gone("iam", "get_role", RoleName=physical_id)
        return str(answer["Role"]["RoleId"]) if answer else ""
    if kind == "AWS::IAM::ManagedPolicy":
        answer = calls.unless_gone("iam", "get_policy", PolicyArn=physical_id)
        return str(answer["Policy"]["PolicyId"]) if answer else ""
    return ""


def merged(saved: Plan, now: Plan) -> Plan:
    """A plan and what the stack has gained since; what it no longer lists stays planned."""
    known = {(one.kind, one.physical_id) for one in saved.resources}
    added = [one for one in now.resources if (one.kind, one.physical_id) not in known]
    return Plan(now.stack_id, now.stack_name, now.parameters, now.tags, [*saved.resources, *added])


def save(plan: Plan, file: Path) -> None:
    """Writes a plan, whole or not at all.

    Raises:
        OSError: It cannot be written: nothing may be removed then.
    """
    document = {"format": _FORMAT, **asdict(plan)}
    beside = file.with_name(f"{file.name}.new")
    beside.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    beside.replace(file)


def load(file: Path) -> Plan | None:
    """The plan of an earlier run; None if there is none.

    Raises:
        DeskError: The file holds no plan.
        OSError: It cannot be read.
    """
    if not file.exists():
        return None
    try:
        document: Any = json.loads(file.read_text(encoding="utf-8"))
        if document.pop("format") != _FORMAT:
            raise DeskError(f"{file} is of another version of the desk")
        resources = [Planned(**one) for one in document.pop("resources")]
        return Plan(**document, resources=resources)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeskError(f"{file} holds no plan of a removal") from error
