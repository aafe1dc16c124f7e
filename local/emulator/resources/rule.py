"""AWS::Events::Rule: MiniStack keeps the targets as they are, and describes them so.

Source: CloudFormation Template Reference, "AWS::Events::Rule".
"""

from local.emulator.stacks import Attributes, Completions, Resource


def register(completions: Completions) -> None:
    """Complete rules."""
    completions.after("AWS::Events::Rule", _complete)


def _complete(resource: Resource) -> Attributes:
    for target in resource.properties.get("Targets") or []:
        target.see_everything()
        if "RetryPolicy" in target:
            resource.not_emulated(
                "Targets.RetryPolicy", "shown, but delivery never fails for a while here"
            )
    return {}
