"""No way to the internet, and three to AWS."""

from typing import Final

from checks.breaks.model import Break, resource, statement

BREAKS: Final = (
    *(
        Break("there_is_no_way_to_the_internet", "Added", resource(f"AWS::EC2::{kind}"))
        for kind in ("InternetGateway", "NatGateway", "Route", "VPCPeeringConnection")
    ),
    *(
        Break("nothing_is_offered_to_the_internet", "Added", resource(kind))
        for kind in ("AWS::Lambda::Url", "AWS::ApiGatewayV2::Api")
    ),
    Break("subnets_are_private", "PrivateSubnet2/Properties/MapPublicIpOnLaunch", "true"),
    Break("there_are_three_endpoints_and_no_more", "DynamoDBVPCEndpoint"),
    Break("there_are_three_endpoints_and_no_more", "Added", resource("AWS::EC2::VPCEndpoint")),
    Break(
        "there_are_three_endpoints_and_no_more",
        "SecretsManagerVPCEndpoint/Properties/PrivateDnsEnabled",
    ),
    Break("endpoints_serve_the_processor_alone", "S3VPCEndpoint/Properties/PolicyDocument"),
    Break(
        "endpoints_serve_the_processor_alone",
        statement("SecretsManagerVPCEndpoint", "ReadTheConfiguration", "/Condition/StringEquals"),
    ),
    Break(
        "endpoints_serve_the_processor_alone",
        statement("S3VPCEndpoint", "ReadUploadedFiles", "/Action"),
        "s3:*",
    ),
    Break(
        "endpoints_serve_the_processor_alone",
        statement("DynamoDBVPCEndpoint", "KeepTheFileLedger", "/Resource"),
        "*",
    ),
    Break(
        "security_groups_say_where_they_lead",
        "VPCEndpointSecurityGroup/Properties/SecurityGroupEgress",
    ),
    Break(
        "security_groups_say_where_they_lead",
        "LambdaSecurityGroup/Properties/SecurityGroupEgress/1/ToPort",
        65535,
    ),
    Break(
        "security_groups_say_where_they_lead",
        "LambdaSecurityGroup/Properties/SecurityGroupEgress/1/Description",
        deployment="everything chosen",
    ),
    Break(
        "security_groups_say_where_they_lead",
        "LambdaSecurityGroup/Properties/SecurityGroupIngress",
        [{"CidrIp": "10.0.0.0/16", "IpProtocol": "-1"}],
    ),
    Break(
        "only_the_processor_comes_in_and_only_with_https",
        "VPCEndpointIngressFromLambda/Properties/CidrIp",
        "10.0.0.0/16",
    ),
    Break(
        "only_the_processor_comes_in_and_only_with_https",
        "VPCEndpointIngressFromLambda/Properties/FromPort",
        0,
    ),
    Break("all_traffic_is_recorded", "FlowLog/Properties/TrafficType", "ACCEPT"),
    Break("all_traffic_is_recorded", "FlowLog"),
)
