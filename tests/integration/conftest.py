"""What every integration test asks of its surroundings: a deployed stack, and who may use it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integration import calls
from tests.integration.calls import Phase
from tests.integration.delivery import Desk
from tests.integration.deployed import ENDPOINT, STACK_NAME, Stack, client, describe, is_embedded
from tests.support.unique import unique_letters

IDENTITIES = {"deployer", "sender", "tester", "function", "function-code"}
"""Profiles that the embedded AWS hands out, one a role in the story. The last is for the function's
code in another process only: what is called with it must be granted, as the function's calls."""


LAST = "test_every_call_is_granted.py"
"""Looks back at the calls of all other tests."""

IS_WHOLE = pytest.StashKey[bool]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the test that looks back behind all others, and notes whether any file is missing."""
    items.sort(key=lambda item: item.path.name == LAST)
    here = Path(__file__).parent
    collected = {item.path for item in items}
    config.stash[IS_WHOLE] = collected >= set(here.glob("test_*.py"))


@pytest.fixture(scope="session")
def whole_suite(request: pytest.FixtureRequest) -> bool:
    """Whether every integration test was asked for: all files, and nothing left out of them."""
    # Without nodes of its own, `-k` and `-m` leave their mark in the options only.
    option = request.config.option
    picked = [argument for argument in request.config.args if "::" in argument]
    return request.config.stash[IS_WHOLE] and not (option.keyword or option.markexpr or picked)


@pytest.fixture
def refusals_meant(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tells the record of calls that the function is made to do what it may not."""
    with calls.phase(Phase.REFUSALS_MEANT, request.node.nodeid):
        yield


@pytest.fixture(scope="session", autouse=True)
def stack() -> Stack:
    """The stack that AWS_SAM_STACK_NAME names."""
    name = os.environ.get(STACK_NAME)
    if not name:
        pytest.skip(f"{STACK_NAME} names no deployed stack; `make test-integration` makes one")
    return describe(name)


@pytest.fixture(scope="session")
def embedded(stack: Stack) -> None:
    """Skips where no identities but the caller's own are at hand."""
    if not is_embedded():
        pytest.skip(f"needs the identities of the embedded AWS ({ENDPOINT} is not set)")
    missing = IDENTITIES - set(boto3.Session().available_profiles)
    if missing:
        pytest.fail(f"{ENDPOINT} is set, but these of its profiles are not there: {missing}")


@pytest.fixture(scope="session")
def sender(stack: Stack) -> Any:
    """An S3 client that may put objects into the data bucket, and that every Deny binds."""
    if is_embedded():
        return client("s3", "sender")
    caller = client("sts").get_caller_identity()["Arn"]
    if caller.endswith(":root"):
        pytest.skip("the root user is no sender: run the tests under a role or a user")
    return client("s3")


@pytest.fixture(scope="module")
def run() -> str:
    """Tells a module's files and transactions from those of any other, and of any other run."""
    return unique_letters(10)


@pytest.fixture(scope="session")
def desk(stack: Stack, sender: Any) -> Desk:
    """Uploads files, and waits for their receipts."""
    return Desk(stack, sender, f"integration/{unique_letters(10)}/")


@pytest.fixture
def notifications_lost(embedded: None, stack: Stack) -> Iterator[None]:
    """As if S3's notifications got lost meanwhile: uploads start nothing until the test is over."""
    with without_notifications(stack):
        yield


@pytest.fixture(scope="module")
def lost_notifications(embedded: None, stack: Stack) -> Iterator[None]:
    """The same, until the last test of the module is over."""
    with without_notifications(stack):
        yield


@contextmanager
def without_notifications(stack: Stack) -> Iterator[None]:
    """The buckets notify nobody: what is uploaded or queued waits."""
    s3 = client("s3", "deployer")
    names = ("TransactionDataBucketName", "TransactionResultsBucketName")
    configurations = {}
    for bucket in (stack.outputs[name] for name in names):
        configurations[bucket] = s3.get_bucket_notification_configuration(Bucket=bucket)
        configurations[bucket].pop("ResponseMetadata")
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    try:
        yield
    finally:
        for bucket, configuration in configurations.items():
            s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration=configuration
            )
