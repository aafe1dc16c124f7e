"""Alarms: each one rings for what it says, reaches the topic, and says what to do first."""

import pytest

from tests.support.policy import denied_by, statements
from tests.support.template import ACCOUNT, KEY_ID, REGION, stack

KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:transaction-alarms-dev"
PATTERN_CHARACTERS_MAX = 1024
"""Source: CloudWatch Logs API Reference, "PutMetricFilter"."""

# Security Hub compares them as text, all but KeyPolicyChange, which no control asks for.
# Source: Security Hub User Guide, "CloudWatch controls".
PATTERNS = {
    "KeyDisabled": "{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || "
    "($.eventName=ScheduleKeyDeletion))}",
    "KeyPolicyChange": "{($.eventSource=kms.amazonaws.com) && (($.eventName=PutKeyPolicy) || "
    "($.eventName=DisableKeyRotation))}",
    "BucketPolicyChange": "{($.eventSource=s3.amazonaws.com) && (($.eventName=PutBucketAcl) || "
    "($.eventName=PutBucketPolicy) || ($.eventName=PutBucketCors) || "
    "($.eventName=PutBucketLifecycle) || ($.eventName=PutBucketReplication) || "
    "($.eventName=DeleteBucketPolicy) || ($.eventName=DeleteBucketCors) || "
    "($.eventName=DeleteBucketLifecycle) || ($.eventName=DeleteBucketReplication))}",
    "RefusedCalls": '{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}',
    "RootUse": '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && '
    '$.eventType !="AwsServiceEvent"}',
    "SignInWithoutMfa": '{ ($.eventName = "ConsoleLogin") && '
    '($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && '
    '($.responseElements.ConsoleLogin = "Success") }',
    "FailedSignIn": '{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}',
}

# The same for the rest: source if the control names one, and the events, in the control's order.
EVENTS: dict[str, tuple[str | None, str]] = {
    "IamPolicyChange": (
        "iam.amazonaws.com",
        (
            "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy "
            "PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion "
            "AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy "
            "AttachGroupPolicy DetachGroupPolicy"
        ),
    ),
    "TrailChange": (
        None,
        "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging",
    ),
    "SecurityGroupChange": (
        None,
        (
            "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress "
            "RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateSecurityGroup "
            "DeleteSecurityGroup"
        ),
    ),
    "NetworkAclChange": (
        None,
        (
            "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry "
            "ReplaceNetworkAclEntry ReplaceNetworkAclAssociation"
        ),
    ),
    "NetworkGatewayChange": (
        None,
        (
            "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway "
            "CreateInternetGateway DeleteInternetGateway DetachInternetGateway"
        ),
    ),
    "RouteTableChange": (
        "ec2.amazonaws.com",
        (
            "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation "
            "DeleteRouteTable DeleteRoute DisassociateRouteTable"
        ),
    ),
    "VpcChange": (
        None,
        (
            "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection "
            "CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection "
            "AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink"
        ),
    ),
    "ConfigChange": (
        "config.amazonaws.com",
        (
            "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel "
            "PutConfigurationRecorder"
        ),
    ),
}


def pattern_of(source: str | None, events: str) -> str:
    """As Security Hub spells it."""
    names = " || ".join(f"($.eventName={name})" for name in events.split())
    return f"{{($.eventSource={source}) && ({names})}}" if source else f"{{{names}}}"


PATTERNS |= {name: pattern_of(*events) for name, events in EVENTS.items()}
# Source and events of each, joined.
SEVERAL = {
    "SafeguardChange": (
        (
            "monitoring",
            "DeleteAlarms DisableAlarmActions PutAlarmMuteRule PutMetricAlarm SetAlarmState",
        ),
        (
            "logs",
            (
                "DeleteLogGroup DeleteLogStream DeleteMetricFilter DisassociateKmsKey "
                "PutAccountPolicy PutMetricFilter PutRetentionPolicy PutSubscriptionFilter"
            ),
        ),
        (
            "sns",
            (
                "AddPermission DeleteTopic RemovePermission SetSubscriptionAttributes "
                "SetTopicAttributes Unsubscribe"
            ),
        ),
        ("cloudtrail", "PutEventSelectors"),
        ("ec2", "DeleteFlowLogs"),
    ),
    "AccessChange": (
        (
            "secretsmanager",
            (
                "DeleteResourcePolicy DeleteSecret PutResourcePolicy PutSecretValue "
                "ReplicateSecretToRegions RotateSecret UpdateSecret UpdateSecretVersionStage"
            ),
        ),
        (
            "lambda",
            (
                '"AddPermission*" "CreateFunction*" "PutResourcePolicy*" "UpdateFunctionCode*" '
                '"UpdateFunctionConfiguration*" "UpdateFunctionUrlConfig*"'
            ),
        ),
    ),
    "AccessChangeNetwork": (
        (
            "ec2",
            (
                "AssociateRouteTable AttachVpnGateway CreateEgressOnlyInternetGateway "
                "CreateNatGateway CreateTransitGatewayVpcAttachment CreateVpcEndpoint "
                "DeleteVpcEndpoints EnableVgwRoutePropagation ModifyNetworkInterfaceAttribute "
                "ModifySecurityGroupRules ModifyVpcEndpoint"
            ),
        ),
        ("vpc-lattice", "CreateServiceNetworkVpcAssociation"),
    ),
    "AccessChangeIdentity": (
        (
            "iam",
            (
                "AddUserToGroup CreateAccessKey CreateLoginProfile CreateOpenIDConnectProvider "
                "CreateSAMLProvider DeleteRolePermissionsBoundary DeleteUserPermissionsBoundary "
                "PutRolePermissionsBoundary PutUserPermissionsBoundary SetDefaultPolicyVersion "
                "UpdateAssumeRolePolicy UpdateLoginProfile UpdateSAMLProvider"
            ),
        ),
    ),
    "KeepingChange": (
        (
            "s3",
            (
                "CreateAccessPoint DeleteBucket DeleteBucketEncryption "
                "DeleteBucketOwnershipControls DeleteBucketPublicAccessBlock "
                "PutAccessPointPolicy PutBucketEncryption PutBucketLogging "
                "PutBucketObjectLockConfiguration PutBucketOwnershipControls "
                "PutBucketPublicAccessBlock PutBucketVersioning PutObjectLockConfiguration"
            ),
        ),
    ),
    "KeepingChangeTable": (
        (
            "dynamodb",
            (
                "DeleteBackup DeleteResourcePolicy DeleteTable "
                "EnableKinesisStreamingDestination ExportTableToPointInTime PutResourcePolicy "
                "RestoreTableFromBackup RestoreTableToPointInTime UpdateContinuousBackups "
                "UpdateTable UpdateTimeToLive"
            ),
        ),
    ),
    "ProcessingChange": (
        ("events", "DeleteRule DisableRule PutRule PutTargets RemoveTargets"),
        ("s3", "PutBucketNotification"),
        (
            "lambda",
            (
                '"DeleteFunction*" "PutFunctionConcurrency*" "PutFunctionEventInvokeConfig*" '
                '"RemovePermission*" "UpdateFunctionEventInvokeConfig*"'
            ),
        ),
        ("sqs", "AddPermission DeleteQueue PurgeQueue SetQueueAttributes"),
    ),
}
# Filters that count for the alarm of another, as a pattern has an end.
COUNTED_WITH = {
    "AccessChangeNetwork": "AccessChange",
    "AccessChangeIdentity": "AccessChange",
    "KeepingChangeTable": "KeepingChange",
}
PATTERNS |= {
    name: "{{{}}}".format(
        " || ".join(
            f"({pattern_of(f'{source}.amazonaws.com', events)[1:-1]})" for source, events in parts
        )
    )
    for name, parts in SEVERAL.items()
}


def test_every_alarm_reaches_the_topic_and_says_what_to_do_first() -> None:
    alarms = stack().of_type("AWS::CloudWatch::Alarm")

    assert len(alarms) == 32
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [TOPIC], name
        assert alarm["TreatMissingData"] == "notBreaching", name
        assert "First: " in alarm["AlarmDescription"], name
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", name


@pytest.mark.parametrize("name", PATTERNS)
def test_filter_counts_its_events_for_its_alarm(name: str) -> None:
    metric_filter = stack().properties(f"{name}Filter")
    alarm = stack().properties(f"{COUNTED_WITH.get(name, name)}Alarm")

    [metric] = metric_filter["MetricTransformations"]

    assert metric_filter["FilterPattern"] == PATTERNS[name]
    assert len(metric_filter["FilterPattern"]) <= PATTERN_CHARACTERS_MAX
    assert metric_filter["LogGroupName"] == "/aws/cloudtrail/transaction-data-trail-dev"
    assert (metric["MetricNamespace"], metric["MetricName"]) == (
        alarm["Namespace"],
        alarm["MetricName"],
    )


def test_every_filter_has_a_pattern_under_test() -> None:
    filters = stack().of_type("AWS::Logs::MetricFilter")

    assert filters.keys() == {f"{name}Filter" for name in PATTERNS}


def test_alarms_can_publish_to_the_encrypted_topic() -> None:
    [publish] = [one for one in statements(stack(), "AlarmTopicPolicy") if one["Effect"] == "Allow"]
    [use] = [one for one in statements(stack(), "EncryptionKey") if "Alarms" in one["Sid"]]

    assert stack().properties("AlarmTopic")["KmsMasterKeyId"] == KEY_ARN
    assert publish["Principal"] == use["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert publish["Resource"] == TOPIC
    assert publish["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert use["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_somebody_is_told_only_when_an_address_is_given() -> None:
    told = stack(AlarmEmail="ops@example.com").of_type("AWS::SNS::Subscription")

    assert stack().of_type("AWS::SNS::Subscription") == {}
    [subscription] = told.values()
    assert subscription == {
        "TopicArn": TOPIC,
        "Protocol": "email",
        "Endpoint": "ops@example.com",
    }


@pytest.mark.parametrize(
    ("policy", "action"),
    [("AlarmTopicPolicy", "sns:Publish"), ("FailedEventsQueuePolicy", "sqs:ReceiveMessage")],
)
def test_queue_and_topic_refuse_plain_http_and_other_accounts(policy: str, action: str) -> None:
    inside = {"aws:PrincipalAccount": ACCOUNT, "aws:PrincipalIsAWSService": "false"}
    resource = statements(stack(), policy)[-1]["Resource"]

    def denied(**changed: str) -> list[str]:
        keys = inside | {f"aws:{key}": value for key, value in changed.items()}
        return denied_by(statements(stack(), policy), action, resource, keys)

    assert denied(SecureTransport="true") == []
    assert denied(SecureTransport="false") == ["RefusePlainHttp"]
    assert denied(PrincipalAccount="999999999999") == ["RefuseOtherAccounts"]


def test_queue_is_encrypted_with_the_key() -> None:
    assert stack().properties("FailedEventsQueue")["KmsMasterKeyId"] == KEY_ARN
