"""The project's own rules: what they see, and that each can fail.

All breaks are tried by the gate itself; here is what needs no binary, and one break as a sample.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from checks import guard
from checks.breaks import BREAKS, Break
from checks.dynamic_references import with_references
from checks.outcome import ToolFailed
from checks.programs import guard_binary
from checks.suppressions import without_suppressions
from checks.translation import DEPLOYMENTS, conditions, deploy, source, translate

try:
    guard_binary()
    HAS_BINARY = True
except ToolFailed:
    HAS_BINARY = False

needs_binary = pytest.mark.skipif(
    not HAS_BINARY, reason="cfn-guard is not installed yet: `make check` does that"
)


@pytest.fixture(scope="module")
def translated() -> Any:
    return translate(source())


def joined(*parts: Any) -> dict[str, Any]:
    return {"Fn::Join": ["", list(parts)]}


def test_the_deployments_take_both_sides_of_every_condition(translated: Any) -> None:
    sides = [conditions(translated, parameters) for parameters in DEPLOYMENTS.values()]

    same = [name for name in sides[0] if len({side[name] for side in sides}) == 1]

    assert same == []


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_holds_no_open_choice_and_keeps_references(translated: Any, name: str) -> None:
    text = json.dumps(without_suppressions(deploy(translated, DEPLOYMENTS[name])))

    assert "Fn::If" not in text
    assert "Fn::Sub" not in text
    assert [each for each in translated["Parameters"] if f'{{"Ref": "{each}"}}' in text] == []
    assert '{"Ref": "TransactionDataBucket"}' in text


def test_a_parameter_that_the_template_does_not_have_is_refused(translated: Any) -> None:
    with pytest.raises(KeyError, match="Unheard"):
        deploy(translated, {"Unheard": "of"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::Sub": "a-${EnvironmentSuffix}"}, "a-x"),
        ({"Fn::Sub": "${Thing.Arn}/*"}, joined({"Fn::GetAtt": ["Thing", "Arn"]}, "/*")),
        ({"Fn::Sub": "${Thing}"}, {"Ref": "Thing"}),
        ({"Fn::Sub": "${!Literal}-${AWS::Region}"}, "${Literal}-eu-central-1"),
        ({"Fn::Sub": ["${Own}!", {"Own": {"Ref": "EnvironmentSuffix"}}]}, "x!"),
        ({"Fn::Join": ["-", ["a", {"Ref": "EnvironmentSuffix"}]]}, "a-x"),
        ({"Fn::If": ["IsX", "yes", {"Ref": "AWS::NoValue"}]}, "yes"),
        ([{"Fn::If": ["IsY", "yes", {"Ref": "AWS::NoValue"}]}, "other"], ["other"]),
        ({"Ref": "Number"}, 5),
    ],
)
def test_values_are_worked_out_as_far_as_parameters_go(value: Any, expected: Any) -> None:
    template = {
        "Parameters": {
            "EnvironmentSuffix": {"Type": "String"},
            "Number": {"Type": "Number", "Default": 5},
        },
        "Conditions": {
            "IsX": {"Fn::Equals": [{"Ref": "EnvironmentSuffix"}, "x"]},
            "IsY": {"Fn::Not": [{"Condition": "IsX"}]},
        },
        "Resources": {"Thing": {"Type": "T", "Value": value}},
    }

    deployed = deploy(template, {"EnvironmentSuffix": "x"})

    assert deployed["Resources"]["Thing"]["Value"] == expected


def test_every_rule_has_a_break_and_every_break_a_rule() -> None:
    assert {one.rule for one in BREAKS} == guard.rule_texts().keys()


def test_no_break_is_listed_twice() -> None:
    assert len({str(one) + one.deployment for one in BREAKS}) == len(BREAKS)


@pytest.mark.parametrize("one", BREAKS, ids=str)
def test_a_break_changes_the_template_that_there_is(translated: Any, one: Break) -> None:
    deployment = deploy(translated, DEPLOYMENTS[one.deployment])
    before = copy.deepcopy(deployment)

    one.apply(deployment)

    assert deployment != before


@needs_binary
def test_the_rules_pass_the_template_and_see_a_break(translated: Any, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.json", tmp_path / "broken.json"
    deployment = deploy(translated, DEPLOYMENTS["defaults"])
    whole.write_text(json.dumps(with_references(deployment)))
    del deployment["Resources"]["TransactionDataBucket"]["DeletionPolicy"]
    broken.write_text(json.dumps(with_references(deployment)))

    failed = guard.failed_rules(guard.validate([whole, broken]))

    assert failed == {
        "whole.json": set(),
        "broken.json": {"everything_but_log_groups_is_retained"},
    }


@needs_binary
def test_a_rule_that_misses_its_break_is_a_finding(
    translated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    harmless = Break("buckets_keep_every_version", "VPC/Properties/CidrBlock", "10.1.0.0/16")
    monkeypatch.setattr(guard, "BREAKS", [harmless])

    outcome = guard.self_test(translated)

    missed = [one for one in outcome.findings if "does not see" in one.message]
    unproven = {one.rule for one in outcome.findings if "no break shows" in one.message}
    assert [one.rule for one in missed] == ["buckets_keep_every_version"]
    assert unproven == guard.rule_texts().keys() - {"buckets_keep_every_version"}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("Gone/Properties/Name", "x", "no longer has"),
        ("VPC/Properties/+", "x", "no longer has"),
        ("VPC/Properties/CidrBlock", "10.0.0.0/16", "changes nothing"),
    ],
)
def test_a_break_that_breaks_nothing_is_a_finding_beside_those_of_the_others(
    translated: Any, monkeypatch: pytest.MonkeyPatch, path: str, value: str, message: str
) -> None:
    idle = Break("subnets_are_private", path, value)
    harmless = Break("buckets_keep_every_version", "VPC/Properties/CidrBlock", "10.1.0.0/16")
    monkeypatch.setattr(guard, "BREAKS", [idle, harmless])
    monkeypatch.setattr(guard, "validate", lambda *_: [])

    found = {(one.rule, one.where): one.message for one in guard.unseen_breaks(translated)}

    assert message in found.pop((idle.rule, path))
    assert list(found) == [(harmless.rule, harmless.path)]


def test_what_the_rules_find_is_told_whatever_the_breaks_come_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checks = [{"Clause": {"path": "/Resources/VPC/Properties"}}]
    entry = {"name": "a.json", "compliant": [], "not_compliant": [
        {"Rule": {"name": "subnets_are_private", "checks": checks}}
    ]}  # fmt: skip
    monkeypatch.setattr(guard, "prepare_node", lambda: None)
    monkeypatch.setattr(guard, "validate", lambda *_: [entry])
    monkeypatch.setattr(guard, "BREAKS", [Break("subnets_are_private", "Gone/Properties/Name")])

    own, breaks = guard.guard()

    assert ("VPC", "subnets_are_private") in [(one.where, one.rule) for one in own.findings]
    assert "Gone/Properties/Name" in [one.where for one in breaks.findings]
