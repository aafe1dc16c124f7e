# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""What a request is, in IAM's terms: its actions, resources and condition keys.

Completes five places where MiniStack asks for another thing than AWS does:

- PartiQL calls need `dynamodb:PartiQLInsert` (Select, Update, Delete) on each table that their
  statements name; `BatchExecuteStatement` is no IAM action at all.
  Source: Amazon DynamoDB Developer Guide, "IAM security policies with PartiQL".
- `s3:x-amz-server-side-encryption-aws-kms-key-id` and `s3:TlsVersion` are set. A key is compared
  as its ARN. Source: Service Authorization Reference, "Amazon S3", condition keys.
- A put that also tags the object, sets its access list, retention or legal hold needs the right to
  that as well. Sources: S3 API Reference, "PutObject", Permissions (`s3:PutObjectAcl`,
  `s3:PutObjectTagging`); S3 User Guide, "Locking objects with Object Lock", Required permissions
  (`s3:PutObjectRetention`, `s3:PutObjectLegalHold`). A browser's form says these things in its
  body, which is not looked into.
- `aws:PrincipalArn` of a role session is the role's ARN, and `aws:PrincipalIsAWSService` is there.
  Source: IAM User Guide, "AWS global condition context keys".
- `aws:SecureTransport` is true: the loopback socket takes the place of TLS. So nothing here proves
  that plain HTTP is refused; the policies that refuse it are evaluated, and do not match.
"""

import json
import re
from typing import Any

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import s3

from local.emulator.encryption import key_arn

PARTIQL_CALLS = {
    "dynamodb:BatchExecuteStatement",
    "dynamodb:ExecuteStatement",
    "dynamodb:ExecuteTransaction",
}

_TABLE = r'"?([A-Za-z0-9_.-]+)"?(?:\."?([A-Za-z0-9_.-]+)"?)?'
_PARTIQL_VERBS = (
    ("dynamodb:PartiQLInsert", re.compile(rf"^\s*INSERT\s+INTO\s+{_TABLE}", re.IGNORECASE)),
    ("dynamodb:PartiQLUpdate", re.compile(rf"^\s*UPDATE\s+{_TABLE}", re.IGNORECASE)),
    ("dynamodb:PartiQLDelete", re.compile(rf"^\s*DELETE\s+FROM\s+{_TABLE}", re.IGNORECASE)),
    (
        "dynamodb:PartiQLSelect",
        re.compile(rf"^\s*SELECT\s.*?\sFROM\s+{_TABLE}", re.IGNORECASE | re.DOTALL),
    ),
    (
        "dynamodb:PartiQLSelect",
        re.compile(rf"^\s*EXISTS\s*\(\s*SELECT\s.*?\sFROM\s+{_TABLE}", re.IGNORECASE),
    ),
)


def install() -> None:
    """Put the completions in place of what MiniStack derives from a request."""
    _complete_partiql()
    _complete_s3_context()
    _complete_s3_checks()
    _complete_principal()
    original = ministack.app.pin_request_origin

    def pin_request_origin(source_ip: str, secure_transport: object) -> None:
        del secure_transport
        original(source_ip, secure_transport=True)

    ministack.app.pin_request_origin = pin_request_origin


def partiql_checks(body: bytes, region: str, account_id: str) -> list[tuple[str, str]]:
    """The `(action, table ARN)` pairs that a PartiQL call needs, each once, in statement order.

    A statement that cannot be read yields none, and then the whole call is judged as the action
    that MiniStack names it by, which no policy grants: refused, not let through.
    """
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return []
    entries = request.get("Statements") or request.get("TransactStatements") or [request]
    checks: dict[tuple[str, str], None] = {}
    for entry in entries:
        check = _partiql_check(str(entry.get("Statement", "")), region, account_id)
        if check is None:
            return []
        checks[check] = None
    return list(checks)


def _partiql_check(statement: str, region: str, account_id: str) -> tuple[str, str] | None:
    for action, pattern in _PARTIQL_VERBS:
        match = pattern.match(statement)
        if match:
            table, index = match.groups()
            arn = f"arn:aws:dynamodb:{region}:{account_id}:table/{table}"
            return action, f"{arn}/index/{index}" if index else arn
    return None


def _complete_partiql() -> None:
    original = iam_actions.dynamodb_transaction_checks

    def dynamodb_transaction_checks(
        iam_action: str, body: bytes, region: str, account_id: str
    ) -> list[tuple[str, str]]:
        if iam_action in PARTIQL_CALLS:
            return partiql_checks(body, region, account_id)
        checks: list[tuple[str, str]] = original(iam_action, body, region, account_id)
        return checks

    iam_actions.dynamodb_transaction_checks = dynamodb_transaction_checks


#: Headers of a put that policies may ask for, by the names of both.
#: Source: Service Authorization Reference, "Condition keys for Amazon S3".
_S3_HEADERS = {"if-none-match", "x-amz-server-side-encryption-customer-algorithm"}


def _complete_s3_context() -> None:
    original = iam_actions.s3_service_context

    def s3_service_context(
        iam_action: str,
        query_params: dict[str, Any] | None,
        path: str = "",
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        context: dict[str, Any] = original(iam_action, query_params, path, headers)
        context["s3:TlsVersion"] = "1.3"
        if iam_action == "s3:PutObject":
            key = _named_key(query_params or {}, headers or {})
            if key:
                context["s3:x-amz-server-side-encryption-aws-kms-key-id"] = key_arn(key)
            for name in _S3_HEADERS & (headers or {}).keys():
                context[f"s3:{name}"] = (headers or {})[name]
        return context

    iam_actions.s3_service_context = s3_service_context


#: Right -> headers of a put, a copy or the begin of a multipart upload that ask for it.
_RIGHTS_BY_HEADERS = {
    "s3:PutObjectAcl": {
        "x-amz-acl",
        "x-amz-grant-full-control",
        "x-amz-grant-read",
        "x-amz-grant-read-acp",
        "x-amz-grant-write",
        "x-amz-grant-write-acp",
    },
    "s3:PutObjectLegalHold": {"x-amz-object-lock-legal-hold"},
    "s3:PutObjectRetention": {"x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"},
    "s3:PutObjectTagging": {"x-amz-tagging"},
}


def _complete_s3_checks() -> None:
    original = iam_actions.s3_additional_checks

    def s3_additional_checks(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> list[tuple[str, str]]:
        checks: list[tuple[str, str]] = original(method, path, headers, body, query_params)
        bucket, _, key = path.lstrip("/").partition("/")
        if key and iam_actions._s3_action(method, path, query_params) == "PutObject":
            arn = f"arn:aws:s3:::{bucket}/{key}"
            sent = {name.lower() for name in headers}
            checks += [
                (action, arn) for action, names in _RIGHTS_BY_HEADERS.items() if names & sent
            ]
        return checks

    iam_actions.s3_additional_checks = s3_additional_checks


def _named_key(query_params: dict[str, Any], headers: dict[str, str]) -> str | None:
    """The key a write names; a part and a completion carry what their upload was begun with."""
    header = "x-amz-server-side-encryption-aws-kms-key-id"
    upload_ids = query_params.get("uploadId")
    if not upload_ids:
        return headers.get(header)
    upload = s3._multipart_uploads.get(upload_ids[0])
    if not upload or not upload.get("requested_sse"):
        return None
    key: str | None = upload["preserved_headers"].get(header)
    return key


def _complete_principal() -> None:
    original_keys = iam_evaluator._principal_keys
    original_resolve = iam_evaluator._resolve_condition_key

    def principal_keys(credential: Any) -> dict[str, Any]:
        keys: dict[str, Any] = original_keys(credential)
        return {**keys, "aws:principalisawsservice": "false", "aws:viaawsservice": "false"}

    def resolve_condition_key(key: str, context: Any) -> Any:
        if key.lower() == "aws:principalarn":
            return role_arn(context.principal_arn)
        return original_resolve(key, context)

    iam_evaluator._principal_keys = principal_keys
    iam_evaluator._resolve_condition_key = resolve_condition_key


def role_arn(principal_arn: str) -> str:
    """The role's ARN for a role session, any other principal as it is. Roles here have no path."""
    match = re.fullmatch(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+", principal_arn)
    return f"arn:{match[1]}:iam::{match[2]}:role/{match[3]}" if match else principal_arn
