"""How every alarm of the stack is set."""

from collections.abc import Mapping

from checks.controls.model import Json, Where


def alarm(
    name: str, namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str = "Sum"
) -> tuple[Where, ...]:
    """An alarm that rings at the first occurrence within five minutes."""
    values: dict[str, Json] = {
        "Namespace": namespace,
        "MetricName": metric,
        "Statistic": statistic,
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": ["${AlarmTopic}"],
    }
    if dimensions:
        values["Dimensions"] = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    words = f"rings at the first {metric} within five minutes, and tells AlarmTopic"
    return tuple(Where(f"{name}.{key}", value, words=words) for key, value in values.items())
