"""Which findings of the gates the template suppresses, with the reason beside the resource."""

from dataclasses import dataclass
from typing import Final

from checks.controls.model import Json

# Metadata that suppresses nothing.
_OTHER: Final = {"SamResourceId", "SamTransformMetrics", "BuildMethod", "BuildProperties"}
# Tool -> key of its list in Metadata, key of an entry's reason. Sources: checkov, "Suppressing and
# skipping policies"; cdk-nag, "Suppressing a rule" for CfnInclude; the others are this project's.
_SHAPES: Final = {
    "checkov": ("skip", "comment"),
    "cdk_nag": ("rules_to_suppress", "reason"),
    "guard": ("rules_to_suppress", "reason"),
}


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
    listed = []
    for resource, definition in template["Resources"].items():
        for tool, content in definition.get("Metadata", {}).items():
            if tool in _OTHER:
                continue
            if tool not in _SHAPES:
                raise ValueError(f"{resource} has Metadata of a tool without a rule: {tool}")
            entries, reason = _SHAPES[tool]
            if content.keys() != {entries}:
                raise ValueError(f"{resource} has other Metadata of {tool} than {entries}")
            listed += [
                Suppression(entry["id"], resource, tool, entry[reason].strip())
                for entry in content[entries]
            ]
    return sorted(listed)
