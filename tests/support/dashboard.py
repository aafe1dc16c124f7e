"""What CloudWatch's reference says of a dashboard's body, and what a metric in it names.

Sources: CloudWatch API Reference, "Dashboard Body Structure and Syntax",
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final, NamedTuple

type Json = Any  # a part of the body; its shape is what is asked here

COLUMNS: Final = 24
WIDGETS_MAX: Final = 500
HEIGHT_MAX: Final = 1000
ALARMS_MAX: Final = 100

_FIELDS: Final = {"start", "end", "periodOverride", "widgets", "variables"}
_WIDGET: Final = {"type", "x", "y", "width", "height", "properties"}
# Of each type of widget that is used: what it must have, and what it may have.
_PROPERTIES: Final = {
    "alarm": ({"alarms"}, {"sortBy", "states", "title"}),
    "log": ({"query", "region"}, {"title", "view", "stacked", "accountId"}),
    "metric": (
        {"metrics", "region"},
        {
            *("accountId", "annotations", "legend", "liveData", "period", "sparkline", "stacked"),
            *("stat", "table", "timezone", "title", "view", "yAxis", "setPeriodToTimeRange"),
        },
    ),
}
_VIEWS: Final = {
    "log": {"table", "timeSeries", "bar", "pie"},
    "metric": {"timeSeries", "singleValue", "gauge", "bar", "pie", "table"},
}
_SORT_BY: Final = {"default", "stateUpdatedTimestamp", "timestamp"}
_OPTIONS: Final = {"color", "label", "period", "stat", "visible", "yAxis"}
_STATISTICS: Final = {"SampleCount", "Average", "Sum", "Minimum", "Maximum", "p50", "p90", "p99"}
_SIDES: Final = {"left", "right"}


class Graphed(NamedTuple):
    """A metric as a widget names it, with nothing repeated or left out."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]
    statistic: str


def objections(body: Json) -> list[str]:
    """What of a body is not as the reference says; none if all is."""
    return [
        *(f"unknown field {name}" for name in sorted(body.keys() - _FIELDS)),
        *(["too many widgets"] if len(body["widgets"]) > WIDGETS_MAX else []),
        *(
            f"{_title(widget)}: {words}"
            for widget in body["widgets"]
            for words in _of_widget(widget)
        ),
        *(
            f"{_title(one)} overlaps {_title(other)}"
            for one, other in combinations(body["widgets"], 2)
            if _cells(one) & _cells(other)
        ),
    ]


def metrics(widget: Json) -> Iterator[Graphed]:
    """The metrics of a widget, each place that repeats the one before it filled in."""
    before: list[str] = []
    for entry in widget["properties"]["metrics"]:
        options = entry[-1] if isinstance(entry[-1], dict) else {}
        places = entry[:-1] if options else entry
        before = [before[number] if place == "." else place for number, place in enumerate(places)]
        namespace, name, *pairs = before
        statistic = options.get("stat", widget["properties"].get("stat", "Average"))
        dimensions = frozenset(zip(pairs[::2], pairs[1::2], strict=True))
        yield Graphed(namespace, name, dimensions, statistic)


def _title(widget: Json) -> str:
    return str(widget["properties"].get("title", widget["type"]))


def _cells(widget: Json) -> set[tuple[int, int]]:
    columns = range(widget["x"], widget["x"] + widget["width"])
    rows = range(widget["y"], widget["y"] + widget["height"])
    return {(x, y) for x in columns for y in rows}


def _of_widget(widget: Json) -> Iterator[str]:
    if widget.keys() != _WIDGET:
        yield f"has {sorted(widget)}"
    if not (widget["x"] >= 0 and 1 <= widget["width"] <= COLUMNS - widget["x"]):
        yield "does not fit into the columns"
    if not (widget["y"] >= 0 and 1 <= widget["height"] <= HEIGHT_MAX):
        yield "has an odd height"
    kind, properties = widget["type"], widget["properties"]
    required, optional = _PROPERTIES[kind]
    if not required <= properties.keys() <= required | optional:
        yield f"has the properties {sorted(properties)}"
    if kind in _VIEWS and properties["view"] not in _VIEWS[kind]:
        yield f"is no {properties['view']}"
    if kind == "alarm":
        yield from _of_alarms(properties)
    if kind == "metric":
        yield from _of_metrics(widget)
    if kind == "log" and not properties["query"].startswith("SOURCE '"):
        yield "names no log group"


def _of_alarms(properties: Json) -> Iterator[str]:
    if not 1 <= len(properties["alarms"]) <= ALARMS_MAX:
        yield "has too many alarms, or none"
    if properties["sortBy"] not in _SORT_BY:
        yield f"is not sorted by {properties['sortBy']}"


def _of_metrics(widget: Json) -> Iterator[str]:
    properties = widget["properties"]
    # One second, or five, ten, thirty, or whole minutes.
    if properties["period"] % 60:
        yield "has an odd period"
    for entry in properties["metrics"]:
        options = entry[-1] if isinstance(entry[-1], dict) else {}
        if not options.keys() <= _OPTIONS or options.get("yAxis", "left") not in _SIDES:
            yield f"has the options {options}"
    yield from (
        f"has no statistic {one.statistic}"
        for one in metrics(widget)
        if one.statistic not in _STATISTICS
    )
    for side, bounds in properties.get("yAxis", {}).items():
        if side not in _SIDES or not bounds.keys() <= {"label", "min", "max", "showUnits"}:
            yield f"has the axis {side}: {bounds}"
    for line in properties.get("annotations", {}).get("horizontal", []):
        if not isinstance(line["value"], int | float):
            yield f"draws a line at {line['value']!r}, which is no number"
        if not line.keys() <= {"value", "label", "color", "fill", "visible", "yAxis"}:
            yield f"draws {line}"
