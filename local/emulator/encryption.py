# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Which KMS rights an action on an encrypted resource needs, and what a key that is off does."""

from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, dynamodb, kms, s3, secretsmanager, sqs

KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
ALGORITHM_HEADER = "x-amz-server-side-encryption"

_S3_READS = {"s3:GetObject", "s3:GetObjectVersion"}
_TABLE_ITEM_ACTIONS = {
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLSelect",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
}
#: What each service answers while a key is disabled, or waits for its deletion.
#: Sources: KMS API Reference, "GenerateDataKey" (S3 and SQS hand its error on with a prefix);
#: DynamoDB Developer Guide, "DynamoDB encryption at rest"; Secrets Manager API Reference,
#: "GetSecretValue".
_UNUSABLE = {
    "dynamodb": ("AccessDeniedException", "AccessDeniedException"),
    "logs": ("AccessDeniedException", "AccessDeniedException"),
    "s3": ("KMS.DisabledException", "KMS.KMSInvalidStateException"),
    "secretsmanager": ("DecryptionFailure", "DecryptionFailure"),
    "sqs": ("KMS.DisabledException", "KMS.KMSInvalidStateException"),
}
_QUEUE_ACTIONS = {
    "sqs:SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
}


def key_arn(key: str) -> str:
    """A KMS key as its ARN; S3 takes an ARN, a bare id or an alias from a caller."""
    if key.startswith("arn:"):
        return key
    resource = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:aws:kms:{get_region()}:{get_account_id()}:{resource}"


@dataclass(frozen=True)
class KeyUse:
    """The rights on one customer's key that a call needs, and on whose behalf they are asked."""

    key_arn: str
    actions: tuple[str, ...]
    service: str
    encryption_context: dict[str, str]

    def conditions(self, region: str) -> dict[str, Any]:
        """The condition keys of the KMS call that the service makes for the caller."""
        context = {
            "kms:ViaService": f"{self.service}.{region}.amazonaws.com",
            "kms:CallerAccount": get_account_id(),
            "kms:EncryptionContextKeys": list(self.encryption_context),
        }
        for name, value in self.encryption_context.items():
            context[f"kms:EncryptionContext:{name}"] = value
        return context


def unusable(use: KeyUse) -> tuple[str, str] | None:
    """The code and the message of a service whose key is off; None if the key works."""
    state = (kms._keys.get(use.key_arn.rpartition("/")[2]) or {}).get("KeyState", "Enabled")
    if state == "Enabled":
        return None
    code = _UNUSABLE[use.service][state != "Disabled"]
    return code, f"{use.key_arn} cannot be used: its state is {state}."


def key_use(action: str, resource_arn: str, context: dict[str, Any]) -> KeyUse | None:
    """The KMS rights behind an action, None when no customer's key is involved.

    Args:
        action: An IAM action, such as `s3:GetObject`.
        resource_arn: What it acts on.
        context: The request's condition keys.
    """
    if action in _S3_READS or action == "s3:PutObject":
        return _s3_use(action, resource_arn, context)
    if action in _TABLE_ITEM_ACTIONS:
        return _table_use(resource_arn)
    if action == "secretsmanager:GetSecretValue":
        return _secret_use(resource_arn)
    if action in _QUEUE_ACTIONS:
        return _queue_use(action, resource_arn)
    if action == "logs:PutLogEvents":
        return _log_use(resource_arn)
    return None


def _customers(key: str | None) -> str | None:
    """A key's ARN if it is a customer's; AWS's own keys allow every caller of the account."""
    if not key or "alias/aws/" in key:
        return None
    return key_arn(key)


def _s3_use(action: str, resource_arn: str, context: dict[str, Any]) -> KeyUse | None:
    bucket, _, key_name = resource_arn.partition(":::")[2].partition("/")
    if action == "s3:PutObject":
        key = context.get(f"s3:{KEY_HEADER}")
        algorithm = context.get(f"s3:{ALGORITHM_HEADER}")
        if key is None and algorithm is None:
            key = s3._bucket_default_sse_headers(bucket).get(KEY_HEADER)
        actions: tuple[str, ...] = ("kms:GenerateDataKey",)
    else:
        stored = (s3._buckets.get(bucket) or {}).get("objects", {}).get(key_name) or {}
        key = stored.get("preserved_headers", {}).get(KEY_HEADER)
        actions = ("kms:Decrypt",)
    key = _customers(key)
    if key is None:
        return None
    return KeyUse(key, actions, "s3", {"aws:s3:arn": f"arn:aws:s3:::{bucket}"})


def _table_use(resource_arn: str) -> KeyUse | None:
    name = resource_arn.partition(":table/")[2].partition("/")[0]
    description = (dynamodb._tables.get(name) or {}).get("SSEDescription") or {}
    key = _customers(description.get("KMSMasterKeyArn"))
    if key is None:
        return None
    context = {"aws:dynamodb:tableName": name, "aws:dynamodb:subscriberId": get_account_id()}
    return KeyUse(key, ("kms:Decrypt",), "dynamodb", context)


def _secret_use(resource_arn: str) -> KeyUse | None:
    secret = secretsmanager._secrets.get(resource_arn.partition(":secret:")[2][:-7]) or {}
    key = _customers(secret.get("KmsKeyId"))
    if key is None:
        return None
    return KeyUse(key, ("kms:Decrypt",), "secretsmanager", {"SecretARN": resource_arn})


def _queue_use(action: str, resource_arn: str) -> KeyUse | None:
    queue = sqs._queue_by_arn(resource_arn) or {}
    key = _customers(queue.get("attributes", {}).get("KmsMasterKeyId"))
    if key is None:
        return None
    return KeyUse(key, _QUEUE_ACTIONS[action], "sqs", {"aws:sqs:arn": resource_arn})


def _log_use(resource_arn: str) -> KeyUse | None:
    """What AWS asks of whoever writes into an encrypted group; whether it insists is not known.

    Source: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS Key
    Management Service" ("You should add this to your roles which call CloudWatch Logs").
    """
    group_arn = resource_arn.partition(":log-stream:")[0]
    group = cloudwatch_logs._log_groups.get(group_arn.partition(":log-group:")[2]) or {}
    key = _customers(group.get("kmsKeyId"))
    if key is None:
        return None
    actions = ("kms:GenerateDataKey", "kms:Decrypt")
    return KeyUse(key, actions, "logs", {"aws:logs:arn": group_arn})
