"""An event that is none of S3's may hold anything; nothing of it is told."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from processor.domain.file import ObjectVersion
from tests.support.events import s3_event
from tests.support.leaks import deliver, findings
from tests.support.marked import Search
from tests.support.marked_files import BAD, GOOD
from tests.support.world import World


def event_with(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    event = s3_event(ObjectVersion("data", "in/file.csv", "v1"))
    change(event["Records"][0])
    return event


BAD_EVENTS: dict[str, object] = {
    "the record itself": GOOD,
    "records of values": {"Records": [GOOD, BAD, [BAD]]},
    "text": json.dumps(GOOD),
    "an unknown source": event_with(
        lambda record: record.update(eventSource=BAD, eventVersion=BAD)
    ),
    "an unknown event": event_with(lambda record: record.update(eventName=BAD)),
    "no key": event_with(lambda record: record.update(s3={"object": GOOD, "bucket": GOOD})),
    "in a queue's message": {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(GOOD)}]},
    "in a topic's message": {"Records": [{"Sns": {"Message": json.dumps(GOOD)}}]},
    "in a bus's event": {"source": "aws.s3", "detail-type": BAD, "detail": GOOD},
}


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_no_event_that_is_none_is_quoted(name: str) -> None:
    world = World()

    run = deliver(world, event=BAD_EVENTS[name])

    assert "BAD_EVENT" in run.error or "ignored" in run.output
    assert findings(world, run) == []


def test_no_environment_variable_makes_the_logger_quote_the_event() -> None:
    # In a process of its own: the variables are read when the module is imported.
    script = (
        "import json, sys, types\n"
        "from processor.app import lambda_handler\n"
        "names = 'function_name', 'memory_limit_in_mb', 'invoked_function_arn', 'aws_request_id'\n"
        "lambda_handler(json.load(sys.stdin), types.SimpleNamespace(**dict.fromkeys(names, '1')))\n"
    )
    told = {
        "POWERTOOLS_LOG_LEVEL": "DEBUG",
        "POWERTOOLS_LOGGER_LOG_EVENT": "true",
        "POWERTOOLS_LOGGER_SAMPLE_RATE": "1",
        "POWERTOOLS_DEBUG": "true",
        "POWERTOOLS_DEV": "true",
    }

    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps({"Records": [GOOD]}),
        env={"PYTHONPATH": "src", "AWS_DEFAULT_REGION": "eu-central-1", **told},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "ConfigurationInvalid: the environment lacks CONFIG_SECRET_ARN" in done.stderr
    assert "[DEBUG]" in done.stdout + done.stderr
    assert Search().findings({"output": done.stdout + done.stderr}) == []
