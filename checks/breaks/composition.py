"""What the stack is made of."""

from typing import Final

from checks.breaks.model import PROCESSOR, Break, resource

_RESOLVED: Final = "{{resolve:secretsmanager:transaction-processor-config:SecretString:key}}"
_BY_REFERENCE: Final = {
    "Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "LambdaConfigSecret"}, "}}"]]
}
_TYPES: Final = (
    "AWS::CloudFormation::Stack",
    "AWS::Events::EventBus",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::Logs::SubscriptionFilter",
    "AWS::SecretsManager::RotationSchedule",
    "Custom::Anything",
)

BREAKS: Final = (
    *(
        Break("resources_are_of_types_that_were_decided_on", "Another", resource(kind))
        for kind in _TYPES
    ),
    Break(
        "no_secret_is_resolved_into_the_stack",
        "/Outputs/Another",
        {"Value": _RESOLVED, "Description": "The key"},
    ),
    Break("no_secret_is_resolved_into_the_stack", "/Outputs/Another", {"Value": _BY_REFERENCE}),
    Break(
        "no_secret_is_resolved_into_the_stack",
        f"{PROCESSOR}/Environment/Variables/POWERTOOLS_SERVICE_NAME",
        _RESOLVED,
    ),
    Break("no_secret_is_resolved_into_the_stack", f"{PROCESSOR}/Description", _BY_REFERENCE),
)
