# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Alarms are evaluated: every second, and before they are described.

MiniStack evaluates them when somebody puts a metric, looks at no dimension, and leaves an alarm
without data as it is. Here the periods are counted back from now, so that an alarm rings as soon as
its condition holds, and is OK again when the last point behind it is older than its periods. The
real CloudWatch aligns the periods to the clock, and is minutes late.

An alarm that somebody set by `SetAlarmState` stays so for some seconds, as long as a person needs
to see it; then its condition decides again.

Sources: CloudWatch User Guide, "Evaluating an alarm", "Configuring how CloudWatch alarms treat
missing data"; CloudWatch API Reference, "PutMetricAlarm", "SetAlarmState".
"""

import logging
import math
import operator
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local.emulator import metrics
from local.emulator.metrics import Metric

log = logging.getLogger("local.alarms")

#: How long a state that was set by hand is left alone.
SET_STATE_SECONDS = 10.0

_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}

#: Points come in the order of their time, but for those that a function logs at its end.
_LATE_SECONDS_MAX = 900

#: By the alarm's ARN, until when its state was set by hand.
_set_until: dict[str, float] = {}


@dataclass(frozen=True)
class _Judged:
    """What an alarm was judged by, and until when that holds if nothing of it changes.

    An alarm is looked at every second, and its metric may have thousands of points.
    """

    alarm: dict[str, Any]
    state: str
    points: tuple[int, float]
    until: float

    def still_holds(self, alarm: dict[str, Any], points: tuple[int, float], now: float) -> bool:
        """Whether nothing changed: neither alarm, state, metric, nor what lies in the periods."""
        same = (self.state, self.points) == (alarm["StateValue"], points)
        return same and self.alarm is alarm and now < self.until


_judged: dict[str, _Judged] = {}


def install() -> None:
    """Evaluate as above wherever MiniStack evaluates, and before alarms are described."""
    cloudwatch._evaluate_alarm = evaluate
    for name in ("_describe_alarms", "_describe_alarms_for_metric", "_describe_alarm_history"):
        setattr(cloudwatch, name, _after_evaluation(getattr(cloudwatch, name)))
    original = cloudwatch._set_alarm_state

    def set_alarm_state(parameters: Any, data: Any, *protocol: Any) -> Any:
        name = data.get("AlarmName") or cloudwatch._p(parameters, "AlarmName")
        alarm = cloudwatch._alarms.get(name)
        if alarm:
            _set_until[alarm["AlarmArn"]] = time.time() + SET_STATE_SECONDS
        return original(parameters, data, *protocol)

    cloudwatch._set_alarm_state = set_alarm_state


def evaluate_all() -> None:
    """Evaluate the alarms of every account and region."""
    for (account, region, _name), alarm in cloudwatch._alarms.all_items():
        with request_scope(account, region):
            evaluate(alarm)


def evaluate(alarm: dict[str, Any], at: float | None = None) -> None:
    """Evaluate one alarm of the caller's account and region; tell of a change as MiniStack does.

    Args:
        alarm: As MiniStack keeps it.
        at: Where its newest period ends, in seconds; None for now.
    """
    now = time.time() if at is None else at
    if not alarm.get("MetricName") or now < _set_until.get(alarm["AlarmArn"], 0):
        return
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []}
    metric = Metric(alarm["Namespace"], alarm["MetricName"], dimensions)
    points = metrics.points(metric)
    before, seen = _judged.get(alarm["AlarmArn"]), _fingerprint(points)
    if before and before.still_holds(alarm, seen, now):
        return
    recent = _recent(alarm, points, now)
    found = judge(alarm, recent, now)
    old_state = alarm["StateValue"]
    state = found[0] if found else old_state
    _judged[alarm["AlarmArn"]] = _Judged(alarm, state, seen, _next_change(alarm, recent, now))
    if found is None or state == old_state:
        return
    alarm["StateValue"], alarm["StateReason"] = found
    alarm["StateUpdatedTimestamp"] = int(now)
    cloudwatch._record_history(alarm["AlarmName"], old_state, *found)
    cloudwatch._dispatch_alarm_actions(alarm, old_state, *found)
    cloudwatch._evaluate_parent_alarms(alarm)


def _fingerprint(points: Sequence[dict[str, Any]]) -> tuple[int, float]:
    """Points are added at the end, or the last one takes another sample."""
    return len(points), points[-1].get("_stat", {}).get("SampleCount", 0) if points else 0


def _recent(
    alarm: dict[str, Any], points: Sequence[dict[str, Any]], now: float
) -> list[dict[str, Any]]:
    """Those that may lie in the alarm's periods; all others are passed over from the end."""
    seconds = int(alarm["Period"]) * int(alarm["EvaluationPeriods"]) + _LATE_SECONDS_MAX
    found = []
    for point in reversed(points):
        if now - point["Timestamp"] > seconds:
            break
        found.append(point)
    return found


def _next_change(alarm: dict[str, Any], points: Sequence[dict[str, Any]], now: float) -> float:
    """When the first of some points leaves the period that it is in."""
    period, periods = int(alarm["Period"]), int(alarm["EvaluationPeriods"])
    ages = (now - point["Timestamp"] for point in points)
    ends = (now - age + (age // period + 1) * period for age in ages if age < period * periods)
    return min(ends, default=math.inf)


def judge(
    alarm: dict[str, Any], points: Sequence[dict[str, Any]], now: float
) -> tuple[str, str] | None:
    """The state that an alarm has by its metric, and why; None to leave it as it is.

    Args:
        alarm: As PutMetricAlarm has it.
        points: The metric's, in any order.
        now: Where the newest period ends, in seconds.
    """
    compare = _COMPARISONS.get(alarm["ComparisonOperator"])
    if compare is None:
        log.error("%s: no %s here", alarm["AlarmName"], alarm["ComparisonOperator"])
        return None
    values = _values(alarm, points, now)
    known = [value for value in values if value is not None]
    breaching = [value for value in known if compare(value, alarm["Threshold"])]
    missing = len(values) - len(known)
    treatment = alarm.get("TreatMissingData") or "missing"
    if not known and treatment in {"missing", "ignore"}:
        reason = f"Insufficient Data: no datapoints in {len(values)} periods."
        return None if treatment == "ignore" else ("INSUFFICIENT_DATA", reason)
    needed = alarm.get("DatapointsToAlarm") or len(values)
    count = len(breaching) + (missing if treatment == "breaching" else 0)
    # Where what is missing says nothing, the rest decides alone.
    if treatment == "missing":
        needed = min(needed, len(known))
    elif treatment == "ignore" and count < needed <= count + missing:
        return None
    rings = count >= needed
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    reason = (
        f"Threshold {'Crossed' if rings else 'not crossed'}: {statistic} of the last"
        f" {len(values)} periods {values}, {missing} missing and treated as {treatment}; "
        f"{alarm['ComparisonOperator']} {alarm['Threshold']} for {needed} of them rings."
    )
    return ("ALARM" if rings else "OK"), reason


def _values(
    alarm: dict[str, Any], points: Sequence[dict[str, Any]], now: float
) -> list[float | None]:
    """The statistic of each period, the newest first; None where there is no point."""
    period = int(alarm["Period"])
    periods: list[list[dict[str, Any]]] = [[] for _ in range(int(alarm["EvaluationPeriods"]))]
    for point in points:
        age = max(0, int((now - point["Timestamp"]) // period))
        if age < len(periods) and alarm.get("Unit") in {None, point["Unit"]}:
            periods[age].append(point)
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    return [
        cloudwatch._stat_value(cloudwatch._calc_stats(each), statistic, each) if each else None
        for each in periods
    ]


def _after_evaluation(describe: Any) -> Any:
    def described(*arguments: Any) -> Any:
        for alarm in cloudwatch._alarms.values():
            evaluate(alarm)
        return describe(*arguments)

    return described
