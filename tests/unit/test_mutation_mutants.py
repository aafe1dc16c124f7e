"""Mutants change one place each, and every place that a control can be lost in."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from checks.mutation.__main__ import ROOT, every_mutant
from checks.mutation.mutants import Json, Mutant, NothingChangedError, apart, mutated
from checks.mutation.policies import policy_mutants
from checks.mutation.resources import generated_mutants, resource_mutants
from checks.mutation.survivors import (
    BadExplanationError,
    explanations,
    told,
)
from tests.support.template import source

ALLOW: Final = {
    "Sid": "LetSomebodyIn",
    "Effect": "Allow",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"],
    "Resource": ["arn:a", "arn:b"],
    "Condition": {
        "StringEquals": {"aws:A": ["1", "2"], "aws:B": "3"},
        "BoolIfExists": {"aws:C": "false"},
    },
}
DENY: Final = {
    "Sid": "KeepSomebodyOut",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Resource": "arn:a",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def queue_policy(*statements: Json) -> Json:
    return {
        "Conditions": {"IsStrict": {"Fn::Equals": ["a", "b"]}},
        "Resources": {
            "Policy": {
                "Type": "AWS::SQS::QueuePolicy",
                "DependsOn": ["Queue"],
                "DeletionPolicy": "Retain",
                "Properties": {
                    "Queues": [{"Ref": "Queue"}],
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)},
                },
            },
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "Description": "for people",
                    "SqsManagedSseEnabled": True,
                    "Choice": {"Fn::If": ["IsStrict", {"Inner": 1}, {"Ref": "AWS::NoValue"}]},
                    "Rules": [{"Id": "one"}, {"Id": "two"}],
                },
            },
        },
    }


def lines(mutants: list[Mutant]) -> set[str]:
    return {told(one) for one in mutants}


def changed(template: Json, line: str) -> Json:
    [mutant] = [
        one for one in [*policy_mutants(template), *resource_mutants(template)] if told(one) == line
    ]
    after = apart(template)
    mutant.change(after)
    return after


def test_allow_loses_each_part_and_is_widened_in_each() -> None:
    mutants = lines(list(policy_mutants(queue_policy(ALLOW))))

    where = "Policy/LetSomebodyIn"
    assert mutants == {
        f"statement removed: {where}",
        f"action removed: {where}: without sqs:SendMessage",
        f"action removed: {where}: without sqs:ReceiveMessage",
        f"resource of a statement removed: {where}: without arn:a",
        f"resource of a statement removed: {where}: without arn:b",
        f"condition removed: {where}: without StringEquals aws:A",
        f"condition removed: {where}: without StringEquals aws:B",
        f"condition removed: {where}: without BoolIfExists aws:C",
        f"value removed: {where}: StringEquals aws:A without 1",
        f"value removed: {where}: StringEquals aws:A without 2",
        f"absent key excepted: {where}: Bool instead of BoolIfExists",
        f"action widened: {where}: sqs:*",
        f"resource widened: {where}: any resource",
        f"principal widened: {where}: any principal",
    }


def test_deny_is_narrowed_instead_of_widened() -> None:
    mutants = lines(list(policy_mutants(queue_policy(DENY))))

    where = "Policy/KeepSomebodyOut"
    assert mutants == {
        f"statement removed: {where}",
        f"condition removed: {where}: without Bool aws:SecureTransport",
        f"refusal narrowed: {where}: this account only",
        f"refusal narrowed: {where}: sqs:SendMessage only",
    }


def test_both_branches_of_a_conditional_statement_are_mutated() -> None:
    either = {"Fn::If": ["IsStrict", ALLOW, DENY]}

    mutants = lines(list(policy_mutants(queue_policy(either))))

    assert {
        "statement removed: Policy/LetSomebodyIn",
        "statement removed: Policy/KeepSomebodyOut",
    } <= mutants


def test_resource_loses_each_property_that_is_not_for_people() -> None:
    mutants = lines(list(resource_mutants(queue_policy(ALLOW))))

    assert mutants == {
        "condition inverted: IsStrict",
        "resource removed: Policy",
        "DeletionPolicy removed: Policy.DeletionPolicy",
        "dependency removed: Policy does not wait for Queue",
        "property removed: Policy.Queues",
        "property removed: Queue.SqsManagedSseEnabled",
        "property inverted: Queue.SqsManagedSseEnabled: false",
        "property removed: Queue.Choice",
        'branch removed: Queue.Choice.then ({"Inner": 1})',
        "property removed: Queue.Choice.then.Inner",
        "property removed: Queue.Rules",
        "list entry removed: Queue.Rules.0 (one)",
        "list entry removed: Queue.Rules.1 (two)",
    }


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("property removed: Queue.SqsManagedSseEnabled", '"SqsManagedSseEnabled"'),
        ("resource removed: Policy", '"Policy"'),
        ("dependency removed: Policy does not wait for Queue", '"DependsOn"'),
        ("condition removed: Policy/LetSomebodyIn: without StringEquals aws:B", '"aws:B"'),
        ("statement removed: Policy/LetSomebodyIn", '"LetSomebodyIn"'),
    ],
)
def test_change_takes_away_what_it_says_and_leaves_the_original(line: str, gone: str) -> None:
    template = queue_policy(ALLOW)

    after = changed(template, line)

    assert gone in json.dumps(template)
    assert gone not in json.dumps(after)


def test_change_to_one_of_two_places_that_share_an_anchor_spares_the_other() -> None:
    shared = {**ALLOW}
    template = apart(queue_policy(shared, {**shared, "Sid": "LetAnotherIn"}))

    after = changed(template, "condition removed: Policy/LetSomebodyIn: without StringEquals aws:B")

    first, second = after["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"]
    assert "aws:B" not in first["Condition"]["StringEquals"]
    assert "aws:B" in second["Condition"]["StringEquals"]


def test_what_sam_adds_is_mutated_after_the_transform() -> None:
    written = queue_policy(ALLOW)
    translated = apart(written)
    translated["Resources"]["Permission"] = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {"Principal": "s3.amazonaws.com", "SourceAccount": "1"},
    }
    translated["Resources"]["Queue"]["Properties"]["Added"] = 1

    mutants = list(generated_mutants(written, translated))

    assert lines(mutants) == {
        "resource removed: Permission (generated)",
        "principal widened: Permission: any principal (generated)",
        "action widened: Permission: lambda:* (generated)",
        "property removed: Permission.Principal (generated)",
        "property removed: Permission.SourceAccount (generated)",
        "property removed: Queue.Added (generated)",
    }
    assert all(one.is_generated for one in mutants)


def test_no_two_mutants_of_the_template_share_a_line() -> None:
    template = apart(source())
    mutants = [*policy_mutants(template), *resource_mutants(template)]

    assert len(lines(mutants)) == len(mutants)


def test_mutant_that_changes_nothing_is_no_mutant() -> None:
    with pytest.raises(NothingChangedError, match="idle"):
        mutated(queue_policy(ALLOW), Mutant("kind", "idle", lambda _: None))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[survivor]]\nmutants = ["a", "a"]\nreason = "x"', "twice"),
        ('[[survivor]]\nmutants = ["a"]\nreason = "because"', "sentence"),
    ],
)
def test_explanation_must_be_one_and_a_sentence(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "survivors.toml"
    path.write_text(text)

    with pytest.raises(BadExplanationError, match=problem):
        explanations(path)


def test_the_documented_score_is_of_todays_template() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \| ([\d,]+) \| [\d,]+ \| \d+ \| 0 \|$", text, re.MULTILINE)

    counts = Counter(mutant.kind for mutant in every_mutant(apart(source())))

    documented = {kind: int(count.replace(",", "")) for kind, count in rows}
    assert documented == {**counts, "all": counts.total()}
