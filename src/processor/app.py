"""Lambda's entry point: the only place that wires the pipeline to AWS."""

from processor import startup  # isort: skip  # Before all others: see there.

import os
import random
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from processor import SOFTWARE
from processor.adapters.aws import SERVICES, client_config, sdk_session, silence_sdk_loggers
from processor.adapters.dynamodb import DynamoDbTransactionTable
from processor.adapters.ledger import DynamoDbFileLedger
from processor.adapters.plans import DynamoDbPlanLedger
from processor.adapters.s3 import S3ResultsBucket, S3SourceFiles
from processor.adapters.secret import ConfigurationSecret
from processor.adapters.statements import Statements, statements_of
from processor.adapters.telemetry import PowertoolsTelemetry
from processor.closing import Done, Underway
from processor.domain.file import ObjectVersion
from processor.domain.masking import mask
from processor.domain.task import key_shown
from processor.errors import EventFailed, ProcessorError
from processor.keyring import Keyring
from processor.notification import Notification, parse_event
from processor.pipeline import Pipeline, Setup
from processor.planner import PART_BYTES
from processor.settings import Settings, SettingsSource
from processor.sweep import Swept
from processor.world import Ports

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

logger = Logger()
metrics = Metrics()
silence_sdk_loggers()
# An invocation that only plans or counts has no metrics; a line of the log that is no JSON says so.
warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)


class Container(NamedTuple):
    """What one execution environment keeps from invocation to invocation."""

    settings: SettingsSource
    s3: "S3Client"
    dynamodb: "DynamoDBClient"
    statements: Statements


_container: Container | None = None


def container() -> Container:
    """Builds clients once, when the first event needs them: importing this module asks nothing."""
    global _container  # noqa: PLW0603  One per process is exactly what it is.
    if _container is None:
        with startup.WhatStays():
            _container = _made()
    return _container


def _made() -> Container:
    session, config = sdk_session(), client_config()
    # The stubs know clients by name only if boto3's session makes them.
    secrets, s3, dynamodb = (
        cast("Any", session.create_client(name, config=config)) for name in SERVICES
    )
    source = SettingsSource(os.environ, ConfigurationSecret(secrets).read)
    return Container(source, s3, dynamodb, statements_of(session, dynamodb))


class InvocationClock:
    """Time as one invocation has it."""

    def __init__(self, context: "LambdaContext") -> None:
        self._context = context

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def remaining_seconds(self) -> float:
        return self._context.get_remaining_time_in_millis() / 1000


def build_pipeline(built: Container, settings: Settings, context: "LambdaContext") -> Pipeline:
    """Wires one invocation's pipeline."""
    ports = Ports(
        S3SourceFiles(built.s3),
        DynamoDbTransactionTable(built.dynamodb, built.statements, settings.database_table),
        DynamoDbFileLedger(built.dynamodb, settings.file_ledger_table),
        DynamoDbPlanLedger(built.dynamodb, settings.file_ledger_table),
        S3ResultsBucket(built.s3, settings.results_bucket, settings.encryption_key_arn),
        InvocationClock(context),
        PowertoolsTelemetry(logger, metrics),
        Keyring(
            settings.tokenization_key_id,
            settings.tokenization_keys,
            lambda: built.settings.read_again().tokenization_keys,
        ),
    )
    setup = Setup(
        settings.data_bucket,
        settings.results_bucket,
        SOFTWARE,
        settings.part_bytes or PART_BYTES,
    )
    return Pipeline(ports, setup, random.Random())  # noqa: S311  # nosec B311  # Only spreads retries.


# Said here, so that no environment variable can have events logged: one that is none of S3's may
# hold anything.
@logger.inject_lambda_context(clear_state=True, log_event=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Processes every file and performs every task of an event, or sweeps.

    Args:
        event: An S3 event, bare or wrapped, or the order to sweep; see notification.py.
        context: Lambda's context, for the time that remains.

    Returns:
        `files`: for each file its receipt's essentials, or how far it is; `sweeps`: what sweeps
        found. For whoever invokes by hand; Lambda drops it.

    Raises:
        EventFailed: A file or task failed, or a record of the event was not understood, after all
            others were tried. Lambda delivers the event again: files that are done then say so.
        ConfigurationInvalid, ServiceUnavailable, ServiceRefused: No settings; nothing was tried.
            Without a cause: a service's own error may quote what it was sent or what it answers.
    """
    built = container()
    settings = _current_settings(built)
    metrics.set_default_dimensions(environment=settings.environment)
    return process_event(event, build_pipeline(built, settings, context), settings.results_bucket)


def process_event(
    event: object, pipeline: Pipeline, results_bucket: str
) -> dict[str, list[dict[str, Any]]]:
    """Does everything that an event asks for, whatever becomes of the rest; see the handler."""
    notification = parse_event(event, results_bucket)
    if notification.ignored:
        logger.info("parts of the event were ignored", ignored=notification.ignored)
    done, failures = _do_each(pipeline, notification)
    if notification.bad:
        logger.error("BAD_EVENT", bad=notification.bad)
        failures.append(f"BAD_EVENT: {', '.join(notification.bad)}")
    if failures:
        raise EventFailed("; ".join(failures))
    return {
        "files": [_essentials(one) for one in done if not isinstance(one, Swept)],
        "sweeps": [_swept(one) for one in done if isinstance(one, Swept)],
    }


def _current_settings(built: Container) -> Settings:
    settings = _attempt(built.settings.current)
    if isinstance(settings, ProcessorError):
        raise settings from None
    if isinstance(settings, Exception):
        raise EventFailed(f"no settings: {_log_error('no settings', settings)}")
    return settings


def _attempt[T](call: Callable[[], T]) -> T | Exception:
    """Gives an error back instead of raising it, so that nobody but this module tells of it.

    The one place that catches every error. What is raised instead has no cause and no context, as
    Lambda and whatever wraps the handler print errors with all that they carry.
    """
    try:
        return call()
    except Exception as error:  # noqa: BLE001  Each caller logs and raises.
        return error


class _Order(NamedTuple):
    """One thing that an event asks for, and what names it in the log."""

    name: str
    keys: dict[str, str | None]
    carry_out: Callable[[], Done | Underway | Swept]


def _orders(pipeline: Pipeline, notification: Notification) -> Iterator[_Order]:
    for version in notification.versions:
        yield _Order(str(version), _file_keys(version), partial(pipeline.process, version))
    for key in notification.tasks:
        shown = key_shown(key)
        yield _Order(shown, {"task": shown}, partial(pipeline.perform, key))
    if notification.sweep_minutes is not None:
        yield _Order("sweep", {}, partial(pipeline.sweep, notification.sweep_minutes))


def _do_each(
    pipeline: Pipeline, notification: Notification
) -> tuple[list[Done | Underway | Swept], list[str]]:
    done, failures = [], []
    for order in _orders(pipeline, notification):
        with logger.append_context_keys(**order.keys):
            answer = _attempt(order.carry_out)
            if isinstance(answer, Exception):
                metrics.add_metric("failed", MetricUnit.Count, 1)
                failures.append(f"{order.name}: {_log_error('file failed', answer)}")
            else:
                done.append(answer)
    return done, failures


def _file_keys(version: ObjectVersion) -> dict[str, str | None]:
    return {
        "file_id": version.file_id,
        "bucket": version.bucket,
        "key": version.key_shown,
        "version_id": version.version_id,
    }


def _log_error(message: str, error: Exception) -> str:
    """Logs an error, and says it in words.

    The text of an unforeseen error is left out, and only the lines of code it passed are logged: it
    might quote what was being read.
    """
    reason = type(error).__name__
    if isinstance(error, ProcessorError):
        reason += f": {error}"
    logger.error(message, reason=reason, code=traceback.format_tb(error.__traceback__))
    return reason


def _essentials(file: Done | Underway) -> dict[str, Any]:
    if isinstance(file, Underway):
        return {
            "fileId": file.version.file_id,
            "status": "underway",
            "partsDone": file.parts_done,
            "partsTotal": file.parts_total,
        }
    names = ("status", "fault", "outcomes", "sums")
    named = cast("dict[str, Any]", file.receipt["file"])
    # As in the log: whoever invokes by hand has the answer on a screen.
    shown = {**named, "key": mask(named["key"])[0]}
    essentials = {name: file.receipt[name] for name in names}
    return {"file": shown, **essentials, "seenAgain": file.seen_again}


def _swept(sweep: Swept) -> dict[str, Any]:
    return {
        "versions": sweep.versions,
        "withoutReceipt": dict(sweep.without_receipt),
        "started": sweep.started,
        "goesOn": sweep.goes_on,
    }


startup.all_is_imported()
