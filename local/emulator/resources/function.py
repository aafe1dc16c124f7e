"""AWS::Lambda::Function: VPC, environment key, dead letters, concurrency, and its identity.

Source: CloudFormation Template Reference, "AWS::Lambda::Function".
"""

import json
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

from local.emulator import invocations
from local.emulator.bridge import FunctionIdentity
from local.emulator.calls import persons_session
from local.emulator.stacks import Attributes, Completions, Resource


def register(completions: Completions, identity: FunctionIdentity, credentials_file: Path) -> None:
    """Complete functions, and publish two sessions of each: its code's, and one for people.

    Args:
        completions: Where to register.
        identity: What calls over the Docker bridge act as.
        credentials_file: Written for the launcher; function name to `code` and `person` to
            credentials.
    """
    published: dict[str, dict[str, dict[str, str]]] = {}

    def complete(resource: Resource) -> Attributes:
        _configure(resource)
        _reserve_concurrency(resource)
        configuration = resource.aws("lambda").get_function_configuration(
            FunctionName=resource.physical_id
        )
        credentials = lambda_runtime.execution_credentials(configuration)
        published[resource.physical_id] = {
            "code": credentials,
            "person": persons_session(credentials),
        }
        credentials_file.touch(mode=0o600)
        credentials_file.write_text(json.dumps(published), encoding="utf-8")
        identity.become(credentials)
        invocations.make_ready(resource.physical_id)
        return {}

    completions.after("AWS::Lambda::Function", complete)


def _configure(resource: Resource) -> None:
    properties = resource.properties
    wanted: dict[str, Any] = {}
    vpc = properties.get("VpcConfig")
    if vpc:
        wanted["VpcConfig"] = dict(vpc)
        resource.not_emulated(
            "VpcConfig",
            "endpoint policies are enforced; security groups, routes and addresses are not",
        )
    if properties.get("KmsKeyArn"):
        wanted["KMSKeyArn"] = properties["KmsKeyArn"]
    if properties.get("DeadLetterConfig"):
        wanted["DeadLetterConfig"] = dict(properties["DeadLetterConfig"])
    if not wanted:
        return
    resource.aws("lambda").update_function_configuration(
        FunctionName=resource.physical_id, **wanted
    )
    for feature in wanted:
        resource.completed(feature)


def _reserve_concurrency(resource: Resource) -> None:
    reserved = resource.properties.get("ReservedConcurrentExecutions")
    if reserved is None:
        return
    resource.aws("lambda").put_function_concurrency(
        FunctionName=resource.physical_id, ReservedConcurrentExecutions=int(reserved)
    )
    resource.completed("ReservedConcurrentExecutions")
