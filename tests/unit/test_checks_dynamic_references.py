"""A secret's value that CloudFormation would write into the stack is seen wherever it stands."""

from typing import Any

import pytest

from checks.dynamic_references import with_references

REFERENCE = "{{resolve:secretsmanager:name:SecretString:key}}"


@pytest.mark.parametrize(
    ("deployment", "place"),
    [
        ({"Outputs": {"Key": {"Value": REFERENCE}}}, "/Outputs/Key/Value"),
        ({"Resources": {"A": {"Tags": [{"Value": f"x{REFERENCE}"}]}}}, "/Resources/A/Tags/0/Value"),
        ({"Resources": {"A": {REFERENCE: 1}}}, "/Resources/A"),
        (
            {"Outputs": {"Key": {"Value": {"Fn::Join": ["", ["{{resolve:", {"Ref": "A"}, "}}"]]}}}},
            "/Outputs/Key/Value",
        ),
        (
            {"Outputs": {"Key": {"Value": {"Fn::Join": [":", ["{", {"Ref": "A"}, "{{r"]]}}}},
            "/Outputs/Key/Value",
        ),
        (
            {"Outputs": {"Key": {"Value": {"Fn::Join": ["", ["{", {"Ref": "Nothing"}, "{r"]]}}}},
            "/Outputs/Key/Value",
        ),
        (
            {"Outputs": {"Key": {"Value": {"Fn::Base64": REFERENCE}}}},
            "/Outputs/Key/Value/Fn::Base64",
        ),
    ],
)
def test_a_reference_is_found_where_it_stands(deployment: Any, place: str) -> None:
    assert with_references(deployment)["Metadata"]["DynamicReferences"] == [place]


@pytest.mark.parametrize("text", ["${Literal}", "{ {resolve:", "}}", "resolve:secretsmanager"])
def test_other_braces_are_none(text: str) -> None:
    found = with_references({"Outputs": {"Key": {"Value": text}}})

    assert found["Metadata"]["DynamicReferences"] == []
