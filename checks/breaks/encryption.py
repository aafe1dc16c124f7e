"""One key for everything that is kept."""

from typing import Final

from checks.breaks.model import ANOTHER_KEY, BUCKETS, DATA, OFF, PROCESSOR, TRAIL, Break, statement

BREAKS: Final = (
    Break("key_is_rotated_and_hard_to_lose", "EncryptionKey/Properties/EnableKeyRotation", OFF),
    Break("key_is_rotated_and_hard_to_lose", "EncryptionKey/Properties/PendingWindowInDays", 7),
    Break(
        "key_policy_has_no_way_around_it",
        statement("EncryptionKey", "AdministerTheKeyThroughIamWithoutUsingIt", "/Action"),
        "kms:*",
    ),
    Break(
        "key_policy_has_no_way_around_it",
        statement("EncryptionKey", "AdministerTheKeyThroughIamWithoutUsingIt", "/Action/+"),
        "kms:Decrypt",
    ),
    Break(
        "key_policy_has_no_way_around_it",
        statement("EncryptionKey", "LetTheTrailUseTheBucketKey", "/Condition"),
    ),
    Break(
        "key_policy_has_no_way_around_it",
        statement("EncryptionKey", "UseTheKeyOnlyThroughTheServicesOfThisAccount", "/Principal"),
        "*",
    ),
    Break(
        "key_policy_refuses_grants_to_people", statement("EncryptionKey", "RefuseGrantsToPeople")
    ),
    *(
        Break(
            "buckets_are_encrypted_with_the_key",
            f"{bucket}/Properties/BucketEncryption/ServerSideEncryptionConfiguration/0/{key}",
            value,
        )
        for bucket in BUCKETS[1:]
        for key, value in (
            ("ServerSideEncryptionByDefault/SSEAlgorithm", "AES256"),
            ("ServerSideEncryptionByDefault/KMSMasterKeyID", ANOTHER_KEY),
            ("BucketKeyEnabled", OFF),
        )
    ),
    Break("every_bucket_but_the_target_of_logs_is_logged", f"{DATA}/LoggingConfiguration"),
    Break(
        "every_bucket_but_the_target_of_logs_is_logged",
        "AccessLogsBucket/Properties/BucketEncryption",
    ),
    Break("tables_are_encrypted_with_the_key", "FileLedgerTable/Properties/SSESpecification"),
    Break(
        "tables_are_encrypted_with_the_key",
        "TransactionMetadataTable/Properties/SSESpecification/KMSMasterKeyId",
        ANOTHER_KEY,
    ),
    Break("log_groups_are_encrypted_with_the_key", "TrailLogGroup/Properties/KmsKeyId"),
    *(
        Break("queues_topics_and_secrets_are_encrypted_with_the_key", path)
        for path in (
            "FailedEventsQueue/Properties/KmsMasterKeyId",
            "AlarmTopic/Properties/KmsMasterKeyId",
            "LambdaConfigSecret/Properties/KmsKeyId",
        )
    ),
    Break("function_and_trail_are_encrypted_with_the_key", f"{PROCESSOR}/KmsKeyArn"),
    Break("function_and_trail_are_encrypted_with_the_key", f"{TRAIL}/KMSKeyId", ANOTHER_KEY),
    *(
        Break(
            "secret_is_closed_to_plain_http_and_other_accounts",
            f"LambdaConfigSecretPolicy/Properties/ResourcePolicy/Statement/Sid={sid}",
        )
        for sid in ("RefusePlainHttp", "RefuseOtherAccounts")
    ),
    Break(
        "secret_is_closed_to_plain_http_and_other_accounts",
        "LambdaConfigSecretPolicy/Properties/BlockPublicPolicy",
    ),
    Break(
        "secret_is_closed_to_plain_http_and_other_accounts",
        "LambdaConfigSecretPolicy/Properties/ResourcePolicy/Statement/+",
        {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"},
    ),
    Break(
        "secret_is_generated_and_never_written_down",
        "LambdaConfigSecret/Properties/SecretString",
        "written down",
    ),
    Break(
        "secret_is_generated_and_never_written_down",
        "LambdaConfigSecret/Properties/GenerateSecretString/PasswordLength",
        8,
    ),
)
