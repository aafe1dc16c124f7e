"""The template is written so that what is judged is all that can be deployed.

The gates judge two deployments, which take both sides of each condition. That is enough as long as
no choice hides behind another one: such a combination would be in neither of them.
"""

from collections.abc import Iterator

import pytest

from checks.translation import DEPLOYMENTS, conditions, policy_of
from tests.support.template import Json, source, translated

VERSION = "2012-10-17"


def choices(value: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and condition of each `Fn::If`, those within the sides of another one included."""
    match value:
        case {"Fn::If": [str(name), *_]}:
            yield path, name
    for key, item in items(value):
        yield from choices(item, f"{path}/{key}")


def items(value: Json) -> Iterator[tuple[str, Json]]:
    match value:
        case dict():
            yield from value.items()
        case list():
            yield from ((str(number), item) for number, item in enumerate(value))


def nested(value: Json) -> list[str]:
    return [path for path, _ in choices(value) if "/Fn::If/" in path]


def policies_of_another_version(value: Json, path: str = "") -> Iterator[str]:
    """Whatever has statements is a policy, wherever it stands."""
    if isinstance(value, dict) and "Statement" in value and value.get("Version") != VERSION:
        yield path
    for key, item in items(value):
        yield from policies_of_another_version(item, f"{path}/{key}")


def test_no_choice_is_made_within_another() -> None:
    assert nested(source()) == []
    assert nested(translated()) == []


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::If": ["A", {"Fn::If": ["B", 1, 2]}, 3]},
        {"P": {"Fn::If": ["A", 1, {"Q": [{"Fn::Sub": ["x", {"x": {"Fn::If": ["B", 1, 2]}}]}]}]}},
    ],
)
def test_a_choice_within_another_is_seen_at_any_depth(value: Json) -> None:
    assert len(nested(value)) == 1
    assert len(nested([value, {"Fn::If": ["A", 1, 2]}])) == 1


def test_both_sides_of_every_choice_are_in_a_deployment_that_is_judged() -> None:
    template = translated()
    holds = [conditions(template, parameters) for parameters in DEPLOYMENTS.values()]
    found = list(choices(template))

    for path, name in found:
        _, section, logical_id, *_ = path.split("/")
        # A resource that is not there takes neither side of its choices.
        needed = template[section][logical_id].get("Condition")
        sides = {held[name] for held in holds if needed is None or held[needed]}
        assert sides == {True, False}, path
    assert found != []


def test_every_policy_names_the_version_without_which_variables_are_plain_text() -> None:
    template = translated()
    policies = {name: policy_of(one) for name, one in template["Resources"].items()}

    versions = {name: policy.get("Version") for name, policy in policies.items() if policy}
    assert set(versions.values()) == {VERSION}, versions
    assert list(policies_of_another_version(template)) == []


@pytest.mark.parametrize(
    "policy",
    [{"Statement": []}, {"Version": "2008-10-17", "Statement": {}}, {"Version": 1, "Statement": 1}],
)
def test_a_policy_of_another_version_is_seen_wherever_it_stands(policy: Json) -> None:
    role = {"Properties": {"Policies": [{"PolicyDocument": policy}]}}

    assert list(policies_of_another_version(role)) == ["/Properties/Policies/0/PolicyDocument"]
