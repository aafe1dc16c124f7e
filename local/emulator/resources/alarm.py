"""AWS::CloudWatch::Alarm: MiniStack keeps the dimensions as they are, and describes them so.

Source: CloudFormation Template Reference, "AWS::CloudWatch::Alarm".
"""

from local.emulator.stacks import Attributes, Completions, Resource


def register(completions: Completions) -> None:
    """Complete alarms."""
    completions.after("AWS::CloudWatch::Alarm", _complete)


def _complete(resource: Resource) -> Attributes:
    for dimension in resource.properties.get("Dimensions") or []:
        dimension.see_everything()
    return {}
