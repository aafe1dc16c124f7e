"""Least privilege: what the function may do, through which way, and who may start it."""

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
    deny,
)
from checks.controls.names import (
    ACCOUNT,
    FUNCTION,
    FUNCTION_ROLE,
    KEY,
    bucket_arn,
    checkov,
    guard,
    nag,
    on_a_stack,
    service,
    through,
    unit,
)

_POLICY: Final = "TransactionProcessorPolicy"
_READ: Final = ("s3:GetObject", "s3:GetObjectVersion")
_LEDGER: Final = ("dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem")
_TRANSACTIONS: Final = ("dynamodb:BatchGetItem", "dynamodb:PartiQLInsert")
_RESULTS: Final = tuple(f"{bucket_arn('results')}/{part}/*" for part in ("receipts", "rejected"))
_LISTED: Final = (bucket_arn("data"), bucket_arn("results"))
_ATTACH: Final = tuple(
    f"ec2:{action}"
    for action in (
        *("AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface"),
        *("DescribeNetworkInterfaces", "DescribeSubnets", "UnassignPrivateIpAddresses"),
    )
)
# Sid, actions, resources: what the role may do through an endpoint, and the endpoint lets through.
_CALLS: Final = {
    "S3VPCEndpoint": (
        ("ReadUploadedFiles", _READ, f"{bucket_arn('data')}/*"),
        ("WriteAndReadBackReceiptsAndQuarantine", (*_READ, "s3:PutObject"), _RESULTS),
        ("AnswerNotFoundForMissingObjects", ("s3:ListBucket",), _LISTED),
    ),
    "DynamoDBVPCEndpoint": (
        ("StoreTransactionsAndReadThemBack", _TRANSACTIONS, "${TransactionMetadataTable.Arn}"),
        ("KeepTheFileLedger", _LEDGER, "${FileLedgerTable.Arn}"),
    ),
    "SecretsManagerVPCEndpoint": (
        ("ReadTheConfiguration", ("secretsmanager:GetSecretValue",), "${LambdaConfigSecret}"),
    ),
}
_FOR_THE_FUNCTION: Final = {
    "StringEquals": {"aws:PrincipalAccount": ACCOUNT},
    "ArnEquals": {"aws:PrincipalArn": FUNCTION_ROLE},
}
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


def _of_the_role(*statements: tuple[str, Json]) -> tuple[Where, ...]:
    return tuple(Where(f"{_POLICY}/{sid}", expected) for sid, expected in statements)


RIGHTS: Final = (
    Control(
        id="IAM-1",
        title="The function has exactly the rights that its calls need",
        threat="Compromised code reads, changes or deletes what it never had to touch",
        standards=Standards(
            pci=("7.2.1",), nist=("AC-2", "AC-3", "AC-6"), security_hub=("IAM.1", "KMS.1")
        ),
        where=(
            *(
                Where(f"{_POLICY}/{sid}", allow(*actions, on=resources))
                for calls in _CALLS.values()
                for sid, actions, resources in calls
            ),
            *_of_the_role(
                (
                    "UseTheKeyThroughTheServicesThatHoldTheData",
                    allow(
                        "kms:Decrypt",
                        "kms:GenerateDataKey",
                        on=KEY,
                        when={
                            "StringEquals": {
                                "kms:ViaService": through("s3", "dynamodb", "secretsmanager", "sqs")
                            }
                        },
                    ),
                ),
                ("HandOverFailedEvents", allow("sqs:SendMessage", on="${FailedEventsQueue.Arn}")),
                (
                    "WriteItsLog",
                    allow("logs:CreateLogStream", "logs:PutLogEvents", on="${LambdaLogGroup.Arn}"),
                ),
                ("LetLambdaAttachTheFunctionToTheVpc", allow(*_ATTACH, on="*")),
            ),
        ),
        proof=(
            *unit(
                "template_controls",
                "role_of_the_function_may_do_exactly_this",
                "role_uses_the_key_only_through_the_services_that_hold_the_data",
            ),
            *unit(
                "template",
                "nothing_is_allowed_by_a_wildcard_action",
                "only_the_network_interface_actions_are_allowed_on_everything",
            ),
            *on_a_stack(
                "least_privilege",
                "the_functions_own_session_may_not",
                "iam_allows_the_role_nothing_of_it_on_anything_else",
                "iam_allows_the_role_neither_its_key_directly_nor_any_other",
            ),
            *checkov(107, 108, 109, 110),
            *guard(
                "rights_name_their_actions",
                "rights_name_their_resources",
                "no_right_deletes_or_administers",
            ),
        ),
    ),
    Control(
        id="IAM-2",
        title="The code cannot change the network that it runs in",
        threat="Compromised code moves its own network interface elsewhere",
        standards=Standards(nist=("AC-6", "SC-7")),
        where=_of_the_role(
            (
                "RefuseNetworkChangesByTheCode",
                deny(
                    *_ATTACH,
                    "ec2:DetachNetworkInterface",
                    on="*",
                    when={"ArnEquals": {"lambda:SourceFunctionArn": FUNCTION}},
                ),
            )
        ),
        proof=unit("template_controls", "code_of_the_function_cannot_change_the_network"),
    ),
    Control(
        id="IAM-7",
        title="Credentials that leave the function open no data elsewhere",
        threat="Compromised code sends its session's credentials out, to be used at leisure",
        standards=Standards(pci=("7.2.1",), nist=("AC-3", "AC-4", "AC-6")),
        where=_of_the_role(
            (
                "RefuseDataCallsFromOutsideTheVpc",
                deny(
                    *("dynamodb:*", "s3:*", "secretsmanager:*"),
                    on="*",
                    when={"StringNotEquals": {"aws:SourceVpc": "${VPC}"}},
                ),
            )
        ),
        proof=on_a_stack("least_privilege", "iam_allows_the_role_no_data_from_outside_the_vpc"),
    ),
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
            *guard("roles_have_no_policies_of_their_own_or_of_aws"),
        ),
    ),
    Control(
        id="IAM-4",
        title="Only Lambda takes the function's role",
        threat="Somebody of the account takes the function's role and reads with it",
        standards=Standards(pci=("7.2.1",), nist=("AC-3", "AC-6")),
        where=(
            Where(
                "LambdaExecutionRole/LetLambdaRunAsThisRole",
                allow("sts:AssumeRole", to=service("lambda")),
            ),
        ),
        proof=checkov(60, 61),
    ),
    Control(
        id="IAM-5",
        title="Each endpoint lets through exactly these calls, for the function's role alone",
        threat="Code in the network carries data into another account with credentials of its own",
        standards=Standards(pci=("7.2.1",), nist=("AC-3", "AC-4", "AC-6", "SC-7")),
        where=tuple(
            Where(
                f"{endpoint}/{sid}",
                allow(*actions, to="*", on=resources, when=_FOR_THE_FUNCTION),
            )
            for endpoint, calls in _CALLS.items()
            for sid, actions, resources in calls
        ),
        proof=(
            *unit("template_defects_processing", "22_endpoints_allow_just_what_the_role_may"),
            *on_a_stack(
                "network",
                "the_endpoint_lets_the_functions_role_through_to_the_stacks_own_resources_only",
            ),
            *guard("endpoints_serve_the_processor_alone"),
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
            *unit("template_defects", "01_bucket_notifies_the_function_and_may_call_it"),
            *on_a_stack("function", "only_s3_for_this_account_may_invoke_the_function"),
            *nag("LambdaFunctionPublicAccessProhibited"),
            *guard("only_this_accounts_s3_calls_the_function", "uploads_start_the_processor"),
        ),
    ),
)
