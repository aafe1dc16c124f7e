"""Audit: who did what, recorded where nobody deletes it."""

from typing import Final

from checks.controls.model import Control, Standards, Where, allow, everywhere
from checks.controls.names import (
    ACCOUNT,
    KEY,
    LOG_GROUPS,
    REGION,
    VIA_LOGS,
    checkov,
    guard,
    log_group_arn,
    nag,
    on_a_stack,
    service,
    unit,
)

_TABLES_RECORDED: Final = (("DynamoDBDataEvents", "true"),)
_OBJECTS: Final = ["${TransactionDataBucket.Arn}/", "${TransactionResultsBucket.Arn}/"]
_TABLES: Final = ["${TransactionMetadataTable.Arn}", "${FileLedgerTable.Arn}"]

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
            Where(
                "TrailLogPolicy/EncryptThroughCloudWatchLogs",
                allow("kms:Decrypt", "kms:GenerateDataKey", on=KEY, when=VIA_LOGS),
            ),
        ),
        proof=(
            *unit("policy_roles", "log_writers_write_their_own_log_and_no_more"),
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
)
