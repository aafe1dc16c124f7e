"""Network: a private network with three ways out, and what may go through each."""

from typing import Final

from checks.controls.model import (
    Control,
    Resources,
    Rule,
    Standards,
    Where,
    allow,
    everywhere,
)
from checks.controls.names import (
    ACCOUNT,
    KEY,
    REGION,
    VIA_LOGS,
    arn_of,
    checkov,
    guard,
    nag,
    on_a_stack,
    service,
    unit,
)

_SUBNETS: Final = ("PrivateSubnet1", "PrivateSubnet2")
_ENDPOINTS: Final = {
    "DynamoDBVPCEndpoint": ("Gateway", "dynamodb"),
    "S3VPCEndpoint": ("Gateway", "s3"),
    "SecretsManagerVPCEndpoint": ("Interface", "secretsmanager"),
}
_ZONES: Final = (("PrivateSubnet1Zone", "eu-central-1b"), ("PrivateSubnet2Zone", "eu-central-1c"))
_GATEWAYS: Final = ("DynamoDBVPCEndpoint", "S3VPCEndpoint")
_WAYS_OUT: Final = {
    f"AWS::EC2::{name}"
    for name in (
        *("CarrierGateway", "EgressOnlyInternetGateway", "EIP", "InternetGateway", "NatGateway"),
        *("Route", "TransitGatewayAttachment", "VPCGatewayAttachment", "VPCPeeringConnection"),
        *("VPNConnection", "VPNGateway"),
    )
}


def _ways_out(resources: Resources) -> list[str]:
    return [name for name, resource in resources.items() if resource["Type"] in _WAYS_OUT]


def _acls(resources: Resources) -> list[str]:
    return [
        name
        for name, resource in resources.items()
        if resource["Type"].startswith("AWS::EC2::NetworkAcl")
    ]


NETWORK: Final = (
    Control(
        id="NET-1",
        title="There is no way to the internet, in or out",
        threat="Compromised code sends data out, or somebody reaches the function from outside",
        standards=Standards(
            pci=("1.2.7", "1.4.4"),
            nist=("AC-4", "SC-7"),
            security_hub=("EC2.15", "EC2.16", "Lambda.3"),
        ),
        where=(
            *everywhere(_SUBNETS, "MapPublicIpOnLaunch", False),
            *everywhere(_SUBNETS, "VpcId", "${VPC}"),
            *(
                Where(f"{subnet}RouteTableAssociation.{name}", value)
                for subnet in _SUBNETS
                for name, value in (
                    ("SubnetId", f"${{{subnet}}}"),
                    ("RouteTableId", "${PrivateRouteTable}"),
                )
            ),
            Where("PrivateRouteTable.VpcId", "${VPC}"),
        ),
        rules=(
            Rule(
                "No gateway, route, address or peering that leads out of the network exists",
                _ways_out,
            ),
            Rule("No network ACL is made that could be left unused", _acls),
        ),
        proof=(
            *unit("template_controls", "network_has_no_way_to_the_internet"),
            *on_a_stack(
                "network",
                "the_vpc_has_none_of",
                "no_route_leads_anywhere_but_to_the_vpc_and_the_gateway_endpoints",
                "both_subnets_use_the_private_route_table",
            ),
            *checkov(117),
            *nag("LambdaInsideVPC"),
            *guard(
                "there_is_no_way_to_the_internet",
                "nothing_is_offered_to_the_internet",
                "subnets_are_private",
                "resources_are_of_types_that_were_decided_on",
            ),
        ),
    ),
    Control(
        id="NET-2",
        title="The function runs in this network, in two zones",
        threat="The function runs beside the network, or a lost zone stops it",
        standards=Standards(
            nist=("AC-4", "CP-10", "SC-7", "SC-36"), security_hub=("Lambda.3", "Lambda.5")
        ),
        where=(
            Where(
                "TransactionProcessorFunction.VpcConfig.SubnetIds",
                ["${PrivateSubnet1}", "${PrivateSubnet2}"],
            ),
            *(
                Where(
                    f"{subnet}.AvailabilityZone",
                    {"Fn::Select": [index, {"Fn::GetAZs": ""}]},
                    words=f"the region's {ordinal} zone",
                )
                for index, (subnet, ordinal) in enumerate(
                    zip(_SUBNETS, ("first", "second"), strict=True)
                )
            ),
            *(
                Where(f"{subnet}.AvailabilityZone", f"${{{subnet}Zone}}", _ZONES)
                for subnet in _SUBNETS
            ),
        ),
        proof=(
            *unit(
                "template_controls",
                *("function_runs_as_decided", "network_spans_two_zones_within_its_range"),
            ),
            *on_a_stack(
                "function", "the_function_runs_in_both_private_subnets_with_its_own_security_group"
            ),
            *on_a_stack("network", "two_private_subnets_lie_in_two_zones"),
            *checkov(117),
            *guard("processor_runs_in_the_private_network"),
        ),
    ),
    Control(
        id="NET-5",
        title="Three endpoints keep the traffic on AWS's network",
        threat="Calls to AWS travel over the internet, or go to another address by a changed name",
        standards=Standards(nist=("AC-4", "SC-7")),
        where=(
            *(
                Where(f"{endpoint}.{name}", value)
                for endpoint, (kind, target) in _ENDPOINTS.items()
                for name, value in (
                    ("VpcEndpointType", kind),
                    ("ServiceName", f"com.amazonaws.{REGION}.{target}"),
                    ("VpcId", "${VPC}"),
                )
            ),
            *everywhere(_GATEWAYS, "RouteTableIds", ["${PrivateRouteTable}"]),
            Where("SecretsManagerVPCEndpoint.PrivateDnsEnabled", True),
            Where("VPC.EnableDnsSupport", True),
            Where("VPC.EnableDnsHostnames", True),
        ),
        proof=(
            *unit("template_controls", "three_endpoints_and_their_kinds"),
            *on_a_stack(
                "network",
                "there_are_just_three_endpoints",
                "the_gateway_endpoint_serves_the_private_route_table",
                "the_interface_endpoint_stands_in_both_subnets_behind_its_own_group",
            ),
            *guard("there_are_three_endpoints_and_no_more"),
        ),
    ),
    Control(
        id="NET-6",
        title="Every connection, taken or refused, is logged",
        threat="Somebody tries ways out of the network and nobody can tell afterwards",
        standards=Standards(
            nist=("AU-2", "AU-3", "AU-12", "AC-4(26)"), cis=("3.7",), security_hub=("EC2.6",)
        ),
        where=(
            *(
                Where(f"FlowLog.{name}", value)
                for name, value in (
                    ("ResourceType", "VPC"),
                    ("ResourceId", "${VPC}"),
                    ("TrafficType", "ALL"),
                    ("LogDestinationType", "cloud-watch-logs"),
                    ("LogGroupName", "${FlowLogGroup}"),
                    ("DeliverLogsPermissionArn", "${FlowLogRole.Arn}"),
                )
            ),
            Where(
                "FlowLogPolicy/WriteTheFlowLog",
                allow(
                    *("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                    on="${FlowLogGroup.Arn}",
                ),
            ),
            Where(
                "FlowLogPolicy/FindTheLogGroup",
                allow("logs:DescribeLogGroups", on=arn_of("logs log-group:*")),
            ),
            Where(
                "FlowLogPolicy/EncryptThroughCloudWatchLogs",
                allow("kms:Decrypt", "kms:GenerateDataKey", on=KEY, when=VIA_LOGS),
            ),
            Where("FlowLogRole.ManagedPolicyArns", ["${FlowLogPolicy}"]),
            Where(
                "FlowLogRole/LetFlowLogsOfThisAccountUseTheRole",
                allow(
                    "sts:AssumeRole",
                    to=service("vpc-flow-logs"),
                    when={
                        "StringEquals": {"aws:SourceAccount": ACCOUNT},
                        "ArnLike": {"aws:SourceArn": arn_of("ec2 vpc-flow-log/*")},
                    },
                ),
            ),
        ),
        proof=(
            *unit("policy_roles", "log_writers_write_their_own_log_and_no_more"),
            *unit("template_controls", "flow_log_records_all_traffic"),
            *on_a_stack("network", "all_traffic_of_the_vpc_is_logged_under_the_key"),
            *nag("VPC7"),
            *guard("all_traffic_is_recorded"),
        ),
    ),
)
