"""Detection: what rings an alarm, and that the alarm is heard."""

import re
from collections.abc import Iterator
from typing import Final

from checks.controls.alarms import alarm
from checks.controls.model import Control, Resources, Rule, Standards, Where, allow, deny
from checks.controls.names import (
    ACCOUNT,
    EVERYBODY,
    OTHER_ACCOUNTS,
    PLAIN_HTTP,
    arn_of,
    guard,
    nag,
    on_a_stack,
    service,
    unit,
)

_TOLD: Final = (("AlarmEmail", "ops@example.com"),)
_PROCESSOR: Final = {
    "service": "transaction-processor-${EnvironmentSuffix}",
    "environment": "${EnvironmentSuffix}",
}
_FUNCTION: Final = {"FunctionName": "${TransactionProcessorFunction}"}


def _silent(resources: Resources) -> list[str]:
    return [
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        and (
            not resource["Properties"].get("AlarmActions")
            or resource["Properties"].get("ActionsEnabled") is False
        )
    ]


def _without_runbook(resources: Resources) -> list[str]:
    return [
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        and not re.search(
            r" Runbook: [^ #]+#[a-z-]+$", resource["Properties"].get("AlarmDescription", "")
        )
    ]


def _throttles(name: str, table: str) -> Iterator[Where]:
    for what in ("Write", "Read"):
        yield from alarm(
            f"{name}{what}ThrottlesAlarm",
            *("AWS/DynamoDB", f"{what}ThrottleEvents", {"TableName": f"${{{table}}}"}),
            lasting=(3, 6),
        )


DETECTION: Final = (
    Control(
        id="DET-1",
        title="Every alarm reaches whoever is named, over an encrypted topic",
        threat="An alarm rings and nobody hears it",
        standards=Standards(
            nist=("AU-6(1)", "IR-4(1)", "SI-4(5)"),
            security_hub=("CloudWatch.15", "CloudWatch.17", "SNS.4"),
        ),
        where=(
            Where(
                "AlarmTopicPolicy/LetAlarmsOfThisAccountPublish",
                allow(
                    "sns:Publish",
                    to=service("cloudwatch"),
                    on="${AlarmTopic}",
                    when={
                        "StringEquals": {"aws:SourceAccount": ACCOUNT},
                        "ArnLike": {"aws:SourceArn": arn_of("cloudwatch alarm:*")},
                    },
                ),
            ),
            Where("AlarmTopicPolicy.Topics", ["${AlarmTopic}"]),
            Where("AlarmSubscription.TopicArn", "${AlarmTopic}", _TOLD),
            Where("AlarmSubscription.Protocol", "email", _TOLD),
            Where("AlarmSubscription.Endpoint", "${AlarmEmail}", _TOLD),
        ),
        rules=(Rule("Every alarm has an action, and it is enabled", _silent),),
        proof=(
            *unit("policy_queue_topic_secret", "topic_takes_alarms_of_this_account"),
            *unit(
                "template_watch",
                "every_alarm_reaches_the_topic_and_says_what_to_do_first",
                "alarms_can_publish_to_the_encrypted_topic",
                "somebody_is_told_only_when_an_address_is_given",
            ),
            *nag("CloudWatchAlarmAction"),
            *guard(
                "alarms_reach_somebody_and_say_what_to_do",
                "alarm_topic_takes_alarms_of_this_account_over_tls",
            ),
        ),
    ),
    Control(
        id="DET-2",
        title="Queue and topic answer this account only, and over TLS only",
        threat="Somebody on the way, or of another account, reads an event or silences an alarm",
        standards=Standards(pci=("4.2.1",), nist=("SC-8", "SC-23"), security_hub=("SQS.3",)),
        where=(
            Where(
                "AlarmTopicPolicy/RefusePlainHttp",
                deny(
                    "sns:Publish",
                    to=EVERYBODY,
                    on="${AlarmTopic}",
                    when=PLAIN_HTTP,
                ),
            ),
            Where("FailedEventsQueuePolicy.Queues", ["${FailedEventsQueue}"]),
            Where(
                "FailedEventsQueuePolicy/RefusePlainHttp",
                deny(
                    "sqs:*",
                    to=EVERYBODY,
                    on="${FailedEventsQueue.Arn}",
                    when=PLAIN_HTTP,
                ),
            ),
            Where(
                "FailedEventsQueuePolicy/RefuseOtherAccounts",
                deny("sqs:*", to=EVERYBODY, on="${FailedEventsQueue.Arn}", when=OTHER_ACCOUNTS),
            ),
            Where(
                "AlarmTopicPolicy/RefuseOtherAccounts",
                deny(
                    *("sns:AddPermission", "sns:DeleteTopic", "sns:GetTopicAttributes"),
                    *("sns:ListSubscriptionsByTopic", "sns:Publish", "sns:RemovePermission"),
                    *("sns:SetTopicAttributes", "sns:Subscribe"),
                    to=EVERYBODY,
                    on="${AlarmTopic}",
                    when=OTHER_ACCOUNTS,
                ),
            ),
        ),
        proof=(
            *unit("policy_queue_topic_secret", "failed_events_stay_in_the_account"),
            *unit("template_watch", "queue_and_topic_refuse_plain_http_and_other_accounts"),
            *on_a_stack(
                "function",
                "the_queue_of_failed_events_is_encrypted_and_keeps_them_for_14_days",
            ),
            *nag("SQS4", "SNS3"),
        ),
    ),
    Control(
        id="DET-3",
        title="A file that fails or is found again, a record that conflicts, and a lost event ring",
        threat="A file is not processed, or a sender reuses identities, and nobody notices",
        standards=Standards(nist=("AU-6", "SI-4")),
        where=(
            *alarm(
                "FailedEventsAlarm",
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                {"QueueName": "${FailedEventsQueue.QueueName}"},
                statistic="Maximum",
            ),
            *alarm("FunctionErrorsAlarm", "AWS/Lambda", "Errors", _FUNCTION),
            *alarm("FunctionThrottlesAlarm", "AWS/Lambda", "Throttles", _FUNCTION),
            *alarm("DeadLetterErrorsAlarm", "AWS/Lambda", "DeadLetterErrors", _FUNCTION),
            *alarm("ConflictsAlarm", "TransactionProcessing", "conflict", _PROCESSOR),
            *alarm(
                "FilesWithoutReceiptAlarm",
                *("TransactionProcessing", "swept", _PROCESSOR),
                period_s=3600,
            ),
        ),
        proof=(
            *unit("template_watch", "every_alarm_reaches_the_topic_and_says_what_to_do_first"),
            *unit("template_alarms", "alarm_looks_at_its_metric_of_this_stack"),
            *unit("adapters_telemetry", "an_alarm_on_records_reads_the_metric_that_is_written"),
        ),
    ),
    Control(
        id="DET-19",
        title="A bad feed, a table that keeps throttling, and an execution near its limit ring",
        threat="A sender's files are rejected or cut off, or processing comes to a stop, unnoticed",
        standards=Standards(nist=("AU-6", "SI-4", "SI-10")),
        where=(
            *alarm(
                "RejectRateAlarm",
                *("TransactionProcessing", "rejectedPercent", _PROCESSOR),
                statistic="Maximum",
                threshold="${RejectRatePercent}",
            ),
            *alarm("BrokenFilesAlarm", "TransactionProcessing", "broken", _PROCESSOR),
            *alarm(
                "DurationAlarm",
                *("AWS/Lambda", "Duration", _FUNCTION),
                statistic="Maximum",
                threshold=855_000,
            ),
            *_throttles("TransactionTable", "TransactionMetadataTable"),
            *_throttles("FileLedger", "FileLedgerTable"),
        ),
        proof=(
            *unit("template_watch", "every_alarm_reaches_the_topic_and_says_what_to_do_first"),
            *unit(
                "template_alarms",
                "alarm_looks_at_its_metric_of_this_stack",
                "duration_rings_between_handing_on_and_the_limit",
            ),
            *unit(
                "adapters_telemetry",
                "the_rejected_part_of_each_file_is_told_in_percent",
                "an_alarm_on_records_reads_the_metric_that_is_written",
            ),
        ),
    ),
    Control(
        id="DET-20",
        title="Every alarm has its section in the runbook, and is on the dashboard",
        threat="An alarm rings and whoever hears it does not know what to do",
        standards=Standards(nist=("IR-4", "IR-8", "SI-4(5)")),
        rules=(
            Rule("Every alarm ends with the link to its section of the runbook", _without_runbook),
        ),
        proof=(
            *unit(
                "template_runbook",
                "every_alarm_has_its_section_in_the_runbook_and_every_section_its_alarm",
                "every_alarm_ends_with_the_link_to_its_section",
            ),
            *unit("template_dashboard", "every_alarm_of_the_template_is_shown_once"),
            *guard("alarms_reach_somebody_and_say_what_to_do"),
        ),
    ),
)
