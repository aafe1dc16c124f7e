"""What tests ask of the stack's alarms, their metrics and the trail's log group."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.delivery import wait_for
from tests.integration.deployed import Json, Stack, client

SECONDS_MAX = 30.0
WINDOW_SECONDS = 3 * 3600
"""Longer than any run of the tests: nothing that was counted leaves it meanwhile."""


def alarm(stack: Stack, logical_id: str) -> Json:
    """An alarm of the stack as it is now."""
    name = stack.resources[logical_id]
    (found,) = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    described: Json = found
    return described


def rings(stack: Stack, logical_id: str) -> bool:
    """Whether an alarm rings, soon."""

    def ask() -> bool | None:
        return alarm(stack, logical_id)["StateValue"] == "ALARM" or None

    return bool(wait_for(ask, SECONDS_MAX))


def sum_of(namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> float:
    """What a metric comes to since these tests began, over all its minutes."""
    answer = client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "one",
                "MetricStat": {
                    "Metric": {
                        "Namespace": namespace,
                        "MetricName": name,
                        "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
                    },
                    "Period": 60,
                    "Stat": statistic,
                },
            }
        ],
        StartTime=time.time() - WINDOW_SECONDS,
        EndTime=time.time() + 1,
    )
    return float(sum(answer["MetricDataResults"][0]["Values"]))


@contextmanager
def counted_in(stack: Stack, logical_id: str, least: float = 1) -> Iterator[None]:
    """Checks that what is done meanwhile raises the metric of an alarm, and that it rings."""
    described = alarm(stack, logical_id)
    dimensions = {each["Name"]: each["Value"] for each in described["Dimensions"]}

    def count() -> float:
        return sum_of(described["Namespace"], described["MetricName"], **dimensions)

    before = count()
    yield
    assert wait_for(lambda: count() >= before + least or None, SECONDS_MAX)
    assert rings(stack, logical_id)


def trail_events(stack: Stack, pattern: str, since: float) -> list[Json]:
    """The trail's events that match a pattern, since a time in seconds."""
    pages = (
        client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=stack.resources["TrailLogGroup"],
            filterPattern=pattern,
            startTime=int(since * 1000),
        )
    )
    return [json.loads(event["message"]) for page in pages for event in page["events"]]
