"""Detection of changes to what watches, guards and keeps: no standard control counts these."""

from typing import Final

from checks.controls.model import Standards
from checks.controls.trail_events import any_of, watched


def _several(*parts: tuple[str, str]) -> str:
    """A pattern of events of several services: source, and its events with blanks between."""
    return "{{{}}}".format(
        " || ".join(f"({any_of(*events.split(), source=source)[1:-1]})" for source, events in parts)
    )


SAFEGUARDS: Final = (
    watched(
        "DET-16",
        "SafeguardChange",
        (
            "A changed alarm, filter, topic, log, flow log or selection of the trail rings",
            "Whoever wants to work unseen begins by changing what watches",
        ),
        Standards(nist=("AU-6", "AU-9", "CM-3")),
        _several(
            ("monitoring", "DeleteAlarms DisableAlarmActions PutMetricAlarm"),
            (
                "logs",
                (
                    "DeleteLogGroup DeleteLogStream DeleteMetricFilter PutMetricFilter "
                    "PutRetentionPolicy PutSubscriptionFilter"
                ),
            ),
            ("sns", "DeleteTopic SetTopicAttributes Unsubscribe"),
            ("cloudtrail", "PutEventSelectors"),
            ("ec2", "DeleteFlowLogs"),
        ),
    ),
    watched(
        "DET-17",
        "AccessChange",
        (
            "A changed secret, endpoint, gateway, trust or function rings",
            "Somebody reads the tokenisation key, opens a way out, or runs code with the role",
        ),
        Standards(nist=("AU-6", "CM-3", "SI-7")),
        _several(
            (
                "secretsmanager",
                (
                    "DeleteResourcePolicy DeleteSecret PutResourcePolicy PutSecretValue "
                    "RotateSecret UpdateSecret UpdateSecretVersionStage"
                ),
            ),
            (
                "ec2",
                (
                    "CreateEgressOnlyInternetGateway CreateNatGateway "
                    "CreateTransitGatewayVpcAttachment CreateVpcEndpoint "
                    "DeleteVpcEndpoints ModifyVpcEndpoint"
                ),
            ),
            ("iam", "SetDefaultPolicyVersion UpdateAssumeRolePolicy"),
            (
                "lambda",
                (
                    '"AddPermission*" "CreateFunction*" "UpdateFunctionCode*" '
                    '"UpdateFunctionConfiguration*"'
                ),
            ),
        ),
    ),
    watched(
        "DET-18",
        "KeepingChange",
        (
            "A bucket or table that keeps or guards less rings",
            "Versions, logs or recovery are switched off, and what is lost next is lost for good",
        ),
        Standards(nist=("AU-6", "CM-3", "CP-9")),
        _several(
            (
                "s3",
                (
                    "DeleteBucketEncryption DeleteBucketPublicAccessBlock "
                    "PutBucketEncryption PutBucketLogging PutBucketPublicAccessBlock "
                    "PutBucketVersioning"
                ),
            ),
            (
                "dynamodb",
                (
                    "DeleteResourcePolicy DeleteTable PutResourcePolicy "
                    "UpdateContinuousBackups UpdateTable"
                ),
            ),
        ),
    ),
)
