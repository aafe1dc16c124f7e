"""AWS::SNS::Topic: its key.

Source: CloudFormation Template Reference, "AWS::SNS::Topic".
"""

from local.emulator.stacks import Attributes, Completions, Resource


def register(completions: Completions) -> None:
    """Complete topics."""
    completions.after("AWS::SNS::Topic", _complete)


def _complete(resource: Resource) -> Attributes:
    key = resource.properties.get("KmsMasterKeyId")
    if key:
        resource.aws("sns").set_topic_attributes(
            TopicArn=resource.physical_id, AttributeName="KmsMasterKeyId", AttributeValue=key
        )
        resource.completed("KmsMasterKeyId")
    return {}
