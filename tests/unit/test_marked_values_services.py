"""The real adapters tell no value, however much the services quote of what they were sent.

Each operation fails with errors that repeat the request and every value, in the message and beside
it, as DynamoDB does with an item that was there; and the SDK fails while it reads the answer.
"""

import json
import logging
import os
import random
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError, HTTPClientError
from botocore.parsers import ResponseParserError

from processor import SOFTWARE, app
from processor.adapters.aws import client_config, silence_sdk_loggers
from processor.adapters.dynamodb import DynamoDbTransactionTable
from processor.adapters.ledger import DynamoDbFileLedger
from processor.adapters.plans import DynamoDbPlanLedger
from processor.adapters.s3 import S3ResultsBucket, S3SourceFiles
from processor.adapters.secret import ConfigurationSecret
from processor.adapters.telemetry import PowertoolsTelemetry
from processor.domain.file import ObjectVersion
from processor.pipeline import Pipeline, Setup
from processor.settings import SettingsSource
from processor.world import Ports
from tests.support.echo import Echo, Planned, answering
from tests.support.emitted import Emitted, emitted_by
from tests.support.events import s3_event
from tests.support.fakes import FakeClock, InMemoryKeys
from tests.support.leaks import SUMS
from tests.support.marked import CARDS, MARKS, Search, texts_of
from tests.support.marked_files import BAD, FORMATS, GOOD, SOME_OF_EVERYTHING
from tests.support.statements import SdkStatements

BUCKET, RESULTS, SECRET = "data", "results", "config"
KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
TOKENISATION_KEY = "zqKey9Lp4Xw7Rb2Nd6Hs8Vt3Mc5Jf1Gz0Qk"
SETTINGS = {
    "database_table": "TransactionMetadataTable",
    "file_ledger_table": "FileLedgerTable",
    "data_bucket": BUCKET,
    "results_bucket": RESULTS,
    "encryption_key_id": "00000000",
    "encryption_key_arn": KEY_ARN,
    "environment": "test",
    "tokenization_key_id": "k1",
    "tokenization_key": TOKENISATION_KEY,
}
SEARCH = Search(MARKS | {"tokenisation key": TOKENISATION_KEY})
ALL_VALUES = f"{json.dumps(GOOD, ensure_ascii=False)} {BAD} {TOKENISATION_KEY}"


class Context:
    """As much of Lambda's context as the entry point asks for."""

    function_name = "transaction-processor"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:processor"
    aws_request_id = "00000000-0000-0000-0000-000000000001"

    def __init__(self, remaining_ms: int = 900_000) -> None:
        self._remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        return self._remaining_ms


@dataclass
class Services:
    """The function's clients, on moto behind an echo."""

    echo: Echo
    s3: Any
    dynamodb: Any
    secrets: Any
    uploader: Any

    def upload(self, body: bytes, key: str = "in/file.csv") -> ObjectVersion:
        content_type = f"text/csv; card={CARDS['card in a key']}"
        answer = self.uploader.put_object(
            Bucket=BUCKET, Key=key, Body=body, ContentType=content_type
        )
        return ObjectVersion(BUCKET, key, answer["VersionId"], answer["ETag"].strip('"'), len(body))

    def deliver(self, *versions: ObjectVersion) -> Emitted:
        """Through the pipeline with the real adapters, on a clock that does not wait."""
        ports = Ports(
            S3SourceFiles(self.s3),
            DynamoDbTransactionTable(
                self.dynamodb, SdkStatements(self.dynamodb), SETTINGS["database_table"]
            ),
            DynamoDbFileLedger(self.dynamodb, SETTINGS["file_ledger_table"]),
            DynamoDbPlanLedger(self.dynamodb, SETTINGS["file_ledger_table"]),
            S3ResultsBucket(self.s3, RESULTS, KEY_ARN),
            FakeClock(),
            PowertoolsTelemetry(app.logger, app.metrics),
            InMemoryKeys(),
        )
        pipeline = Pipeline(ports, Setup(BUCKET, RESULTS, SOFTWARE), random.Random(1))
        event = s3_event(*versions)
        return emitted_by(
            lambda: texts_of(app.process_event(event, pipeline, RESULTS), SUMS),
        )

    def kept(self) -> dict[str, str]:
        """Everything in the tables and in the results bucket, as it lies there."""
        tables = (SETTINGS["database_table"], SETTINGS["file_ledger_table"])
        channels = {name: texts_of(self.dynamodb.scan(TableName=name)["Items"]) for name in tables}
        for listed in self.uploader.list_object_versions(Bucket=RESULTS)["Versions"]:
            body = self.uploader.get_object(
                Bucket=RESULTS, Key=listed["Key"], VersionId=listed["VersionId"]
            )["Body"]
            channels[listed["Key"]] = f"{listed['Key']} {body.read().decode()}"
        return channels

    def handle(self, event: Any, context: Context | None = None) -> Emitted:
        """Through the handler itself."""
        return emitted_by(lambda: texts_of(app.lambda_handler(event, context or Context()), SUMS))


@pytest.fixture
def services(s3: Any, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Services:
    for bucket in (BUCKET, RESULTS):
        s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    secrets = boto3.client("secretsmanager", config=client_config())
    secrets.create_secret(Name=SECRET, SecretString=json.dumps(SETTINGS))
    monkeypatch.setenv("CONFIG_SECRET_ARN", SECRET)
    echo = Echo(ALL_VALUES)
    made = Services(
        echo,
        echo.stand_before(boto3.client("s3", config=client_config())),
        echo.stand_before(boto3.client("dynamodb", config=client_config()), dynamodb),
        echo.stand_before(secrets),
        s3,
    )
    source = SettingsSource(os.environ, ConfigurationSecret(made.secrets).read)
    # What one execution environment keeps, as the first event of a container would make it.
    monkeypatch.setattr(
        app,
        "_container",
        app.Container(source, made.s3, made.dynamodb, SdkStatements(made.dynamodb)),
    )
    return made


OPERATIONS = (
    "HeadObject", "GetObject", "PutObject", "UpdateItem", "Query", "TransactWriteItems",
    "BatchExecuteStatement", "BatchGetItem",
)  # fmt: skip

FAULTS: dict[str, Planned] = {
    "permanent": answering("AccessDeniedException"),
    "throttled": answering("ThrottlingException"),
    "failing": answering("InternalServerError", 500),
    "validation": answering("ValidationException"),
    "cancelled": answering("TransactionCanceledException"),
    "condition": answering("ConditionalCheckFailedException"),
    "unknown": answering("SomethingNew", 418),
    "connection": lambda text: ConnectionClosedError(endpoint_url=text, error=text),
    "client": lambda text: HTTPClientError(error=text),
    "parser": ResponseParserError,
    "unforeseen": KeyError,
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_error_of_a_service_tells_what_it_quotes(services: Services, operation: str) -> None:
    runs = {}

    for name, fault in FAULTS.items():
        version = services.upload(SOME_OF_EVERYTHING, f"in/{name}.csv")
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


def test_too_little_time_tells_no_value(services: Services) -> None:
    version = services.upload(SOME_OF_EVERYTHING)

    run = services.handle(s3_event(version), Context(remaining_ms=1000))

    assert "OutOfTime" in run.error
    assert SEARCH.findings(run.channels) == []
