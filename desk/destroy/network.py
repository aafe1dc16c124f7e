"""Removing the network: what has no name that could collide, but costs money."""

from typing import Any, Final

from desk.destroy.calls import Calls, Left
from desk.destroy.plan import Plan, Planned
from desk.reading import Json

_LAMBDA_INTERFACE: Final = "AWS Lambda VPC ENI"
"""What the description of Lambda's interfaces begins with, also when they are detached.

Source: hashicorp/terraform-provider-aws#10347.
"""


def remove_endpoint(calls: Calls, one: Planned) -> None:
    """Removes an endpoint; what is left of it afterwards is awaited by `await_interfaces`.

    Raises:
        Left: It stays.
    """
    answer = calls.unless_gone("ec2", "delete_vpc_endpoints", VpcEndpointIds=[one.physical_id])
    _raise_unsuccessful(answer)


def remove_flow_log(calls: Calls, one: Planned) -> None:
    """Raises Left if it stays."""
    answer = calls.unless_gone("ec2", "delete_flow_logs", FlowLogIds=[one.physical_id])
    _raise_unsuccessful(answer)


def _raise_unsuccessful(answer: Json | None) -> None:
    """EC2 answers these two with success, and tells in a list what it did not do."""
    for item in (answer or {}).get("Unsuccessful", []):
        code = item["Error"]["Code"]
        if not code.endswith(".NotFound"):
            raise Left(code)


def await_interfaces(calls: Calls, plan: Plan) -> None:
    """Waits until nothing of AWS's services is left in the network.

    Lambda gives its interfaces back up to 20 minutes after the function is gone, and needs the
    function's role for that. Those that it has detached are removed here.

    Source: awslabs/aws-support-tools#174; hashicorp/terraform-provider-aws#10347.

    Raises:
        Left: Something is still there when the time is up.
    """
    vpcs = [one.physical_id for one in plan.of_kind("AWS::EC2::VPC")]
    if not vpcs:
        return
    groups = {one.physical_id for one in plan.of_kind("AWS::EC2::SecurityGroup")}
    left: list[Json] = []
    for _ in calls.attempts():
        left = _interfaces(calls, vpcs)
        for one in left:
            if _is_detached_from_lambda(one, groups):
                interface_id = one["NetworkInterfaceId"]
                calls.unless_gone(
                    "ec2", "delete_network_interface", NetworkInterfaceId=interface_id
                )
        if not left:
            return
    ids = ", ".join(one["NetworkInterfaceId"] for one in left)
    raise Left(f"network interfaces are still in use: {ids}")


def _interfaces(calls: Calls, vpcs: list[str]) -> list[Json]:
    answer = calls.unless_gone(
        "ec2", "describe_network_interfaces", Filters=[{"Name": "vpc-id", "Values": vpcs}]
    )
    found: list[Json] = (answer or {}).get("NetworkInterfaces", [])
    return found


def _is_detached_from_lambda(interface: Json, groups: set[str]) -> bool:
    named = {one["GroupId"] for one in interface.get("Groups", [])}
    return (
        interface["Status"] == "available"
        and interface.get("Description", "").startswith(_LAMBDA_INTERFACE)
        and bool(named & groups)
    )


def revoke_rules(calls: Calls, plan: Plan) -> None:
    """Takes the rules out of the stack's groups: they name each other, and neither could go first.

    Raises:
        Left: A rule stays.
    """
    for one in plan.of_kind("AWS::EC2::SecurityGroup"):
        group = calls.unless_gone("ec2", "describe_security_groups", GroupIds=[one.physical_id])
        for found in (group or {}).get("SecurityGroups", []):
            for operation, member in (
                ("revoke_security_group_ingress", "IpPermissions"),
                ("revoke_security_group_egress", "IpPermissionsEgress"),
            ):
                rules: list[Any] = found.get(member, [])
                if rules:
                    calls.unless_gone(
                        "ec2", operation, GroupId=one.physical_id, IpPermissions=rules
                    )


def remove_group(calls: Calls, one: Planned) -> None:
    """Raises Left if it stays."""
    calls.unless_gone("ec2", "delete_security_group", GroupId=one.physical_id)


def remove_subnet(calls: Calls, one: Planned) -> None:
    """Raises Left if it stays."""
    calls.unless_gone("ec2", "delete_subnet", SubnetId=one.physical_id)


def remove_route_table(calls: Calls, one: Planned) -> None:
    """Raises Left if it stays."""
    calls.unless_gone("ec2", "delete_route_table", RouteTableId=one.physical_id)


def remove_vpc(calls: Calls, one: Planned) -> None:
    """Raises Left if it stays."""
    calls.unless_gone("ec2", "delete_vpc", VpcId=one.physical_id)
