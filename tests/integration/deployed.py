"""The stack under test, found by name, through whatever session the SDK's own chain gives.

Nothing here or in the tests knows a name of its own: outputs, parameters and physical ids are asked
of CloudFormation, so that the same tests run against any deployment.
"""

import json
import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

STACK_NAME = "AWS_SAM_STACK_NAME"
ENDPOINT = "AWS_ENDPOINT_URL"

type Json = dict[str, Any]


@dataclass(frozen=True)
class Stack:
    """A deployed stack.

    Args:
        name: Its name.
        outputs: Output key -> value.
        exports: Output key -> name under which it is exported.
        parameters: Parameter -> value, defaults included.
        resources: Logical id -> physical id.
        account: The account it lies in.
        region: The region it lies in.
    """

    name: str
    outputs: dict[str, str]
    exports: dict[str, str | None]
    parameters: dict[str, str]
    resources: dict[str, str]
    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """An ARN in this stack's partition, region and account."""
        partition = self.outputs["TransactionDataBucketArn"].split(":")[1]
        return f"arn:{partition}:{service}:{self.region}:{self.account}:{resource}"


def describe(name: str) -> Stack:
    """Asks CloudFormation for a stack."""
    cloudformation = client("cloudformation")
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = {
        summary["LogicalResourceId"]: summary["PhysicalResourceId"]
        for page in pages
        for summary in page["StackResourceSummaries"]
    }
    outputs = stack["Outputs"]
    _, _, _, region, account, _ = stack["StackId"].split(":", 5)
    return Stack(
        name,
        {output["OutputKey"]: output["OutputValue"] for output in outputs},
        {output["OutputKey"]: output.get("ExportName") for output in outputs},
        {given["ParameterKey"]: given["ParameterValue"] for given in stack["Parameters"]},
        resources,
        account,
        region,
    )


@cache
def client(service: str, profile: str | None = None) -> Any:
    """A client of the ordinary session, or of a profile; kept, since making one takes long.

    Its reads wait as long as the function may run: a synchronous invocation answers at the end.
    """
    config = Config(read_timeout=900, retries={"mode": "standard"})
    # Untyped, since which service it is only the caller knows.
    session: Any = boto3.Session(profile_name=profile)
    return session.client(service, config=config)


def is_embedded() -> bool:
    """Whether the stack lies in the embedded AWS, not in an account."""
    return bool(os.environ.get(ENDPOINT))


def bucket_policy(bucket: str) -> list[Json]:
    """The statements of a bucket's policy."""
    return statements(client("s3").get_bucket_policy(Bucket=bucket)["Policy"])


def statements(document: str | Json) -> list[Json]:
    """The statements of a policy document, whether as text or parsed."""
    parsed = json.loads(document) if isinstance(document, str) else document
    found: list[Json] = parsed["Statement"]
    return found


def as_list(value: Any) -> list[Any]:
    """What a policy writes as one value or as a list, as a list."""
    return value if isinstance(value, list) else [value]
