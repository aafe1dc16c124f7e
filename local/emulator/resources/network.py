"""EC2: what names itself (`!GetAtt VPC.CidrBlock`), rules that stand alone, flow logs.

Source: CloudFormation Template Reference, "AWS::EC2::*".
"""

import uuid
from typing import Any

from local.emulator.properties import ReadProperties
from local.emulator.service import Clients
from local.emulator.stacks import Attributes, Completions, Properties, Resource

_INGRESS = "AWS::EC2::SecurityGroupIngress"
_EGRESS = "AWS::EC2::SecurityGroupEgress"


def register(completions: Completions) -> None:
    """Complete VPCs; make standalone security group rules and flow logs."""
    completions.after("AWS::EC2::VPC", _complete_vpc)
    completions.after("AWS::EC2::VPCEndpoint", _complete_endpoint)
    completions.instead(_INGRESS, _create_ingress, _delete_ingress)
    completions.instead(_EGRESS, _create_egress, _delete_egress)
    completions.instead("AWS::EC2::FlowLog", _create_flow_log, _delete_flow_log)


def _complete_vpc(resource: Resource) -> Attributes:
    return {"CidrBlock": resource.properties["CidrBlock"]}


def _complete_endpoint(resource: Resource) -> Attributes:
    # Kept as it is, and enforced and described by completions of those.
    policy = resource.properties.get("PolicyDocument")
    if isinstance(policy, ReadProperties):
        policy.see_everything()
        resource.completed("PolicyDocument")
    if resource.properties.get("RouteTableIds"):
        resource.not_emulated("RouteTableIds", "shown, but no route appears in the route table")
    return {}


def _permission(properties: Properties, peer_group: str, peer_list: str) -> dict[str, Any]:
    """A template's rule in the shape of the EC2 API."""
    described = {}
    if properties.get("Description"):
        described["Description"] = properties["Description"]
    permission: dict[str, Any] = {"IpProtocol": str(properties["IpProtocol"])}
    for port in ("FromPort", "ToPort"):
        if port in properties:
            permission[port] = int(properties[port])
    if "CidrIp" in properties:
        permission["IpRanges"] = [{"CidrIp": properties["CidrIp"], **described}]
    if "CidrIpv6" in properties:
        permission["Ipv6Ranges"] = [{"CidrIpv6": properties["CidrIpv6"], **described}]
    if peer_group in properties:
        permission["UserIdGroupPairs"] = [{"GroupId": properties[peer_group], **described}]
    if peer_list in properties:
        permission["PrefixListIds"] = [{"PrefixListId": properties[peer_list], **described}]
    return permission


def _create_ingress(resource: Resource) -> tuple[str, Attributes]:
    permission = _permission(resource.properties, "SourceSecurityGroupId", "SourcePrefixListId")
    answer = resource.aws("ec2").authorize_security_group_ingress(
        GroupId=resource.properties["GroupId"], IpPermissions=[permission]
    )
    return _rule_id(answer), {}


def _delete_ingress(aws: Clients, _physical_id: str, properties: Properties) -> None:
    permission = _permission(properties, "SourceSecurityGroupId", "SourcePrefixListId")
    aws("ec2").revoke_security_group_ingress(
        GroupId=properties["GroupId"], IpPermissions=[permission]
    )


def _create_egress(resource: Resource) -> tuple[str, Attributes]:
    permission = _permission(
        resource.properties, "DestinationSecurityGroupId", "DestinationPrefixListId"
    )
    answer = resource.aws("ec2").authorize_security_group_egress(
        GroupId=resource.properties["GroupId"], IpPermissions=[permission]
    )
    return _rule_id(answer), {}


def _delete_egress(aws: Clients, _physical_id: str, properties: Properties) -> None:
    permission = _permission(properties, "DestinationSecurityGroupId", "DestinationPrefixListId")
    aws("ec2").revoke_security_group_egress(
        GroupId=properties["GroupId"], IpPermissions=[permission]
    )


def _rule_id(answer: dict[str, Any]) -> str:
    rules = answer.get("SecurityGroupRules") or [{}]
    return str(rules[0].get("SecurityGroupRuleId") or f"sgr-{uuid.uuid4().hex[:17]}")


def _create_flow_log(resource: Resource) -> tuple[str, Attributes]:
    properties = resource.properties
    wanted: dict[str, Any] = {
        "ResourceIds": [properties["ResourceId"]],
        "ResourceType": properties["ResourceType"],
    }
    for name in (
        "TrafficType",
        "LogDestinationType",
        "LogDestination",
        "LogGroupName",
        "DeliverLogsPermissionArn",
        "LogFormat",
    ):
        if properties.get(name):
            wanted[name] = properties[name]
    if properties.get("MaxAggregationInterval"):
        wanted["MaxAggregationInterval"] = int(properties["MaxAggregationInterval"])
    tags = properties.get("Tags")
    if tags:
        wanted["TagSpecifications"] = [{"ResourceType": "vpc-flow-log", "Tags": list(tags)}]
    answer = resource.aws("ec2").create_flow_logs(**wanted)
    resource.not_emulated("records", "described, but no traffic is recorded")
    flow_log_id: str = answer["FlowLogIds"][0]
    return flow_log_id, {"Id": flow_log_id}


def _delete_flow_log(aws: Clients, physical_id: str, _properties: Properties) -> None:
    aws("ec2").delete_flow_logs(FlowLogIds=[physical_id])
