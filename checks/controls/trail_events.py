"""Detection in the trail: events of the account that ring, by what their filter looks for."""

import re
from typing import Final

from checks.controls.alarms import alarm
from checks.controls.model import Control, Standards, Where
from checks.controls.names import unit

_AUDIT_METRICS: Final = "TransactionAudit/${EnvironmentSuffix}"


def _counted(name: str, metric: str, pattern: str) -> tuple[Where, ...]:
    """A filter that counts events of the trail."""
    return (
        Where(f"{name}Filter.FilterPattern", pattern, words=_short(pattern)),
        Where(f"{name}Filter.LogGroupName", "${TrailLogGroup}"),
        Where(
            f"{name}Filter.MetricTransformations",
            [
                {
                    "MetricNamespace": _AUDIT_METRICS,
                    "MetricName": metric,
                    "MetricValue": "1",
                    "DefaultValue": 0,
                }
            ],
            words=f"counts into {metric}",
        ),
    )


def _short(pattern: str) -> str:
    """The events that a pattern names, or the pattern if it names none."""
    events = re.findall(r'eventName="?(\w+)', pattern)
    return f"counts {', '.join(events)}" if events else f"`{pattern}`"


def any_of(*events: str, source: str = "") -> str:
    """A pattern as Security Hub spells it, which compares it as text."""
    names = " || ".join(f"($.eventName={event})" for event in events)
    if source:
        return f"{{($.eventSource={source}.amazonaws.com) && ({names})}}"
    return f"{{{names}}}"


def watched(
    control_id: str,
    name: str,
    about: tuple[str, str],
    standards: Standards,
    pattern: str,
    **further: str,
) -> Control:
    """A control by the name of its filter and alarm.

    Args:
        control_id: Its id.
        name: Of the alarm, and of its filter.
        about: Its title, and the threat.
        standards: What it answers.
        pattern: What the filter counts.
        further: Patterns of more filters that count into the same metric, by what is put behind
            the name for theirs: a pattern takes 1,024 characters. Source: CloudWatch Logs API
            Reference, "PutMetricFilter".
    """
    title, threat = about
    metric = f"{name}Count"
    return Control(
        id=control_id,
        title=title,
        threat=threat,
        standards=standards,
        where=(
            *_counted(name, metric, pattern),
            *(
                where
                for part, one in further.items()
                for where in _counted(f"{name}{part}", metric, one)
            ),
            *alarm(f"{name}Alarm", _AUDIT_METRICS, metric, {}),
        ),
        proof=unit("template_watch", "filter_counts_its_events_for_its_alarm"),
    )


TRAIL_EVENTS: Final = (
    watched(
        "DET-4",
        "KeyDisabled",
        (
            "A key that is disabled or about to be deleted rings",
            "Whoever takes the key away takes the data, and the logs, with it",
        ),
        Standards(cis=("v1.4.0/4.7",), nist=("AU-6",), security_hub=("CloudWatch.7",)),
        "{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || "
        "($.eventName=ScheduleKeyDeletion))}",
    ),
    watched(
        "DET-5",
        "KeyPolicyChange",
        (
            "A changed key policy, or a rotation that is switched off, rings",
            "An administrator gives himself the use of the key",
        ),
        Standards(nist=("AU-6", "AC-6(9)")),
        any_of("PutKeyPolicy", "DisableKeyRotation", source="kms"),
    ),
    watched(
        "DET-6",
        "BucketPolicyChange",
        (
            "A changed bucket policy rings",
            "An administrator opens a bucket, or takes away what forbids to delete",
        ),
        Standards(cis=("v1.4.0/4.8",), nist=("AU-6",), security_hub=("CloudWatch.8",)),
        "{($.eventSource=s3.amazonaws.com) && (($.eventName=PutBucketAcl) || "
        "($.eventName=PutBucketPolicy) || ($.eventName=PutBucketCors) || "
        "($.eventName=PutBucketLifecycle) || ($.eventName=PutBucketReplication) || "
        "($.eventName=DeleteBucketPolicy) || ($.eventName=DeleteBucketCors) || "
        "($.eventName=DeleteBucketLifecycle) || ($.eventName=DeleteBucketReplication))}",
    ),
    watched(
        "DET-7",
        "RefusedCalls",
        (
            "A refused call rings",
            "Somebody with stolen credentials tries what they open",
        ),
        Standards(nist=("AU-6", "SI-4"), security_hub=("CloudWatch.2",)),
        '{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}',
    ),
    watched(
        "DET-8",
        "RootUse",
        (
            "Use of the root user rings",
            "The one identity that no policy binds is used",
        ),
        Standards(cis=("v1.4.0/4.3",), nist=("AU-6",), security_hub=("CloudWatch.1",)),
        '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && '
        '$.eventType !="AwsServiceEvent"}',
    ),
    watched(
        "DET-9",
        "IamPolicyChange",
        (
            "A changed right rings",
            "Somebody gives himself, or the function, more rights",
        ),
        Standards(cis=("v1.4.0/4.4",), nist=("AU-6", "AC-6(9)"), security_hub=("CloudWatch.4",)),
        any_of(
            *("DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy"),
            *("PutRolePolicy", "PutUserPolicy", "CreatePolicy", "DeletePolicy"),
            *("CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy"),
            *("DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy"),
            *("AttachGroupPolicy", "DetachGroupPolicy"),
            source="iam",
        ),
    ),
    watched(
        "DET-10",
        "TrailChange",
        (
            "A changed or stopped trail rings",
            "Somebody stops the record before he acts",
        ),
        Standards(cis=("v1.4.0/4.5",), nist=("AU-6", "AU-9"), security_hub=("CloudWatch.5",)),
        any_of("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    ),
    watched(
        "DET-11",
        "SecurityGroupChange",
        (
            "A changed security group rings",
            "Somebody opens a way to, or from, the function",
        ),
        Standards(cis=("v1.4.0/4.10",), nist=("AU-6", "SC-7"), security_hub=("CloudWatch.10",)),
        any_of(
            *("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"),
            *("RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"),
            *("CreateSecurityGroup", "DeleteSecurityGroup"),
        ),
    ),
    watched(
        "DET-12",
        "NetworkAclChange",
        (
            "A changed network ACL rings",
            "Somebody opens or cuts the network's ways at its edge",
        ),
        Standards(cis=("v1.4.0/4.11",), nist=("AU-6", "SC-7"), security_hub=("CloudWatch.11",)),
        any_of(
            *("CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl"),
            *("DeleteNetworkAclEntry", "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"),
        ),
    ),
    watched(
        "DET-13",
        "NetworkGatewayChange",
        (
            "A new or removed gateway rings",
            "Somebody connects the network to the internet",
        ),
        Standards(cis=("v1.4.0/4.12",), nist=("AU-6", "SC-7"), security_hub=("CloudWatch.12",)),
        any_of(
            *("CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway"),
            *("CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway"),
        ),
    ),
    watched(
        "DET-14",
        "RouteTableChange",
        (
            "A changed route rings",
            "Somebody leads the function's traffic elsewhere",
        ),
        Standards(cis=("v1.4.0/4.13",), nist=("AU-6", "SC-7"), security_hub=("CloudWatch.13",)),
        any_of(
            *("CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation"),
            *("DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable"),
            source="ec2",
        ),
    ),
    watched(
        "DET-15",
        "VpcChange",
        (
            "A changed or peered network rings",
            "Somebody joins the network with another",
        ),
        Standards(cis=("v1.4.0/4.14",), nist=("AU-6", "SC-7"), security_hub=("CloudWatch.14",)),
        any_of(
            *("CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection"),
            *("CreateVpcPeeringConnection", "DeleteVpcPeeringConnection"),
            *("RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc"),
            *("DisableVpcClassicLink", "EnableVpcClassicLink"),
        ),
    ),
    watched(
        "DET-22",
        "SignInWithoutMfa",
        (
            "A sign-in to the console without a second factor rings",
            "A stolen password alone opens the account",
        ),
        Standards(cis=("v1.4.0/4.2",), nist=("AU-6", "IA-2(1)"), security_hub=("CloudWatch.3",)),
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
        '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    ),
    watched(
        "DET-23",
        "FailedSignIn",
        (
            "A sign-in to the console that fails rings",
            "Somebody tries passwords until one opens",
        ),
        Standards(cis=("v1.4.0/4.6",), nist=("AU-6", "AC-7"), security_hub=("CloudWatch.6",)),
        '{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}',
    ),
    watched(
        "DET-24",
        "ConfigChange",
        (
            "A stopped or changed AWS Config rings",
            "Nothing records any more what the resources were set to, and when",
        ),
        Standards(cis=("v1.4.0/4.9",), nist=("AU-6", "CM-3"), security_hub=("CloudWatch.9",)),
        any_of(
            *("StopConfigurationRecorder", "DeleteDeliveryChannel"),
            *("PutDeliveryChannel", "PutConfigurationRecorder"),
            source="config",
        ),
    ),
)
