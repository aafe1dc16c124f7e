"""The services behind the desk's ports, on moto and on canned replies."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import ANY, Stubber

from desk.errors import DeskError
from desk.redrive import Message, RedriveReport, redrive
from desk.replay import Upload
from desk.services import LambdaProcessor, S3Results, S3Uploads, SqsFailedEvents
from desk.stack import Stack, find, outputs_of
from processor.domain.file import ObjectVersion
from processor.errors import ServiceRefused, ServiceUnavailable
from tests.support.desk_fakes import InMemoryQueue

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/k"
BUCKET = "uploads"
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def bucket(s3: Any) -> Any:
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


def put(s3: Any, key: str, body: bytes, **more: Any) -> str:
    version_id: str = s3.put_object(Bucket=BUCKET, Key=key, Body=body, **more)["VersionId"]
    return version_id


@pytest.mark.parametrize("copy_bytes_max", [5, 4], ids=["one call", "in parts"])
def test_an_old_version_is_copied_onto_its_key_encrypted_and_with_what_its_sender_said(
    bucket: Any, copy_bytes_max: int
) -> None:
    key = "a b+c/ü%.csv"
    headers = {"ContentType": "text/csv", "ContentLanguage": "de"}
    old = put(bucket, key, b"12345", Metadata={"sender": "partner"}, **headers)
    put(bucket, key, b"newer")
    uploads = S3Uploads(bucket, BUCKET, KEY_ARN, copy_bytes_max)
    upload = uploads.look(key, old)

    new = uploads.copy(upload, {"replay-of": "file"})

    assert upload == Upload(
        ObjectVersion(BUCKET, key, old), 5, {"sender": "partner"}, upload.headers
    )
    got = bucket.get_object(Bucket=BUCKET, Key=key, VersionId=new)
    assert new not in (None, old)
    assert got["Body"].read() == b"12345"
    assert got["Metadata"] == {"replay-of": "file"}
    assert (got["ServerSideEncryption"], got["SSEKMSKeyId"]) == ("aws:kms", KEY_ARN)
    assert {name: got[name] for name in headers} == headers


def test_a_copy_in_parts_that_another_upload_follows_has_no_known_version(bucket: Any) -> None:
    put(bucket, "k", b"12345")
    uploads = S3Uploads(bucket, BUCKET, KEY_ARN, 4)
    upload = uploads.look("k", None)
    copy = bucket.copy

    def copy_and_overwrite(*arguments: Any, **named: Any) -> None:
        copy(*arguments, **named)
        put(bucket, "k", b"somebody else's")

    bucket.copy = copy_and_overwrite

    assert uploads.copy(upload, {"replay-of": "file"}) is None


def test_a_new_object_is_put_encrypted_and_only_if_its_key_is_free(bucket: Any) -> None:
    uploads = S3Uploads(bucket, BUCKET, KEY_ARN)

    first = uploads.put_if_absent("k", io.BytesIO(b"one"), {"replay-of": "rejects"})
    second = uploads.put_if_absent("k", io.BytesIO(b"two"), {})

    got = bucket.get_object(Bucket=BUCKET, Key="k")
    assert second is None
    assert got["VersionId"] == first
    assert got["Body"].read() == b"one"
    assert got["Metadata"] == {"replay-of": "rejects"}
    assert (got["ServerSideEncryption"], got["SSEKMSKeyId"]) == ("aws:kms", KEY_ARN)


def test_what_is_not_there_is_told_from_what_may_not_be_read(bucket: Any) -> None:
    version_id = put(bucket, "k", b"x")
    bucket.delete_object(Bucket=BUCKET, Key="k")
    uploads, results = S3Uploads(bucket, BUCKET, KEY_ARN), S3Results(bucket, BUCKET)

    with pytest.raises(DeskError, match="there is no file k in uploads"):
        uploads.look("k", None)
    assert results.read("k") is None
    assert results.read("k", version_id) == b"x"
    assert uploads.look("k", version_id).size_bytes == 1
    with pytest.raises(ServiceRefused, match="NoSuchBucket"):
        S3Results(bucket, "another").read("k")


def test_a_bucket_without_versions_has_nothing_to_replay(s3: Any) -> None:
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")

    with pytest.raises(DeskError, match="keeps no versions"):
        S3Uploads(s3, BUCKET, KEY_ARN).look("k", None)


type Call = Callable[[Any], object]
UPLOAD = Upload(ObjectVersion(BUCKET, "k", "v1"), 1)
CALLS: dict[str, tuple[str, str, Call]] = {
    "look": ("s3", "head_object", lambda c: S3Uploads(c, BUCKET, KEY_ARN).look("k", None)),
    "copy": ("s3", "copy_object", lambda c: S3Uploads(c, BUCKET, KEY_ARN).copy(UPLOAD, {})),
    "put": (
        *("s3", "put_object"),
        lambda c: S3Uploads(c, BUCKET, KEY_ARN).put_if_absent("k", io.BytesIO(b"x"), {}),
    ),
    "read": ("s3", "get_object", lambda c: S3Results(c, BUCKET).read("k")),
    "receive": ("sqs", "receive_message", lambda c: SqsFailedEvents(c, "https://q").receive()),
    "show": (
        "sqs",
        "change_message_visibility",
        lambda c: SqsFailedEvents(c, "https://q").show(Message("m", "handle", "{}")),
    ),
    "start": ("lambda", "invoke", lambda c: LambdaProcessor(c, "f").start(b"{}")),
    "answer": ("lambda", "invoke", lambda c: LambdaProcessor(c, "f").answer({})),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("TooManyRequestsException", 429, ServiceUnavailable),
        ("SlowDown", 503, ServiceUnavailable),
        ("InternalError", 500, ServiceUnavailable),
        ("AccessDenied", 403, ServiceRefused),
    ],
)
def test_each_call_s_failure_is_told_by_operation_and_code(
    aws: None, name: str, code: str, status: int, error: type[Exception]
) -> None:
    service, operation, call = CALLS[name]
    client: Any = boto3.client(service, config=ONCE)  # type: ignore[call-overload]  # The service is a parameter here.
    with Stubber(client) as stubber:
        stubber.add_client_error(operation, code, "quotes a value", http_status_code=status)

        with pytest.raises(error, match=code) as failure:
            call(client)

    assert "quotes a value" not in str(failure.value)


def test_a_throttled_event_is_left_and_those_behind_it_are_sent(function: Any) -> None:
    report = RedriveReport()
    queue = InMemoryQueue()
    queue.add({"number": 1}, {"number": 2})
    with Stubber(function) as stubber:
        stubber.add_client_error("invoke", "TooManyRequestsException", http_status_code=429)
        stubber.add_response("invoke", invoked(202))

        redrive(queue, LambdaProcessor(function, "f"), report, 10)

    assert [one.reason for one in report.left] == [
        "was not accepted: Invoke: TooManyRequestsException"
    ]
    assert [one.message_id for one in report.sent] == ["m2"]


def test_an_upload_that_meets_another_one_is_asked_again_later(aws: None) -> None:
    client = boto3.client("s3", config=ONCE)
    with Stubber(client) as stubber:
        stubber.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)

        with pytest.raises(ServiceUnavailable):
            S3Uploads(client, BUCKET, KEY_ARN).put_if_absent("k", io.BytesIO(b"x"), {})


def test_messages_come_with_what_lambda_says_and_go_when_deleted(aws: None) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="failed-events")["QueueUrl"]
    said: Any = {"ErrorCode": {"DataType": "Number", "StringValue": "200"}}
    sqs.send_message(QueueUrl=url, MessageBody='{"a": 1}', MessageAttributes=said)
    queue = SqsFailedEvents(sqs, url)

    (message,) = queue.receive()

    assert (message.body, message.attributes) == ('{"a": 1}', {"ErrorCode": "200"})
    assert queue.receive() == []
    queue.show(message)
    (again,) = queue.receive()
    queue.delete(again)
    left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert again.message_id == message.message_id
    assert left["ApproximateNumberOfMessagesNotVisible"] == "0"


@pytest.fixture
def function(aws: None) -> Any:
    return boto3.client("lambda", config=ONCE)


def invoked(status: int, payload: bytes = b"", **more: Any) -> dict[str, Any]:
    return {"StatusCode": status, "Payload": io.BytesIO(payload), **more}


def test_an_event_is_accepted_with_202_and_nothing_else(function: Any) -> None:
    asked = {"FunctionName": "f", "InvocationType": "Event", "Payload": b'{"a":1}'}
    with Stubber(function) as stubber:
        stubber.add_response("invoke", invoked(202), asked)
        stubber.add_response("invoke", invoked(204), asked)
        processor = LambdaProcessor(function, "f")

        processor.start(b'{"a":1}')
        with pytest.raises(ServiceUnavailable, match="status 204"):
            processor.start(b'{"a":1}')


def test_an_answer_is_waited_for_and_a_failure_of_the_function_is_its_own_words(
    function: Any,
) -> None:
    failure = json.dumps({"errorType": "EventFailed", "errorMessage": "BAD_EVENT: x"}).encode()
    with Stubber(function) as stubber:
        stubber.add_response(
            "invoke", invoked(200, b'{"b": 2}'), {"FunctionName": "f", "Payload": b'{"a": 1}'}
        )
        stubber.add_response(
            "invoke",
            invoked(200, failure, FunctionError="Unhandled"),
            {"FunctionName": ANY, "Payload": ANY},
        )
        processor = LambdaProcessor(function, "f")

        assert processor.answer({"a": 1}) == {"b": 2}
        with pytest.raises(DeskError, match="EventFailed: BAD_EVENT: x"):
            processor.answer({"a": 1})


def test_a_stack_is_known_by_its_outputs(aws: None) -> None:
    client: Any = boto3.client("cloudformation", config=ONCE)
    described = {
        "StackName": "s",
        "CreationTime": datetime(2026, 3, 1, tzinfo=UTC),
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": "FailedEventsQueueUrl", "OutputValue": "https://q"}],
    }
    with Stubber(client) as stubber:
        stubber.add_response("describe_stacks", {"Stacks": [described]}, {"StackName": "s"})
        stubber.add_client_error("describe_stacks", "ValidationError", http_status_code=400)
        stubber.add_client_error("describe_stacks", "AccessDenied", http_status_code=403)

        stack = Stack("s", boto3.Session(), outputs_of(client, "s"))

        with pytest.raises(DeskError, match="no stack s in eu-central-1"):
            outputs_of(client, "s")
        with pytest.raises(ServiceRefused, match="DescribeStacks: AccessDenied"):
            outputs_of(client, "s")
    assert stack.output("FailedEventsQueueUrl") == "https://q"
    with pytest.raises(DeskError, match="no output TransactionDataBucketName"):
        stack.output("TransactionDataBucketName")


def test_a_profile_that_is_not_there_is_told(aws: None) -> None:
    with pytest.raises(DeskError, match="nobody"):
        find("s", profile="nobody")


def test_who_waits_for_the_function_asks_once_and_long_enough(aws: None) -> None:
    stack = Stack("s", boto3.Session(), {})

    waiting = stack.client("lambda", waits_for_function=True).meta.config
    other = stack.client("lambda").meta.config

    assert waiting.read_timeout > 900
    assert waiting.retries["total_max_attempts"] == 1
    assert other.retries["total_max_attempts"] == 5
