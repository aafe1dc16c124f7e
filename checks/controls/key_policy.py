"""Encryption, the key's policy: who may do what with it, and through which service."""

from typing import Final

from checks.controls.model import Control, Standards, Where, allow, deny
from checks.controls.names import (
    ACCOUNT,
    ANY_TRAIL,
    EVERYBODY,
    LOG_GROUPS,
    REGION,
    ROOT,
    TRAIL,
    checkov,
    guard,
    log_group_arn,
    on_a_stack,
    service,
    through,
    unit,
)

_ADMINISTER: Final = (
    "CancelKeyDeletion", "CreateAlias", "DeleteAlias", "DescribeKey", "DisableKey",
    "DisableKeyRotation", "EnableKey", "EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus",
    "ListAliases", "ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListResourceTags",
    "PutKeyPolicy", "RevokeGrant", "RotateKeyOnDemand", "ScheduleKeyDeletion", "TagResource",
    "UntagResource", "UpdateAlias", "UpdateKeyDescription",
)  # fmt: skip  # Read in rows, by the alphabet.
_USE: Final = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)

KEY_POLICY: Final = (
    Control(
        id="ENC-3",
        title="Who administers the key cannot use it directly",
        threat="An administrator reads data with the key alone, past the services that hold it",
        standards=Standards(
            pci=("7.2.1",),
            nist=("AC-3", "AC-5", "AC-6"),
            security_hub=("KMS.5",),
        ),
        where=(
            Where(
                "EncryptionKey/AdministerTheKeyThroughIamWithoutUsingIt",
                allow(*(f"kms:{action}" for action in _ADMINISTER), to=ROOT, on="*"),
            ),
            Where(
                "EncryptionKey/UseTheKeyOnlyThroughTheServicesOfThisAccount",
                allow(
                    *_USE,
                    to=ROOT,
                    on="*",
                    when={
                        "StringEquals": {
                            "kms:CallerAccount": ACCOUNT,
                            "kms:ViaService": through(
                                *("s3", "dynamodb", "secretsmanager", "lambda"),
                                *("sqs", "sns", "logs"),
                            ),
                        }
                    },
                ),
            ),
        ),
        proof=(
            *unit(
                "policy_key",
                "administrators_administer_the_key_and_cannot_use_it",
                "key_is_used_through_the_services_that_keep_the_data",
            ),
            *unit("template_defects", "07_administration_and_use_of_the_key_are_apart"),
            *on_a_stack("key", "people_of_the_account_use_the_key_only_through_services"),
            *checkov(33),
            *guard("key_policy_has_no_way_around_it"),
        ),
    ),
    Control(
        id="ENC-4",
        title="Nobody makes a grant for himself",
        threat="A grant opens the key past its policy, and no policy shows it",
        standards=Standards(nist=("AC-3", "AC-6"), security_hub=("KMS.5",)),
        where=(
            Where(
                "EncryptionKey/LetServicesMakeTheirGrants",
                allow(
                    "kms:CreateGrant",
                    to=ROOT,
                    on="*",
                    when={
                        "StringEquals": {
                            "kms:CallerAccount": ACCOUNT,
                            "kms:ViaService": through("dynamodb", "lambda"),
                        },
                        "Bool": {"kms:GrantIsForAWSResource": "true"},
                    },
                ),
            ),
            Where(
                "EncryptionKey/RefuseGrantsToPeople",
                deny(
                    "kms:CreateGrant",
                    to=EVERYBODY,
                    on="*",
                    when={
                        "BoolIfExists": {
                            "kms:GrantIsForAWSResource": "false",
                            "aws:PrincipalIsAWSService": "false",
                        }
                    },
                ),
            ),
        ),
        proof=(
            *unit("policy_key", "grants_are_for_services_only"),
            *unit("template_defects", "07_administration_and_use_of_the_key_are_apart"),
            *on_a_stack("key", "nobody_but_a_service_makes_a_grant"),
            *guard("key_policy_refuses_grants_to_people"),
        ),
    ),
    Control(
        id="ENC-5",
        title="A service uses the key for this stack's resources only",
        threat="A service is talked into using the key for somebody else (confused deputy)",
        standards=Standards(nist=("AC-3", "AC-6"), security_hub=("KMS.5",)),
        where=(
            Where(
                "EncryptionKey/LetTheTrailEncryptItsFiles",
                allow(
                    "kms:GenerateDataKey*",
                    to=service("cloudtrail"),
                    on="*",
                    when={
                        "StringEquals": {"aws:SourceArn": TRAIL},
                        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": ANY_TRAIL},
                    },
                ),
            ),
            Where(
                "EncryptionKey/LetTheTrailUseTheBucketKey",
                allow(
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    to=service("cloudtrail"),
                    on="*",
                    when={"StringEquals": {"aws:SourceArn": TRAIL}},
                ),
            ),
            Where(
                "EncryptionKey/LetCloudWatchLogsEncryptTheseGroups",
                allow(
                    *("kms:Decrypt", "kms:Describe*", "kms:Encrypt"),
                    *("kms:GenerateDataKey*", "kms:ReEncrypt*"),
                    to=service(f"logs.{REGION}"),
                    on="*",
                    when={
                        "ArnEquals": {
                            "kms:EncryptionContext:aws:logs:arn": [
                                log_group_arn(name) for name in LOG_GROUPS.values()
                            ]
                        }
                    },
                ),
            ),
            Where(
                "EncryptionKey/LetAlarmsReachTheEncryptedTopic",
                allow(
                    "kms:Decrypt",
                    "kms:GenerateDataKey*",
                    to=service("cloudwatch"),
                    on="*",
                    when={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
                ),
            ),
        ),
        proof=(
            *unit(
                "policy_key",
                "trail_uses_the_key_for_its_own_files",
                "cloudwatch_logs_uses_the_key_for_the_stacks_groups",
                "alarms_use_the_key_for_their_messages",
            ),
            *unit("template_defects", "06_no_service_uses_the_key_without_a_condition"),
            *unit("template_defects", "07_trail_uses_the_key_for_itself_only"),
            *unit(
                "template_defects_processing",
                "18_log_groups_are_encrypted_and_come_before_whoever_writes",
            ),
            *unit("template_watch", "alarms_can_publish_to_the_encrypted_topic"),
        ),
    ),
)
