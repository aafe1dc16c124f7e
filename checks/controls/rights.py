"""Least privilege: what the function may do, through which way, and who may start it."""

from typing import Final

from checks.controls.model import (
    Control,
    Json,
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
    on_a_stack,
    through,
    unit,
)

_POLICY: Final = "TransactionProcessorPolicy"
_READ: Final = ("s3:GetObject", "s3:GetObjectVersion")
_LEDGER: Final = tuple(
    f"dynamodb:{action}" for action in ("BatchGetItem", "PutItem", "Query", "UpdateItem")
)
_TRANSACTIONS: Final = ("dynamodb:BatchGetItem", "dynamodb:PartiQLInsert")
_WRITE: Final = ("s3:GetObject", "s3:PutObject")
_RESULTS: Final = tuple(f"{bucket_arn('results')}/{part}/*" for part in ("receipts", "rejected"))
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
        ("WriteAndReadBackReceiptsAndQuarantine", _WRITE, _RESULTS),
        ("WriteAndReadTasks", _WRITE, f"{bucket_arn('results')}/work/*"),
        ("AnswerNotFoundForMissingObjects", ("s3:ListBucket",), bucket_arn("data")),
        ("ListUploadsForTheSweep", ("s3:ListBucketVersions",), bucket_arn("data")),
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


def _via(*services: str) -> Json:
    """The condition that a key is used through these services."""
    return {"StringEquals": {"kms:ViaService": through(*services)}}


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
                    "DecryptThroughTheServicesThatHoldTheData",
                    allow(
                        "kms:Decrypt",
                        on=KEY,
                        when=_via("s3", "dynamodb", "secretsmanager", "sqs", "logs"),
                    ),
                ),
                (
                    "EncryptThroughS3TheQueueAndTheLog",
                    allow("kms:GenerateDataKey", on=KEY, when=_via("s3", "sqs", "logs")),
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
                "policy_processor",
                "processor_can_do_nothing_else_to_the_data",
                "processor_uses_the_key_through_the_services_that_hold_the_data",
            ),
            *on_a_stack("every_right_is_needed", "a_right_of_the_role_is_needed"),
            *on_a_stack(
                "every_call_is_granted",
                "every_call_of_the_function_is_granted_by_a_statement",
                "every_right_was_used_by_some_call",
            ),
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
        proof=(
            *unit("policy_processor_lambda", "network_is_attached_by_lambda_and_never_by_the_code"),
            *on_a_stack(
                "every_right_is_needed",
                "a_denial_of_the_role_is_about_just_this_function_and_network",
            ),
            *unit("template_controls", "code_of_the_function_cannot_change_the_network"),
        ),
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
        proof=(
            *unit("policy_processor", "processor_makes_its_calls_from_its_subnets_only"),
            *on_a_stack(
                "every_right_is_needed",
                "a_denial_of_the_role_is_about_just_this_function_and_network",
            ),
            *on_a_stack("least_privilege", "iam_allows_the_role_no_data_from_outside_the_vpc"),
        ),
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
            *unit("policy_processor", "endpoints_serve_the_processor_only"),
            *on_a_stack(
                "every_right_is_needed",
                "a_right_of_an_endpoint_is_needed",
                "an_endpoint_lets_nobody_through_but_the_principal_of_its_condition",
            ),
            *unit("template_defects_processing", "22_endpoints_allow_just_what_the_role_may"),
            *on_a_stack(
                "network",
                "the_endpoint_lets_the_functions_role_through_to_the_stacks_own_resources_only",
            ),
            *guard("endpoints_serve_the_processor_alone"),
        ),
    ),
)
