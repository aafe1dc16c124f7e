"""Who did what, and who is told."""

from typing import Final

from checks.breaks.model import OFF, TRAIL, Break, statement

BREAKS: Final = (
    *(
        Break("trail_sees_every_region_and_can_be_verified", f"{TRAIL}/{key}")
        for key in (
            "IsLogging",
            "IsMultiRegionTrail",
            "IncludeGlobalServiceEvents",
            "EnableLogFileValidation",
            "CloudWatchLogsLogGroupArn",
            "CloudWatchLogsRoleArn",
        )
    ),
    Break("trail_comes_after_its_buckets_policy", "TransactionDataTrail/DependsOn"),
    *(
        Break(
            "trail_records_management_and_the_objects_of_both_buckets",
            f"{TRAIL}/EventSelectors/0/{rest}",
            value,
        )
        for rest, value in (
            ("IncludeManagementEvents", OFF),
            ("ReadWriteType", "WriteOnly"),
            ("DataResources/0/Values/0/Fn::Join/1/1", "/*"),
            ("DataResources/0/Values/1", "arn:aws:s3:::another/"),
        )
    ),
    Break(
        "trail_records_management_and_the_objects_of_both_buckets",
        f"{TRAIL}/AdvancedEventSelectors/Name=Management events",
        deployment="everything chosen",
    ),
    Break(
        "trail_records_management_and_the_objects_of_both_buckets",
        f"{TRAIL}/AdvancedEventSelectors/Name=Objects of uploads and results",
        deployment="everything chosen",
    ),
    Break(
        "trail_records_management_and_the_objects_of_both_buckets",
        f"{TRAIL}/EventSelectors",
    ),
    Break(
        "audit_files_cannot_be_deleted", "CloudTrailLogsBucket/Properties/ObjectLockEnabled", OFF
    ),
    Break(
        "audit_files_cannot_be_deleted",
        statement("CloudTrailLogsBucketPolicy", "RefuseDeletionOfAuditFiles"),
    ),
    Break(
        "audit_files_cannot_be_deleted",
        statement("CloudTrailLogsBucketPolicy", "RefuseDeletionOfAuditFiles", "/Action/0"),
    ),
    Break(
        "access_logs_cannot_be_deleted",
        statement("AccessLogsBucketPolicy", "RefuseDeletionOfAccessLogs"),
    ),
    Break(
        "access_logs_cannot_be_deleted",
        statement("AccessLogsBucketPolicy", "RefuseDeletionOfAccessLogs", "/Action/1"),
    ),
    Break(
        "audit_bucket_takes_this_trail_only",
        statement("CloudTrailLogsBucketPolicy", "LetTheTrailWriteItsFiles", "/Condition"),
    ),
    Break("alarms_reach_somebody_and_say_what_to_do", "ConflictsAlarm/Properties/AlarmActions"),
    Break("alarms_reach_somebody_and_say_what_to_do", "ConflictsAlarm/Properties/AlarmActions", []),
    Break(
        "alarms_reach_somebody_and_say_what_to_do",
        "ConflictsAlarm/Properties/ActionsEnabled",
        OFF,
    ),
    Break(
        "alarms_reach_somebody_and_say_what_to_do",
        "ConflictsAlarm/Properties/AlarmDescription",
        "conflicts",
    ),
    Break(
        "alarms_reach_somebody_and_say_what_to_do",
        "ConflictsAlarm/Properties/AlarmDescription",
        "A conflict. First: ask the sender. Runbook: docs/operations.md",
    ),
    Break(
        "alarm_topic_takes_alarms_of_this_account_over_tls",
        statement("AlarmTopicPolicy", "LetAlarmsOfThisAccountPublish", "/Condition"),
    ),
    Break(
        "alarm_topic_takes_alarms_of_this_account_over_tls",
        statement("AlarmTopicPolicy", "RefusePlainHttp"),
    ),
)
