"""Which events a trail selects, by basic or advanced selectors.

Source: CloudTrail API Reference, "EventSelector", "AdvancedFieldSelector".
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.emulator.trail_events import Served

_OPERATORS: Mapping[str, Callable[[str, Sequence[str]], bool]] = {
    "Equals": lambda value, wanted: value in wanted,
    "StartsWith": lambda value, wanted: value.startswith(tuple(wanted)),
    "EndsWith": lambda value, wanted: value.endswith(tuple(wanted)),
    "NotEquals": lambda value, wanted: value not in wanted,
    "NotStartsWith": lambda value, wanted: not value.startswith(tuple(wanted)),
    "NotEndsWith": lambda value, wanted: not value.endswith(tuple(wanted)),
}


def selects(selectors: Sequence[Mapping[str, Any]], served: Served) -> bool:
    """Whether one of a trail's selectors selects a call."""
    return any(
        _advanced(selector["FieldSelectors"], served)
        if "FieldSelectors" in selector
        else _basic(selector, served)
        for selector in selectors
    )


def _resource(served: Served) -> str:
    """The ARN that selectors compare: a bucket's own calls count as of its objects."""
    is_bucket = served.service == "s3" and "/" not in served.resource
    return f"{served.resource}/" if is_bucket else served.resource


def _basic(selector: Mapping[str, Any], served: Served) -> bool:
    wanted = selector.get("ReadWriteType", "All")
    if wanted not in {"All", "ReadOnly" if served.is_read else "WriteOnly"}:
        return False
    if served.data_type is not None:
        return any(
            each["Type"] == served.data_type
            and _resource(served).startswith(tuple(each.get("Values") or ()))
            for each in selector.get("DataResources") or ()
        )
    excluded = selector.get("ExcludeManagementEventSources") or ()
    source = f"{served.service}.amazonaws.com"
    return bool(selector.get("IncludeManagementEvents", True)) and source not in excluded


def _advanced(fields: Sequence[Mapping[str, Any]], served: Served) -> bool:
    values = {
        "eventCategory": "Management" if served.data_type is None else "Data",
        "eventName": served.name,
        "eventSource": f"{served.service}.amazonaws.com",
        "readOnly": str(served.is_read).lower(),
        "resources.type": served.data_type or "",
        "resources.ARN": _resource(served),
    }
    return all(
        matches(values[field["Field"]], field[name])
        for field in fields
        for name, matches in _OPERATORS.items()
        if field.get(name)
    )
