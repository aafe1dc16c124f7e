# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""AWS::SecretsManager: generated secrets, what Ref answers, and resource policies.

Source: CloudFormation Template Reference, "AWS::SecretsManager::Secret" (Ref is the ARN),
"AWS::SecretsManager::ResourcePolicy".
"""

import json
from http import HTTPStatus

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from local.emulator.service import Clients
from local.emulator.stacks import Attributes, Completions, Properties, Resource

_PASSWORD_FLAGS = (
    "ExcludeLowercase",
    "ExcludeNumbers",
    "ExcludePunctuation",
    "ExcludeUppercase",
    "IncludeSpace",
    "RequireEachIncludedType",
)
_PASSWORD_RULES = ("ExcludeCharacters", "PasswordLength", *_PASSWORD_FLAGS)


def register(completions: Completions) -> None:
    """Complete secrets; make their resource policies."""
    provisioners._sm_secret_string = _secret_string
    completions.after("AWS::SecretsManager::Secret", _complete_secret)
    completions.instead("AWS::SecretsManager::ResourcePolicy", _create_policy, _delete_policy)


def _secret_string(properties: Properties) -> str:
    """The secret that a template declares, or has generated.

    MiniStack's own leaves out every rule for the characters but one.
    """
    rules = properties.get("GenerateSecretString")
    declared = properties.get("SecretString")
    if declared or not rules:
        return str(declared or "")
    wanted = {name: rules[name] for name in _PASSWORD_RULES if rules.get(name) is not None}
    if "PasswordLength" in wanted:
        wanted["PasswordLength"] = int(wanted["PasswordLength"])
    for name in _PASSWORD_FLAGS:
        if name in wanted:
            wanted[name] = str(wanted[name]).lower() == "true"
    status, _, body = secretsmanager._get_random_password(wanted)
    answer = json.loads(body)
    if status != HTTPStatus.OK:
        raise ValueError(f"GenerateSecretString: {answer}")
    template = rules.get("SecretStringTemplate")
    if not template:
        return str(answer["RandomPassword"])
    generated = {rules["GenerateStringKey"]: answer["RandomPassword"]}
    return json.dumps(json.loads(template) | generated)


def _complete_secret(resource: Resource) -> Attributes:
    secret = resource.aws("secretsmanager").describe_secret(SecretId=resource.physical_id)
    resource.physical_id = secret["ARN"]
    return {"Id": secret["ARN"]}


def _create_policy(resource: Resource) -> tuple[str, Attributes]:
    properties = resource.properties
    secret_id = properties["SecretId"]
    policy = properties["ResourcePolicy"]
    resource.aws("secretsmanager").put_resource_policy(
        SecretId=secret_id,
        ResourcePolicy=policy if isinstance(policy, str) else json.dumps(policy),
        BlockPublicPolicy=str(properties.get("BlockPublicPolicy", False)).lower() == "true",
    )
    return f"{secret_id}-policy", {}


def _delete_policy(aws: Clients, _physical_id: str, properties: Properties) -> None:
    aws("secretsmanager").delete_resource_policy(SecretId=properties["SecretId"])
