"""How the network hangs together: what lies in the VPC, and which way leads where."""

import pytest

from tests.support.template import ACCOUNT, stack

SUBNETS = ["PrivateSubnet1", "PrivateSubnet2"]


@pytest.mark.parametrize(
    "logical_id",
    [
        "DynamoDBVPCEndpoint",
        "LambdaSecurityGroup",
        "PrivateRouteTable",
        "PrivateSubnet1",
        "PrivateSubnet2",
        "S3VPCEndpoint",
        "SecretsManagerVPCEndpoint",
        "VPCEndpointSecurityGroup",
    ],
)
def test_everything_lies_in_the_one_network(logical_id: str) -> None:
    assert stack().properties(logical_id)["VpcId"] == "VPC"


def test_names_of_endpoints_are_found_in_the_network() -> None:
    network = stack().properties("VPC")

    assert network["EnableDnsSupport"] is network["EnableDnsHostnames"] is True


def test_both_subnets_go_by_the_table_that_only_the_gateways_add_to() -> None:
    associations = stack().of_type("AWS::EC2::SubnetRouteTableAssociation").values()

    assert sorted(one["SubnetId"] for one in associations) == SUBNETS
    assert {one["RouteTableId"] for one in associations} == {"PrivateRouteTable"}
    for endpoint in ("S3VPCEndpoint", "DynamoDBVPCEndpoint"):
        assert stack().properties(endpoint)["RouteTableIds"] == ["PrivateRouteTable"]


def test_secrets_manager_is_reached_in_both_subnets_and_by_the_processor_only() -> None:
    [ingress] = stack().of_type("AWS::EC2::SecurityGroupIngress").values()
    to_endpoint = stack().properties("LambdaSecurityGroup")["SecurityGroupEgress"][0]

    assert stack().properties("SecretsManagerVPCEndpoint")["SubnetIds"] == SUBNETS
    assert ingress["GroupId"] == to_endpoint["DestinationSecurityGroupId"]
    assert ingress["GroupId"] == "VPCEndpointSecurityGroup"
    assert ingress["IpProtocol"] == "tcp"


def test_endpoint_opens_no_connection_by_any_protocol() -> None:
    [nowhere] = stack().properties("VPCEndpointSecurityGroup")["SecurityGroupEgress"]

    assert (nowhere["IpProtocol"], nowhere["CidrIp"]) == ("-1", "127.0.0.1/32")


def test_flow_log_covers_the_network_and_is_delivered_by_its_role() -> None:
    flow_log = stack().properties("FlowLog")

    assert (flow_log["ResourceType"], flow_log["ResourceId"]) == ("VPC", "VPC")
    assert flow_log["LogDestinationType"] == "cloud-watch-logs"
    assert flow_log["DeliverLogsPermissionArn"] == (
        f"arn:aws:iam::{ACCOUNT}:role/transaction-flow-log-role-dev"
    )


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_function_runs_on_the_chosen_processor_type(architecture: str) -> None:
    deployed = stack(FunctionArchitecture=architecture)

    assert deployed.properties("TransactionProcessorFunction")["Architectures"] == [architecture]


def test_retries_are_set_for_the_function_that_s3_calls() -> None:
    [invoke] = stack().of_type("AWS::Lambda::EventInvokeConfig").values()

    assert (invoke["FunctionName"], invoke["Qualifier"]) == (
        "transaction-processor-dev",
        "$LATEST",
    )
