"""A simulated account: buckets, tables, secret and function, and what people do with them."""

import json
import logging
import random
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote_plus

from processor import app
from processor.adapters.dynamodb import DynamoDbTransactionTable
from processor.adapters.ledger import DynamoDbFileLedger
from processor.adapters.plans import DynamoDbPlanLedger
from processor.adapters.s3 import S3ResultsBucket, S3SourceFiles
from processor.domain.file import ObjectVersion
from processor.keyring import Keyring
from processor.pipeline import Pipeline, Setup
from processor.settings import Settings
from processor.world import Ports
from tests.simulation.account import Account
from tests.simulation.evidence import Evidence, FileName
from tests.simulation.execution import SECRET, Container, InvocationClock
from tests.simulation.faults import Faults
from tests.simulation.files import Upload
from tests.simulation.function import Event, Function, Invocation, Limits, Weather, s3_event
from tests.simulation.interference import Interference
from tests.simulation.observed import ObservedTelemetry
from tests.simulation.observed_calls import ObservedCalls
from tests.simulation.schedule import Killed, Schedule
from tests.simulation.services.s3_store import Notification
from tests.simulation.statements import SimulatedStatements
from tests.simulation.summary import Summary
from tests.simulation.trace import Trace

UPLOADS: Final = "uploads"
RESULTS: Final = "results"
TABLE: Final = "transactions"
LEDGER: Final = "ledger"
KEY_ARN: Final = "arn:aws:kms:eu-central-1:123456789012:key/simulated"
SOFTWARE: Final = "simulated 1"


class World:
    """Everything of one run.

    Args:
        chance: The seed's.
        faults: Decide on each call.
        weather: See there.
    """

    def __init__(self, chance: random.Random, faults: Faults, weather: Weather) -> None:
        self.chance = chance
        self.weather = weather
        self.schedule = Schedule()
        self.trace = Trace()
        self.summary = Summary()
        self.account = Account(self.schedule.now, KEY_ARN)
        self.border = Interference(
            self.schedule,
            chance,
            faults,
            weather.latency_seconds,
            self.trace,
            self.summary,
            ObservedCalls(self.account, TABLE, self.summary),
        )
        self.function = Function(
            self.schedule, chance, weather.limits, self._invoke, self._tell, self.summary
        )
        self.files: dict[FileName, bytes] = {}
        self.deleted: set[FileName] = set()
        self.untold: set[FileName] = set()
        self.stalled: set[FileName] = set()
        self.left: set[str] = set()
        self.token_keys: dict[str, str] = {}
        self._containers: list[Container] = []
        for bucket in (UPLOADS, RESULTS):
            self.account.s3.create_bucket(bucket, default_key_arn=KEY_ARN)
        self.account.create_table(TABLE, "transactionId", "timestamp", "N")
        self.account.create_table(LEDGER, "fileId", "entry", "S")
        self.rotate()
        self.account.s3.on_notification = self._notified
        self._client = self.account.s3_client(self.border)

    def happen(self, what: str) -> None:
        """Writes a line of the trace."""
        self.trace.add(self.schedule.seconds, 0, what)

    def upload(self, upload: Upload) -> None:
        """A partner uploads a file; again in a minute, if the key is disabled."""
        if self.account.keys.disabled:
            self.schedule.after(60, lambda: self.upload(upload))
            return
        answer = self._client.put_object(
            Bucket=UPLOADS, Key=upload.key, Body=upload.body, ContentType=upload.content_type
        )
        name = (UPLOADS, upload.key, answer["VersionId"])
        self.files[name] = upload.body
        self.happen(f"upload {upload.key} version {name[2]}, {len(upload.body)} bytes")
        if self.chance.random() < self.weather.left_quarantine:
            self._leave_quarantine(name)

    def _leave_quarantine(self, name: FileName) -> None:
        """An earlier release judged otherwise, and died before it recorded anything."""
        key = f"rejected/{name[1]}/{name[2]}/part-00001/00001.jsonl"
        self.left.add(key)
        self._client.put_object(Bucket=RESULTS, Key=key, Body=b"{}\n")
        self.happen(f"an earlier release left {key}")

    def delete(self, name: FileName, *, for_good: bool) -> None:
        """Somebody deletes an upload: its version, or by a delete marker its name."""
        self.happen(f"delete {name[1]} version {name[2]}, for good: {for_good}")
        if for_good:
            self.deleted.add(name)
            self._client.delete_object(Bucket=UPLOADS, Key=name[1], VersionId=name[2])
        else:
            self._client.delete_object(Bucket=UPLOADS, Key=name[1])

    def rotate(self) -> None:
        """The tokenisation key is rotated; earlier ones stay in the secret."""
        number = len(self.token_keys) + 1
        previous = dict(self.token_keys)
        self.token_keys[f"k{number}"] = f"{number}" * 40
        text = json.dumps(
            {
                "database_table": TABLE,
                "file_ledger_table": LEDGER,
                "data_bucket": UPLOADS,
                "results_bucket": RESULTS,
                "encryption_key_id": "simulated",
                "encryption_key_arn": KEY_ARN,
                "environment": "simulated",
                "tokenization_key_id": f"k{number}",
                "tokenization_key": self.token_keys[f"k{number}"],
                "previous_tokenization_keys": previous,
            }
        )
        self.account.put_secret(SECRET, text)
        self.happen(f"tokenisation key is k{number} now")

    def calm(self) -> None:
        """Time limit, latency and queue are as on a good day from now on."""
        self.border.latency_seconds = 0.05
        self.function.limits = Limits()
        self.weather.lost_events = 0.0

    def redrive(self) -> None:
        """An operator sends the failed events again."""
        failed, self.function.failed = self.function.failed, []
        for event in failed:
            self.summary.reached("redriven")
            self.function.send(event)

    def sweep(self) -> None:
        """Files without receipt are started again, however old."""
        self.happen("sweep")
        self.function.send({"sweep": {"olderThanMinutes": 0}})

    def event_of(self, name: FileName) -> Event:
        """The event of a file, as S3 sends it."""
        bucket, key, version_id = name
        stored = {"size": len(self.files[name]), "versionId": version_id}
        return s3_event("ObjectCreated:Put", bucket, key, stored)

    def receipts(self) -> dict[FileName, list[bytes]]:
        """File -> all versions of its receipt, the oldest first."""
        found: dict[FileName, list[bytes]] = {}
        for key, versions in self.account.s3.buckets[RESULTS].objects.items():
            if key.startswith("receipts/"):
                bodies = [one.body for one in versions if one.body is not None]
                file = json.loads(bodies[0])["file"]
                found[file["bucket"], file["key"], file["versionId"]] = bodies
        return found

    def evidence(self) -> Evidence:
        """What the judge looks at."""
        objects = {
            (key, one.version_id): one.body
            for key, versions in self.account.s3.buckets[RESULTS].objects.items()
            for one in versions
            if one.body is not None
        }
        failed = {name for event in self.function.failed for name in self._names(event)}
        return Evidence(
            files=dict(self.files),
            deleted=set(self.deleted),
            untold=set(self.untold),
            stalled=set(self.stalled),
            left=set(self.left),
            items=list(self.account.items(TABLE)),
            changed=[
                *self.account.changed(TABLE),
                *(one for one in self.account.changed(LEDGER) if one.key[1].startswith("PART#")),
            ],
            receipts=self.receipts(),
            objects=objects,
            failed=failed,
            keys=dict(self.token_keys),
        )

    def _names(self, event: Event) -> Iterator[FileName]:
        """The files that an event is about; a sweep is about none."""
        for record in event.get("Records", ()):
            stored = record["s3"]["object"]
            bucket, key = record["s3"]["bucket"]["name"], unquote_plus(stored["key"])
            if bucket == UPLOADS:
                yield bucket, key, stored["versionId"]
                continue
            yield from self._files_of(key)

    def _files_of(self, task_key: str) -> Iterator[FileName]:
        """The file that a task is about, if it is about one."""
        task = json.loads(self.account.s3.buckets[RESULTS].objects[task_key][-1].body or b"{}")
        if task["task"] != "sweep":
            yield task["bucket"], task["key"], task["versionId"]

    def _tell(self, invocation: Invocation, what: str) -> None:
        self.trace.add(self.schedule.seconds, invocation.delivery, what)

    def _notified(self, notification: Notification) -> None:
        """S3 tells of a write: of uploads, and of tasks."""
        is_task = notification.bucket == RESULTS and notification.key.startswith("work/")
        is_created = notification.event_name.startswith("ObjectCreated")
        if not is_created or not (notification.bucket == UPLOADS or is_task):
            return
        if self.chance.random() < self.weather.lost_events:
            self.happen(f"S3 does not tell of {notification.key}")
            if is_task:
                self.stalled.update(self._files_of(notification.key))
            self.untold.add((notification.bucket, notification.key, str(notification.version_id)))
            return
        stored = {
            "size": notification.size,
            "eTag": notification.etag,
            "versionId": notification.version_id,
            "sequencer": f"{notification.sequencer:016X}",
        }
        told = s3_event(notification.event_name, notification.bucket, notification.key, stored)
        self.function.send(told)

    def _found_by_sweep(self, version: ObjectVersion, why: str) -> None:
        self.happen(f"the sweep found {version}: {why}")
        name = (version.bucket, version.key, str(version.version_id))
        self.untold.discard(name)
        self.stalled.discard(name)

    def _invoke(self, invocation: Invocation) -> None:
        """One invocation, on an execution environment that is free or new."""
        container = (
            self._containers.pop() if self._containers else Container(self.account, self.border)
        )
        self.border.enter(invocation)
        try:
            settings = container.settings.current()
            app.process_event(
                invocation.event, self._pipeline(invocation, container, settings), RESULTS
            )
        except Killed:
            raise
        except Exception:
            self._containers.append(container)
            raise
        else:
            self._containers.append(container)
        finally:
            self.border.leave()

    def _pipeline(
        self, invocation: Invocation, container: Container, settings: Settings
    ) -> Pipeline:
        """As app.build_pipeline wires it, on the simulated clients and clock."""
        s3: Any = self.account.s3_client(self.border)
        dynamodb: Any = self.account.dynamodb_client(self.border)
        statements = SimulatedStatements(dynamodb, self.border)
        ports = Ports(
            S3SourceFiles(s3, lambda: self.schedule.seconds),
            DynamoDbTransactionTable(dynamodb, statements, settings.database_table),
            DynamoDbFileLedger(dynamodb, settings.file_ledger_table),
            DynamoDbPlanLedger(dynamodb, settings.file_ledger_table),
            S3ResultsBucket(s3, settings.results_bucket, settings.encryption_key_arn),
            InvocationClock(self.border, invocation),
            ObservedTelemetry(self.summary, self._found_by_sweep),
            Keyring(
                settings.tokenization_key_id,
                settings.tokenization_keys,
                lambda: container.settings.read_again().tokenization_keys,
            ),
        )
        setup = Setup(
            settings.data_bucket, settings.results_bucket, SOFTWARE, self.weather.part_bytes
        )
        return Pipeline(ports, setup, self.chance)


def silence() -> None:
    """Keeps the entry point's log quiet: thousands of runs fail in it on purpose."""
    logging.getLogger(app.logger.name).setLevel(logging.CRITICAL + 1)
