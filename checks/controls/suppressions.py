"""Which findings of the gates the template suppresses, with the reason beside the resource."""

from dataclasses import dataclass
from typing import Final

from checks.controls.model import Json
from checks.suppressions import SHAPES, in_template

# Metadata that suppresses nothing.
_OTHER: Final = {"SamResourceId", "SamTransformMetrics", "BuildMethod", "BuildProperties"}


@dataclass(frozen=True, slots=True, order=True)
class Suppression:
    """One finding of one gate on one resource that is not acted on.

    Attributes:
        rule: Id of the rule, as the tool prints it.
        resource: Logical id in the template.
        tool: Name of the gate.
        reason: Why, as a sentence about this system.
    """

    rule: str
    resource: str
    tool: str
    reason: str


def suppressions(template: Json) -> list[Suppression]:
    """All of them, by rule.

    Args:
        template: The template as it is written, not after the SAM transform.

    Raises:
        ValueError: Metadata has a shape that is not known here. It might suppress something that
            the list would not show.
    """
    for resource, definition in template["Resources"].items():
        for tool, content in definition.get("Metadata", {}).items():
            if tool not in SHAPES.keys() | _OTHER:
                raise ValueError(f"{resource} has Metadata of a tool without a rule: {tool}")
            if tool in SHAPES and content.keys() != {SHAPES[tool][0]}:
                raise ValueError(f"{resource} has other Metadata of {tool} than {SHAPES[tool][0]}")
    return sorted(
        Suppression(one.rule, one.where, tool, one.reason)
        for tool in SHAPES
        for one in in_template(template, tool)
    )
