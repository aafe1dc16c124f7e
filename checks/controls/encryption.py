"""Encryption: one customer-managed key for everything kept, and who may do what with it."""

from typing import Final

from checks.controls.model import Control, Standards, Where, everywhere
from checks.controls.names import (
    KEY,
    LOG_GROUPS,
    LOGGED_BUCKETS,
    TABLES,
    checkov,
    guard,
    nag,
    on_a_stack,
    unit,
)

_BUCKET_KEY: Final = "BucketEncryption.ServerSideEncryptionConfiguration"


ENCRYPTION: Final = (
    Control(
        id="ENC-1",
        title="The key changes every year",
        threat="Key material that was learned once opens everything for ever",
        standards=Standards(
            pci=("3.7.4",),
            nist=("SC-12", "SC-12(2)", "SC-28(3)"),
            cis=("3.6",),
            security_hub=("KMS.4",),
        ),
        where=(Where("EncryptionKey.EnableKeyRotation", True),),
        proof=(
            *on_a_stack("key", "the_key_rotates_every_year"),
            *checkov(7),
            *nag("KMS5"),
            *guard("key_is_rotated_and_hard_to_lose"),
        ),
    ),
    Control(
        id="ENC-2",
        title="The key cannot be lost by one command",
        threat="Whoever deletes the key deletes every table, file and log with it",
        standards=Standards(nist=("SC-12", "SC-12(2)"), security_hub=("KMS.3",)),
        where=(
            Where("EncryptionKey.PendingWindowInDays", 30),
            Where("EncryptionKeyAlias.TargetKeyId", "${EncryptionKey}"),
        ),
        proof=(
            *unit("template", "all_but_log_groups_survive_the_stack"),
            *unit("template_watch", "filter_counts_its_events_for_its_alarm"),
            *guard("key_is_rotated_and_hard_to_lose"),
        ),
    ),
    Control(
        id="ENC-6",
        title="Files are encrypted under the stack's key",
        threat="Stored bytes are read past the services, or under a key that others share",
        standards=Standards(
            pci=("3.5.1",),
            nist=("SC-12(2)", "SC-13", "SC-28", "SC-28(1)"),
            security_hub=("S3.17",),
        ),
        where=(
            *everywhere(
                LOGGED_BUCKETS,
                f"{_BUCKET_KEY}.0.ServerSideEncryptionByDefault.SSEAlgorithm",
                "aws:kms",
            ),
            *everywhere(
                LOGGED_BUCKETS, f"{_BUCKET_KEY}.0.ServerSideEncryptionByDefault.KMSMasterKeyID", KEY
            ),
            *everywhere(LOGGED_BUCKETS, f"{_BUCKET_KEY}.0.BucketKeyEnabled", True),
        ),
        proof=(
            *unit(
                "template_controls", "bucket_is_encrypted_with_the_key_unless_it_takes_access_logs"
            ),
            *on_a_stack("buckets", "the_bucket_encrypts_by_the_stacks_own_key_with_a_bucket_key"),
            *checkov(19),
            *nag("S3DefaultEncryptionKMS"),
            *guard("buckets_are_encrypted_with_the_key"),
        ),
    ),
    Control(
        id="ENC-7",
        title="Tables, secret, queue, topic, logs and function settings are encrypted under it too",
        threat="One store under another key is the one that is read",
        standards=Standards(
            pci=("3.5.1",),
            nist=("SC-13", "SC-28", "SC-28(1)"),
            security_hub=("SNS.1", "SQS.1"),
        ),
        where=(
            *everywhere(TABLES, "SSESpecification.SSEEnabled", True),
            *everywhere(TABLES, "SSESpecification.SSEType", "KMS"),
            *everywhere(TABLES, "SSESpecification.KMSMasterKeyId", KEY),
            *everywhere(LOG_GROUPS, "KmsKeyId", KEY),
            Where("LambdaConfigSecret.KmsKeyId", KEY),
            Where("FailedEventsQueue.KmsMasterKeyId", KEY),
            Where("AlarmTopic.KmsMasterKeyId", KEY),
            Where("TransactionProcessorFunction.KmsKeyArn", KEY),
        ),
        proof=(
            *unit("template_controls", "table_is_on_demand_recoverable_protected_and_encrypted"),
            *unit(
                "template_defects_processing",
                "18_log_groups_are_encrypted_and_come_before_whoever_writes",
            ),
            *unit(
                "template_defects_processing",
                "19_secret_holds_a_secret_and_exactly_what_the_function_reads",
            ),
            *unit("template_watch", "queue_is_encrypted_with_the_key"),
            *checkov(26, 27, 119, 149, 158, 173),
            *nag("CloudWatchLogGroupEncrypted"),
            *guard(
                "tables_are_encrypted_with_the_key",
                "log_groups_are_encrypted_with_the_key",
                "queues_topics_and_secrets_are_encrypted_with_the_key",
                "function_and_trail_are_encrypted_with_the_key",
            ),
        ),
    ),
)
