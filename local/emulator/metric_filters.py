# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Metric filters count what log groups take; MiniStack keeps them and reads no event.

A filter whose pattern, dimensions or value are not known here is refused when it is put, so that a
deployment fails instead of an alarm that never rings. `FilterLogEvents` takes the same patterns.

Source: CloudWatch Logs User Guide, "Creating metrics from log events using filters"; API Reference,
"MetricTransformation": the default value is what is published for a minute in which events came
and none of them matched.
"""

import time
from typing import Any

from ministack.services import cloudwatch_logs

from local.emulator import metrics
from local.emulator.filter_patterns import UnknownPattern, compiled
from local.emulator.metrics import Metric

_DEFAULT_SECONDS = 60.0


def install() -> None:
    """Refuse unknown filters, count, and search by JSON patterns."""
    _complete_put()
    _complete_search()
    original = cloudwatch_logs._fanout_to_subscription_filters

    def fan_out(group_name: str, stream_name: str, events: list[dict[str, Any]]) -> None:
        for metric_filter in cloudwatch_logs._metric_filters.values():
            if metric_filter["logGroupName"] == group_name:
                _count(metric_filter, [str(event["message"]) for event in events])
        original(group_name, stream_name, events)

    cloudwatch_logs._fanout_to_subscription_filters = fan_out


def _count(metric_filter: dict[str, Any], messages: list[str]) -> None:
    passes = compiled(metric_filter["filterPattern"])
    count = sum(passes(message) for message in messages)
    for transformation in metric_filter["metricTransformations"]:
        metric = Metric(
            transformation["metricNamespace"],
            transformation["metricName"],
            unit=transformation.get("unit", "None"),
        )
        for _ in range(count):
            metrics.put(metric, float(transformation["metricValue"]))
        default = transformation.get("defaultValue")
        if messages and not count and default is not None and not _is_fresh(metric):
            metrics.put(metric, float(default))


def _is_fresh(metric: Metric) -> bool:
    points = metrics.points(metric)
    return bool(points) and time.time() - points[-1]["Timestamp"] < _DEFAULT_SECONDS


def _complete_put() -> None:
    original = cloudwatch_logs._put_metric_filter

    def put_metric_filter(data: dict[str, Any]) -> Any:
        reason = refusal(data)
        return _error(reason) if reason else original(data)

    cloudwatch_logs._put_metric_filter = put_metric_filter


def refusal(data: dict[str, Any]) -> str | None:
    """Why a filter cannot be served here, None if it can.

    Args:
        data: As PutMetricFilter has it.
    """
    try:
        compiled(data.get("filterPattern", ""))
    except UnknownPattern as error:
        return str(error)
    for transformation in data.get("metricTransformations", []):
        if transformation.get("dimensions"):
            return "metric filters have no dimensions here"
        try:
            float(transformation["metricValue"])
        except ValueError:
            return f"a metric's value is a number here, not {transformation['metricValue']!r}"
    return None


def _complete_search() -> None:
    original_compile = cloudwatch_logs._compile_filter_pattern
    original_search = cloudwatch_logs._filter_log_events

    def compile_filter_pattern(raw: str) -> Any:
        is_json = (raw or "").strip().startswith("{")
        return compiled(raw.strip()) if is_json else original_compile(raw)

    def filter_log_events(data: dict[str, Any]) -> Any:
        try:
            return original_search(data)
        except UnknownPattern as error:
            return _error(str(error))

    cloudwatch_logs._compile_filter_pattern = compile_filter_pattern
    cloudwatch_logs._filter_log_events = filter_log_events


def _error(message: str) -> Any:
    return cloudwatch_logs.error_response_json("InvalidParameterException", message, 400)
