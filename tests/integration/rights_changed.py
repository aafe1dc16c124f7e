"""The deployed policies, and the stack with one of them changed for a while.

Changes are made as `deployer`, and taken back whatever happens.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.integration.deployed import Json, Stack, client


def role_policy(stack: Stack) -> Json:
    """The document of TransactionProcessorPolicy, in the version that counts."""
    iam = client("iam")
    arn = stack.resources["TransactionProcessorPolicy"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    answer = iam.get_policy_version(PolicyArn=arn, VersionId=version)
    return parsed(answer["PolicyVersion"]["Document"])


@contextmanager
def role_policy_as(stack: Stack, document: Json) -> Iterator[None]:
    """TransactionProcessorPolicy as another version of it."""
    iam = client("iam", "deployer")
    arn = stack.resources["TransactionProcessorPolicy"]
    before = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    changed = iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True
    )["PolicyVersion"]["VersionId"]
    try:
        yield
    finally:
        iam.set_default_policy_version(PolicyArn=arn, VersionId=before)
        iam.delete_policy_version(PolicyArn=arn, VersionId=changed)


@dataclass(frozen=True)
class Endpoint:
    """A VPC endpoint of the stack: its logical id, its id, its policy."""

    name: str
    endpoint_id: str
    policy: Json


def endpoints(stack: Stack) -> list[Endpoint]:
    """The stack's endpoints with their policies."""
    described = client("ec2").describe_vpc_endpoints(
        Filters=[{"Name": "vpc-id", "Values": [stack.outputs["VPCId"]]}]
    )["VpcEndpoints"]
    names = {physical: logical for logical, physical in stack.resources.items()}
    found = [
        Endpoint(names[one["VpcEndpointId"]], one["VpcEndpointId"], parsed(one["PolicyDocument"]))
        for one in described
    ]
    return sorted(found, key=lambda endpoint: endpoint.name)


@contextmanager
def endpoint_policy_as(endpoint: Endpoint, document: Json) -> Iterator[None]:
    """An endpoint with another policy."""
    ec2 = client("ec2", "deployer")

    def put(policy: Json) -> None:
        ec2.modify_vpc_endpoint(
            VpcEndpointId=endpoint.endpoint_id, PolicyDocument=json.dumps(policy)
        )

    put(document)
    try:
        yield
    finally:
        put(endpoint.policy)


@contextmanager
def trusting(role: str, principal: str) -> Iterator[None]:
    """A role that somebody else may assume as well."""
    iam = client("iam", "deployer")
    before = parsed(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
    also = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    trust = {**before, "Statement": [*before["Statement"], also]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    try:
        yield
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))


def parsed(document: str | Json) -> Json:
    """A policy document, whether as text or parsed."""
    found: Json = json.loads(document) if isinstance(document, str) else document
    return found
