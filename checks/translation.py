"""The template as the gates see it: translated by SAM, with parameters and conditions worked out.

References from one resource to another stay, as the rules follow them. The values that a deployment
chooses (parameters, account, region) are put in, because most rules understand no `Fn::If` and no
`Fn::Sub`.
"""

import copy
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import (
    Translator,
)

from local.paths import TEMPLATE

type Json = Any  # what a parsed YAML document holds

REGION: Final = "eu-central-1"
ACCOUNT: Final = "123456789012"

#: Occurs nowhere in the template, so that a name which ends in it got it from the parameter.
SUFFIX: Final = "q7probe"

_PSEUDO: Final = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "stack",
    "AWS::URLSuffix": "amazonaws.com",
}
_NO_VALUE: Final = object()

#: Parameters of the two deployments that the rules are run on: together they take both sides of
#: every condition of the template.
DEPLOYMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "defaults": {"EnvironmentSuffix": SUFFIX},
    "everything chosen": {
        "EnvironmentSuffix": SUFFIX,
        "UploadEncryption": "bucket-default",
        "UploadRetentionDays": "400",
        "SweepSchedule": "off",
        "ReservedConcurrency": "10",
        "S3PrefixListId": "pl-6ea54007",
        "DynamoDBPrefixListId": "pl-66a5400f",
        "PrivateSubnet1Zone": "eu-central-1a",
        "PrivateSubnet2Zone": "eu-central-1b",
        "AuditObjectLockMode": "COMPLIANCE",
        "DynamoDBDataEvents": "true",
        "LogRetentionDays": "400",
        "KeyCustodianArn": f"arn:aws:iam::{ACCOUNT}:role/key-custodian",
        "AlarmEmail": "alarms@example.com",
    },
}


POLICY_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::DynamoDB::Table": ("ResourcePolicy", "PolicyDocument"),
    "AWS::EC2::VPCEndpoint": ("PolicyDocument",),
    "AWS::IAM::ManagedPolicy": ("PolicyDocument",),
    "AWS::IAM::Role": ("AssumeRolePolicyDocument",),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy",),
}
"""Resource type -> the way through its properties to the policy that it holds."""


def policy_of(resource: Json) -> Json | None:
    """The policy document that a resource holds; None if it holds none."""
    way = POLICY_PLACES.get(resource["Type"])
    if way is None:
        return None
    document = resource.get("Properties", {})
    for step in way:
        document = document.get(step, {})
    return document or None


def source() -> Json:
    """The template as it is written, intrinsic functions in their long form."""
    return yaml_parse(TEMPLATE.read_text(encoding="utf-8"))


def translate(template: Json) -> Json:
    """The template after the SAM transform, the one that `sam validate` uses. Needs no network."""
    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # The transform takes only code that was uploaded.
            resource["Properties"]["CodeUri"] = "s3://bucket/code.zip"
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    before = os.environ.get("AWS_DEFAULT_REGION")
    os.environ["AWS_DEFAULT_REGION"] = REGION
    try:
        translated = translator.translate(template, parameter_values={})
        # To nowhere; what is left unpublished is complained of at the end.
        translator.metrics.publish()
        return translated
    finally:
        if before is None:
            del os.environ["AWS_DEFAULT_REGION"]
        else:
            os.environ["AWS_DEFAULT_REGION"] = before


def deploy(translated: Json, parameters: Mapping[str, str]) -> Json:
    """Resources and outputs of one deployment: those whose condition holds, with chosen values.

    Raises:
        KeyError: a parameter or a condition is named that the template does not have.
    """
    resolver = _Resolver(translated, parameters)
    return {
        section: {
            logical_id: {
                key: resolver.value(item) for key, item in entry.items() if key != "Condition"
            }
            for logical_id, entry in translated.get(section, {}).items()
            if "Condition" not in entry or resolver.condition(entry["Condition"])
        }
        for section in ("Resources", "Outputs")
    }


def conditions(translated: Json, parameters: Mapping[str, str]) -> dict[str, bool]:
    """Which conditions of the template hold in one deployment."""
    resolver = _Resolver(translated, parameters)
    return {name: resolver.condition(name) for name in translated.get("Conditions", {})}


def condition_holds(
    condition: Json, named: Mapping[str, Json], value: Callable[[Json], Json]
) -> bool:
    """Whether a named or spelled-out condition holds.

    Args:
        condition: Its name, or what it is made of.
        named: The template's conditions.
        value: Works out what is compared.
    """
    if isinstance(condition, str):
        return condition_holds(named[condition], named, value)
    [(key, argument)] = condition.items()
    match key:
        case "Condition":
            return condition_holds(argument, named, value)
        case "Fn::Equals":
            left, right = (str(value(side)) for side in argument)
            return left == right
        case "Fn::Not":
            return not condition_holds(argument[0], named, value)
        case "Fn::And":
            return all(condition_holds(part, named, value) for part in argument)
        case "Fn::Or":
            return any(condition_holds(part, named, value) for part in argument)
    raise KeyError(f"unknown condition function {key}")


class _Resolver:
    """Works out what the parameters decide. Joins of what remains are `Fn::Join`s."""

    def __init__(self, template: Json, parameters: Mapping[str, str]) -> None:
        declared = template["Parameters"]
        unknown = parameters.keys() - declared.keys()
        if unknown:
            raise KeyError(f"the template has no parameter {sorted(unknown)}")
        self._conditions = template.get("Conditions", {})
        self._values = _PSEUDO | {
            name: parameters.get(name, str(parameter.get("Default", "")))
            for name, parameter in declared.items()
        }
        self._numbers = {
            name for name, parameter in declared.items() if parameter["Type"] == "Number"
        }

    def value(self, value: Json) -> Json:
        """A part of the template, worked out as far as parameters go."""
        if isinstance(value, list):
            return [item for item in map(self.value, value) if item is not _NO_VALUE]
        return self._mapping(value) if isinstance(value, dict) else value

    def _mapping(self, value: dict[str, Json]) -> Json:
        match value:
            case {"Ref": name, **others} if not others:
                return self._reference(name)
            case {"Fn::If": [name, chosen, other]}:
                return self.value(chosen if self.condition(name) else other)
            case {"Fn::Sub": argument}:
                return self._substituted(argument)
            case {"Fn::Join": [delimiter, parts]}:
                return _joined(delimiter, self.value(parts))
        resolved = {key: self.value(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NO_VALUE}

    def condition(self, condition: Json) -> bool:
        """Whether a named or spelled-out condition holds."""
        return condition_holds(condition, self._conditions, self.value)

    def _reference(self, name: str) -> Json:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in self._numbers:
            return int(self._values[name])
        return self._values.get(name, {"Ref": name})

    def _substituted(self, argument: Json) -> Json:
        text, own = argument if isinstance(argument, list) else (argument, {})
        parts: list[Json] = []
        for part in re.split(r"(\$\{[^}]+\})", text):
            if not part.startswith("${"):
                parts.append(part)
                continue
            name = part[2:-1]
            if name.startswith("!"):  # an escaped ${...}, which stays as text
                parts.append(f"${{{name[1:]}}}")
            elif name in own:
                parts.append(self.value(own[name]))
            elif "." in name:
                parts.append({"Fn::GetAtt": name.split(".", maxsplit=1)})
            else:
                parts.append(self._reference(name))
        return _joined("", parts)


def _joined(delimiter: str, parts: Json) -> Json:
    """Text where every part is known, and one `Fn::Join` of the longest known parts elsewhere."""
    if not isinstance(parts, list):
        return {"Fn::Join": [delimiter, parts]}
    if all(isinstance(part, str | int) for part in parts):
        return delimiter.join(map(str, parts))
    if delimiter:
        return {"Fn::Join": [delimiter, parts]}
    merged: list[Json] = []
    for part in parts:
        if part == "":
            continue
        if merged and isinstance(part, str | int) and isinstance(merged[-1], str):
            merged[-1] += str(part)
        else:
            merged.append(str(part) if isinstance(part, int) else part)
    return merged[0] if len(merged) == 1 else {"Fn::Join": ["", merged]}
