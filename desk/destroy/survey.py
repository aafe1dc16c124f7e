"""Looking before a removal: what is there, and what forbids it. Nothing is changed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from desk.destroy.buckets import Bucket
from desk.destroy.calls import Calls, Left
from desk.destroy.plan import SUFFIX, Plan, is_gone
from desk.destroy.removals import REMOVALS, why_kept
from desk.errors import DeskError
from desk.reading import Json
from desk.terminal import Advance
from processor.adapters.aws import error_code, translated_errors

_PRODUCTION: Final = re.compile(r"(prod|prd|live)", re.IGNORECASE)
_PRODUCTION_WORD: Final = re.compile(
    r"(^|[-_.])(prod|production|prd|live)([-_.0-9]|$)", re.IGNORECASE
)
_LOCK_MODE: Final = "AuditObjectLockMode"
_ENVIRONMENT_TAG: Final = "Environment"


@dataclass(frozen=True, slots=True)
class Held:
    """What a resource holds, for a person who is about to lose it.

    Args:
        kind: Its type.
        name: What AWS calls it.
        holds: Such as "12 versions of objects"; empty where there is nothing to say.
    """

    kind: str
    name: str
    holds: str


def forbidden(plan: Plan, stack: Json | None) -> list[str]:
    """Why the plan's stack is not to be removed at all: it is production, or something changes it.

    No option overrides this.

    Args:
        plan: The plan.
        stack: The stack as it is now; None if it is gone.
    """
    suffix, tag = plan.parameters.get(SUFFIX, ""), plan.tags.get(_ENVIRONMENT_TAG, "")
    reasons = [
        f"{what} is {value}: it is production"
        for what, value in (
            (SUFFIX, suffix),
            (f"its tag {_ENVIRONMENT_TAG}", tag),
            ("its name", plan.stack_name),
        )
        if _PRODUCTION_WORD.search(value)
        # A product's name may begin so, too; an environment's does not.
        or (value in (suffix, tag) and _PRODUCTION.match(value))
    ]
    if plan.parameters.get(_LOCK_MODE) == "COMPLIANCE":
        reasons.append(f"{_LOCK_MODE} is COMPLIANCE: its audit is to be kept")
    if stack is not None and not is_gone(stack):
        if stack.get("EnableTerminationProtection"):
            reasons.append("its termination protection is on")
        if stack["StackStatus"].endswith("_IN_PROGRESS") and "DELETE" not in stack["StackStatus"]:
            reasons.append(f"it is {stack['StackStatus']}: wait for that to end")
    if SUFFIX not in plan.parameters:
        reasons.append(f"it has no {SUFFIX}: it is no stack of this pipeline")
    return reasons


def refuse_strangers(calls: Calls, plan: Plan) -> None:
    """Refuses what would reach past the stack.

    Raises:
        DeskError: The caller is in another account or region, or another stack has the names now.
        ServiceUnavailable, ServiceRefused: That cannot be told.
    """
    with translated_errors("GetCallerIdentity"):
        account = calls.client("sts").get_caller_identity()["Account"]
    client = calls.client("cloudformation")
    place = (account, client.meta.region_name)
    if place != (plan.account, plan.region):
        raise DeskError(f"the stack lies in {plan.account}, {plan.region}, and you are in {place}")
    with translated_errors("DescribeStacks"):
        pages = client.get_paginator("describe_stacks").paginate()
        stacks = [one for page in pages for one in page["Stacks"]]
    for one in stacks:
        parameters = {
            given["ParameterKey"]: given["ParameterValue"] for given in one.get("Parameters", [])
        }
        if one["StackId"] == plan.stack_id or one["StackStatus"] == "DELETE_COMPLETE":
            continue
        if parameters.get(SUFFIX) == plan.parameters.get(SUFFIX):
            raise DeskError(
                f"stack {one['StackName']} has the same {SUFFIX}: what is to be removed may be "
                "its own"
            )


def importers(calls: Calls, stack: Json | None) -> list[str]:
    """Other stacks that use this one's outputs, which CloudFormation would refuse to delete."""
    client = calls.client("cloudformation")
    found: set[str] = set()
    for output in (stack or {}).get("Outputs", []):
        if not output.get("ExportName"):
            continue
        with translated_errors("ListImports"):
            try:
                answer = client.list_imports(ExportName=output["ExportName"])
            except ClientError as error:
                # It answers so if nobody imports it.
                if error_code(error) != "ValidationError":
                    raise
                continue
        found.update(answer.get("Imports", []))
    return sorted(found)


def locks(calls: Calls, plan: Plan) -> list[str]:
    """What S3's Object Lock keeps from being deleted, a line a bucket.

    Raises:
        DeskError: That cannot be told, so that nothing may be touched.
    """
    found = []
    for one in plan.of_kind("AWS::S3::Bucket"):
        try:
            found.append(Bucket(calls, one.physical_id, plan.account, plan.region).lock())
        except Left as left:
            raise DeskError(f"whether {one.physical_id} is locked: {left.why}") from left
    return [one for one in found if one]


def held(calls: Calls, plan: Plan, done: Advance) -> Iterator[Held]:
    """What there is to lose, resource by resource, in the order of its removal."""
    for kind in REMOVALS:
        for one in plan.of_kind(kind):
            try:
                holds = _HOLDINGS[kind](calls, plan, one.physical_id) if kind in _HOLDINGS else ""
            except Left as left:
                holds = f"not known: {left.why}"
            yield Held(kind, one.physical_id, holds)
            done(1)
    for one in plan.resources:
        if why := why_kept(one):
            yield Held(one.kind, one.physical_id, f"STAYS: {why}")


def _versions(calls: Calls, plan: Plan, name: str) -> str:
    bucket = Bucket(calls, name, plan.account, plan.region)
    count = sum(len(some) for some in bucket.versions())
    return f"{count:,} versions and delete markers"


def _items(calls: Calls, _: Plan, name: str) -> str:
    answer = calls.unless_gone("dynamodb", "describe_table", TableName=name)
    # DynamoDB counts anew about every six hours.
    return f"about {answer['Table'].get('ItemCount', 0):,} items" if answer else "gone"


def _events(calls: Calls, _: Plan, url: str) -> str:
    answer = calls.unless_gone(
        "sqs",
        "get_queue_attributes",
        QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages"],
    )
    if not answer:
        return "gone"
    return f"{int(answer['Attributes']['ApproximateNumberOfMessages']):,} failed events"


def _bytes(calls: Calls, _: Plan, name: str) -> str:
    answer: Any = calls.unless_gone("logs", "describe_log_groups", logGroupNamePrefix=name) or {}
    groups = [one for one in answer.get("logGroups", []) if one["logGroupName"] == name]
    return f"{groups[0].get('storedBytes', 0):,} bytes" if groups else "gone"


_HOLDINGS: Final = {
    "AWS::S3::Bucket": _versions,
    "AWS::DynamoDB::Table": _items,
    "AWS::SQS::Queue": _events,
    "AWS::Logs::LogGroup": _bytes,
}
