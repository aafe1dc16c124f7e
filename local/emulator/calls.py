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
role's rights, and `person` for anybody else who holds a session of the role, as the tests do. They
are told by the session: code and tests have one each, and both are the function's as far as any
policy can see. So code stays code, whatever its requests say of themselves.
"""

import json
import threading
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ministack.services import lambda_svc, sts

from local.emulator.requests import role_arn

#: The user agent of the request being served; the trail records it.
user_agent: ContextVar[str] = ContextVar("user_agent", default="")

#: Begins the session names under which the Lambda service acts with a role's rights.
SERVICE_SESSION_PREFIX = "awslambda-"

#: Begins the access keys of the functions' sessions that are given to people.
PERSONS_KEY_PREFIX = "ASIAPERSON"


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


def caller(principal_arn: str, access_key_id: str, *, is_functions: bool) -> str:
    """Who uses a session of the role: `code`, `lambda` or `person`.

    Args:
        principal_arn: The session's ARN.
        access_key_id: Signs for it.
        is_functions: Whether it is a session of a function, as opposed to another of its role.
    """
    if principal_arn.rpartition("/")[2].startswith(SERVICE_SESSION_PREFIX):
        return "lambda"
    is_persons = access_key_id.startswith(PERSONS_KEY_PREFIX)
    return "code" if is_functions and not is_persons else "person"


def persons_session(credentials: dict[str, str]) -> dict[str, str]:
    """A second session of a function, for people: to every policy it is the function's own.

    Args:
        credentials: Those of the function's own session.
    """
    own_key = credentials["AWS_ACCESS_KEY_ID"]
    key = PERSONS_KEY_PREFIX + own_key[-10:]
    sts.register_session(key, dict(sts._sessions[own_key]))
    return {**credentials, "AWS_ACCESS_KEY_ID": key}


def _is_of_a_function(principal_arn: str) -> bool:
    role = role_arn(principal_arn)
    functions: list[dict[str, Any]] = list(lambda_svc._functions.values())
    return any(function["config"]["Role"] == role for function in functions)


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
