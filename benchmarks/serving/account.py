"""The account that is served: its buckets, tables and secret, and how a benchmark controls it."""

import json
import time
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import ClientError

from benchmarks.serving.connection import Answer, Latency, Request
from benchmarks.serving.dynamodb import DynamoDbService, error_document
from benchmarks.serving.encoding import ENCODING, dumps, loads
from benchmarks.serving.items import ItemTable
from benchmarks.serving.names import (
    CONTROL,
    IDEMPOTENCY,
    LEDGER,
    RESULTS,
    SECRET_ARN,
    TRANSACTIONS,
    UPLOADS,
)
from benchmarks.serving.s3 import S3Service
from tests.simulation.border import PassThrough
from tests.simulation.services.dynamodb_store import DynamoDbStore
from tests.simulation.services.s3_store import S3Store
from tests.simulation.services.secretsmanager import SecretsManagerClient, SecretStore

_KEY_ARN: Final = "arn:aws:kms:us-east-1:000000000000:key/benchmark"
_SETTINGS: Final = {
    "database_table": TRANSACTIONS,
    "file_ledger_table": LEDGER,
    "data_bucket": UPLOADS,
    "results_bucket": RESULTS,
    "encryption_key_id": "benchmark",
    "encryption_key_arn": _KEY_ARN,
    "environment": "benchmark",
    "tokenization_key_id": "k1",
    "tokenization_key": "a-key-for-benchmarks-which-opens-nothing",
}
_PARTITION: Final = {"AttributeType": "S", "KeyType": "HASH"}


def _now() -> datetime:
    return datetime.now(UTC)


class Account:
    """Answers every request: AWS's, and under CONTROL the benchmark's.

    Args:
        latency: Of AWS's answers.
    """

    def __init__(self, latency: Latency) -> None:
        self._latency = latency
        self._s3_store = S3Store(_now)
        self._tables = DynamoDbStore(_now)
        self._secrets = SecretStore(_now)
        self._settings: dict[str, Any] = dict(_SETTINGS)
        for bucket in (UPLOADS, RESULTS):
            self._s3_store.create_bucket(bucket)
        self._secrets.create(SECRET_ARN, json.dumps(self._settings))
        self._s3 = S3Service(self._s3_store)
        self._dynamodb = DynamoDbService(self._tables)
        self._secrets_client = SecretsManagerClient(self._secrets, PassThrough())
        self._first_get: float | None = None
        self._empty_tables()

    def _empty_tables(self) -> None:
        self._tables.tables.clear()
        self._tables.transactions.clear()
        self._tables.tables[TRANSACTIONS] = ItemTable(TRANSACTIONS, "transactionId", "timestamp")
        self._tables.create_table(
            LEDGER,
            [
                {"AttributeName": "fileId", "KeyType": "HASH"},
                {"AttributeName": "entry", "KeyType": "RANGE"},
            ],
            [
                {"AttributeName": "fileId", "AttributeType": "S"},
                {"AttributeName": "entry", "AttributeType": "S"},
            ],
        )
        self._tables.create_table(
            IDEMPOTENCY,
            [{"AttributeName": "id", "KeyType": "HASH"}],
            [{"AttributeName": "id", "AttributeType": "S"}],
        )

    def answer(self, request: Request) -> Answer:
        """Answers one request; what nobody foresaw loudly, so that no benchmark goes on."""
        try:
            if request.target.startswith(CONTROL):
                return self._control(request)._replace(at_once=True)
            if b"authorization" not in request.headers:
                return _json(403, {"__type": "MissingAuthenticationToken"})
            target = request.header("x-amz-target")
            if target is None:
                if request.method == "GET" and self._first_get is None:
                    self._first_get = time.monotonic()
                return self._s3.answer(request)
            service, _, operation = target.partition(".")
            if service == "secretsmanager":
                return self._secret(loads(request.body))
            status, body = self._dynamodb.answer(operation, request.body)
            return Answer(status, body, _AMZ_JSON)
        except (AssertionError, LookupError, NotImplementedError, TypeError, ValueError) as error:
            return _json(400, {"__type": "NotServed", "message": repr(error)})

    def _secret(self, request: dict[str, Any]) -> Answer:
        try:
            reply = self._secrets_client.get_secret_value(**request)
        except ClientError as error:
            return Answer(400, dumps(error_document(error)), _AMZ_JSON)
        del reply["ResponseMetadata"]
        reply["CreatedDate"] = reply["CreatedDate"].timestamp()
        return Answer(200, dumps(reply), _AMZ_JSON)

    def _control(self, request: Request) -> Answer:
        """The benchmark's own calls; see docs/performance.md."""
        parts = urlsplit(request.target.removeprefix(CONTROL))
        what, *names = unquote(parts.path).split("/")
        given = loads(request.body) if request.body else {}
        match request.method, what, names:
            case "GET", "table", [name]:
                return _json(200, self._table_summary(name))
            case "GET", "counters", []:
                return _json(200, self._counters())
            case "GET", "notifications", []:
                after = int(parse_qs(parts.query).get("after", ["0"])[0])
                return _json(200, self._notifications(after))
            case "PUT", "object", [bucket, *key]:
                return _json(200, self._serve_file(bucket, "/".join(key), given))
            case _:
                self._change(request.method, what, given)
                return _json(200, {})

    def _change(self, method: str, what: str, given: dict[str, Any]) -> None:
        match method, what:
            case "PUT", "latency":
                self._latency.seconds = given["milliseconds"] / 1000
            case "PUT", "settings":
                self._settings |= given
                self._secrets.rotate(SECRET_ARN, json.dumps(self._settings))
            case "POST", "reset":
                self._empty_tables()
                self._s3_store.buckets[RESULTS].objects.clear()
                self._s3_store.notifications.clear()
                self._s3.requests.clear()
                self._first_get = None
                self._dynamodb.reset()
            case _:
                raise NotImplementedError(f"{method} {what}")

    def _table_summary(self, name: str) -> dict[str, Any]:
        """Count, sums by currency, and what was written."""
        table = self._tables.tables[name]
        counts: dict[str, int] = defaultdict(int)
        sums: dict[str, Decimal] = defaultdict(Decimal)
        stored = table.stored() if isinstance(table, ItemTable) else iter(table.items())
        for item in stored:
            currency = item.get("currency", {}).get("S", "")
            counts[currency] += 1
            sums[currency] += Decimal(item.get("amount", {}).get("N", "0"))
        summary: dict[str, Any] = {
            "count": sum(counts.values()),
            "counts": dict(counts),
            "sums": {currency: str(amount) for currency, amount in sums.items()},
        }
        if isinstance(table, ItemTable):
            summary["overwritten"] = table.overwritten
            summary["meanItemBytes"] = table.mean_item_bytes
        return summary

    def _counters(self) -> dict[str, Any]:
        """Requests by operation, units, when the first object was read, own processor time."""
        tables = self._tables.tables.values()
        units = sum(table.write_units for table in tables if isinstance(table, ItemTable))
        return {
            "requests": {**self._s3.requests, **self._dynamodb.requests},
            "writeUnits": units + self._dynamodb.write_units,
            "readUnits": self._dynamodb.read_units,
            "firstGetObjectAt": self._first_get,
            "processorSeconds": time.process_time(),
            "json": ENCODING.name,
        }

    def _notifications(self, after: int) -> list[dict[str, Any]]:
        """What S3 told of, from the one with this place on."""
        return [
            {
                "eventName": one.event_name,
                "bucket": one.bucket,
                "key": one.key,
                "versionId": one.version_id,
                "etag": one.etag,
                "size": one.size,
            }
            for one in self._s3_store.notifications[after:]
        ]

    def _serve_file(self, bucket: str, key: str, given: dict[str, Any]) -> dict[str, Any]:
        path = Path(given["path"])
        content_type = given.get("contentType", "binary/octet-stream")
        version = self._s3.serve_file(bucket, key, path, content_type)
        return {"versionId": version.version_id, "etag": version.etag, "size": version.size}


_AMZ_JSON: Final = {"Content-Type": "application/x-amz-json-1.0"}


def _json(status: int, value: Any) -> Answer:
    return Answer(status, dumps(value), _AMZ_JSON)
