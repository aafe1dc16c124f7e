"""The removal itself: nothing new starts, the stack goes, then all that outlives it.

    stop what starts ─▶ delete the stack ─▶ writers ▸ data ▸ network ▸ rights ─▶ alias and key

Each step may be done again. A step that fails stops nothing but what needs it: the next run goes on
there, by the same plan.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from botocore.exceptions import ClientError

from desk.destroy import network
from desk.destroy.buckets import Bucket
from desk.destroy.calls import Left
from desk.destroy.plan import Planned, described, is_gone
from desk.destroy.removals import REMOVALS, Removal, why_kept
from processor.adapters.aws import error_code
from processor.errors import ProcessorError

NETWORK: Final = frozenset(
    {
        *("AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::RouteTable", "AWS::EC2::VPC"),
    }
)
RIGHTS: Final = frozenset({"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"})
KEYS: Final = frozenset({"AWS::KMS::Alias", "AWS::KMS::Key"})
STACK: Final = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a resource.

    Args:
        resource: The resource.
        why_left: Why it is left; None if it is gone.
    """

    resource: Planned
    why_left: str | None = None


def destroy(removal: Removal, told: Callable[[Step], None] = lambda _: None) -> list[Step]:
    """Removes a stack and all that is planned.

    Args:
        removal: What is removed, and how.
        told: Is told of each step that is over.

    Returns:
        All steps; nothing is left if none says so.
    """
    steps: list[Step] = []
    for step in _steps(removal, steps):
        steps.append(step)
        told(step)
    return steps


def _steps(removal: Removal, steps: Sequence[Step]) -> Iterator[Step]:
    plan = removal.plan
    stack = Planned(plan.stack_name, STACK, plan.stack_id)
    yield _tried(stack, lambda: _delete_stack(removal))
    if _left(steps, {STACK}):
        # Without that right none of the rest is likely to go, and a half removed stack is worse.
        return
    for one in plan.resources:
        if why := why_kept(one):
            yield Step(one, why)
    for kind in REMOVALS:
        before = _before(removal, kind, steps)
        for one in plan.of_kind(kind):
            if before is not None:
                yield Step(one, before)
            else:
                yield _tried(one, partial(REMOVALS[kind], removal, one))


def _before(removal: Removal, kind: str, steps: Sequence[Step]) -> str | None:
    """What a kind waits for; None if it may go."""
    if kind == "AWS::EC2::SecurityGroup":
        try:
            network.await_interfaces(removal.calls, removal.plan)
            network.revoke_rules(removal.calls, removal.plan)
        except Left as left:
            return left.why
    if kind in NETWORK and _left(steps, NETWORK):
        return "something else of the network is left"
    if kind in RIGHTS and _left(steps, NETWORK):
        return "Lambda needs it until it has given its network interfaces back"
    if kind in KEYS and _left([one for one in steps if one.resource.kind not in KEYS]):
        return "what is left may be encrypted by the key"
    return None


def _left(steps: Sequence[Step], kinds: Collection[str] | None = None) -> bool:
    """Whether anything is left so far; of these kinds, if any are named."""
    return any(
        one.why_left is not None and (kinds is None or one.resource.kind in kinds) for one in steps
    )


def _tried(one: Planned, act: Callable[[], None]) -> Step:
    try:
        act()
    except Left as left:
        return Step(one, left.why)
    except ProcessorError as error:
        return Step(one, str(error))
    return Step(one)


def _delete_stack(removal: Removal) -> None:
    """Stops what starts the function, then deletes the stack; what it retains stays for later."""
    calls, plan = removal.calls, removal.plan
    for one in plan.of_kind("AWS::Events::Rule"):
        calls.unless_gone("events", "disable_rule", Name=one.physical_id)
    for one in plan.of_kind("AWS::S3::Bucket"):
        Bucket(calls, one.physical_id, plan.account, plan.region).silence()
    client = calls.client("cloudformation")
    if is_gone(described(calls, plan.stack_id)):
        return
    try:
        client.delete_stack(StackName=plan.stack_id)
    except ClientError as error:
        raise Left(f"DeleteStack: {error_code(error)}") from error
    for _ in calls.attempts():
        stack = described(calls, plan.stack_id)
        if stack is None or is_gone(stack):
            return
        if stack["StackStatus"] == "DELETE_FAILED":
            raise Left(f"DELETE_FAILED: {stack.get('StackStatusReason', 'no reason given')}")
    raise Left("it is still being deleted")
