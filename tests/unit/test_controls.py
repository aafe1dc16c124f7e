"""The control matrix holds: every place is as it says, every proof exists, nothing is unclaimed."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from checks.controls import CONTROLS, GROUPS
from checks.controls.model import (
    ABSENT,
    Control,
    Json,
    found,
)
from checks.controls.not_satisfied import NOT_SATISFIED
from checks.controls.suppressions import suppressions
from tests.support.claims import DEPLOYMENTS, Parameters, every_where, holds, unclaimed, wanted
from tests.support.template import Stack, source, stack, worked_out

ROOT = Path(__file__).resolve().parents[2]
GUARD_RULES = ROOT / "checks" / "rules"

SHAPES = {
    "pci": r"\d{1,2}(\.\d{1,2}){1,3}",
    "nist": r"(AC|AU|CA|CM|CP|IA|IR|SC|SI)-\d{1,2}(\(\d{1,2}\))?",
    "cis": r"(v1\.4\.0/)?\d(\.\d{1,2}){1,2}",
    "security_hub": r"(CloudTrail|CloudWatch|DynamoDB|EC2|IAM|KMS|Lambda|S3|SNS|SQS|SecretsManager)"
    r"\.\d{1,2}",
}
PROOFS = {
    "checkov": r"CKV2?_AWS_\d{1,3}",
    "cdk-nag": r"(AwsSolutions-[A-Z]+\d+|(NIST\.800\.53\.R5|PCI\.DSS\.321)-[A-Z]\w+)",
    "cfn-guard": r"[a-z_0-9]+",
    "cfn-lint": r"[EWI]\d{4}",
}


def name_of(parameters: Parameters) -> str:
    return " ".join(f"{name}={value}" for name, value in parameters) or "defaults"


@cache
def names_of_tests(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@cache
def guard_rules() -> frozenset[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in GUARD_RULES.glob("*.guard"))
    return frozenset(re.findall(r"^rule (\w+)", text, re.MULTILINE))


def exists(proof: str) -> bool:
    """Whether a test is there, or a gate's rule is there or could be."""
    path, separator, test = proof.partition("::")
    if separator:
        return (ROOT / path).exists() and test in names_of_tests(path)
    gate, _, rule = proof.partition(" ")
    if gate == "cfn-guard" and GUARD_RULES.is_dir():
        return rule in guard_rules()
    return bool(re.fullmatch(PROOFS[gate], rule))


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_every_place_is_as_the_control_says(control: Control) -> None:
    for where in control.where:
        stands = found(stack(**dict(where.parameters)).resources, where.path)

        assert stands == wanted(where, where.parameters), where.path


@pytest.mark.parametrize("parameters", DEPLOYMENTS, ids=name_of)
def test_every_rule_holds_however_the_stack_is_deployed(parameters: Parameters) -> None:
    resources = stack(**dict(parameters)).resources

    for control in CONTROLS:
        for rule in control.rules:
            assert rule.broken_by(resources) == [], rule.words


@pytest.mark.parametrize("parameters", DEPLOYMENTS, ids=name_of)
def test_every_statement_and_property_is_claimed_or_plain(parameters: Parameters) -> None:
    claims = {where.path for where in every_where() if holds(where, parameters)}

    assert unclaimed(stack(**dict(parameters)), claims) == []


def test_every_condition_of_the_template_is_looked_at_both_ways() -> None:
    for name in source()["Conditions"]:
        seen = {
            worked_out({"Fn::If": [name, "on", "off"]}, **dict(parameters))
            for parameters in DEPLOYMENTS
        }

        assert seen == {"on", "off"}, name


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_every_proof_exists(control: Control) -> None:
    assert control.proof
    assert [proof for proof in control.proof if not exists(proof)] == []


@pytest.mark.parametrize(
    "proof",
    [
        "tests/unit/test_controls.py::test_that_is_not_there",
        "tests/unit/test_not_there.py::test_every_proof_exists",
        "cfn-guard Rule that is not there",
        "checkov 7",
        "cdk-nag S3",
    ],
)
def test_a_proof_that_is_not_there_is_found(proof: str) -> None:
    assert not exists(proof)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_what_is_suppressed_proves_nothing(control: Control) -> None:
    resources = {where.resource for where in control.where}

    silent = {
        f"{one.tool.replace('_', '-')} {one.rule}"
        for one in suppressions(source())
        if one.resource in resources
    }

    assert not silent & set(control.proof)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_every_number_of_a_standard_has_its_shape(control: Control) -> None:
    for standard, shape in SHAPES.items():
        for number in getattr(control.standards, standard):
            assert re.fullmatch(shape, number), (standard, number)


def test_every_control_has_a_name_a_threat_and_something_to_hold_to() -> None:
    ids = [control.id for control in CONTROLS]

    assert len(ids) == len(set(ids))
    for control in CONTROLS:
        assert re.fullmatch(r"[A-Z]{3}-\d+", control.id)
        assert control.title
        assert len(control.threat) > 20
        assert control.where or control.rules or control.id[:3] in {"CRD", "DAT"}, control.id
    for controls in GROUPS.values():
        assert len({control.id[:3] for control in controls}) == 1


def test_what_is_not_satisfied_has_a_reason_and_a_way_and_is_claimed_nowhere() -> None:
    claimed = {number for control in CONTROLS for number in control.standards.security_hub}

    for gap in NOT_SATISFIED:
        assert gap.reason.endswith(".")
        assert gap.adopter.endswith(".")
        if "(" not in gap.id:
            assert not claimed & set(re.findall(r"\w+\.\d+", gap.id)), gap.id


def test_controls_that_a_gap_names_exist() -> None:
    ids = {control.id for control in CONTROLS}

    named = {name for gap in NOT_SATISFIED for name in re.findall(r"[A-Z]{3}-\d+", gap.reason)}

    assert named
    assert named <= ids


def test_a_path_that_leads_nowhere_is_absent() -> None:
    resources = stack().resources

    assert found(resources, "EncryptionKey.NotThere") is ABSENT
    assert found(resources, "NotThere.EnableKeyRotation") is ABSENT
    assert found(resources, "EncryptionKey/NotThere") is ABSENT
    assert found(resources, "EncryptionKey.EnableKeyRotation.Deeper") is ABSENT
    assert found(resources, "FlowLogRole.ManagedPolicyArns.9") is ABSENT


BROKEN: dict[str, tuple[str, Json]] = {
    "No gateway, route, address or peering that leads out of the network exists": (
        "NewGateway",
        {"Type": "AWS::EC2::NatGateway"},
    ),
    "No network ACL is made that could be left unused": (
        "NewAcl",
        {"Type": "AWS::EC2::NetworkAcl"},
    ),
    "Only members of a group of this stack are let in anywhere": (
        "NewGroup",
        {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"SecurityGroupIngress": [{"CidrIp": "10.0.0.0/16"}]},
        },
    ),
    "Every rule of a security group says what it is for": (
        "NewIngress",
        {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"FromPort": 443}},
    ),
    "Every role has managed policies of this template only": (
        "NewRole",
        {
            "Type": "AWS::IAM::Role",
            "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]},
        },
    ),
    "No user, group, access key or inline policy exists": (
        "NewUser",
        {"Type": "AWS::IAM::User"},
    ),
    "Every alarm has an action, and it is enabled": (
        "NewAlarm",
        {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {"AlarmActions": ["topic"], "ActionsEnabled": False},
        },
    ),
    "Every alarm ends with the link to its section of the runbook": (
        "NewAlarm",
        {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {"AlarmDescription": "First: look. Runbook: docs/operations.md"},
        },
    ),
    "Every resource but log groups has DeletionPolicy and UpdateReplacePolicy Retain": (
        "NewQueue",
        {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain"},
    ),
    "The text of a secret is generated, never written": (
        "NewSecret",
        {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "abc"}},
    ),
}


@pytest.mark.parametrize("words", BROKEN)
def test_what_breaks_a_rule_is_named(words: str) -> None:
    name, resource = BROKEN[words]
    [rule] = [rule for control in CONTROLS for rule in control.rules if rule.words == words]

    assert rule.broken_by({**stack().resources, name: resource})[0].startswith(name)


def test_every_rule_has_something_that_breaks_it() -> None:
    assert {rule.words for control in CONTROLS for rule in control.rules} == set(BROKEN)


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::S3::Bucket", "Properties": {"ReplicationConfiguration": {"Role": "r"}}},
        {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "On"}}},
    ],
)
def test_a_new_resource_without_a_control_is_found(resource: Json) -> None:
    deployed = Stack({"NewBucket": resource}, {}, {})

    assert unclaimed(deployed, {where.path for where in every_where()})


def test_a_new_statement_without_a_control_is_found() -> None:
    policy = {"Statement": {"Sid": "LetEverybodyRead", "Effect": "Allow", "Action": "s3:*"}}
    properties = {"PolicyDocument": policy}
    deployed = Stack(
        {
            "TransactionDataBucketPolicy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": properties,
            }
        },
        {},
        {},
    )

    claims = {where.path for where in every_where()}

    assert unclaimed(deployed, claims) == ["TransactionDataBucketPolicy/LetEverybodyRead"]
