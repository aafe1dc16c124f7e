"""What survives the deletion of the stack, and what the names of things say."""

from typing import Final

from checks.breaks.model import DATA, POLICY, PROCESSOR, TRAIL, Break

BREAKS: Final = (
    Break("everything_but_log_groups_is_retained", "VPC/DeletionPolicy"),
    Break("everything_but_log_groups_is_retained", "AlarmTopic/DeletionPolicy", "Delete"),
    Break("everything_but_log_groups_is_retained", "EncryptionKeyAlias/UpdateReplacePolicy"),
    Break("log_groups_end_after_some_days", "FlowLogGroup/Properties/RetentionInDays"),
    Break("log_groups_end_after_some_days", "LambdaLogGroup/Properties/RetentionInDays", 7),
    *(
        Break("names_end_in_the_environment_suffix", path, "transaction-dev")
        for path in (
            "EncryptionKeyAlias/Properties/AliasName",
            "FailedEventsAlarm/Properties/AlarmName",
            "FailedEventsQueue/Properties/QueueName",
            "FileLedgerTable/Properties/TableName",
            "KeyDisabledFilter/Properties/FilterName",
            "LambdaConfigSecret/Properties/Name",
            "LambdaExecutionRole/Properties/RoleName",
            "LambdaLogGroup/Properties/LogGroupName",
            "LambdaSecurityGroup/Properties/GroupName",
            "OperationsDashboard/Properties/DashboardName",
            "AlarmTopic/Properties/TopicName",
            "SweepRule/Properties/Name",
            f"{POLICY}/Properties/ManagedPolicyName",
            f"{PROCESSOR}/FunctionName",
            f"{TRAIL}/TrailName",
        )
    ),
    Break("names_end_in_the_environment_suffix", f"{DATA}/BucketName", "transaction-data-q7probe"),
    Break("names_end_in_the_environment_suffix", f"{DATA}/BucketName"),
    Break("network_is_tagged_with_the_environment_suffix", "VPC/Properties/Tags"),
)
