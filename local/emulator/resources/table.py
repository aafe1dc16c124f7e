"""AWS::DynamoDB::Table: encryption, point-in-time recovery, and the table's own policy.

Source: CloudFormation Template Reference, "AWS::DynamoDB::Table".
"""

import json
from typing import Any

from local.emulator.stacks import Attributes, Completions, Resource


def register(completions: Completions) -> None:
    """Complete tables."""
    completions.after("AWS::DynamoDB::Table", _complete)


def _complete(resource: Resource) -> Attributes:
    _encryption(resource)
    _recovery(resource)
    _policy(resource)
    return {}


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _encryption(resource: Resource) -> None:
    wanted = resource.properties.get("SSESpecification")
    if not wanted:
        return
    specification: dict[str, Any] = {"Enabled": _is_true(wanted["SSEEnabled"])}
    if "SSEType" in wanted:
        specification["SSEType"] = wanted["SSEType"]
    if "KMSMasterKeyId" in wanted:
        key = resource.aws("kms").describe_key(KeyId=wanted["KMSMasterKeyId"])
        specification["KMSMasterKeyId"] = key["KeyMetadata"]["Arn"]
    resource.aws("dynamodb").update_table(
        TableName=resource.physical_id, SSESpecification=specification
    )
    resource.completed("SSESpecification")


def _recovery(resource: Resource) -> None:
    wanted = resource.properties.get("PointInTimeRecoverySpecification")
    if not wanted:
        return
    specification: dict[str, Any] = {
        "PointInTimeRecoveryEnabled": _is_true(wanted["PointInTimeRecoveryEnabled"])
    }
    if "RecoveryPeriodInDays" in wanted:
        specification["RecoveryPeriodInDays"] = int(wanted["RecoveryPeriodInDays"])
    resource.aws("dynamodb").update_continuous_backups(
        TableName=resource.physical_id, PointInTimeRecoverySpecification=specification
    )
    resource.completed("PointInTimeRecoverySpecification")


def _policy(resource: Resource) -> None:
    wanted = resource.properties.get("ResourcePolicy")
    if not wanted:
        return
    tables = resource.aws("dynamodb")
    arn = tables.describe_table(TableName=resource.physical_id)["Table"]["TableArn"]
    tables.put_resource_policy(ResourceArn=arn, Policy=json.dumps(wanted["PolicyDocument"]))
    resource.completed("ResourcePolicy")
