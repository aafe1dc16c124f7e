"""The network: two private subnets, three ways out, and none to the internet."""

from typing import Any

import pytest

from tests.integration.deployed import Json, Stack, as_list, client, statements

ANYWHERE = ("0.0.0.0/0", "::/0")


def in_vpc(stack: Stack, operation: str, answer: str, filter_name: str = "vpc-id") -> list[Json]:
    """Everything that an EC2 list holds of this VPC."""
    pages = (
        client("ec2")
        .get_paginator(operation)
        .paginate(Filters=[{"Name": filter_name, "Values": [stack.outputs["VPCId"]]}])
    )
    return [each for page in pages for each in page[answer]]


def endpoint(stack: Stack, service: str) -> Json:
    (found,) = [
        each
        for each in in_vpc(stack, "describe_vpc_endpoints", "VpcEndpoints")
        if each["ServiceName"].rpartition(".")[2] == service
    ]
    return found


def group(stack: Stack, name: str) -> Json:
    (found,) = client("ec2").describe_security_groups(GroupIds=[stack.resources[name]])[
        "SecurityGroups"
    ]
    described: Json = found
    return described


def rules(permissions: list[Json]) -> set[tuple[Any, ...]]:
    """Each rule as protocol, ports, and the one thing that it names."""
    found = set()
    for permission in permissions:
        ports = (permission.get("FromPort"), permission.get("ToPort"))
        named = [each["GroupId"] for each in permission.get("UserIdGroupPairs", [])]
        named += [each["CidrIp"] for each in permission.get("IpRanges", [])]
        named += [each["CidrIpv6"] for each in permission.get("Ipv6Ranges", [])]
        named += [each["PrefixListId"] for each in permission.get("PrefixListIds", [])]
        found |= {(permission["IpProtocol"], *ports, each) for each in named}
    return found


def test_two_private_subnets_lie_in_two_zones(stack: Stack) -> None:
    subnets = in_vpc(stack, "describe_subnets", "Subnets")

    assert {subnet["SubnetId"] for subnet in subnets} == {
        stack.resources["PrivateSubnet1"],
        stack.resources["PrivateSubnet2"],
    }
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 2
    assert not [subnet for subnet in subnets if subnet["MapPublicIpOnLaunch"]]


def test_the_vpc_has_the_designed_range_and_resolves_names(stack: Stack) -> None:
    ec2, vpc_id = client("ec2"), stack.outputs["VPCId"]
    (vpc,) = ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"]

    assert vpc["CidrBlock"] == "10.0.0.0/16"
    for attribute, answer in (
        ("enableDnsSupport", "EnableDnsSupport"),
        ("enableDnsHostnames", "EnableDnsHostnames"),
    ):
        asked = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=attribute)
        assert asked[answer]["Value"] is True


@pytest.mark.parametrize(
    ("operation", "answer", "filter_name"),
    [
        ("describe_internet_gateways", "InternetGateways", "attachment.vpc-id"),
        ("describe_nat_gateways", "NatGateways", "vpc-id"),
        ("describe_vpc_peering_connections", "VpcPeeringConnections", "requester-vpc-info.vpc-id"),
        ("describe_vpc_peering_connections", "VpcPeeringConnections", "accepter-vpc-info.vpc-id"),
    ],
)
def test_the_vpc_has_none_of(stack: Stack, operation: str, answer: str, filter_name: str) -> None:
    found = in_vpc(stack, operation, answer, filter_name)

    assert [each for each in found if each.get("State") != "deleted"] == []


def test_no_gateway_for_ipv6_leads_out_of_the_vpc(stack: Stack) -> None:
    gateways = client("ec2").describe_egress_only_internet_gateways()

    attached = {
        attachment["VpcId"]
        for gateway in gateways["EgressOnlyInternetGateways"]
        for attachment in gateway["Attachments"]
    }
    assert stack.outputs["VPCId"] not in attached


def test_no_route_leads_anywhere_but_to_the_vpc_and_the_gateway_endpoints(stack: Stack) -> None:
    routes = [
        route
        for table in in_vpc(stack, "describe_route_tables", "RouteTables")
        for route in table["Routes"]
    ]

    assert routes
    for route in routes:
        assert route.get("DestinationCidrBlock") not in ANYWHERE
        assert route.get("DestinationIpv6CidrBlock") not in ANYWHERE
        assert route["GatewayId"] == "local" or route["GatewayId"].startswith("vpce-")


def test_both_subnets_use_the_private_route_table(stack: Stack) -> None:
    (table,) = [
        table
        for table in in_vpc(stack, "describe_route_tables", "RouteTables")
        if table["RouteTableId"] == stack.resources["PrivateRouteTable"]
    ]

    subnets = {each["SubnetId"] for each in table["Associations"] if "SubnetId" in each}
    assert subnets == {stack.resources["PrivateSubnet1"], stack.resources["PrivateSubnet2"]}


def test_there_are_just_three_endpoints(stack: Stack) -> None:
    endpoints = in_vpc(stack, "describe_vpc_endpoints", "VpcEndpoints")

    found = {
        (each["ServiceName"].rpartition(".")[2], each["VpcEndpointType"], each["State"])
        for each in endpoints
    }
    assert found == {
        ("s3", "Gateway", "available"),
        ("dynamodb", "Gateway", "available"),
        ("secretsmanager", "Interface", "available"),
    }
    assert len(endpoints) == 3


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_the_gateway_endpoint_serves_the_private_route_table(stack: Stack, service: str) -> None:
    assert endpoint(stack, service)["RouteTableIds"] == [stack.resources["PrivateRouteTable"]]


def test_the_interface_endpoint_stands_in_both_subnets_behind_its_own_group(stack: Stack) -> None:
    found = endpoint(stack, "secretsmanager")

    assert set(found["SubnetIds"]) == {
        stack.resources["PrivateSubnet1"],
        stack.resources["PrivateSubnet2"],
    }
    assert [each["GroupId"] for each in found["Groups"]] == [
        stack.resources["VPCEndpointSecurityGroup"]
    ]
    assert found["PrivateDnsEnabled"] is True


def resources_behind(stack: Stack) -> dict[str, set[str]]:
    """What each endpoint may lead to: ARNs, each with whatever lies below it."""
    outputs = stack.outputs
    data = outputs["TransactionDataBucketArn"]
    results = f"{data.rpartition(':')[0]}:{outputs['TransactionResultsBucketName']}"
    return {
        "s3": {
            *(data, f"{data}/*"),
            *(f"{results}/{part}/*" for part in ("receipts", "rejected", "work")),
        },
        "dynamodb": {
            stack.arn("dynamodb", f"table/{outputs['TransactionMetadataTableName']}"),
            stack.arn("dynamodb", f"table/{outputs['FileLedgerTableName']}"),
        },
        "secretsmanager": {outputs["SecretsManagerSecretArn"]},
    }


@pytest.mark.parametrize("service", ["s3", "dynamodb", "secretsmanager"])
def test_the_endpoint_lets_the_functions_role_through_to_the_stacks_own_resources_only(
    stack: Stack, service: str
) -> None:
    allowed = statements(endpoint(stack, service)["PolicyDocument"])

    reached: set[str] = set()
    for statement in allowed:
        assert statement["Effect"] == "Allow"
        assert not [action for action in as_list(statement["Action"]) if "*" in action]
        condition = statement["Condition"]
        assert condition["StringEquals"]["aws:PrincipalAccount"] == stack.account
        assert condition["ArnEquals"]["aws:PrincipalArn"] == stack.outputs["LambdaExecutionRoleArn"]
        reached |= set(as_list(statement["Resource"]))
    assert reached == resources_behind(stack)[service]


def test_the_function_is_reached_by_nobody_and_reaches_https_only(stack: Stack) -> None:
    found = group(stack, "LambdaSecurityGroup")

    lists = [stack.parameters["S3PrefixListId"], stack.parameters["DynamoDBPrefixListId"]]
    outward = lists if all(lists) else ["0.0.0.0/0"]
    assert found["IpPermissions"] == []
    assert rules(found["IpPermissionsEgress"]) == {
        ("tcp", 443, 443, each) for each in (stack.resources["VPCEndpointSecurityGroup"], *outward)
    }


def test_the_interface_endpoint_is_reached_by_the_function_only_and_reaches_nobody(
    stack: Stack,
) -> None:
    found = group(stack, "VPCEndpointSecurityGroup")

    assert rules(found["IpPermissions"]) == {
        ("tcp", 443, 443, stack.resources["LambdaSecurityGroup"])
    }
    assert rules(found["IpPermissionsEgress"]) == {("-1", None, None, "127.0.0.1/32")}


def test_all_traffic_of_the_vpc_is_logged_under_the_key(stack: Stack) -> None:
    (flow_log,) = client("ec2").describe_flow_logs(
        Filters=[{"Name": "resource-id", "Values": [stack.outputs["VPCId"]]}]
    )["FlowLogs"]
    name = stack.resources["FlowLogGroup"]
    (log_group,) = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]

    assert flow_log["FlowLogStatus"] == "ACTIVE"
    assert flow_log["TrafficType"] == "ALL"
    assert flow_log["LogDestinationType"] == "cloud-watch-logs"
    assert flow_log["LogGroupName"] == name
    assert flow_log["DeliverLogsPermissionArn"] == stack.arn(
        "iam", f"role/{stack.resources['FlowLogRole']}"
    ).replace(f":{stack.region}:", "::")
    assert log_group["kmsKeyId"] == stack.outputs["EncryptionKeyArn"]
    assert log_group["retentionInDays"] == int(stack.parameters["LogRetentionDays"])
