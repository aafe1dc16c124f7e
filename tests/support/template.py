"""The stack as CloudFormation would see it: translated by SAM, with every value worked out.

Nothing here needs a network or an account. The translator is the one that `sam validate` uses; the
intrinsic functions are worked out for one example account and region, so that a test can compare
names and ARNs instead of spellings.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from samcli.yamlhelper import yaml_parse

from checks.translation import condition_holds, translate

TEMPLATE: Final = Path(__file__).parents[2] / "template.yaml"
ACCOUNT: Final = "123456789012"
REGION: Final = "eu-central-1"
KEY_ID: Final = "11111111-2222-3333-4444-555555555555"

type Json = Any  # what a parsed YAML document holds; its shape is what the tests assert

# What is judged instead of the file, see `judge`.
_judged: Json | None = None
_after_transform: Callable[[Json], None] | None = None

_PSEUDO: Final = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "stack",
    "AWS::URLSuffix": "amazonaws.com",
}
_NO_VALUE: Final = object()
_HOME: Final = f"{REGION}:{ACCOUNT}"
# What !Ref gives, as far as it is not the logical id: type -> (property that names it, pattern).
_REF: Final = {
    "AWS::CloudTrail::Trail": ("TrailName", "{}"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", "{}"),
    "AWS::DynamoDB::Table": ("TableName", "{}"),
    "AWS::Events::Rule": ("Name", "{}"),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", f"arn:aws:iam::{ACCOUNT}:policy/{{}}"),
    "AWS::IAM::Role": ("RoleName", "{}"),
    "AWS::Lambda::Function": ("FunctionName", "{}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "{}"),
    "AWS::S3::Bucket": ("BucketName", "{}"),
    "AWS::SNS::Topic": ("TopicName", f"arn:aws:sns:{_HOME}:{{}}"),
    "AWS::SQS::Queue": ("QueueName", f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{{}}"),
    "AWS::SecretsManager::Secret": ("Name", f"arn:aws:secretsmanager:{_HOME}:secret:{{}}-AbCdEf"),
}
# What !GetAtt X.Arn gives.
_ARN: Final = {
    "AWS::CloudWatch::Alarm": ("AlarmName", f"arn:aws:cloudwatch:{_HOME}:alarm:{{}}"),
    "AWS::DynamoDB::Table": ("TableName", f"arn:aws:dynamodb:{_HOME}:table/{{}}"),
    "AWS::Events::Rule": ("Name", f"arn:aws:events:{_HOME}:rule/{{}}"),
    "AWS::IAM::Role": ("RoleName", f"arn:aws:iam::{ACCOUNT}:role/{{}}"),
    "AWS::Lambda::Function": ("FunctionName", f"arn:aws:lambda:{_HOME}:function:{{}}"),
    "AWS::Logs::LogGroup": ("LogGroupName", f"arn:aws:logs:{_HOME}:log-group:{{}}:*"),
    "AWS::S3::Bucket": ("BucketName", "arn:aws:s3:::{}"),
    "AWS::SQS::Queue": ("QueueName", f"arn:aws:sqs:{_HOME}:{{}}"),
}


@dataclass(frozen=True)
class Stack:
    """One deployment: the resources whose condition holds, with all values worked out.

    `references` says, for each resource of the translated template, which others it names by
    !Ref, !GetAtt, !Sub or DependsOn: CloudFormation makes those first.
    """

    resources: Mapping[str, Json]
    outputs: Mapping[str, Json]
    references: Mapping[str, frozenset[str]]

    def of_type(self, resource_type: str) -> dict[str, Json]:
        """Properties of every resource of one type, by logical id."""
        return {
            logical_id: resource.get("Properties", {})
            for logical_id, resource in self.resources.items()
            if resource["Type"] == resource_type
        }

    def properties(self, logical_id: str) -> Json:
        """Properties of one resource."""
        return self.resources[logical_id]["Properties"]


@cache
def source() -> Json:
    """The template as it is written, intrinsic functions in their long form. Do not change it."""
    return yaml_parse(TEMPLATE.read_text(encoding="utf-8")) if _judged is None else _judged


def judge(template: Json, after_transform: Callable[[Json], None] | None = None) -> None:
    """From now on this process judges another template than the one on disk.

    There is no way back: whoever asks does so in a process of its own. Tests that read the file
    itself still see the file.

    Args:
        template: Shaped as `source` gives it. It is not changed.
        after_transform: Changes the translated template in place, if given.
    """
    global _judged, _after_transform
    _judged, _after_transform = template, after_transform
    source.cache_clear()
    translated.cache_clear()
    _deploy.cache_clear()


def is_read() -> bool:
    """Whether this process has looked at the template since it started, or since `judge`."""
    return bool(source.cache_info().currsize or translated.cache_info().currsize)


@cache
def translated() -> Json:
    """The template after the SAM transform. Do not change it."""
    translated_template = translate(source())
    if _after_transform is not None:
        _after_transform(translated_template)
    return translated_template


@cache
def _deploy(given: tuple[tuple[str, str], ...]) -> Stack:
    template = translated()
    parameters = {
        name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()
    }
    unknown = {name for name, _ in given} - parameters.keys()
    if unknown:
        raise KeyError(f"the template has no parameter {sorted(unknown)}")
    resolver = _Resolver(template, parameters | dict(given))
    return Stack(
        resources={
            logical_id: resolver.value(resource)
            for logical_id, resource in template["Resources"].items()
            if "Condition" not in resource or resolver.condition(resource["Condition"])
        },
        outputs=resolver.value(template["Outputs"]),
        references={
            logical_id: frozenset(_named_in(resource)) & template["Resources"].keys()
            for logical_id, resource in template["Resources"].items()
        },
    )


def stack(**parameters: str) -> Stack:
    """The stack as deployed with the defaults and these parameters. Do not change it."""
    return _deploy(tuple(sorted(parameters.items())))


def worked_out(value: Json, **parameters: str) -> Json:
    """A value as that stack would have it: its intrinsic functions, and ${...} in any string."""
    template = translated()
    defaults = {name: str(one["Default"]) for name, one in template["Parameters"].items()}
    return _Resolver(template, defaults | parameters).value(_with_sub(value))


def _with_sub(value: Json) -> Json:
    match value:
        case str() if "${" in value:
            return {"Fn::Sub": value}
        case list() | tuple():
            return [_with_sub(item) for item in value]
        case dict():
            return {key: _with_sub(item) for key, item in value.items()}
    return value


def rules_hold(**parameters: str) -> bool:
    """Whether CloudFormation would take these parameters, by the template's own rules."""
    template = translated()
    defaults = {
        name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()
    }
    resolver = _Resolver(template, defaults | parameters)
    return all(
        resolver.condition(assertion["Assert"])
        for rule in template["Rules"].values()
        for assertion in rule["Assertions"]
    )


def as_list(value: Json) -> list[Json]:
    """One or many, as a list: policies and DependsOn may spell a list of one without brackets."""
    return list(value) if isinstance(value, list) else [value]


def _named_in(value: Json) -> Iterator[str]:
    """Names of everything that a part of the template refers to, parameters included."""
    if isinstance(value, list):
        for item in value:
            yield from _named_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in {"Ref", "DependsOn"}:
                yield from as_list(item)
            elif key == "Fn::GetAtt":
                yield item[0] if isinstance(item, list) else item.partition(".")[0]
            elif key == "Fn::Sub":
                text = item[0] if isinstance(item, list) else item
                yield from re.findall(r"\$\{([\w:]+)", text)
            else:
                yield from _named_in(item)


class _Resolver:
    """Works out intrinsic functions. A name that does not exist raises KeyError."""

    def __init__(self, template: Json, parameters: Mapping[str, str]) -> None:
        self._template = template
        self._parameters = parameters

    def value(self, value: Json) -> Json:
        if isinstance(value, list):
            return [item for item in map(self.value, value) if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(key, argument)] = value.items()
            if key == "Ref":
                return self._ref(argument)
            if key.startswith("Fn::"):
                return self._function(key, argument)
        resolved = {key: self.value(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NO_VALUE}

    def condition(self, condition: Json) -> bool:
        """Whether a named or spelled-out condition holds."""
        return condition_holds(condition, self._template["Conditions"], self.value)

    def _ref(self, name: str) -> Json:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self._parameters:
            return self._parameters[name]
        resource = self._template["Resources"][name]
        if resource["Type"] == "AWS::KMS::Key":
            return KEY_ID
        return self._named(resource, _REF[resource["Type"]]) if resource["Type"] in _REF else name

    def _attribute(self, name: str, attribute: str) -> str:
        resource = self._template["Resources"][name]
        if attribute == "QueueName":
            return str(self.value(resource["Properties"]["QueueName"]))
        if attribute != "Arn":
            raise KeyError(f"no rule for {name}.{attribute}")
        if resource["Type"] == "AWS::KMS::Key":
            return f"arn:aws:kms:{_HOME}:key/{KEY_ID}"
        return self._named(resource, _ARN[resource["Type"]])

    def _named(self, resource: Json, rule: tuple[str, str]) -> str:
        name_property, pattern = rule
        return pattern.format(self.value(resource["Properties"][name_property]))

    def _function(self, key: str, argument: Json) -> Json:
        match key:
            case "Fn::If":
                name, chosen, other = argument
                return self.value(chosen if self.condition(name) else other)
            case "Fn::GetAtt":
                name, attribute = argument if isinstance(argument, list) else argument.split(".")
                return self._attribute(name, attribute)
            case "Fn::Sub":
                return re.sub(r"\$\{([^}]+)\}", self._substitute, argument)
            case "Fn::Join":
                return argument[0].join(map(str, self.value(argument[1])))
            case "Fn::GetAZs":
                return [f"{REGION}{letter}" for letter in "abc"]
            case "Fn::Select":
                return self.value(argument[1])[int(argument[0])]
        raise KeyError(f"no rule for {key}")

    def _substitute(self, match: re.Match[str]) -> str:
        name, dot, attribute = match[1].partition(".")
        return self._attribute(name, attribute) if dot else str(self._ref(name))
