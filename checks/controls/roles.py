"""Least privilege: where rights come from, who takes a role, and who may start the function."""

from typing import Final

from checks.controls.model import (
    ABSENT,
    Control,
    Resources,
    Rule,
    Standards,
    Where,
    allow,
)
from checks.controls.names import (
    ACCOUNT,
    checkov,
    guard,
    nag,
    on_a_stack,
    service,
    unit,
)

_POLICY: Final = "TransactionProcessorPolicy"
_PERMISSION: Final = "TransactionProcessorFunctionFileUploadedPermission"


def _rights_outside_policies(resources: Resources) -> list[str]:
    """Roles with rights that no policy of this template holds."""
    own = {
        f"policy/{resource['Properties']['ManagedPolicyName']}"
        for resource in resources.values()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
    }
    return [
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::IAM::Role"
        and (
            "Policies" in resource["Properties"]
            or any(
                arn.rpartition(":")[2] not in own
                for arn in resource["Properties"]["ManagedPolicyArns"]
            )
        )
    ]


def _other_identities(resources: Resources) -> list[str]:
    """Identities that carry long-lived credentials, or rights without a role."""
    kinds = {f"AWS::IAM::{kind}" for kind in ("AccessKey", "Group", "Policy", "User")}
    return [name for name, resource in resources.items() if resource["Type"] in kinds]


ROLES: Final = (
    Control(
        id="IAM-3",
        title="Rights stand in this template's own policies, and nowhere else",
        threat="A right comes from an inline or AWS-managed policy that nobody reviews",
        standards=Standards(pci=("7.2.1",), nist=("AC-2", "AC-6"), security_hub=("IAM.1", "KMS.2")),
        where=(
            Where("TransactionProcessorFunction.Role", "${LambdaExecutionRole.Arn}"),
            Where("LambdaExecutionRole.ManagedPolicyArns", [f"${{{_POLICY}}}"]),
            Where("LambdaExecutionRole.Policies", ABSENT),
        ),
        rules=(
            Rule("Every role has managed policies of this template only", _rights_outside_policies),
            Rule("No user, group, access key or inline policy exists", _other_identities),
        ),
        proof=(
            *unit("template_defects_processing", "20_rights_are_this_projects_own_policies"),
            *on_a_stack(
                "function", "the_role_has_one_policy_of_its_own_and_no_wildcard_but_for_interfaces"
            ),
            *nag("IAM4", "IAMNoInlinePolicy"),
            *guard(
                "roles_have_no_policies_of_their_own_or_of_aws",
                "resources_are_of_types_that_were_decided_on",
            ),
        ),
    ),
    Control(
        id="IAM-4",
        title="Only the Lambda service takes the function's role",
        threat="Somebody of the account takes the function's role and reads with it",
        standards=Standards(pci=("7.2.1",), nist=("AC-3", "AC-6")),
        where=(
            Where(
                "LambdaExecutionRole/LetLambdaRunAsThisRole",
                allow("sts:AssumeRole", to=service("lambda")),
            ),
        ),
        proof=(
            *unit("policy_roles", "roles_are_taken_on_by_their_service_only"),
            *checkov(60, 61),
        ),
    ),
    Control(
        id="IAM-6",
        title="Only this account's S3 starts the function",
        threat="Another account makes the function work on events that it invents",
        standards=Standards(
            pci=("7.2.1",), nist=("AC-3", "AC-6"), security_hub=("Lambda.1", "S3.11")
        ),
        where=(
            Where(f"{_PERMISSION}.Action", "lambda:InvokeFunction"),
            Where(f"{_PERMISSION}.Principal", "s3.amazonaws.com"),
            Where(f"{_PERMISSION}.SourceAccount", ACCOUNT),
            Where(f"{_PERMISSION}.FunctionName", "${TransactionProcessorFunction}"),
            Where(
                "TransactionDataBucket.NotificationConfiguration",
                {
                    "LambdaConfigurations": [
                        {
                            "Event": "s3:ObjectCreated:*",
                            "Function": "${TransactionProcessorFunction.Arn}",
                        }
                    ]
                },
                words="every `s3:ObjectCreated:*` goes to the function",
            ),
        ),
        proof=(
            *unit("policy_roles", "function_is_called_by_s3_of_this_account_only"),
            *unit("template_defects", "01_bucket_notifies_the_function_and_may_call_it"),
            *on_a_stack("function", "only_s3_for_this_account_may_invoke_the_function"),
            *nag("LambdaFunctionPublicAccessProhibited"),
            *guard("only_this_accounts_s3_calls_the_function", "uploads_start_the_processor"),
        ),
    ),
)
