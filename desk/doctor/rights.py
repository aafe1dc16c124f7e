"""Check of the caller's own rights, command by command, by IAM's policy simulator.

The simulator judges the caller's own policies. What the policies of bucket, key or secret refuse
besides, only the call itself shows.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from desk.doctor.findings import Finding, NotLookedAt, ok, warning
from desk.doctor.look import Look
from processor.adapters.aws import error_code

DATA: Final = "TransactionDataBucket"
RESULTS: Final = "TransactionResultsBucket"


class Right(NamedTuple):
    """An action on a resource of the stack.

    Args:
        action: As IAM has it.
        logical_id: The resource.
        path: Behind the bucket's name, for objects.
        service: Through which the key is used; empty for other resources.
    """

    action: str
    logical_id: str
    path: str = ""
    service: str = ""


def _key(*services: str, action: str = "kms:Decrypt") -> list[Right]:
    return [Right(action, "EncryptionKey", service=one) for one in services]


_UPLOAD: Final = [
    Right("s3:PutObject", DATA, "/*"),
    *_key("s3"),
    *_key("s3", action="kms:GenerateDataKey"),
]
_READ_FILE: Final = [
    Right("s3:GetObject", DATA, "/*"),
    Right("s3:GetObjectVersion", DATA, "/*"),
    *_key("s3"),
]
_READ_RECEIPT: Final = [Right("s3:GetObject", RESULTS, "/receipts/*"), *_key("s3")]
_READ_REJECTS: Final = [
    Right("s3:GetObject", RESULTS, "/rejected/*"),
    Right("s3:GetObjectVersion", RESULTS, "/rejected/*"),
]
_INVOKE: Final = [Right("lambda:InvokeFunction", "TransactionProcessorFunction")]

_STATUS: Final = [
    Right("s3:ListBucketVersions", DATA),
    Right("dynamodb:Query", "FileLedgerTable"),
    *_READ_RECEIPT,
    *_key("dynamodb"),
]
_COUNT_FAILED: Final = Right("sqs:GetQueueAttributes", "FailedEventsQueue")

COMMANDS: Final[dict[str, Sequence[Right]]] = {
    "submit": [*_UPLOAD, Right("s3:GetObject", DATA, "/*"), *_READ_RECEIPT],
    "status": _STATUS,
    "receipt": [Right("s3:GetObject", DATA, "/*"), *_READ_RECEIPT],
    "rejects": [Right("s3:GetObject", DATA, "/*"), *_READ_RECEIPT, *_READ_REJECTS],
    "find": [Right("dynamodb:Query", "TransactionMetadataTable"), *_key("dynamodb")],
    "replay": [*_READ_FILE, *_UPLOAD, *_READ_RECEIPT],
    "redrive": [
        Right("sqs:ReceiveMessage", "FailedEventsQueue"),
        Right("sqs:DeleteMessage", "FailedEventsQueue"),
        _COUNT_FAILED,
        *_key("sqs"),
        *_INVOKE,
    ],
    "sweep": _INVOKE,
    "verify": [
        Right("s3:ListBucketVersions", DATA),
        *_READ_FILE,
        *_READ_RECEIPT,
        *_READ_REJECTS,
        Right("dynamodb:BatchGetItem", "TransactionMetadataTable"),
        *_key("dynamodb"),
    ],
    "report": [*_STATUS, _COUNT_FAILED],
}
"""What each command needs. `verify` also reads the secret where a record has a card number."""


def rights(look: Look) -> Iterator[Finding]:
    """Which commands of the desk the caller may use."""
    principal = _principal(look)
    if principal is None:
        yield ok("the root user may do everything")
        return
    verdicts = {right: _may(look, principal, right) for right in _all_rights()}
    lacking: dict[str, list[str]] = {}
    for command, needed in COMMANDS.items():
        missing = sorted({_said(look, one) for one in needed if not verdicts[one]})
        if missing:
            lacking.setdefault(", ".join(missing), []).append(command)
    for missed, commands in lacking.items():
        yield warning(
            f"not for you: desk {', '.join(commands)}", f"if you are to use them, you need {missed}"
        )
    if not lacking:
        yield ok(f"you may use {', '.join(COMMANDS)}")


def _all_rights() -> set[Right]:
    return {one for needed in COMMANDS.values() for one in needed}


def _principal(look: Look) -> str | None:
    """The ARN that the simulator takes for the caller; None for root, who has every right."""
    arn = str(look.ask("sts", "get_caller_identity")["Arn"])
    kind, _, rest = arn.split(":", 5)[5].partition("/")
    if kind == "root":
        return None
    if kind != "assumed-role":
        return arn
    # A session's ARN leaves out the path of its role.
    role: str = look.ask("iam", "get_role", RoleName=rest.split("/")[0])["Role"]["Arn"]
    return role


def _may(look: Look, principal: str, right: Right) -> bool:
    context: list[Any] = []
    if right.service:
        context.append(_entry("kms:ViaService", f"{right.service}.{look.region}.amazonaws.com"))
        context.append(_entry("kms:CallerAccount", look.account))
    try:
        answer = look.ask(
            "iam",
            "simulate_principal_policy",
            PolicySourceArn=principal,
            ActionNames=[right.action],
            ResourceArns=[_arn(look, right)],
            ContextEntries=context,
        )
    except ClientError as error:
        # IAM knows no policies of a session of another account, or of a federated user.
        raise NotLookedAt(f"SimulatePrincipalPolicy: {error_code(error)}") from error
    return all(one["EvalDecision"] == "allowed" for one in answer["EvaluationResults"])


def _entry(name: str, value: str) -> dict[str, Any]:
    return {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}


def _arn(look: Look, right: Right) -> str:
    physical = look.physical(right.logical_id)
    match look.resources[right.logical_id].kind.split("::")[1]:
        case "S3":
            return f"{look.s3_arn(physical)}{right.path}"
        case "SQS":
            return look.stack.output("FailedEventsQueueArn")
        case "DynamoDB":
            return look.arn("dynamodb", f"table/{physical}")
        case "KMS":
            return look.key_arn
        case _:
            return look.function_arn


def _said(look: Look, right: Right) -> str:
    through = f" through {right.service}" if right.service else ""
    return f"{right.action} on {look.physical(right.logical_id)}{right.path}{through}"
