"""An alarm of the stack as a drill looks at it: whether it rings, of what, and until when."""

import time
from dataclasses import dataclass
from typing import Any, Final

#: Past its end, so that what was measured this very second counts.
_MARGIN_S: Final = 2.0
#: A gauge's samples of one minute are one statistic, dated at the minute's begin.
_GAUGES: Final = ("AWS/SQS",)
_GAUGE_S: Final = 60


@dataclass(frozen=True)
class Value:
    """What a metric came to in a second, or a gauge in a minute."""

    at: float
    value: float


class Alarm:
    """One alarm.

    Args:
        cloudwatch: A client that may describe alarms and read metrics.
        name: Its whole name.
    """

    def __init__(self, cloudwatch: Any, name: str) -> None:
        self._cloudwatch = cloudwatch
        self.name = name

    def described(self) -> dict[str, Any]:
        """The alarm as it is now."""
        (found,) = self._cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
        described: dict[str, Any] = found
        return described

    def rings(self, since: float) -> bool:
        """Whether it rings, and for something that came since a time: not only for what was before.

        Args:
            since: In seconds.
        """
        return self.described()["StateValue"] == "ALARM" and bool(self.breaching(since))

    def breaching(self, since: float) -> list[Value]:
        """What was measured since a time and is at its threshold or above."""
        described = self.described()
        if described["ComparisonOperator"] != "GreaterThanOrEqualToThreshold":
            raise NotImplementedError(f"{self.name}: {described['ComparisonOperator']}")
        values = self._values(described, since)
        return [one for one in values if one.value >= described["Threshold"]]

    @property
    def is_of_a_gauge(self) -> bool:
        """Whether it looks at how much there is, not at how often something came."""
        return self.described()["Namespace"] in _GAUGES

    def condition(self) -> str:
        """When it rings, in words."""
        described = self.described()
        periods = described["EvaluationPeriods"]
        return (
            f"It rings when {described['Statistic']} of {described['MetricName']} is "
            f"{described['Threshold']:g} or more in {described.get('DatapointsToAlarm') or periods}"
            f" of {periods} periods of {described['Period']} s."
        )

    def quiet_at(self, since: float) -> float:
        """When it is OK again, if nothing more comes: its periods hold nothing that breaches then.

        Args:
            since: When to begin to look, in seconds.
        """
        described = self.described()
        last = max((one.at for one in self.breaching(since)), default=since)
        lasts: int = described["Period"] * described["EvaluationPeriods"]
        return last + lasts

    def _values(self, described: dict[str, Any], since: float) -> list[Value]:
        is_gauge = described["Namespace"] in _GAUGES
        period = _GAUGE_S if is_gauge else 1
        metric = {name: described[name] for name in ("Namespace", "MetricName")}
        metric["Dimensions"] = described.get("Dimensions", [])
        stat = {"Metric": metric, "Period": period, "Stat": described["Statistic"]}
        (answer,) = self._cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "values", "MetricStat": stat}],
            StartTime=since // period * period,
            EndTime=time.time() + _MARGIN_S,
        )["MetricDataResults"]
        return [
            Value(at.timestamp(), value)
            for at, value in zip(answer["Timestamps"], answer["Values"], strict=True)
        ]
