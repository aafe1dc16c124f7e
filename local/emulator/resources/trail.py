"""AWS::CloudTrail::Trail, which MiniStack rejects.

Source: CloudFormation Template Reference, "AWS::CloudTrail::Trail".
"""

import json
from typing import Any

from local.emulator.service import Clients
from local.emulator.stacks import Attributes, Completions, Properties, Resource

_FLAGS = ("IncludeGlobalServiceEvents", "IsMultiRegionTrail", "IsOrganizationTrail")
_LOG_GROUP = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")
_TEXTS = ("S3KeyPrefix", "SnsTopicName", *_LOG_GROUP)


def register(completions: Completions) -> None:
    """Make trails."""
    completions.instead("AWS::CloudTrail::Trail", _create_trail, _delete_trail)


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _create_trail(resource: Resource) -> tuple[str, Attributes]:
    properties = resource.properties
    name = properties.get("TrailName") or f"{resource.place.stack_name}-{resource.place.logical_id}"
    wanted: dict[str, Any] = {"Name": name, "S3BucketName": properties["S3BucketName"]}
    for flag in _FLAGS:
        if flag in properties:
            wanted[flag] = _is_true(properties[flag])
    for text in _TEXTS:
        if properties.get(text):
            wanted[text] = properties[text]
    if "EnableLogFileValidation" in properties:
        wanted["EnableLogFileValidation"] = _is_true(properties["EnableLogFileValidation"])
    if properties.get("KMSKeyId"):
        wanted["KmsKeyId"] = properties["KMSKeyId"]
    if properties.get("Tags"):
        wanted["TagsList"] = [dict(tag) for tag in properties["Tags"]]
    trail = resource.aws("cloudtrail")
    arn = trail.create_trail(**wanted)["TrailARN"]
    logs = {text: wanted[text] for text in _LOG_GROUP if text in wanted}
    if logs:
        # CreateTrail drops them here, UpdateTrail does not.
        trail.update_trail(Name=name, **logs)
    _select_events(resource, name)
    if _is_true(properties["IsLogging"]):
        trail.start_logging(Name=name)
    resource.not_emulated("log files", "events go to the log group, and no file to the bucket")
    resource.not_emulated("data events", "only calls that were refused are written")
    return name, {"Arn": arn}


def _select_events(resource: Resource, name: str) -> None:
    trail = resource.aws("cloudtrail")
    advanced = resource.properties.get("AdvancedEventSelectors")
    basic = resource.properties.get("EventSelectors")
    if advanced:
        trail.put_event_selectors(TrailName=name, AdvancedEventSelectors=_plain(advanced))
    elif basic:
        selectors = []
        for selector in _plain(basic):
            if "IncludeManagementEvents" in selector:
                include = _is_true(selector["IncludeManagementEvents"])
                selector["IncludeManagementEvents"] = include
            selectors.append(selector)
        trail.put_event_selectors(TrailName=name, EventSelectors=selectors)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _delete_trail(aws: Clients, physical_id: str, _properties: Properties) -> None:
    aws("cloudtrail").delete_trail(Name=physical_id)
