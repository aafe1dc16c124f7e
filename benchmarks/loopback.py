"""Starts the loopback AWS as a process, and controls it."""

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.serving.names import CONTROL, SECRET_ARN, UPLOADS

ROOT: Final = Path(__file__).resolve().parents[1]
REGION: Final = "us-east-1"
#: Of the documentation of AWS; it opens nothing.
_AWS_EXAMPLE_KEY: Final = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

type Json = Any  # what a reply or an event holds


@dataclass(frozen=True)
class Served:
    """One object version that is served from a file."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size: int


class Loopback:
    """The server as a benchmark sees it.

    Args:
        port: Where it listens on the loopback interface.
        process_id: Of its process.
    """

    def __init__(self, port: int, process_id: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.process_id = process_id

    def serve_file(
        self, path: Path, key: str, bucket: str = UPLOADS, content_type: str = "text/csv"
    ) -> Served:
        """Makes a file an object's newest version."""
        answer = self._control(
            "PUT", f"object/{bucket}/{key}", {"path": str(path), "contentType": content_type}
        )
        return Served(bucket, key, answer["versionId"], answer["etag"], answer["size"])

    def set_latency(self, milliseconds: float) -> None:
        """From the next request on."""
        self._control("PUT", "latency", {"milliseconds": milliseconds})

    def change_settings(self, **settings: Any) -> None:
        """Changes the function's secret, as by `part_bytes`."""
        self._control("PUT", "settings", settings)

    def reset(self) -> None:
        """Empties tables and results, and counts from zero. Files go on being served."""
        self._control("POST", "reset")

    def table(self, name: str) -> Json:
        """`count`; `counts` and `sums` by currency; `overwritten`, `meanItemBytes`."""
        return self._control("GET", f"table/{name}")

    def counters(self) -> Json:
        """What was called since the reset, and the server's own `processorSeconds` and `json`.

        `requests` by operation, `writeUnits`, `readUnits`, and by the machine's monotonic clock, in
        seconds, `firstGetObjectAt`.
        """
        return self._control("GET", "counters")

    def notifications(self, after: int = 0) -> list[Json]:
        """S3 events behind the first `after`: eventName, bucket, key, versionId, etag, size."""
        told: list[Json] = self._control("GET", f"notifications?after={after}")
        return told

    def environment(self) -> dict[str, str]:
        """The variables with which a process finds this AWS, and the function its settings."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": _AWS_EXAMPLE_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CONFIG_SECRET_ARN": SECRET_ARN,
            "POWERTOOLS_SERVICE_NAME": "transaction-processor",
            "POWERTOOLS_METRICS_NAMESPACE": "TransactionProcessing",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }

    def object_bytes(self, bucket: str, key: str) -> bytes:
        """An object's current content."""
        request = urllib.request.Request(  # noqa: S310  The URL is this server's own.
            f"{self.url}/{bucket}/{urllib.parse.quote(key)}", headers={"Authorization": "any"}
        )
        return self._open(request)

    def _control(self, method: str, what: str, document: Mapping[str, Any] | None = None) -> Json:
        body = None if document is None else json.dumps(document).encode()
        path = urllib.parse.quote(what, safe="/?=")
        request = urllib.request.Request(  # noqa: S310  The URL is this server's own.
            self.url + CONTROL + path, data=body, method=method
        )
        return json.loads(self._open(request))

    def _open(self, request: urllib.request.Request) -> bytes:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            data: bytes = answer.read()
            return data


@contextmanager
def started(latency_ms: float = 0.0, python: str = sys.executable) -> Iterator[Loopback]:
    """A server of its own, until the block ends.

    Args:
        latency_ms: Of AWS's answers, in milliseconds.
        python: The interpreter that runs it.
    """
    command = [python, "-m", "benchmarks.server", "--latency-ms", str(latency_ms)]
    process = subprocess.Popen(
        [*command, "--until-input-ends"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout
        yield Loopback(int(process.stdout.readline()), process.pid)
    finally:
        process.kill()
        process.wait()


def upload_event(*objects: Served) -> Json:
    """The event by which S3 tells the function of objects."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": REGION,
                "eventTime": "2026-03-01T09:30:00.000Z",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": one.bucket, "arn": f"arn:aws:s3:::{one.bucket}"},
                    "object": {
                        "key": urllib.parse.quote_plus(one.key),
                        "size": one.size,
                        "eTag": one.etag,
                        "versionId": one.version_id,
                        "sequencer": "0A1B2C3D4E5F678901",
                    },
                },
            }
            for one in objects
        ]
    }
