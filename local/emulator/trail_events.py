"""Calls as CloudTrail records them.

Sources: CloudTrail User Guide, "CloudTrail record contents", "CloudTrail userIdentity element",
"Logging data events"; S3 User Guide, "Amazon S3 CloudTrail events"; Lambda Developer Guide,
"Logging AWS Lambda API calls using AWS CloudTrail".
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_READS = ("Describe", "Filter", "Get", "Head", "List", "Lookup", "Simulate", "StartQuery")

#: A bucket's subresources in a request's query, to what names them in an event.
_BUCKET_PARTS = {
    "accelerate": "BucketAccelerateConfiguration",
    "acl": "BucketAcl",
    "cors": "BucketCors",
    "encryption": "BucketEncryption",
    "lifecycle": "BucketLifecycle",
    "logging": "BucketLogging",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "BucketReplication",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
_BUCKETS = {"GET": "ListObjects", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
_METHODS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}

#: Lambda's events carry the version of the API that its calls came with.
_LAMBDA_VERSIONS = {
    "AddPermission": "20150331v2",
    "CreateEventSourceMapping": "20150331",
    "CreateFunction": "20150331",
    "DeleteEventSourceMapping": "20150331",
    "DeleteFunction": "20150331",
    "PublishLayerVersion": "20181031",
    "PublishVersion": "20150331",
    "PutFunctionConcurrency": "20171031",
    "RemovePermission": "20150331v2",
    "UpdateEventSourceMapping": "20150331",
    "UpdateFunctionCode": "20150331v2",
    "UpdateFunctionConfiguration": "20150331v2",
}

#: Actions on what a service holds, by their type of resource in a trail's selectors: data events.
_DATA_ACTIONS = {
    "cloudwatch": (
        "AWS::CloudWatch::Metric",
        {"GetMetricData", "GetMetricStatistics", "ListMetrics", "PutMetricData"},
    ),
    "dynamodb": (
        "AWS::DynamoDB::Table",
        {
            *("BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem"),
            *("PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate", "PutItem"),
            *("Query", "Scan", "UpdateItem"),
        },
    ),
    "events": ("", {"PutEvents"}),
    "lambda": ("AWS::Lambda::Function", {"InvokeFunction"}),
    "logs": ("", {"PutLogEvents"}),
    "s3": ("AWS::S3::Object", {"ListBucket", "ListBucketVersions", "ListBucketMultipartUploads"}),
    "sns": ("AWS::SNS::Topic", {"Publish"}),
    "sqs": (
        "AWS::SQS::Queue",
        {"ChangeMessageVisibility", "DeleteMessage", "ReceiveMessage", "SendMessage"},
    ),
}

#: Never recorded, whatever the call: what a service takes in confidence, and what is too long.
_HIDDEN = frozenset(
    {
        *("ciphertextblob", "code", "filter", "parameters", "password", "plaintext"),
        *("secretbinary", "secretstring", "templatebody", "zipfile"),
    }
)
_SHOWN_CHARACTERS_MAX = 20_000


@dataclass(frozen=True)
class Served:
    """A call that was answered.

    Args:
        service: By which it is routed, such as `monitoring`: the event source's first word.
        action: IAM's name of it, such as `cloudwatch:PutMetricAlarm`.
        resource: ARN of what it acts on.
        method: Of HTTP.
        parameters: Of the request, by the API's names; of S3, its query as well.
        region: Where it was made.
        account: Whose it is.
    """

    service: str
    action: str
    resource: str
    method: str
    parameters: Mapping[str, Any]
    region: str
    account: str

    @property
    def name(self) -> str:
        """The event's name: mostly the API's."""
        name = self.action.partition(":")[2]
        if self.service == "lambda":
            return name + _LAMBDA_VERSIONS.get(name, "")
        if self.service == "s3" and "/" not in self.resource and self.resource != "*":
            for part, named in _BUCKET_PARTS.items():
                if part in self.parameters:
                    return _METHODS.get(self.method, self.method.title()) + named
            return _BUCKETS.get(self.method, name)
        return name

    @property
    def data_type(self) -> str | None:
        """The type of resource of a data event, empty if it has none; None for management."""
        prefix, _, name = self.action.partition(":")
        resource_type, names = _DATA_ACTIONS.get(prefix, ("", set()))
        is_object = prefix == "s3" and "/" in self.resource
        return resource_type if is_object or name in names else None

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.name.startswith(_READS)


@dataclass(frozen=True)
class Caller:
    """Who made a call, and from where."""

    arn: str
    access_key: str
    address: str
    user_agent: str

    def identity(self, account: str) -> dict[str, Any]:
        """The event's `userIdentity`."""
        kind, _, name = self.arn.rpartition(":")[2].partition("/")
        common = {"arn": self.arn, "accountId": account, "accessKeyId": self.access_key}
        if kind == "root":
            return {"type": "Root", "principalId": account, **common}
        if kind != "assumed-role":
            user = name.rpartition("/")[2]
            return {"type": "IAMUser", "principalId": user, **common, "userName": user}
        role, _, session = name.partition("/")
        issuer = {
            "type": "Role",
            "principalId": role,
            "arn": f"arn:aws:iam::{account}:role/{role}",
            "accountId": account,
            "userName": role,
        }
        return {
            "type": "AssumedRole",
            "principalId": f"{role}:{session}",
            **common,
            "sessionContext": {"sessionIssuer": issuer},
        }


@dataclass(frozen=True)
class Failure:
    """Why a call failed, in CloudTrail's words."""

    code: str
    message: str


def event(
    served: Served, caller: Caller, failure: Failure | None, request_id: str
) -> dict[str, Any]:
    """A call as a record of the trail."""
    is_data = served.data_type is not None
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": caller.identity(served.account),
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "eventSource": f"{served.service}.amazonaws.com",
        "eventName": served.name,
        "awsRegion": served.region,
        "sourceIPAddress": caller.address,
        "userAgent": caller.user_agent,
        "requestParameters": shown(served.parameters),
        "responseElements": None,
        "requestID": request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": served.is_read,
        "eventType": "AwsApiCall",
        "managementEvent": not is_data,
        "recipientAccountId": served.account,
        "eventCategory": "Data" if is_data else "Management",
    }
    if failure:
        record |= {"errorCode": failure.code, "errorMessage": failure.message}
    if is_data:
        record["resources"] = [{"type": served.data_type, "ARN": served.resource}]
    return record


def shown(value: Any) -> Any:
    """A request's parameters as they are recorded: first letters small, nothing confidential."""
    if isinstance(value, Mapping):
        return {
            str(name)[:1].lower() + str(name)[1:]: shown(one)
            for name, one in value.items()
            if str(name).lower() not in _HIDDEN
        }
    if isinstance(value, list | tuple):
        return [shown(one) for one in value]
    if isinstance(value, str):
        return value[:_SHOWN_CHARACTERS_MAX]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
