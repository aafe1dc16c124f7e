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
    ),
    watched(
        "DET-17",
        "AccessChange",
        (
            "A changed secret, way out, identity or function rings",
            "Somebody reads the tokenisation key, opens a way out, or runs code with the role",
        ),
        Standards(nist=("AU-6", "CM-3", "SI-7")),
        _several(
            (
                "secretsmanager",
                (
                    "DeleteResourcePolicy DeleteSecret PutResourcePolicy PutSecretValue "
                    "ReplicateSecretToRegions RotateSecret UpdateSecret UpdateSecretVersionStage"
                ),
            ),
            # Lambda's names end in the version of its API.
            (
                "lambda",
                (
                    '"AddPermission*" "CreateFunction*" "PutResourcePolicy*" '
                    '"UpdateFunctionCode*" "UpdateFunctionConfiguration*" '
                    '"UpdateFunctionUrlConfig*"'
                ),
            ),
        ),
        Network=_several(
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
        Identity=_several(
            (
                "iam",
                (
                    "AddUserToGroup CreateAccessKey CreateLoginProfile "
                    "CreateOpenIDConnectProvider CreateSAMLProvider "
                    "DeleteRolePermissionsBoundary DeleteUserPermissionsBoundary "
                    "PutRolePermissionsBoundary PutUserPermissionsBoundary "
                    "SetDefaultPolicyVersion UpdateAssumeRolePolicy UpdateLoginProfile "
                    "UpdateSAMLProvider"
                ),
            ),
        ),
    ),
    watched(
        "DET-18",
        "KeepingChange",
        (
            "A bucket or table that keeps or guards less, or is copied out, rings",
            "Versions, logs or recovery are switched off, and what is lost next is lost for good",
        ),
        Standards(nist=("AU-6", "CM-3", "CP-9")),
        _several(
            (
                "s3",
                # The trail's name for the object lock is not the API's: both are looked for.
                (
                    "CreateAccessPoint DeleteBucket DeleteBucketEncryption "
                    "DeleteBucketOwnershipControls DeleteBucketPublicAccessBlock "
                    "PutAccessPointPolicy PutBucketEncryption PutBucketLogging "
                    "PutBucketObjectLockConfiguration PutBucketOwnershipControls "
                    "PutBucketPublicAccessBlock PutBucketVersioning PutObjectLockConfiguration"
                ),
            ),
        ),
        Table=_several(
            (
                "dynamodb",
                (
                    "DeleteBackup DeleteResourcePolicy DeleteTable "
                    "EnableKinesisStreamingDestination ExportTableToPointInTime "
                    "PutResourcePolicy RestoreTableFromBackup RestoreTableToPointInTime "
                    "UpdateContinuousBackups UpdateTable UpdateTimeToLive"
                ),
            ),
        ),
    ),
    watched(
        "DET-21",
        "ProcessingChange",
        (
            "Changed starts, limits, notifications or queues of the processing ring",
            "Files are no longer processed, nothing fails, and so nothing else rings",
        ),
        Standards(nist=("AU-6", "CM-3", "SI-4")),
        _several(
            ("events", "DeleteRule DisableRule PutRule PutTargets RemoveTargets"),
            ("s3", "PutBucketNotification"),
            (
                "lambda",
                (
                    '"DeleteFunction*" "PutFunctionConcurrency*" '
                    '"PutFunctionEventInvokeConfig*" "RemovePermission*" '
                    '"UpdateFunctionEventInvokeConfig*"'
                ),
            ),
            ("sqs", "AddPermission DeleteQueue PurgeQueue SetQueueAttributes"),
        ),
    ),
)
