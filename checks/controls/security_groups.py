"""Network, at each port: who is let in, and where to."""

from typing import Final

from checks.controls.model import ABSENT, Control, Json, Resources, Rule, Standards, Where
from checks.controls.names import checkov, guard, on_a_stack, unit

_LISTS: Final = (("DynamoDBPrefixListId", "pl-22222222"), ("S3PrefixListId", "pl-11111111"))


def _open_ingress(resources: Resources) -> list[str]:
    """Rules that let traffic in from addresses instead of from a group of this stack."""
    rules: dict[str, Json] = {}
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::EC2::SecurityGroupIngress":
            rules[name] = properties
        for number, rule in enumerate(properties.get("SecurityGroupIngress", [])):
            rules[f"{name} {number}"] = rule
    return [name for name, rule in rules.items() if "SourceSecurityGroupId" not in rule]


def _undescribed(resources: Resources) -> list[str]:
    return [
        name
        for name, resource in resources.items()
        if resource["Type"].startswith("AWS::EC2::SecurityGroup")
        for rule in (
            resource["Properties"].get("SecurityGroupEgress")
            or resource["Properties"].get("SecurityGroupIngress")
            or [resource["Properties"]]
        )
        if not rule.get("Description")
    ]


def _https(description: str, **to: str) -> Json:
    return {
        "Description": description,
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        **to,
    }


_TO_ENDPOINT: Final = _https(
    "HTTPS to the Secrets Manager endpoint",
    DestinationSecurityGroupId="${VPCEndpointSecurityGroup}",
)

SECURITY_GROUPS: Final = (
    Control(
        id="NET-3",
        title="Nothing opens a connection to the function, and it opens HTTPS only",
        threat="Compromised code speaks to whatever the route table reaches",
        standards=Standards(
            pci=("1.3.1", "1.4.4"),
            nist=("AC-4", "SC-7"),
            cis=("5.3", "5.4"),
            security_hub=("EC2.13", "EC2.14", "EC2.18", "EC2.19", "EC2.53", "EC2.54"),
        ),
        where=(
            Where(
                "TransactionProcessorFunction.VpcConfig.SecurityGroupIds",
                ["${LambdaSecurityGroup}"],
            ),
            Where("LambdaSecurityGroup.VpcId", "${VPC}"),
            Where("LambdaSecurityGroup.SecurityGroupIngress", ABSENT),
            Where(
                "LambdaSecurityGroup.SecurityGroupEgress",
                [
                    _TO_ENDPOINT,
                    _https(
                        "HTTPS to what the route table reaches, S3 and DynamoDB", CidrIp="0.0.0.0/0"
                    ),
                ],
                words="443 to the endpoint's group, and 443 to anywhere, which the route table "
                "reduces to S3 and DynamoDB",
            ),
            Where(
                "LambdaSecurityGroup.SecurityGroupEgress",
                [
                    _TO_ENDPOINT,
                    _https(
                        "HTTPS to S3 through its gateway endpoint",
                        DestinationPrefixListId="${S3PrefixListId}",
                    ),
                    _https(
                        "HTTPS to DynamoDB through its gateway endpoint",
                        DestinationPrefixListId="${DynamoDBPrefixListId}",
                    ),
                ],
                _LISTS,
                words="443 to the endpoint's group and to the prefix lists of S3 and DynamoDB",
            ),
        ),
        rules=(
            Rule("Only members of a group of this stack are let in anywhere", _open_ingress),
            Rule("Every rule of a security group says what it is for", _undescribed),
        ),
        proof=(
            *unit("template_defects", "04_function_reaches_the_gateway_endpoints"),
            *unit("template_controls", "every_rule_of_a_security_group_is_described"),
            *on_a_stack("network", "the_function_is_reached_by_nobody_and_reaches_https_only"),
            *checkov(24, 25, 260),
            *guard("security_groups_say_where_they_lead"),
        ),
    ),
    Control(
        id="NET-4",
        title="The interface endpoint answers the function alone and opens no connection",
        threat="A neighbour in the network asks for the secret, or the endpoint is a way out",
        standards=Standards(pci=("1.3.1",), nist=("AC-4", "SC-7")),
        where=(
            Where(
                "SecretsManagerVPCEndpoint.SubnetIds", ["${PrivateSubnet1}", "${PrivateSubnet2}"]
            ),
            Where("SecretsManagerVPCEndpoint.SecurityGroupIds", ["${VPCEndpointSecurityGroup}"]),
            Where("VPCEndpointSecurityGroup.VpcId", "${VPC}"),
            Where("VPCEndpointSecurityGroup.SecurityGroupIngress", ABSENT),
            Where(
                "VPCEndpointSecurityGroup.SecurityGroupEgress",
                [
                    {
                        "Description": "Nowhere, an endpoint opens no connection",
                        "IpProtocol": "-1",
                        "CidrIp": "127.0.0.1/32",
                    }
                ],
                words="nowhere (127.0.0.1/32)",
            ),
            *(
                Where(f"VPCEndpointIngressFromLambda.{name}", value)
                for name, value in (
                    ("GroupId", "${VPCEndpointSecurityGroup}"),
                    ("SourceSecurityGroupId", "${LambdaSecurityGroup}"),
                    ("IpProtocol", "tcp"),
                    ("FromPort", 443),
                    ("ToPort", 443),
                )
            ),
        ),
        proof=(
            *unit(
                "template_defects",
                "03_function_and_endpoint_have_their_own_groups_and_say_where_they_go",
            ),
            *on_a_stack(
                "network",
                "the_interface_endpoint_is_reached_by_the_function_only_and_reaches_nobody",
            ),
            *guard("only_the_processor_comes_in_and_only_with_https"),
        ),
    ),
)
