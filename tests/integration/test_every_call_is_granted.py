"""Least privilege from the other side: each call of the function is granted, by a statement of it.

Runs last, and looks back at all calls that the function's code made, and Lambda for it, in whatever
tests ran before: what the code can do and no test made it do is not among them. Code is told by its
session, so that a refused call of it fails here, swallowed or not, unless a test meant it. The
table of calls by statement is left in `.local/calls.txt`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.integration import calls
from tests.integration.calls import Phase
from tests.integration.deployed import Json, Stack
from tests.integration.rights_changed import endpoints, role_policy
from tests.support.rights import Right, rights

pytestmark = pytest.mark.usefixtures("embedded")

TABLE = Path(__file__).parents[2] / ".local" / "calls.txt"
ROLE = "role"


@dataclass
class Grants:
    """What allowed the calls, or did not.

    Args:
        counts: Holder of the policy and right -> how many calls it allowed.
        ungranted: Calls that no statement covers, and refusals that no test meant.
        meant_count: Refusals that a test meant.
        others_count: Calls by other holders of the role's session: tests of what it may not.
    """

    counts: Counter[tuple[str, Right]] = field(default_factory=Counter)
    ungranted: list[str] = field(default_factory=list)
    meant_count: int = 0
    others_count: int = 0


@pytest.fixture(scope="module")
def policies(stack: Stack) -> dict[str, list[Right]]:
    """The rights of the role, and of each endpoint."""
    ends = {endpoint.name: rights(endpoint.policy) for endpoint in endpoints(stack)}
    return {ROLE: rights(role_policy(stack)), **ends}


@pytest.fixture(scope="module")
def grants(stack: Stack, policies: dict[str, list[Right]]) -> Grants:
    """All calls so far, each with what allowed it."""
    names = {endpoint.endpoint_id: endpoint.name for endpoint in endpoints(stack)}
    if calls.file() is None:
        pytest.skip(f"{calls.FILE} names no record of calls")
    found = Grants()
    for call, phases in calls.with_phases():
        if call["by"] == "person":
            found.others_count += 1
        elif Phase.RIGHTS_CHANGED in phases:
            continue
        elif call["refusedBy"] and Phase.REFUSALS_MEANT in phases:
            found.meant_count += 1
        else:
            match(call | {"endpoint": names.get(call["endpoint"])}, policies, found)
    return found


def match(call: Json, policies: dict[str, list[Right]], found: Grants) -> None:
    """Counts a call for each right that it used, or notes it as granted by nothing."""
    used = [
        (holder, granting(policies.get(holder, []), statement, *asked))
        for holder, statement, asked in questions(call)
    ]
    if call["refusedBy"] or None in [right for _, right in used]:
        found.ungranted.append(f"{call['action']} on {call['resource']}: {call}")
    found.counts.update((holder, right) for holder, right in used if right)


def questions(call: Json) -> Iterator[tuple[str, str, tuple[str, str, str | None]]]:
    """Who must have allowed what: the role, the endpoint of the function's code, the key's use."""
    yield ROLE, call["statement"], (call["action"], call["resource"], None)
    if call["by"] == "code":
        yield call["endpoint"], call["endpointStatement"], (call["action"], call["resource"], None)
    for use in call["keyUses"]:
        yield ROLE, use["statement"], (use["action"], use["resource"], use["via"])


def granting(
    held: list[Right], statement: str, action: str, resource: str, via: str | None
) -> Right | None:
    """The right of a statement that covers a call."""
    for right in held:
        if right.sid == statement and right.covers(action, resource, via):
            return right
    return None


def table(grants: Grants, policies: dict[str, list[Right]]) -> str:
    """Every right and how many calls it allowed."""
    lines = [
        f"{grants.counts[holder, right]:>8,}  {holder:<28}{right}"
        for holder, held in policies.items()
        for right in held
        if right.effect == "Allow"
    ]
    lines.append(f"{grants.meant_count:>8,}  refusals that a test meant")
    lines.append(f"{grants.others_count:>8,}  calls of tests with the role's session")
    return "\n".join(lines) + "\n"


def test_every_call_of_the_function_is_granted_by_a_statement(
    grants: Grants, policies: dict[str, list[Right]]
) -> None:
    told = table(grants, policies)

    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(told, encoding="utf-8")

    assert grants.counts, "nobody called anything"
    assert grants.ungranted == [], told


def test_every_right_was_used_by_some_call(
    grants: Grants, policies: dict[str, list[Right]], whole_suite: bool
) -> None:
    if not whole_suite:
        pytest.skip("only a part of the integration tests ran; what they did not use may be needed")
    held = {
        (holder, right)
        for holder, found in policies.items()
        for right in found
        if right.effect == "Allow"
    }

    unused = sorted(f"{holder}: {right}" for holder, right in held - grants.counts.keys())

    assert unused == [], table(grants, policies)
