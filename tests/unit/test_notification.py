"""Events of every shape: what is to be processed, what nobody needs, and what is bad."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.file import ObjectVersion
from processor.notification import Notification, parse_event
from tests.support.corpora import CORPORA, needs_corpora
from tests.support.events import s3_event

ROOT = Path(__file__).resolve().parents[2]
RESULTS = "results"

type Json = dict[str, Any]


def record(key: str = "file.csv", **changes: Any) -> Json:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": {"name": "uploads"},
            "object": {"key": key, "size": 7, "eTag": "etag", "versionId": "v1"},
        },
    } | changes


def version(key: str = "file.csv") -> ObjectVersion:
    return ObjectVersion("uploads", key, "v1", "etag", 7)


def parse(*records: object) -> Notification:
    return parse_event({"Records": list(records)}, RESULTS)


def sqs(body: object) -> Json:
    return {"eventSource": "aws:sqs", "body": body}


def corpus_event(name: str) -> object:
    return json.loads((CORPORA / "s3-events" / name).read_text())


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("a+b%2Bc/%C3%BC%25.csv", "a b+c/ü%.csv"),
        ("plain.csv", "plain.csv"),
        ("100%2525.csv", "100%25.csv"),
        ("%2B%20+.csv", "+  .csv"),
        ("%F0%9F%98%80.csv", "\U0001f600.csv"),
        ("a%0Ab%00.csv", "a\nb\0.csv"),
        ("..%2F..%2Fetc", "../../etc"),
        ("/leading//double/", "/leading//double/"),
    ],
)
def test_a_key_is_decoded_exactly_once(encoded: str, key: str) -> None:
    assert parse(record(encoded)).versions == [version(key)]


def test_eventbridge_keys_are_taken_as_they_are() -> None:
    event = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {
            "bucket": {"name": "uploads"},
            "object": {"key": "a+b%20.csv", "size": 7, "etag": "etag", "version-id": "v1"},
        },
    }

    assert parse_event(event, RESULTS).versions == [version("a+b%20.csv")]


def test_what_an_event_leaves_out_is_none() -> None:
    bare = record(s3={"bucket": {"name": "uploads"}, "object": {"key": "k", "versionId": ""}})

    assert parse(bare).versions == [ObjectVersion("uploads", "k")]


def test_the_version_null_is_none_since_it_can_be_overwritten() -> None:
    event = s3_event(ObjectVersion("b", "k", "null", "e1", 1))

    (version,) = parse_event(event, "results").versions

    assert version.version_id is None
    assert version.version == "etag-e1"


def test_records_are_kept_in_their_order_and_each_version_once() -> None:
    notification = parse(record("b"), record("a"), record("b"), record("c"), record("a"))

    assert notification == Notification([version("b"), version("a"), version("c")])


@pytest.mark.parametrize("event_version", ["2.0", "2.1", "2.3", "2.99"])
def test_every_minor_version_of_the_known_major_one_is_read(event_version: str) -> None:
    assert parse(record(eventVersion=event_version)).versions == [version()]


@pytest.mark.parametrize(
    "unknown",
    [
        record("unknown", eventVersion="3.0"),
        record("unknown", eventVersion="1.9"),
        record("unknown", eventVersion="21.0"),
        record("unknown", eventVersion=None),
        record("unknown", eventVersion=2.1),
        record("unknown", eventSource="aws:dynamodb"),
        record("unknown", s3=None),
        record("unknown", s3={}),
        record("unknown", s3={"bucket": {"name": "b"}, "object": {}}),
        record("unknown", s3={"bucket": {"name": ""}, "object": {"key": "unknown"}}),
        record("unknown", s3={"bucket": {"name": "b"}, "object": {"key": ""}}),
        record("unknown", s3={"bucket": "unknown", "object": {"key": "unknown"}}),
        record("unknown", s3={"bucket": {"name": 1}, "object": {"key": 2}}),
        # Not UTF-8: another key than the one that was uploaded would come of it.
        record("unknown", s3={"bucket": {"name": "b"}, "object": {"key": "%ff.csv"}}),
        {},
        None,
        "unknown",
        ["unknown"],
        sqs(None),
        sqs("unknown {"),
        sqs("[" * 200_000),
        sqs('{"Records": []}'),
        sqs('"unknown"'),
        {"Sns": {"Message": "unknown"}},
        {"Sns": {}},
    ],
)
def test_a_record_of_unknown_shape_is_listed_and_hides_no_other(unknown: object) -> None:
    notification = parse(record("before"), unknown, record("behind"))

    assert notification.versions == [version("before"), version("behind")]
    assert len(notification.bad) == 1
    assert "unknown" not in notification.bad[0].replace("unknown shape", "")


@pytest.mark.parametrize(
    "name", ["ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated", "LifecycleExpiration:X"]
)
def test_other_things_that_happen_to_objects_are_ignored(name: str) -> None:
    notification = parse(record("a"), record("gone", eventName=name))

    assert notification.versions == [version("a")]
    assert len(notification.ignored) == 1
    assert notification.bad == []


def test_the_function_s_own_output_is_never_processed() -> None:
    own = record(s3={"bucket": {"name": RESULTS}, "object": {"key": "receipts/x.json"}})

    notification = parse(own, record())

    assert notification.versions == [version()]
    assert len(notification.ignored) == 1


def test_s3_s_test_event_is_ignored_bare_and_wrapped() -> None:
    test_event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"}

    for event in (test_event, {"Records": [sqs(json.dumps(test_event))]}):
        assert parse_event(event, RESULTS) == Notification(ignored=["s3:TestEvent"])


def test_wrappers_within_wrappers_are_opened() -> None:
    inner = json.dumps({"Records": [record("a"), record("b")]})
    through_sns = sqs(json.dumps({"Records": [{"Sns": {"Message": inner}}]}))

    notification = parse(sqs(inner), through_sns, record("c"))

    assert notification == Notification([version("a"), version("b"), version("c")])


@pytest.mark.parametrize("event", [None, "x", 1, [], {}, {"Records": []}, {"Records": "x"}])
def test_an_event_without_records_is_bad(event: object) -> None:
    notification = parse_event(event, RESULTS)

    assert notification.versions == []
    assert len(notification.bad) == 1


@needs_corpora
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("s3Event.json", ["b21b84d653bb07b05b1e6b33684dc11b"]),
        ("s3EventBridgeNotificationObjectCreatedEvent.json", ["IMG_m7fzo3.jpg"]),
        ("s3EventDecodedKey.json", ["Happy Face.jpg"]),
        ("s3EventGlacier.json", ["b21b84d653bb07b05b1e6b33684dc11b"]),
        ("s3SqsEvent.json", ["test.pdf"]),
    ],
)
def test_uploads_of_the_corpus_are_found(name: str, keys: list[str]) -> None:
    notification = parse_event(corpus_event(name), RESULTS)

    assert [found.key for found in notification.versions] == keys
    assert notification.bad == []


@needs_corpora
@pytest.mark.parametrize(
    "name",
    [
        "s3EventBridgeNotificationObjectDeletedEvent.json",
        "s3EventBridgeNotificationObjectExpiredEvent.json",
        "s3EventBridgeNotificationObjectRestoreCompletedEvent.json",
        "s3EventDeleteObject.json",
    ],
)
def test_what_is_no_upload_in_the_corpus_is_ignored(name: str) -> None:
    notification = parse_event(corpus_event(name), RESULTS)

    assert (notification.versions, notification.bad) == ([], [])
    assert notification.ignored


@needs_corpora
@pytest.mark.parametrize(
    "name",
    [
        "s3BatchOperationEventSchemaV1.json",
        "s3BatchOperationEventSchemaV2.json",
        "s3ObjectEventIAMUser.json",
        "s3ObjectEventTempCredentials.json",
    ],
)
def test_events_of_other_services_in_the_corpus_are_bad(name: str) -> None:
    notification = parse_event(corpus_event(name), RESULTS)

    assert (notification.versions, notification.ignored) == ([], [])
    assert notification.bad == ["event has no Records"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "events").glob("*.json")), ids=lambda path: path.name
)
def test_sample_events_are_understood(path: Path) -> None:
    notification = parse_event(json.loads(path.read_text()), RESULTS)

    assert notification.bad == []
    assert notification.versions or notification.ignored


NAMES = st.sampled_from(
    [
        *("Records", "Event", "Service", "Sns", "Message", "body"),
        *("eventSource", "eventVersion", "eventName", "s3", "bucket", "object"),
        *("name", "key", "size", "eTag", "versionId", "source"),
        *("detail", "detail-type", "version-id"),
    ]
)
VALUES = st.sampled_from(["aws:s3", "aws:sqs", "aws.s3", "2.1", "ObjectCreated:Put", "a+%", "%ff"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=5)
        | inner.map(json.dumps)
    ),
    max_leaves=15,
)


@given(ANY_JSON)
@settings(max_examples=300, deadline=None)
def test_garbage_of_any_shape_never_raises_and_hides_no_other_record(garbage: Any) -> None:
    alone = parse_event(garbage, RESULTS)
    beside = parse(garbage, record(s3=garbage), sqs(garbage), record())

    assert alone.versions or alone.ignored or alone.bad
    assert version() in beside.versions


@pytest.mark.parametrize("path", sorted((ROOT / "events").glob("*.json")), ids=lambda p: p.stem)
def test_how_often_an_event_was_sent_again_changes_nothing_of_it(path: Path) -> None:
    event = json.loads(path.read_text())

    assert parse_event(event | {"redrives": 2}, RESULTS) == parse_event(event, RESULTS)
