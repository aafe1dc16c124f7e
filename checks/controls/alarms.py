"""How every alarm of the stack is set."""

from collections.abc import Mapping
from typing import Final

from checks.controls.model import Json, Where

_PERIODS: Final = {300: "five minutes", 3600: "an hour"}


def alarm(  # noqa: PLR0913  Each is a property of the alarm, and has its name.
    name: str,
    namespace: str,
    metric: str,
    dimensions: Mapping[str, str],
    *,
    statistic: str = "Sum",
    period_s: int = 300,
) -> tuple[Where, ...]:
    """An alarm that rings at the first occurrence within its period."""
    values: dict[str, Json] = {
        "Namespace": namespace,
        "MetricName": metric,
        "Statistic": statistic,
        "Period": period_s,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": ["${AlarmTopic}"],
    }
    if dimensions:
        values["Dimensions"] = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    words = f"rings at the first {metric} within {_PERIODS[period_s]}, and tells AlarmTopic"
    return tuple(Where(f"{name}.{key}", value, words=words) for key, value in values.items())
