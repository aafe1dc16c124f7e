"""Buckets and tables."""

from typing import Final

from checks.breaks.model import BUCKETS, DATA, OFF, RESULTS, Break, resource, statement

BREAKS: Final = (
    *(
        Break(
            "buckets_are_not_public",
            f"{bucket}/Properties/PublicAccessBlockConfiguration/{switch}",
            OFF,
        )
        for bucket in BUCKETS
        for switch in (
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        )
    ),
    Break("buckets_are_not_public", f"{DATA}/OwnershipControls"),
    Break("buckets_are_not_public", f"{DATA}/AccessControl", "PublicRead"),
    *(
        Break("buckets_keep_every_version", f"{bucket}/Properties/VersioningConfiguration")
        for bucket in BUCKETS
    ),
    Break("objects_move_to_infrequent_access_after_30_days", f"{DATA}/LifecycleConfiguration"),
    Break(
        "evidence_does_not_expire", f"{DATA}/LifecycleConfiguration/Rules/0/ExpirationInDays", 30
    ),
    Break(
        "evidence_does_not_expire",
        f"{DATA}/LifecycleConfiguration/Rules/Id=DeleteUploads/NoncurrentVersionExpiration",
        {"NoncurrentDays": 1},
        "everything chosen",
    ),
    *(
        Break(
            "evidence_does_not_expire",
            f"{bucket}/Properties/LifecycleConfiguration/Rules/0/ExpirationInDays",
            365,
        )
        for bucket in ("CloudTrailLogsBucket", "TransactionResultsBucket")
    ),
    Break(
        "evidence_does_not_expire",
        f"{RESULTS}/LifecycleConfiguration/Rules/Id=DeleteTasks/Prefix",
    ),
    Break(
        "evidence_does_not_expire",
        f"{RESULTS}/LifecycleConfiguration/Rules/Id=DeleteTasks/Prefix",
        "re",
    ),
    Break("every_bucket_has_a_policy", "TransactionDataBucketPolicy"),
    Break("every_bucket_has_a_policy", "Added", resource("AWS::S3::Bucket")),
    *(
        Break(rule, statement(f"{bucket}Policy", sid))
        for bucket in BUCKETS
        for rule, sid in (
            ("buckets_refuse_plain_http", "RefusePlainHttp"),
            ("buckets_refuse_tls_before_12", "RefuseTlsBefore12"),
            ("buckets_refuse_other_accounts", "RefuseOtherAccounts"),
        )
    ),
    Break(
        "buckets_refuse_plain_http",
        statement("TransactionDataBucketPolicy", "RefusePlainHttp", "/Resource/1"),
    ),
    Break(
        "buckets_refuse_other_accounts",
        statement(
            "AccessLogsBucketPolicy", "LetS3DeliverTheAccessLogsOfTheseBuckets", "/Principal"
        ),
        {"AWS": "*"},
    ),
    Break(
        "uploads_name_their_encryption",
        statement("TransactionDataBucketPolicy", "RefuseUploadsThatDoNotNameTheirEncryption"),
    ),
    Break(
        "uploads_name_their_encryption",
        statement("TransactionDataBucketPolicy", "RefuseUploadsWithAnotherEncryption"),
        deployment="everything chosen",
    ),
    Break(
        "uploads_name_their_encryption",
        statement("TransactionDataBucketPolicy", "RefuseUploadsWithAnotherKey"),
    ),
    *(
        Break(
            "tables_are_on_demand_and_can_be_restored", f"TransactionMetadataTable/Properties/{key}"
        )
        for key in ("BillingMode", "PointInTimeRecoverySpecification", "DeletionProtectionEnabled")
    ),
    Break(
        "transactions_are_identified_by_id_and_time",
        "TransactionMetadataTable/Properties/KeySchema/1/AttributeName",
        "processedAt",
    ),
)
