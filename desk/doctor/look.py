"""A read-only look at a stack: every question that the doctor asks of AWS goes through here."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from desk.doctor.findings import Missing, NotLookedAt
from desk.errors import DeskError
from desk.reading import Json
from desk.stack import Stack
from processor.adapters.aws import error_code, is_retryable, translated_errors
from processor.errors import ServiceRefused

REFUSALS: Final = frozenset(
    {
        *("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"),
        *("AuthorizationErrorException", "KMS.AccessDeniedException", "NotAuthorized"),
    }
)
STRANGERS: Final = frozenset(
    {
        *("ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId"),
        *("SignatureDoesNotMatch", "UnrecognizedClientException", "AuthFailure"),
    }
)
"""Codes that say that the credentials themselves are no good."""

UNSERVED: Final = frozenset(
    {"InvalidAction", "NotImplemented", "UnknownOperationException", "UnsupportedOperation"}
)
_HTTP_NOT_IMPLEMENTED: Final = 501

_RIGHTS: Final = {
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "ListObjectVersions": "s3:ListBucketVersions",
}
"""Operations of S3 whose right has another name. Source: Service Authorization Reference, S3."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the stack.

    Args:
        logical_id: Its name in the template.
        kind: Its type, such as AWS::S3::Bucket.
        physical_id: What AWS calls it; empty if it was never made.
        status: As CloudFormation has it.
        reason: Why its last change failed; empty if it did not.
    """

    logical_id: str
    kind: str
    physical_id: str
    status: str = ""
    reason: str = ""


@dataclass
class Look:
    """What is known of the stack, and how more is asked.

    Args:
        stack: The stack, and who asks.
        described: As DescribeStacks has it.
        resources: By logical id.
    """

    stack: Stack
    described: Json
    resources: Mapping[str, Resource]
    refused: set[str] = field(default_factory=set)
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def parameters(self) -> dict[str, str]:
        """Parameter -> value."""
        given = self.described.get("Parameters", [])
        return {one["ParameterKey"]: one["ParameterValue"] for one in given}

    @property
    def region(self) -> str:
        """Where the stack lies."""
        return str(self.described["StackId"].split(":")[3])

    @property
    def account(self) -> str:
        """The account that the stack lies in."""
        return str(self.described["StackId"].split(":")[4])

    @property
    def key_arn(self) -> str:
        """EncryptionKey's ARN."""
        return self.arn("kms", f"key/{self.physical('EncryptionKey')}")

    @property
    def function_arn(self) -> str:
        """TransactionProcessorFunction's ARN."""
        return self.arn("lambda", f"function:{self.physical('TransactionProcessorFunction')}")

    def arn(self, service: str, resource: str) -> str:
        """An ARN in the stack's partition, region and account."""
        partition = self.described["StackId"].split(":")[1]
        return f"arn:{partition}:{service}:{self.region}:{self.account}:{resource}"

    def s3_arn(self, bucket: str) -> str:
        """A bucket's ARN."""
        return f"arn:{self.described['StackId'].split(':')[1]}:s3:::{bucket}"

    def physical(self, logical_id: str) -> str:
        """What AWS calls a resource.

        Raises:
            Missing: The stack has none such: it was never made.
        """
        found = self.resources.get(logical_id)
        if not found or not found.physical_id:
            raise Missing(logical_id)
        return found.physical_id

    def of_kind(self, kind: str) -> list[Resource]:
        """The stack's resources of a type, as far as they were made."""
        return [one for one in self.resources.values() if one.kind == kind and one.physical_id]

    def ask(self, service: str, operation: str, **parameters: Any) -> Json:
        """Makes a call that changes nothing.

        Raises:
            NotLookedAt: The caller may not, or it cannot be asked now.
            ClientError: The service says something of the resource, by the error's code.
            ServiceRefused: Whoever calls is nobody.
        """
        try:
            answer: Json = getattr(self._client(service), operation)(**parameters)
        except ClientError as error:
            self._raise(service, error)
            raise
        except NoCredentialsError as error:
            raise ServiceRefused(f"{operation}: no credentials") from error
        except BotoCoreError as error:
            raise NotLookedAt(f"{operation}: {type(error).__name__}", "look again later") from error
        return answer

    def ask_all(self, service: str, operation: str, member: str, **parameters: Any) -> list[Any]:
        """The same of a call that answers in pages: their members, all together."""
        found: list[Any] = []
        token_names = _TOKENS.get(operation, ("NextToken", "NextToken"))
        token: dict[str, Any] = {}
        while True:
            answer = self.ask(service, operation, **parameters, **token)
            found += answer.get(member, [])
            following = answer.get(token_names[1])
            if not following:
                return found
            token = {token_names[0]: following}

    def _client(self, service: str) -> Any:
        # A client may be used by many threads; making one may not.
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self.stack.client(service)
            return self._clients[service]

    def _raise(self, service: str, error: ClientError) -> None:
        code = error_code(error)
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in STRANGERS:
            raise ServiceRefused(f"{error.operation_name}: {code}") from error
        if code in REFUSALS:
            right = right_of(service, error.operation_name)
            self.refused.add(right)
            raise NotLookedAt(
                f"you lack {right}", f"look as somebody who has {right}", is_refused=True
            ) from error
        if code in UNSERVED or status == _HTTP_NOT_IMPLEMENTED:
            why = f"{error.operation_name} is not served here"
            raise NotLookedAt(why) from error
        if is_retryable(error):
            raise NotLookedAt(f"{error.operation_name}: {code}", "look again later") from error


_TOKENS: Final = {
    "describe_log_groups": ("nextToken", "nextToken"),
    "list_attached_role_policies": ("Marker", "Marker"),
    "list_aliases": ("Marker", "NextMarker"),
}
"""Operations whose pages are asked for by another name: of the question, and of the answer."""


def right_of(service: str, operation: str) -> str:
    """The IAM action that an operation needs."""
    return _RIGHTS.get(operation, f"{service}:{operation}")


def look_at(stack: Stack) -> Look:
    """Asks CloudFormation for all that the checks start from.

    Raises:
        DeskError: There is no such stack.
        ServiceUnavailable, ServiceRefused: It cannot be asked now, or may not: nothing can be
            looked at then.
    """
    client = stack.client("cloudformation")
    with translated_errors("DescribeStacks"):
        described = client.describe_stacks(StackName=stack.name)["Stacks"][0]
    with translated_errors("ListStackResources"):
        pages = client.get_paginator("list_stack_resources").paginate(StackName=stack.name)
        summaries = [one for page in pages for one in page["StackResourceSummaries"]]
    resources = resources_of(summaries)
    if "TransactionProcessorFunction" not in resources:
        raise DeskError(f"stack {stack.name} has no TransactionProcessorFunction: is it ours?")
    return Look(stack, described, resources)


def resources_of(summaries: Iterable[Json]) -> dict[str, Resource]:
    """Resources by logical id, from what ListStackResources answers."""
    return {
        one["LogicalResourceId"]: Resource(
            one["LogicalResourceId"],
            one["ResourceType"],
            one.get("PhysicalResourceId", ""),
            one["ResourceStatus"],
            re.sub(r"\s+", " ", one.get("ResourceStatusReason") or ""),
        )
        for one in summaries
    }
