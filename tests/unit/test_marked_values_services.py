"""The real adapters tell no value, however much the services quote of what they were sent.

Each operation fails with errors that repeat the request and every value, in the message and beside
it, as DynamoDB does with an item that was there; and the SDK fails while it reads the answer.
"""

import json
import logging
import os

import pytest

from processor import app
from processor.adapters.aws import silence_sdk_loggers
from processor.adapters.secret import ConfigurationSecret
from processor.settings import SettingsSource
from tests.support.events import s3_event
from tests.support.marked import Search
from tests.support.marked_files import FORMATS, SOME_OF_EVERYTHING
from tests.support.marked_parts import CARD_IN_KEY
from tests.support.marked_services import (
    FAULTS,
    SEARCH,
    SECRET,
    SETTINGS,
    TOKENISATION_KEY,
    Context,
    Services,
)

OPERATIONS = (
    "HeadObject", "GetObject", "PutObject", "UpdateItem", "Query", "TransactWriteItems",
    "BatchExecuteStatement", "BatchGetItem",
)  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_error_of_a_service_tells_what_it_quotes(services: Services, operation: str) -> None:
    runs = {}

    for name, fault in FAULTS.items():
        version = services.upload(SOME_OF_EVERYTHING, f"in/{name} {CARD_IN_KEY}.csv")
        services.echo.faults = {operation: fault}
        runs[name] = services.deliver(version)

    assert services.echo.faulty_calls.keys() == {operation}
    assert services.echo.faulty_calls[operation] >= len(FAULTS)
    assert {name: SEARCH.findings(run.channels) for name, run in runs.items()} == {
        name: [] for name in FAULTS
    }


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_error_whose_effect_stays_tells_what_it_quotes(
    services: Services, operation: str
) -> None:
    version = services.upload(SOME_OF_EVERYTHING)
    services.echo.faults = {operation: FAULTS["failing"]}
    services.echo.effect_stays = True

    run = services.deliver(version)

    assert "ServiceUnavailable" in run.error
    assert SEARCH.findings(run.channels) == []


@pytest.mark.parametrize("name", FORMATS)
def test_the_handler_tells_no_value_even_where_the_whole_process_logs_at_debug(
    services: Services, name: str
) -> None:
    version = services.upload(FORMATS[name].body, FORMATS[name].key)

    run = services.handle(s3_event(version))

    assert '"file done"' in run.output
    assert '"Namespace":"TransactionProcessing"' in run.output
    assert SEARCH.findings(run.channels) == []
    assert Search(marks={}).findings(services.kept()) == []


def test_the_sdk_tells_every_value_at_debug_where_it_is_not_silenced(services: Services) -> None:
    # Otherwise the test above would find nothing, whatever the SDK wrote.
    version = services.upload(SOME_OF_EVERYTHING)
    logging.getLogger("botocore").setLevel(logging.NOTSET)

    run = services.handle(s3_event(version))

    silence_sdk_loggers()
    found = SEARCH.findings(run.channels)
    assert "SDK log: accountId, in part" in found
    assert "SDK log: tokenisation key, in part" in found


@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_of_the_secret_s_service_tells_what_it_quotes(
    services: Services, fault: str
) -> None:
    services.echo.faults = {"GetSecretValue": FAULTS[fault]}

    run = services.handle(s3_event())

    assert run.error
    assert SEARCH.findings(run.channels) == []


@pytest.mark.parametrize(
    "text",
    [
        TOKENISATION_KEY,
        f'{{"tokenization_key": "{TOKENISATION_KEY}"',
        json.dumps([TOKENISATION_KEY]),
        json.dumps({"tokenization_key": TOKENISATION_KEY}),
        json.dumps(SETTINGS | {"environment": [TOKENISATION_KEY]}),
        json.dumps(SETTINGS | {"environment": ""}),
        json.dumps({TOKENISATION_KEY: TOKENISATION_KEY}),
    ],
)
def test_no_malformed_secret_is_quoted(services: Services, text: str) -> None:
    services.secrets.put_secret_value(SecretId=SECRET, SecretString=text)

    run = services.handle(s3_event())

    assert "ConfigurationInvalid" in run.error
    assert SEARCH.findings(run.channels) == []


@pytest.mark.parametrize("key_id", ["k1", "k2"])
def test_no_key_that_was_exchanged_or_lost_is_told(
    services: Services, monkeypatch: pytest.MonkeyPatch, key_id: str
) -> None:
    versions = [services.upload(SOME_OF_EVERYTHING, f"in/{number}.csv") for number in range(2)]
    services.handle(s3_event(versions[0]))
    another = {"tokenization_key_id": key_id, "tokenization_key": TOKENISATION_KEY[::-1]}
    services.secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps(SETTINGS | another))
    source = SettingsSource(os.environ, ConfigurationSecret(services.secrets).read)
    monkeypatch.setattr(app, "_container", app.container()._replace(settings=source))

    run = services.handle(s3_event(versions[1]))

    assert "ConfigurationInvalid: the secret" in run.error
    assert SEARCH.findings(run.channels) == []


def test_too_little_time_tells_no_value(services: Services) -> None:
    version = services.upload(SOME_OF_EVERYTHING)

    run = services.handle(s3_event(version), Context(remaining_ms=1000))

    assert "OutOfTime" in run.error
    assert SEARCH.findings(run.channels) == []
