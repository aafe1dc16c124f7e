"""Least privilege from the one side: take any right away, and some story of the function fails.

The policies are taken apart as they are deployed, so that a right that is added is tested without a
word here. Each case ends with the refusal that the embedded AWS recorded of just that right.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from botocore.exceptions import ClientError

from tests.integration import calls
from tests.integration.calls import Phase
from tests.integration.delivery import Desk
from tests.integration.deployed import ENDPOINT, STACK_NAME, Json, Stack, describe
from tests.integration.probes import Missed, Probes
from tests.integration.rights_changed import (
    Endpoint,
    endpoint_policy_as,
    endpoints,
    role_policy,
    role_policy_as,
)
from tests.support.rights import Right, rights, with_condition, without

ANOTHER_ACCOUNT = "999999999999"

DENIES = "deny"
"""Where a service stands: stories about what is refused by name."""


@dataclass(frozen=True)
class Probe:
    """A story, and the services whose rights it looks at first.

    Args:
        tell: Tells it.
        services: Prefixes of actions, and services through which the key is used.
    """

    tell: Callable[[Probes], None]
    services: frozenset[str]

    @property
    def name(self) -> str:
        """As in a report."""
        return self.tell.__name__


PROBES = (
    Probe(Probes.file_is_processed, frozenset({"s3", "dynamodb", "logs"})),
    Probe(Probes.finished_file_is_seen_again, frozenset({"s3"})),
    Probe(Probes.quarantine_of_an_attempt_that_died_is_read_back, frozenset({"s3"})),
    Probe(Probes.event_without_version_finds_the_current_one, frozenset({"s3"})),
    Probe(Probes.file_that_is_gone_gets_its_receipt, frozenset({"s3"})),
    Probe(Probes.lost_file_is_found_and_started_again, frozenset({"s3", "dynamodb"})),
    Probe(Probes.lambda_attaches_the_function_to_network_and_queue, frozenset({"ec2"})),
    Probe(Probes.code_changes_no_network, frozenset({DENIES})),
    Probe(Probes.session_is_of_no_use_outside_the_vpc, frozenset({DENIES})),
    Probe(Probes.new_container_reads_its_configuration, frozenset({"secretsmanager"})),
    Probe(Probes.failed_event_is_kept, frozenset({"sqs"})),
)
"""Quick ones first."""


def what_misses(probes: Probes, service: str) -> str | None:
    """The first story that fails and how, None if all of them pass.

    Args:
        probes: Tells them.
        service: Whose stories come first, so that what is missing is noticed soon.
    """
    for probe in sorted(PROBES, key=lambda probe: service not in probe.services):
        try:
            probe.tell(probes)
        except (Missed, ClientError) as error:
            return f"{probe.name}: {error}"
    return None


@cache
def deployed() -> tuple[Json, list[Endpoint]] | None:
    """The policies of the stack under test, None where nobody can change them."""
    name = os.environ.get(STACK_NAME)
    if not name or not os.environ.get(ENDPOINT):
        return None
    stack = describe(name)
    return role_policy(stack), endpoints(stack)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case for each right, each endpoint's right, and each endpoint's condition."""
    document, ends = deployed() or ({"Statement": []}, [])
    if "right" in metafunc.fixturenames:
        found = rights(document)
        metafunc.parametrize("right", found, ids=map(str, found))
    if "passage" in metafunc.fixturenames:
        passages = [(end, right) for end in ends for right in rights(end.policy)]
        ids = [f"{end.name}-{right}" for end, right in passages]
        metafunc.parametrize("passage", passages, ids=ids)
    if "narrowing" in metafunc.fixturenames:
        narrowings = [(end, one) for end in ends for one in conditions(end.policy)]
        ids = [f"{end.name}-{one.sid}-{one.key}" for end, one in narrowings]
        metafunc.parametrize("narrowing", narrowings, ids=ids)
    if "denial" in metafunc.fixturenames:
        denials = [one for one in conditions(document) if one.effect == "Deny"]
        ids = [f"{one.sid}-{one.key}" for one in denials]
        metafunc.parametrize("denial", denials, ids=ids)


@dataclass(frozen=True)
class Condition:
    """One condition of a statement that has one value."""

    sid: str
    effect: str
    operator: str
    key: str
    value: str


def conditions(document: Json) -> list[Condition]:
    """Every condition with one value, in the policy's order."""
    return [
        Condition(statement["Sid"], statement["Effect"], operator, key, value)
        for statement in document["Statement"]
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
        if isinstance(value, str)
    ]


@pytest.fixture(scope="module")
def probes(embedded: None, lost_notifications: None, desk: Desk) -> Probes:
    return Probes(desk)


@pytest.fixture
def rights_changed(request: pytest.FixtureRequest) -> Iterator[int]:
    """Tells the record of calls that what is refused now proves something; where in it that is."""
    begins_at = calls.size()
    with calls.phase(Phase.RIGHTS_CHANGED, request.node.nodeid):
        yield begins_at


def refusals_of(right: Right, begins_at: int, refused_by: set[str]) -> list[Json]:
    """Calls by or for the function that were refused for want of this right."""
    found = []
    for call in calls.read_from(begins_at):
        if call["by"] == "person" or call["refusedBy"] not in refused_by:
            continue
        use = call["refusedKeyUse"]
        asked = (use["action"], use["resource"], use["via"]) if use else None
        if right.covers(*(asked or (call["action"], call["resource"]))):
            found.append(call)
    return found


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_with_the_rights_of_the_template_a_story_ends_well(probes: Probes, probe: Probe) -> None:
    probe.tell(probes)


def test_a_right_of_the_role_is_needed(
    stack: Stack, probes: Probes, rights_changed: int, right: Right
) -> None:
    document = role_policy(stack)
    service = (right.via or right.action).split(":")[0].split(".")[0]
    first = DENIES if right.effect == "Deny" else service

    with role_policy_as(stack, without(document, right)):
        missed = what_misses(probes, first)

    assert missed, "no story needs it"
    assert right.effect == "Deny" or refusals_of(right, rights_changed, {"identity", "key"}), missed
    assert role_policy(stack) == document


def test_a_right_of_an_endpoint_is_needed(
    stack: Stack, probes: Probes, rights_changed: int, passage: tuple[Endpoint, Right]
) -> None:
    endpoint, right = passage
    service = right.action.split(":")[0]

    with endpoint_policy_as(endpoint, without(endpoint.policy, right)):
        missed = what_misses(probes, service)

    assert missed, "no story needs it"
    assert refusals_of(right, rights_changed, {"endpoint"}), missed
    assert endpoint in endpoints(stack)


def test_an_endpoint_lets_nobody_through_but_the_principal_of_its_condition(
    stack: Stack, probes: Probes, rights_changed: int, narrowing: tuple[Endpoint, Condition]
) -> None:
    endpoint, condition = narrowing
    other = condition.value.replace(stack.account, ANOTHER_ACCOUNT)
    mine = [right for right in rights(endpoint.policy) if right.sid == condition.sid]

    with endpoint_policy_as(endpoint, changed(endpoint.policy, condition, other)):
        missed = what_misses(probes, mine[0].action.split(":")[0])

    assert missed, "it lets through whom it does not name"
    assert any(refusals_of(right, rights_changed, {"endpoint"}) for right in mine), missed
    assert endpoint in endpoints(stack)


def test_a_denial_of_the_role_is_about_just_this_function_and_network(
    stack: Stack, probes: Probes, rights_changed: int, denial: Condition
) -> None:
    document = role_policy(stack)
    other = f"{denial.value}-other"

    with role_policy_as(stack, changed(document, denial, other)):
        missed = what_misses(probes, DENIES)

    assert missed, "it makes no difference what it names"
    assert role_policy(stack) == document


def changed(document: Json, condition: Condition, value: str) -> Json:
    """The policy with another value in a condition."""
    return with_condition(document, condition.sid, condition.operator, condition.key, value)
