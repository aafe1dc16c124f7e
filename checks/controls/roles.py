"""Least privilege: where rights come from, who takes a role, and who may start the function."""

from typing import Final

from checks.controls.model import (
    ABSENT,
    Control,
    Json,
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
_TASKS_ONLY: Final = {"S3Key": {"Rules": [{"Name": "prefix", "Value": "work/"}]}}


def _permission(name: str, principal: str, narrowed: str, to: str) -> tuple[Where, ...]:
    """What a service may do to the function, and the one key that narrows it."""
    values = {
        "Action": "lambda:InvokeFunction",
        "Principal": principal,
        narrowed: to,
        "FunctionName": "${TransactionProcessorFunction}",
    }
    return tuple(Where(f"{name}.{key}", value) for key, value in values.items())


def _notifies(bucket: str, words: str, **filtered: Json) -> Where:
    started = {"Event": "s3:ObjectCreated:*", "Function": "${TransactionProcessorFunction.Arn}"}
    return Where(
        f"{bucket}.NotificationConfiguration",
        {"LambdaConfigurations": [started | filtered]},
        words=words,
    )


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
        title="Only this account's S3 and the sweep's own rule start the function",
        threat="Another account makes the function work on events that it invents",
        standards=Standards(
            pci=("7.2.1",), nist=("AC-3", "AC-6"), security_hub=("Lambda.1", "S3.11")
        ),
        where=(
            *(
                where
                for event in ("FileUploaded", "TaskWritten")
                for where in _permission(
                    f"TransactionProcessorFunction{event}Permission",
                    *("s3.amazonaws.com", "SourceAccount", ACCOUNT),
                )
            ),
            *_permission(
                "SweepPermission", "events.amazonaws.com", "SourceArn", "${SweepRule.Arn}"
            ),
            _notifies("TransactionDataBucket", "every `s3:ObjectCreated:*` goes to the function"),
            _notifies(
                "TransactionResultsBucket",
                "`s3:ObjectCreated:*` below `work/` goes to the function",
                Filter=_TASKS_ONLY,
            ),
        ),
        proof=(
            *unit("policy_roles", "function_is_called_by_s3_of_this_account_and_the_sweep_only"),
            *unit("template_defects", "01_buckets_notify_the_function_and_may_call_it"),
            *on_a_stack(
                "function", "only_s3_and_the_sweep_of_this_account_may_invoke_the_function"
            ),
            *nag("LambdaFunctionPublicAccessProhibited"),
            *guard(
                "only_this_accounts_s3_and_sweep_call_the_function",
                "uploads_start_the_processor",
                "tasks_alone_start_the_processor_from_the_results",
            ),
        ),
    ),
)
