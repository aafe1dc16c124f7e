"""AWS::S3::Bucket: everything that MiniStack's CloudFormation drops.

Sources: CloudFormation Template Reference, "AWS::S3::Bucket"; S3 API Reference.
"""

from typing import Any

from local.emulator.stacks import Attributes, Completions, Resource

Json = dict[str, Any]


def register(completions: Completions) -> None:
    """Complete buckets."""
    completions.after("AWS::S3::Bucket", _complete)


def _complete(resource: Resource) -> Attributes:
    # Ownership first: it decides whether a log bucket takes the log service's grants.
    _ownership(resource)
    _encryption(resource)
    _lifecycle(resource)
    _object_lock(resource)
    _logging(resource)
    _tags(resource)
    return {}


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _ownership(resource: Resource) -> None:
    controls = resource.properties.get("OwnershipControls")
    if not controls:
        return
    resource.aws("s3").put_bucket_ownership_controls(
        Bucket=resource.physical_id,
        OwnershipControls={
            "Rules": [{"ObjectOwnership": rule["ObjectOwnership"]} for rule in controls["Rules"]]
        },
    )
    resource.completed("OwnershipControls")


def _encryption(resource: Resource) -> None:
    encryption = resource.properties.get("BucketEncryption")
    if not encryption:
        return
    rules = []
    for rule in encryption["ServerSideEncryptionConfiguration"]:
        api_rule: Json = {}
        default = rule.get("ServerSideEncryptionByDefault")
        if default:
            api_rule["ApplyServerSideEncryptionByDefault"] = dict(default)
        if "BucketKeyEnabled" in rule:
            api_rule["BucketKeyEnabled"] = _is_true(rule["BucketKeyEnabled"])
        rules.append(api_rule)
    resource.aws("s3").put_bucket_encryption(
        Bucket=resource.physical_id, ServerSideEncryptionConfiguration={"Rules": rules}
    )
    resource.completed("BucketEncryption")


def _lifecycle(resource: Resource) -> None:
    lifecycle = resource.properties.get("LifecycleConfiguration")
    if not lifecycle:
        return
    resource.aws("s3").put_bucket_lifecycle_configuration(
        Bucket=resource.physical_id,
        LifecycleConfiguration={
            "Rules": [_lifecycle_rule(resource, rule) for rule in lifecycle["Rules"]]
        },
    )
    resource.completed("LifecycleConfiguration")
    resource.not_emulated("LifecycleConfiguration", "shown, but no object is moved or expired")


def _lifecycle_rule(resource: Resource, rule: Json) -> Json:
    left = dict(rule)
    api: Json = {"Status": left.pop("Status"), "Filter": {"Prefix": str(left.pop("Prefix", ""))}}
    if "Id" in left:
        api["ID"] = left.pop("Id")
    expiration: Json = {}
    if "ExpirationInDays" in left:
        expiration["Days"] = int(left.pop("ExpirationInDays"))
    if "ExpiredObjectDeleteMarker" in left:
        expiration["ExpiredObjectDeleteMarker"] = _is_true(left.pop("ExpiredObjectDeleteMarker"))
    if expiration:
        api["Expiration"] = expiration
    if "NoncurrentVersionExpiration" in left:
        noncurrent = left.pop("NoncurrentVersionExpiration")
        api["NoncurrentVersionExpiration"] = {name: int(n) for name, n in noncurrent.items()}
    if "AbortIncompleteMultipartUpload" in left:
        days = left.pop("AbortIncompleteMultipartUpload")["DaysAfterInitiation"]
        api["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(days)}
    if "Transitions" in left:
        api["Transitions"] = [
            {"StorageClass": step["StorageClass"], "Days": int(step["TransitionInDays"])}
            for step in left.pop("Transitions")
        ]
    if "NoncurrentVersionTransitions" in left:
        api["NoncurrentVersionTransitions"] = [
            {"StorageClass": step["StorageClass"], "NoncurrentDays": int(step["TransitionInDays"])}
            for step in left.pop("NoncurrentVersionTransitions")
        ]
    for name in left:
        resource.not_emulated(f"LifecycleConfiguration.Rules.{name}", "no completion reads it")
    return api


def _object_lock(resource: Resource) -> None:
    enabled = _is_true(resource.properties.get("ObjectLockEnabled", False))
    configuration = resource.properties.get("ObjectLockConfiguration")
    if not enabled and not configuration:
        return
    api: Json = {"ObjectLockEnabled": "Enabled"}
    retention = ((configuration or {}).get("Rule") or {}).get("DefaultRetention")
    if retention:
        default = {"Mode": retention["Mode"]}
        for unit in ("Days", "Years"):
            if unit in retention:
                default[unit] = int(retention[unit])
        api["Rule"] = {"DefaultRetention": default}
    resource.aws("s3").put_object_lock_configuration(
        Bucket=resource.physical_id, ObjectLockConfiguration=api
    )
    resource.completed("ObjectLockConfiguration")


def _logging(resource: Resource) -> None:
    logging = resource.properties.get("LoggingConfiguration")
    if not logging:
        return
    target: Json = {
        # Without a destination a bucket logs to itself.
        "TargetBucket": logging.get("DestinationBucketName", resource.physical_id),
        "TargetPrefix": logging.get("LogFilePrefix", ""),
    }
    if "TargetObjectKeyFormat" in logging:
        target["TargetObjectKeyFormat"] = logging["TargetObjectKeyFormat"]
    resource.aws("s3").put_bucket_logging(
        Bucket=resource.physical_id, BucketLoggingStatus={"LoggingEnabled": target}
    )
    resource.completed("LoggingConfiguration")
    resource.not_emulated("LoggingConfiguration", "shown, but no access log is delivered")


def _tags(resource: Resource) -> None:
    tags = resource.properties.get("Tags")
    if not tags:
        return
    resource.aws("s3").put_bucket_tagging(
        Bucket=resource.physical_id,
        Tagging={"TagSet": [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in tags]},
    )
    resource.completed("Tags")
