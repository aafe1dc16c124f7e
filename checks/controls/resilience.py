"""Resilience: what survives a mistake, a lost zone, a failed event and the stack itself."""

from typing import Final

from checks.controls.model import (
    ABSENT,
    Control,
    Json,
    Resources,
    Rule,
    Standards,
    Where,
    everywhere,
)
from checks.controls.names import BUCKETS, TABLES, checkov, guard, nag, on_a_stack, unit

_LOG_GROUP: Final = "AWS::Logs::LogGroup"
_RESERVED: Final = (("ReservedConcurrency", "20"),)
_INVOKE: Final = "TransactionProcessorFunctionEventInvokeConfig"
_UNFINISHED: Final = {
    "Id": "DropUnfinishedUploads",
    "Status": "Enabled",
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}
_INFREQUENT: Final[dict[str, Json]] = {
    "Status": "Enabled",
    "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 30}],
    "NoncurrentVersionTransitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 30}],
}
_EVIDENCE: Final = [{"Id": "InfrequentAccessAfter30Days", **_INFREQUENT}, _UNFINISHED]
_TASKS: Final = [
    {
        "Id": "DeleteTasks",
        "Status": "Enabled",
        "Prefix": "work/",
        "ExpirationInDays": 30,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
    },
    {
        "Id": "DeleteWhatIsLeftOfDeletedTasks",
        "Status": "Enabled",
        "Prefix": "work/",
        "ExpiredObjectDeleteMarker": True,
    },
]
_OFF: Final = (("SweepSchedule", "off"),)
_LIMITED: Final = (("UploadRetentionDays", "90"),)
_EXPIRING: Final = [
    {
        "Id": "DeleteUploads",
        "Status": "Enabled",
        "ExpirationInDays": "${UploadRetentionDays}",
        "NoncurrentVersionExpiration": {"NoncurrentDays": "${UploadRetentionDays}"},
    },
    {
        "Id": "DeleteWhatIsLeftOfDeletedUploads",
        "Status": "Enabled",
        "ExpiredObjectDeleteMarker": True,
    },
]
_ACCESS_LOGS: Final = [
    {
        "Id": "InfrequentAccessAfter30DaysAndGoneAfter400",
        **_INFREQUENT,
        "ExpirationInDays": 400,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 400},
    },
    _UNFINISHED,
]


def _goes_with_the_stack(resources: Resources) -> list[str]:
    """Resources that deletion or replacement would take, log groups aside."""
    policies = ("DeletionPolicy", "UpdateReplacePolicy")
    return [
        name
        for name, resource in resources.items()
        if resource["Type"] != _LOG_GROUP
        and any(resource.get(policy) != "Retain" for policy in policies)
    ]


RESILIENCE: Final = (
    Control(
        id="RES-1",
        title="Deleting the stack deletes nothing but its log groups",
        threat="One command, or a replaced resource, takes files, tables, key or trail with it",
        standards=Standards(nist=("CP-9", "AU-9")),
        rules=(
            Rule(
                "Every resource but log groups has DeletionPolicy and UpdateReplacePolicy Retain",
                _goes_with_the_stack,
            ),
        ),
        proof=(
            *unit("template", "all_but_log_groups_survive_the_stack"),
            *unit("template_defects_processing", "17_retain_is_on_what_others_forget"),
            *guard("everything_but_log_groups_is_retained"),
        ),
    ),
    Control(
        id="RES-2",
        title="No version of a file is lost, and evidence expires only when asked to",
        threat="A file is overwritten or deleted, by mistake or to hide something",
        standards=Standards(
            pci=("3.2.1",),
            nist=("AU-9(2)", "CP-9", "CP-10", "SI-12"),
            security_hub=("S3.10", "S3.13", "S3.14"),
        ),
        where=(
            *everywhere(BUCKETS, "VersioningConfiguration.Status", "Enabled"),
            *(
                Where(
                    f"{bucket}.LifecycleConfiguration.Rules",
                    _EVIDENCE,
                    words="Infrequent Access after 30 days; nothing expires but unfinished uploads",
                )
                for bucket in ("CloudTrailLogsBucket", "TransactionDataBucket")
            ),
            Where(
                "TransactionResultsBucket.LifecycleConfiguration.Rules",
                [*_EVIDENCE, *_TASKS],
                words="the same, and what lies below `work/` goes after 30 days",
            ),
            Where(
                "TransactionDataBucket.LifecycleConfiguration.Rules",
                [*_EVIDENCE, *_EXPIRING],
                _LIMITED,
                words="the same, and files and overwritten versions go after so many days",
            ),
            Where(
                "AccessLogsBucket.LifecycleConfiguration.Rules",
                _ACCESS_LOGS,
                words="Infrequent Access after 30 days; gone after 400",
            ),
        ),
        proof=(
            *unit(
                "template_controls", "bucket_is_private_versioned_and_moves_to_infrequent_access"
            ),
            *on_a_stack(
                "buckets", "the_bucket_keeps_versions", "nothing_of_the_evidence_ever_expires"
            ),
            *unit(
                "template_retention",
                "uploads_are_deleted_only_on_request_overwritten_ones_as_late_as_the_others",
                "of_the_results_only_tasks_are_deleted",
            ),
            *checkov(21),
            *nag("S3BucketVersioningEnabled"),
            *guard(
                "buckets_keep_every_version",
                "objects_move_to_infrequent_access_after_30_days",
                "evidence_does_not_expire",
            ),
        ),
    ),
    Control(
        id="RES-3",
        title="A table returns to any second of 35 days, and is not deleted by mistake",
        threat="Items are changed or a table is deleted, by mistake or on purpose",
        standards=Standards(
            nist=("CM-3", "CP-9", "CP-10", "SC-5(2)"),
            security_hub=("DynamoDB.1", "DynamoDB.2", "DynamoDB.6"),
        ),
        where=(
            *everywhere(
                TABLES, "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", True
            ),
            *everywhere(TABLES, "DeletionProtectionEnabled", True),
            *everywhere(TABLES, "BillingMode", "PAY_PER_REQUEST"),
        ),
        proof=(
            *unit("template_controls", "table_is_on_demand_recoverable_protected_and_encrypted"),
            *on_a_stack(
                "tables",
                "the_table_can_be_recovered_to_any_point_in_time",
                "the_table_is_protected_against_deletion",
            ),
            *checkov(28),
            *nag("DDB3"),
            *guard("tables_are_on_demand_and_can_be_restored"),
        ),
    ),
    Control(
        id="RES-4",
        title="A failed event is tried again, then kept for 14 days",
        threat="A file is dropped because something else failed",
        standards=Standards(nist=("CP-10", "SI-13(5)")),
        where=(
            Where(
                "TransactionProcessorFunction.DeadLetterConfig.TargetArn",
                "${FailedEventsQueue.Arn}",
            ),
            Where("FailedEventsQueue.MessageRetentionPeriod", 1_209_600),
            Where(f"{_INVOKE}.DestinationConfig", {}),
            Where(f"{_INVOKE}.MaximumRetryAttempts", 2),
            Where(f"{_INVOKE}.MaximumEventAgeInSeconds", 21_600),
            Where("TransactionProcessorFunction.ReservedConcurrentExecutions", "20", _RESERVED),
        ),
        proof=(
            *unit(
                "template_defects_processing", "15_failed_events_are_kept_once_and_somebody_is_told"
            ),
            *unit("template_controls", "concurrency_is_reserved_only_on_request"),
            *on_a_stack(
                "failed_events",
                "a_failing_event_is_tried_three_times_and_kept_once_with_itself_as_the_body",
            ),
            *checkov(116),
            *guard("failed_events_are_kept_for_14_days"),
        ),
    ),
    Control(
        id="RES-5",
        title="The runtime gets security updates",
        threat="A known hole of the runtime stays open",
        standards=Standards(pci=("12.3.4",), nist=("CM-2", "SI-2"), security_hub=("Lambda.2",)),
        where=(Where("TransactionProcessorFunction.Runtime", "python3.13"),),
        proof=(
            *unit("template_controls", "function_runs_as_decided"),
            *on_a_stack("function", "the_function_runs_on_python_3_13_for_up_to_15_minutes"),
            *checkov(363),
            *guard("processor_runs_as_decided"),
        ),
    ),
    Control(
        id="RES-6",
        title="A file without a receipt is found and started again",
        threat="Its event is lost on the way to the function, and nobody misses the file",
        standards=Standards(nist=("CP-10", "SI-4", "SI-13(5)")),
        where=(
            Where("SweepRule.State", "ENABLED"),
            Where("SweepRule.ScheduleExpression", "rate(1 hour)"),
            Where("SweepRule.State", "DISABLED", _OFF),
            Where("SweepRule.ScheduleExpression", "rate(1 day)", _OFF),
            Where(
                "SweepRule.Targets",
                [
                    {
                        "Id": "processor",
                        "Arn": "${TransactionProcessorFunction.Arn}",
                        "Input": '{"sweep": {"olderThanMinutes": ${SweepOlderThanMinutes}}}',
                        "RetryPolicy": {
                            "MaximumEventAgeInSeconds": 3600,
                            "MaximumRetryAttempts": 10,
                        },
                    }
                ],
                words="the function, told to sweep",
            ),
        ),
        proof=(
            *unit(
                "template_sweep",
                "sweep_starts_the_function_and_tells_it_how_old",
                "sweep_that_is_off_stays_and_does_not_run",
            ),
            *on_a_stack("function", "the_sweep_runs_on_its_schedule"),
            *guard("nothing_but_the_processor_is_started_by_the_clock"),
        ),
    ),
    Control(
        id="RES-7",
        title="Lambda stops an endless loop",
        threat="A task that leads to itself again goes on without an end, and costs",
        standards=Standards(nist=("SC-5",)),
        where=(Where("TransactionProcessorFunction.RecursiveLoop", ABSENT),),
        proof=(
            *unit("template_sweep", "lambda_stops_endless_loops"),
            *guard("endless_loops_are_stopped"),
        ),
    ),
)
