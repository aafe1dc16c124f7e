# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Every authorised call of a function's role: what allowed it, or what refused it.

One JSON object a line, appended when the call is judged, so that a reader sees a call no later than
its caller sees the answer:

    {"by": "code", "principal": "arn:aws:sts::…", "action": "s3:PutObject", "resource": "arn:…",
     "statement": "WriteReceipts", "endpoint": "vpce-…", "endpointStatement": "WriteReceipts",
     "keyUses": [{"action": "kms:GenerateDataKey", "resource": "arn:…", "via": "s3",
                  "statement": "EncryptThroughS3TheQueueAndTheLog"}],
     "refusedBy": null, "refusedKeyUse": null}

`by` is `code` for the function's own code, `lambda` for what the Lambda service does with the
role's rights, and `person` for anybody else who holds a session of the role, as the tests do. Code
is told by the SDK's user agent, which names the execution environment.
Source: AWS SDKs and Tools Reference Guide, "User agent"; AWS Lambda Developer Guide, "Defined
runtime environment variables" (AWS_EXECUTION_ENV).
"""

import json
import threading
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ministack.services import lambda_svc

from local.emulator.requests import role_arn

#: The user agent of the request being served.
user_agent: ContextVar[str] = ContextVar("user_agent", default="")

#: Begins the session names under which the Lambda service acts with a role's rights.
SERVICE_SESSION_PREFIX = "awslambda-"

_EXECUTION_ENVIRONMENT = "exec-env/AWS_Lambda_"


@dataclass(frozen=True)
class KeyRight:
    """The use of a customer's key behind a call, and the identity statement that allowed it."""

    action: str
    resource: str
    via: str
    statement: str


@dataclass
class Call:
    """One call while it is judged.

    Args:
        principal: The caller's session.
        action: IAM's name of it.
        resource: What it acts on.
        by: `code`, `lambda` or `person`.
        statement: Sid of the identity statement that allowed it; empty if none did.
        endpoint: The VPC endpoint it came through, None if it came from elsewhere.
        endpoint_statement: Sid of the endpoint policy's statement that let it through.
        key_uses: The rights on a key that it needed and had.
        refused_by: `identity` (or the resource's own policy), `route`, `endpoint` or `key`; None if
            it was allowed.
        refused_key_use: Action, service and key of the use that was refused.
    """

    principal: str
    action: str
    resource: str
    by: str
    statement: str = ""
    endpoint: str | None = None
    endpoint_statement: str = ""
    key_uses: list[KeyRight] = field(default_factory=list)
    refused_by: str | None = None
    refused_key_use: KeyRight | None = None


class CallRecord:
    """The file of calls; one line is one write, and writers wait for each other."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._file.touch(mode=0o600)
        self._lock = threading.Lock()

    def note(self, call: Call) -> None:
        """Append a judged call, if a function's role made it."""
        if not _is_of_a_function(call.principal):
            return
        line = json.dumps({_camel_case(name): value for name, value in asdict(call).items()})
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def caller(principal_arn: str) -> str:
    """Who uses a session of the role: `code`, `lambda` or `person`."""
    if principal_arn.rpartition("/")[2].startswith(SERVICE_SESSION_PREFIX):
        return "lambda"
    return "code" if _EXECUTION_ENVIRONMENT in user_agent.get() else "person"


def _is_of_a_function(principal_arn: str) -> bool:
    role = role_arn(principal_arn)
    functions: list[dict[str, Any]] = list(lambda_svc._functions.values())
    return any(function["config"]["Role"] == role for function in functions)


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
