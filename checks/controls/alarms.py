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
    threshold: Json = 1,
    lasting: tuple[int, int] | None = None,
) -> tuple[Where, ...]:
    """An alarm that rings once its metric reaches a threshold within its period.

    Args:
        name: Logical id.
        namespace: Of the metric.
        metric: Its name.
        dimensions: Its dimensions; none for the metric of a filter.
        statistic: What is made of the values of one period.
        period_s: Its length.
        threshold: What is reached.
        lasting: In how many of how many periods in a row, where one alone is not enough.
    """
    rings, of = lasting or (None, 1)
    values: dict[str, Json] = {
        "Namespace": namespace,
        "MetricName": metric,
        "Statistic": statistic,
        "Period": period_s,
        "EvaluationPeriods": of,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": ["${AlarmTopic}"],
    }
    if rings is not None:
        values["DatapointsToAlarm"] = rings
    if dimensions:
        values["Dimensions"] = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    reached = f"the first {metric}" if threshold == 1 else f"{metric} of {threshold}"
    often = f"{rings} of {of} times " if rings else ""
    words = f"rings at {reached} {often}within {_PERIODS[period_s]}, and tells AlarmTopic"
    return tuple(Where(f"{name}.{key}", value, words=words) for key, value in values.items())
