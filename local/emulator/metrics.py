# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Metrics of CloudWatch, as the emulator's own services put them.

All of them are put on the event loop's thread, where the requests are served. MiniStack puts them
from the functions' threads as well, while a request may be throwing old ones away, and loses some.
"""

import asyncio
import contextvars
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.services import cloudwatch

#: CloudWatch keeps a gauge's samples of one minute as one statistic set.
GAUGE_SECONDS = 60

_KEPT_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True)
class Metric:
    """A name in a namespace, with its dimensions."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    unit: str = "Count"

    @property
    def key(self) -> tuple[str, str, str]:
        """By which MiniStack keeps its points."""
        return self.namespace, self.name, cloudwatch._dims_key(dict(self.dimensions))


class _Loop:
    """The event loop that serves requests, once there is one."""

    running: asyncio.AbstractEventLoop | None = None


def install() -> None:
    """Put MiniStack's own metrics on the loop's thread, and throw old points away in place."""

    def record_metric(
        namespace: str,
        metric_name: str,
        value: float,
        unit: str = "None",
        dimensions: dict[str, str] | None = None,
    ) -> None:
        put(Metric(namespace, metric_name, dimensions or {}, unit), value)

    cloudwatch.record_metric = record_metric
    cloudwatch._evict_old_metrics = _evict


def serve_on(loop: asyncio.AbstractEventLoop) -> None:
    """Name the loop that serves requests."""
    _Loop.running = loop


def points(metric: Metric) -> list[dict[str, Any]]:
    """The points of a metric, in the order in which they came."""
    found: list[dict[str, Any]] = cloudwatch._metrics.get(metric.key) or []
    return found


def put(metric: Metric, value: float, at: float | None = None) -> None:
    """Put one value, of the caller's account and region.

    Args:
        metric: What it is of.
        value: In the metric's unit.
        at: When it was, in seconds; None for now.
    """
    point = _point(metric, time.time() if at is None else at) | {"Value": float(value)}
    _on_the_loop(lambda: cloudwatch._metric_bucket(metric.key).append(point))


def measure(metric: Metric, value: float, now: float) -> None:
    """Put a sample of something that has a value at all times; a minute's samples are one point.

    On the loop's thread only.
    """
    bucket = cloudwatch._metric_bucket(metric.key)
    minute = now - now % GAUGE_SECONDS
    if not bucket or bucket[-1]["Timestamp"] < minute or "_stat" not in bucket[-1]:
        bucket.append(_point(metric, now) | {"Value": value, "_stat": _statistics([value])})
        return
    before = bucket[-1]["_stat"]
    count = before["SampleCount"] + 1
    bucket[-1]["_stat"] = {
        "SampleCount": count,
        "Sum": before["Sum"] + value,
        "Minimum": min(before["Minimum"], value),
        "Maximum": max(before["Maximum"], value),
    }
    bucket[-1]["Value"] = bucket[-1]["_stat"]["Sum"] / count


def _statistics(values: list[float]) -> dict[str, float]:
    return {
        "SampleCount": float(len(values)),
        "Sum": sum(values),
        "Minimum": min(values),
        "Maximum": max(values),
    }


def _point(metric: Metric, at: float) -> dict[str, Any]:
    return {"Timestamp": at, "Unit": metric.unit, "Dimensions": dict(metric.dimensions)}


def _on_the_loop(action: Callable[[], None]) -> None:
    """Do it now, if this is the loop's thread or there is no loop, else as the loop's next task."""
    loop = _Loop.running
    if loop is None or _loop_of_this_thread() is loop:
        action()
    else:
        loop.call_soon_threadsafe(action, context=contextvars.copy_context())


def _loop_of_this_thread() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _evict() -> None:
    oldest = time.time() - _KEPT_SECONDS
    for bucket in cloudwatch._metrics.values():
        while bucket and bucket[0]["Timestamp"] < oldest:
            del bucket[0]
