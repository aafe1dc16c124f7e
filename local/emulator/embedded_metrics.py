# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Metrics that stand in log lines, in the embedded metric format (EMF).

Source: CloudWatch User Guide, "Specification: Embedded metric format".
"""

import json
import logging
import numbers
from collections.abc import Iterator
from typing import Any

from ministack.services import cloudwatch_logs

from local.emulator import metrics
from local.emulator.metrics import Metric

log = logging.getLogger("local.embedded_metrics")


def install() -> None:
    """Read every event that a log group takes, whoever puts it there."""
    original = cloudwatch_logs._fanout_to_subscription_filters

    def fan_out(group_name: str, stream_name: str, events: list[dict[str, Any]]) -> None:
        for event in events:
            for metric, value, at in embedded(event["message"]):
                metrics.put(metric, value, at)
        original(group_name, stream_name, events)

    cloudwatch_logs._fanout_to_subscription_filters = fan_out


def embedded(message: str) -> list[tuple[Metric, float, float]]:
    """The metrics in a log message, each with a value and its time in seconds.

    A message that breaks the format has none; CloudWatch counts those and stores the message.
    """
    # Most lines have none, and need not be parsed to know it.
    if '"CloudWatchMetrics"' not in message or not message.startswith("{"):
        return []
    try:
        document = json.loads(message)
        return list(_read(document, document["_aws"]))
    except (ValueError, KeyError, TypeError) as error:
        log.warning("embedded metrics that cannot be read: %r", error)
        return []


def _read(
    document: dict[str, Any], metadata: dict[str, Any]
) -> Iterator[tuple[Metric, float, float]]:
    at = metadata["Timestamp"] / 1000
    for directive in metadata["CloudWatchMetrics"]:
        sets = [{name: str(document[name]) for name in each} for each in directive["Dimensions"]]
        for definition in directive["Metrics"]:
            found = document[definition["Name"]]
            for dimensions in sets:
                metric = Metric(
                    directive["Namespace"],
                    definition["Name"],
                    dimensions,
                    definition.get("Unit", "None"),
                )
                for value in found if isinstance(found, list) else [found]:
                    if not isinstance(value, numbers.Real):
                        raise TypeError(f"{metric.name} is no number")
                    yield metric, float(value), at
