"""The function on services that quote whatever they are sent, inserts by HTTP included."""

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3
from botocore.exceptions import ConnectionClosedError, HTTPClientError
from botocore.parsers import ResponseParserError

from processor import SOFTWARE, app
from processor.adapters.aws import client_config
from processor.adapters.dynamodb import DynamoDbTransactionTable
from processor.adapters.ledger import DynamoDbFileLedger
from processor.adapters.plans import DynamoDbPlanLedger
from processor.adapters.s3 import S3ResultsBucket, S3SourceFiles
from processor.adapters.secret import ConfigurationSecret
from processor.adapters.statements import HttpStatements
from processor.adapters.telemetry import PowertoolsTelemetry
from processor.domain.file import ObjectVersion
from processor.domain.task import WORK_PREFIX
from processor.pipeline import Pipeline, Setup
from processor.planner import PART_BYTES
from processor.settings import SettingsSource
from processor.world import Ports
from tests.support.echo import Echo, Planned, answering
from tests.support.emitted import Emitted, emitted_by
from tests.support.events import s3_event
from tests.support.fakes import FakeClock, InMemoryKeys
from tests.support.leaks import SUMS
from tests.support.loopback import Request, Server, reply, statements_at
from tests.support.marked import CARDS, MARKS, Search, texts_of
from tests.support.quoting import ALL_VALUES
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
QUOTED: Final = f"{ALL_VALUES} {TOKENISATION_KEY}"

FAULTS: Final[dict[str, Planned]] = {
    "permanent": answering("AccessDeniedException"),
    "throttled": answering("ThrottlingException"),
    "failing": answering("InternalServerError", 500),
    "validation": answering("ValidationException"),
    "cancelled": answering("TransactionCanceledException"),
    "condition": answering("ConditionalCheckFailedException"),
    "unknown": answering("SomethingNew", 418),
    "gone": answering("NoSuchKey", 404),
    "changed": answering("PreconditionFailed", 412),
    "busy": answering("ConditionalRequestConflict", 409),
    "connection": lambda text: ConnectionClosedError(endpoint_url=text, error=text),
    "client": lambda text: HTTPClientError(error=text),
    "parser": ResponseParserError,
    "unforeseen": KeyError,
}


def quoting(request: Request) -> bytes:
    """All that an answer could quote."""
    return request.body + QUOTED.encode()


def over_http(client: Any) -> Callable[[Request], bytes]:
    """DynamoDB's inserts behind a server, by a client that stands for it."""
    statements = SdkStatements(client)

    def answer(request: Request) -> bytes:
        try:
            status, body = statements.send(request.body).receive()
        except Exception:  # noqa: BLE001  Whatever the SDK raises is no reply to whoever has none.
            return b"no HTTP, and " + quoting(request)
        return reply(body, status=f"{status} as planned")

    return answer


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
    statements: HttpStatements
    monotonic: Callable[[], float] = time.monotonic

    def upload(
        self, body: bytes, key: str = "in/file.csv", metadata: Mapping[str, str] | None = None
    ) -> ObjectVersion:
        content_type = f"text/csv; card={CARDS['card in a key']}"
        answer = self.uploader.put_object(
            Bucket=BUCKET, Key=key, Body=body, ContentType=content_type, Metadata=metadata or {}
        )
        return ObjectVersion(BUCKET, key, answer["VersionId"], answer["ETag"].strip('"'), len(body))

    def deliver(
        self, *versions: ObjectVersion, part_bytes: int = PART_BYTES, event: object = None
    ) -> Emitted:
        """Through the pipeline with the real adapters, on a clock that does not wait."""
        ports = Ports(
            S3SourceFiles(self.s3, self.monotonic),
            DynamoDbTransactionTable(self.dynamodb, self.statements, SETTINGS["database_table"]),
            DynamoDbFileLedger(self.dynamodb, SETTINGS["file_ledger_table"]),
            DynamoDbPlanLedger(self.dynamodb, SETTINGS["file_ledger_table"]),
            S3ResultsBucket(self.s3, RESULTS, KEY_ARN),
            # All that was uploaded is old enough to be swept.
            FakeClock(datetime.now(UTC) + timedelta(days=1)),
            PowertoolsTelemetry(app.logger, app.metrics),
            InMemoryKeys(),
        )
        setup = Setup(BUCKET, RESULTS, SOFTWARE, part_bytes)
        pipeline = Pipeline(ports, setup, random.Random(1))
        delivered = s3_event(*versions) if event is None else event
        return emitted_by(
            lambda: texts_of(app.process_event(delivered, pipeline, RESULTS), SUMS),
        )

    def tasks_of(self, version: ObjectVersion) -> list[ObjectVersion]:
        """What the events of a file's tasks name, in the order of their keys."""
        prefix = f"{WORK_PREFIX}{version.file_id}/"
        listed = self.uploader.list_objects_v2(Bucket=RESULTS, Prefix=prefix)
        return [ObjectVersion(RESULTS, one["Key"]) for one in listed.get("Contents", [])]

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


def made(s3: Any, dynamodb: Any, server: Server) -> tuple[Services, app.Container]:
    """Services, and what one execution environment keeps of them, as its first event makes it."""
    for bucket in (BUCKET, RESULTS):
        s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    secrets = boto3.client("secretsmanager", config=client_config())
    secrets.create_secret(Name=SECRET, SecretString=json.dumps(SETTINGS))
    echo = Echo(QUOTED)
    services = Services(
        echo,
        echo.stand_before(boto3.client("s3", config=client_config())),
        echo.stand_before(boto3.client("dynamodb", config=client_config()), dynamodb),
        echo.stand_before(secrets),
        s3,
        statements_at(server),
    )
    server.answer = over_http(services.dynamodb)
    source = SettingsSource(os.environ, ConfigurationSecret(services.secrets).read)
    container = app.Container(source, services.s3, services.dynamodb, services.statements)
    return services, container
