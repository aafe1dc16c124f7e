"""Audit: who did what, recorded where nobody deletes it."""

from typing import Final

from checks.controls.model import ABSENT, Control, Standards, Where, allow, deny, everywhere
from checks.controls.names import (
    ACCOUNT,
    EVERYBODY,
    KEY,
    LOG_GROUPS,
    REGION,
    TRAIL,
    bucket_arn,
    checkov,
    guard,
    log_group_arn,
    nag,
    on_a_stack,
    service,
    unit,
)

_TABLES_RECORDED: Final = (("DynamoDBDataEvents", "true"),)
_LOCKED: Final = (("AuditObjectLockDays", "400"), ("AuditObjectLockMode", "COMPLIANCE"))
_OBJECTS: Final = ["${TransactionDataBucket.Arn}/", "${TransactionResultsBucket.Arn}/"]
_TABLES: Final = ["${TransactionMetadataTable.Arn}", "${FileLedgerTable.Arn}"]
_BUCKET: Final = "CloudTrailLogsBucket"

AUDIT: Final = (
    Control(
        id="AUD-1",
        title="The trail records every region, all management, and every access to the files",
        threat="Somebody acts where nobody records, or reads files unseen",
        standards=Standards(
            pci=("10.2.1",),
            nist=("AC-2(4)", "AU-2", "AU-3", "AU-10", "AU-12"),
            cis=("3.1",),
            security_hub=("CloudTrail.1", "CloudTrail.3"),
        ),
        where=(
            Where("TransactionDataTrail.IsLogging", True),
            Where("TransactionDataTrail.IsMultiRegionTrail", True),
            Where("TransactionDataTrail.IncludeGlobalServiceEvents", True),
            Where("TransactionDataTrail.EventSelectors.0.ReadWriteType", "All"),
            Where("TransactionDataTrail.EventSelectors.0.IncludeManagementEvents", True),
            Where(
                "TransactionDataTrail.EventSelectors.0.DataResources",
                [{"Type": "AWS::S3::Object", "Values": _OBJECTS}],
                words="every object of uploads and results",
            ),
            Where(
                "TransactionDataTrail.AdvancedEventSelectors",
                [
                    {
                        "Name": "Management events",
                        "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
                    },
                    {
                        "Name": "Objects of uploads and results",
                        "FieldSelectors": [
                            {"Field": "eventCategory", "Equals": ["Data"]},
                            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                            {"Field": "resources.ARN", "StartsWith": _OBJECTS},
                        ],
                    },
                    {
                        "Name": "Items of the two tables",
                        "FieldSelectors": [
                            {"Field": "eventCategory", "Equals": ["Data"]},
                            {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]},
                            {"Field": "resources.ARN", "Equals": _TABLES},
                        ],
                    },
                ],
                _TABLES_RECORDED,
                words="the same, and every read and write of the two tables",
            ),
        ),
        proof=(
            *unit("template_defects", "08_trail_selects_the_objects_of_uploads_and_results"),
            *unit("template_defects", "09_trail_is_whole"),
            *on_a_stack(
                "trail",
                "the_trail_logs",
                "the_trail_covers_all_regions_and_global_services_and_its_files_can_be_validated",
                "the_trail_records_management_and_every_object_of_the_two_buckets",
                "the_trail_records_the_two_tables_if_told_to",
            ),
            *checkov(67),
            *guard(
                "trail_sees_every_region_and_can_be_verified",
                "trail_records_management_and_the_objects_of_both_buckets",
            ),
        ),
    ),
    Control(
        id="AUD-2",
        title="A changed or missing trail file shows",
        threat="Somebody edits the record of what he did",
        standards=Standards(
            pci=("10.3.2",), nist=("AU-9",), cis=("3.2",), security_hub=("CloudTrail.4",)
        ),
        where=(Where("TransactionDataTrail.EnableLogFileValidation", True),),
        proof=(
            *unit("template_defects", "09_trail_is_whole"),
            *checkov(36),
            *nag("CloudTrailLogFileValidationEnabled"),
            *guard("trail_sees_every_region_and_can_be_verified"),
        ),
    ),
    Control(
        id="AUD-3",
        title="Trail files lie encrypted in a bucket that takes files of this trail only",
        threat="Somebody reads the record, or fills it with inventions",
        standards=Standards(
            pci=("10.3.2",),
            nist=("AU-9", "SC-28"),
            cis=("3.5",),
            security_hub=("CloudTrail.2",),
        ),
        where=(
            Where("TransactionDataTrail.KMSKeyId", KEY),
            Where("TransactionDataTrail.S3BucketName", f"${{{_BUCKET}}}"),
            Where(
                f"{_BUCKET}Policy/LetTheTrailCheckTheBucket",
                allow(
                    "s3:GetBucketAcl",
                    to=service("cloudtrail"),
                    on=f"${{{_BUCKET}.Arn}}",
                    when={"StringEquals": {"aws:SourceArn": TRAIL}},
                ),
            ),
            Where(
                f"{_BUCKET}Policy/LetTheTrailWriteItsFiles",
                allow(
                    "s3:PutObject",
                    to=service("cloudtrail"),
                    on=f"${{{_BUCKET}.Arn}}/AWSLogs/{ACCOUNT}/*",
                    when={
                        "StringEquals": {
                            "aws:SourceArn": TRAIL,
                            "s3:x-amz-acl": "bucket-owner-full-control",
                        }
                    },
                ),
            ),
        ),
        proof=(
            *unit("template_defects", "10_trail_bucket_takes_files_of_this_trail_only"),
            *on_a_stack(
                "trail", "the_trails_files_are_encrypted_by_the_key_and_lie_in_the_audit_bucket"
            ),
            *checkov(35),
            *nag("CloudTrailEncryptionEnabled"),
            *guard("audit_bucket_takes_this_trail_only"),
        ),
    ),
    Control(
        id="AUD-4",
        title="Nobody deletes a trail file",
        threat="An administrator removes the record of what he did",
        standards=Standards(
            pci=("10.3.2", "10.5.1"),
            nist=("AU-9", "CP-6(2)"),
            security_hub=("S3.15",),
        ),
        where=(
            Where(
                f"{_BUCKET}Policy/RefuseDeletionOfAuditFiles",
                deny(
                    *("s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"),
                    to=EVERYBODY,
                    on=f"${{{_BUCKET}.Arn}}/*",
                ),
            ),
            Where(f"{_BUCKET}.ObjectLockEnabled", True),
            Where(f"{_BUCKET}.ObjectLockConfiguration", ABSENT),
            Where(f"{_BUCKET}.ObjectLockConfiguration.ObjectLockEnabled", "Enabled", _LOCKED),
            Where(
                f"{_BUCKET}.ObjectLockConfiguration.Rule.DefaultRetention.Mode",
                "${AuditObjectLockMode}",
                _LOCKED,
            ),
            Where(
                f"{_BUCKET}.ObjectLockConfiguration.Rule.DefaultRetention.Days",
                "${AuditObjectLockDays}",
                _LOCKED,
            ),
        ),
        proof=(
            *unit("template_controls", "nobody_deletes_audit_files"),
            *unit("template_controls", "audit_files_are_locked_on_request"),
            *on_a_stack(
                "buckets", "the_audit_bucket_has_object_lock_and_refuses_deletion_to_everybody"
            ),
            *guard("audit_files_cannot_be_deleted"),
        ),
    ),
    Control(
        id="AUD-5",
        title="The trail also goes to CloudWatch, where alarms read it",
        threat="What the trail records is noticed months later",
        standards=Standards(nist=("AU-6",), security_hub=("CloudTrail.5",)),
        where=(
            Where("TransactionDataTrail.CloudWatchLogsLogGroupArn", "${TrailLogGroup.Arn}"),
            Where("TransactionDataTrail.CloudWatchLogsRoleArn", "${TrailLogRole.Arn}"),
            Where("TrailLogRole.ManagedPolicyArns", ["${TrailLogPolicy}"]),
            Where(
                "TrailLogRole/LetCloudTrailUseTheRole",
                allow("sts:AssumeRole", to=service("cloudtrail")),
            ),
            Where(
                "TrailLogPolicy/WriteTheTrailsOwnStreams",
                allow(
                    "logs:CreateLogStream",
                    "logs:PutLogEvents",
                    on=log_group_arn(
                        f"{LOG_GROUPS['TrailLogGroup']}:log-stream:{ACCOUNT}_CloudTrail_{REGION}*"
                    ),
                ),
            ),
        ),
        proof=(
            *unit("template_defects", "09_trail_is_whole"),
            *on_a_stack("trail", "the_trail_also_writes_to_its_log_group_under_the_key"),
            *nag("CloudTrailCloudWatchLogsEnabled"),
        ),
    ),
    Control(
        id="AUD-6",
        title="Logs are kept for their time, in groups that nobody else makes",
        threat="A log is gone before somebody looks, or lies in a group without key and end",
        standards=Standards(pci=("10.5.1",), nist=("AU-11", "SI-12")),
        where=(
            *everywhere(LOG_GROUPS, "RetentionInDays", "${LogRetentionDays}"),
            *(Where(f"{group}.LogGroupName", name) for group, name in LOG_GROUPS.items()),
            Where("TransactionProcessorFunction.LoggingConfig.LogGroup", "${LambdaLogGroup}"),
        ),
        proof=(
            *unit(
                "template_defects_processing",
                "18_log_groups_are_encrypted_and_come_before_whoever_writes",
            ),
            *on_a_stack("function", "the_log_is_kept_for_its_time_under_the_key"),
            *checkov(66),
            *nag("CloudWatchLogGroupRetentionPeriod"),
            *guard("log_groups_end_after_some_days"),
        ),
    ),
    Control(
        id="AUD-7",
        title="The access log takes entries of these three buckets only, and keeps them",
        threat="Somebody writes inventions into the log of accesses, or removes what is true",
        standards=Standards(pci=("10.3.2",), nist=("AU-9",)),
        where=(
            Where(
                "AccessLogsBucketPolicy/LetS3DeliverTheAccessLogsOfTheseBuckets",
                allow(
                    "s3:PutObject",
                    to=service("logging.s3"),
                    on=tuple(
                        f"${{AccessLogsBucket.Arn}}/{prefix}/*"
                        for prefix in ("audit", "data", "results")
                    ),
                    when={
                        "StringEquals": {"aws:SourceAccount": ACCOUNT},
                        "ArnEquals": {
                            "aws:SourceArn": [
                                bucket_arn(kind) for kind in ("audit-logs", "data", "results")
                            ]
                        },
                    },
                ),
            ),
            Where(
                "AccessLogsBucketPolicy/RefuseDeletionOfAccessLogs",
                deny(
                    "s3:DeleteObject",
                    "s3:DeleteObjectVersion",
                    to=EVERYBODY,
                    on="${AccessLogsBucket.Arn}/*",
                ),
            ),
        ),
        proof=unit("template_controls", "access_logs_may_come_where_the_buckets_send_them"),
    ),
)
