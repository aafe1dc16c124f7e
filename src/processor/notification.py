"""From an event to object versions and tasks; the only place that decodes keys."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from processor.domain.file import ObjectVersion
from processor.domain.task import WORK_PREFIX

EVENT_MAJOR_VERSION = "2"
"""Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
("check the major version for equality, the minor for greater or equal")."""

type Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Notification:
    """What an event asks for.

    Args:
        versions: Object versions to process, in the event's order, each once.
        tasks: Keys of tasks to perform, in the event's order, each once.
        sweep_minutes: Age from which a file without receipt is to be found; None for no sweep.
        ignored: What the event also held and nobody needs to act on, in words.
        bad: What it held of no known shape, in words, never with the event's values.
    """

    versions: list[ObjectVersion] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    sweep_minutes: int | None = None
    ignored: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


def parse_event(event: object, results_bucket: str) -> Notification:
    """Reads an S3 event, bare or wrapped by SQS, SNS or EventBridge, S3's test event, or the order
    to sweep: `{"sweep": {"olderThanMinutes": 60}}`.

    One record of unknown shape does not hide the others: it is listed as bad, and they are read.

    Args:
        event: The Lambda event.
        results_bucket: Objects there are this function's own output: tasks are performed, and
            nothing else is processed, so that no notification can make it run in a circle.
    """
    notification = Notification()
    if isinstance(event, Mapping) and "sweep" in event:
        return _read_sweep(event["sweep"])
    for record in _records(event, notification):
        _read_record(record, results_bucket, notification)
    return notification


def _read_sweep(order: object) -> Notification:
    minutes = order.get("olderThanMinutes") if isinstance(order, Mapping) else None
    if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes < 0:
        return Notification(bad=["sweep names no olderThanMinutes"])
    return Notification(sweep_minutes=minutes)


def _records(event: object, notification: Notification) -> Iterator[Json]:
    """The S3 records within whatever wraps them."""
    if not isinstance(event, Mapping):
        notification.bad.append("event is no JSON object")
    elif event.get("Event") == "s3:TestEvent":
        notification.ignored.append("s3:TestEvent")
    elif event.get("source") == "aws.s3" and "detail-type" in event:
        yield event
    elif isinstance(event.get("Records"), list) and event["Records"]:
        for record in event["Records"]:
            yield from _unwrap(record, notification)
    else:
        notification.bad.append("event has no Records")


def _unwrap(record: object, notification: Notification) -> Iterator[Json]:
    if not isinstance(record, Mapping):
        notification.bad.append("record is no JSON object")
        return
    sns = record.get("Sns")
    wrapped = record.get("body") if record.get("eventSource") == "aws:sqs" else None
    if isinstance(sns, Mapping):
        wrapped = sns.get("Message")
    if wrapped is None:
        yield record
        return
    try:
        inner = json.loads(wrapped) if isinstance(wrapped, str) else None
    except (ValueError, RecursionError):  # The parser's answer to very deep nesting.
        inner = None
    yield from _records(inner, notification)


def _read_record(record: Json, results_bucket: str, notification: Notification) -> None:
    is_eventbridge = "detail-type" in record
    event_name = str(record.get("detail-type" if is_eventbridge else "eventName"))
    if not is_eventbridge and not _is_known_s3_record(record):
        notification.bad.append("record is not an S3 event of version 2")
        return
    if not event_name.startswith(("ObjectCreated:", "Object Created")):
        notification.ignored.append("event other than ObjectCreated")
        return
    version = _eventbridge_version(record) if is_eventbridge else _s3_version(record)
    if version is None:
        notification.bad.append("record names no bucket and key")
    elif version.bucket == results_bucket:
        if not version.key.startswith(WORK_PREFIX):
            notification.ignored.append("object in the results bucket that is no task")
        elif version.key not in notification.tasks:
            notification.tasks.append(version.key)
    elif version not in notification.versions:
        notification.versions.append(version)


def _is_known_s3_record(record: Json) -> bool:
    version = record.get("eventVersion")
    return (
        record.get("eventSource") == "aws:s3"
        and isinstance(version, str)
        and version.split(".")[0] == EVENT_MAJOR_VERSION
    )


def _s3_version(record: Json) -> ObjectVersion | None:
    s3 = record.get("s3")
    if not isinstance(s3, Mapping):
        return None
    return _version(s3.get("bucket"), s3.get("object"), "versionId", "eTag", encoded=True)


def _eventbridge_version(record: Json) -> ObjectVersion | None:
    """EventBridge gives keys as they are, where S3 encodes them."""
    detail = record.get("detail")
    if not isinstance(detail, Mapping):
        return None
    return _version(detail.get("bucket"), detail.get("object"), "version-id", "etag", encoded=False)


def _version(
    bucket: object, stored: object, version_name: str, etag_name: str, *, encoded: bool
) -> ObjectVersion | None:
    if not isinstance(bucket, Mapping) or not isinstance(stored, Mapping):
        return None
    name, key = bucket.get("name"), stored.get("key")
    if not isinstance(name, str) or not name or not isinstance(key, str) or not key:
        return None
    try:
        key = unquote_plus(key, errors="strict") if encoded else key
    except UnicodeDecodeError:
        return None
    size = stored.get("size")
    return ObjectVersion(
        name,
        key,
        _version_id(stored.get(version_name)),
        _text_or_none(stored.get(etag_name)),
        size if isinstance(size, int) else None,
    )


def _version_id(value: object) -> str | None:
    """None for "null" too: S3's name for the version of an object that can be overwritten."""
    version_id = _text_or_none(value)
    return None if version_id == "null" else version_id


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
