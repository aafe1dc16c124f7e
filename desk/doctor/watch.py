"""Checks of who is told: alarms, and the topic that they are sent to."""

from collections.abc import Iterator

from desk.doctor.findings import Finding, failed, ok, unless, warning
from desk.doctor.look import Look

_NAMES_MAX = 100
"""Of one DescribeAlarms. Source: CloudWatch API Reference, DescribeAlarms."""

_CONFIRMATIONS = ("PendingConfirmation", "Deleted")


def alarms(look: Look) -> Iterator[Finding]:
    """Whether each alarm would be heard, and which ring now."""
    names = sorted(one.physical_id for one in look.of_kind("AWS::CloudWatch::Alarm"))
    found = []
    for first in range(0, len(names), _NAMES_MAX):
        some = names[first : first + _NAMES_MAX]
        found += look.ask_all("cloudwatch", "describe_alarms", "MetricAlarms", AlarmNames=some)
    topic = look.physical("AlarmTopic")
    missing = sorted(set(names) - {one["AlarmName"] for one in found})
    silent = [one["AlarmName"] for one in found if not one["ActionsEnabled"]]
    deaf = [one["AlarmName"] for one in found if topic not in one["AlarmActions"]]
    problems = [
        *unless(not missing, failed(f"gone: {', '.join(missing)}", "deploy under another suffix")),
        *unless(
            not silent,
            failed(
                f"switched off: {', '.join(silent)}",
                f"aws cloudwatch enable-alarm-actions --alarm-names {' '.join(silent)}",
            ),
        ),
        *unless(
            not deaf,
            failed(
                f"not sent to the topic: {', '.join(deaf)}",
                f"aws cloudwatch put-metric-alarm --alarm-actions {topic} …",
            ),
        ),
        *(
            warning(f"rings: {one['AlarmName']}", _first_step(one.get("AlarmDescription", "")))
            for one in found
            if one["StateValue"] == "ALARM"
        ),
    ]
    yield from problems or [ok(f"{len(found)} alarms, all switched on, none rings")]


def _first_step(description: str) -> str:
    """What the alarm's own description says is to be done, and where it says more."""
    _, mark, step = " ".join(description.split()).partition("First: ")
    return f"first: {step}" if mark else description


def subscriptions(look: Look) -> Iterator[Finding]:
    """Whether anybody is told of alarms."""
    topic = look.physical("AlarmTopic")
    found = look.ask_all("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic)
    confirmed = [one for one in found if one["SubscriptionArn"] not in _CONFIRMATIONS]
    pending = len([one for one in found if one["SubscriptionArn"] == "PendingConfirmation"])
    subscribe = (
        f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint …, "
        "or deploy with AlarmEmail"
    )
    waiting = f"{pending} not confirmed"
    confirm = "the link in AWS's message confirms; after three days subscribe again"
    if not found:
        yield warning("nobody is told of alarms", subscribe)
    elif not confirmed:
        yield warning(f"nobody is told of alarms: {waiting}", confirm)
    elif pending:
        yield warning(f"{len(confirmed)} confirmed, {waiting}", confirm)
    else:
        yield ok(f"{len(confirmed)} confirmed")
