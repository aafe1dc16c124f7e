"""Where a drill plays: the stack, the people who act on it, and what is put back behind it."""

import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from local import identities
from local.drills.alarm import Alarm
from local.drills.runbook import Runbook, RunbookError
from local.drills.shell import Shell, Typed
from local.drills.told import Told
from local.session import Session

#: A busy machine takes long to start a process; a quiet one is done within seconds.
PATIENCE_S: Final = 120.0
_POLL_S: Final = 0.2

#: A command of the desk that was done and found something that needs a person.
_FOUND_SOMETHING: Final = 1


class DrillFailed(Exception):
    """Raised when a drill does not get where it should; the message says what is missing."""


@dataclass(frozen=True)
class Drill:
    """One drill.

    Args:
        name: What it is called by.
        trouble: What happened, in a sentence.
        alarm: The alarm that rings for it, without the environment: the runbook's section, too.
        commands: What it types, as that section has it.
        play: Starts the trouble, shows the alarm, and types what ends it.
    """

    name: str
    trouble: str
    alarm: str
    commands: tuple[str, ...]
    play: Callable[["Scene"], None]


@dataclass
class Scene:
    """What a drill has at hand.

    Args:
        session: The embedded AWS, with the stack deployed.
        shell: An operator's.
        runbook: What he reads.
        told: What he sees.
        drill: Which one is played.
        undo: What puts the stack back as it was found, last change first.
        began_at: In seconds.
        mended_at: When the trouble was over, in seconds; see `mended`.
        patience_s: How long it waits for anything.
    """

    session: Session
    shell: Shell
    runbook: Runbook
    told: Told
    drill: Drill
    undo: ExitStack
    began_at: float = field(default_factory=time.time)
    mended_at: float = 0.0
    patience_s: float = PATIENCE_S

    @property
    def prefix(self) -> str:
        """Begins the key of each file that the drill sends."""
        return f"drill/{self.drill.name}/"

    @property
    def alarm(self) -> Alarm:
        """The drill's alarm."""
        return self.alarm_named(self.drill.alarm)

    def alarm_named(self, name: str) -> Alarm:
        """An alarm of the stack.

        Args:
            name: Without its environment.
        """
        return Alarm(self.tester("cloudwatch"), f"{name}-{self.shell.variables['SUFFIX']}")

    def output(self, name: str) -> str:
        """An output of the stack."""
        return self.session.stack.outputs[name]

    def deployer(self, service: str) -> Any:
        """A client of who may change everything."""
        credentials = self.session.profiles.credentials(identities.DEPLOYER)
        return self.session.client(service, credentials)

    def tester(self, service: str) -> Any:
        """A client of who may look at everything."""
        return self.session.client(service, self.session.tester)

    def step(self, sentence: str) -> None:
        """Says what is done next."""
        self.told.step(sentence)

    def send(self, name: str, body: str) -> str:
        """Uploads a file as the sender; its key.

        Raises:
            ClientError: S3 refuses it.
        """
        key = self.prefix + name
        self.session.client("s3", self.session.sender).put_object(
            Bucket=self.output("TransactionDataBucketName"),
            Key=key,
            Body=body.encode(),
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.output("EncryptionKeyArn"),
            ChecksumAlgorithm="SHA256",
        )
        return key

    def types(self, command: str, values: dict[str, str] | None = None) -> Typed:
        """Types a command of the alarm's section, as the section has it.

        Args:
            command: With its placeholders.
            values: Placeholder -> what stands for it here.

        Raises:
            RunbookError: The section, or the drill's own list, does not have it.
            DrillFailed: It could not be done.
        """
        if command not in self.drill.commands:
            raise RunbookError(f"drill {self.drill.name} does not list: {command}")
        return self.run(self.runbook.command(self.drill.alarm, command, values or {}))

    def run(self, command: str) -> Typed:
        """Types a command, whether the runbook has it or not.

        Raises:
            DrillFailed: It could not be done.
        """
        self.told.command(command)
        typed = self.shell.run(command)
        self.told.output(typed.output, typed.code)
        is_of_desk = command.startswith("desk ")
        if typed.code and not (is_of_desk and typed.code == _FOUND_SOMETHING):
            raise DrillFailed(f"`{command}` ended with {typed.code}")
        return typed

    def wait(self, what: str, ask: Callable[[], bool]) -> None:
        """Waits until something is so.

        Args:
            what: Says in the end what did not come.
            ask: Whether it is so.

        Raises:
            DrillFailed: It is not, for a long time.
        """
        end = time.monotonic() + self.patience_s
        while not ask():
            if time.monotonic() > end:
                raise DrillFailed(f"{what}: not within {self.patience_s:.0f} s")
            time.sleep(_POLL_S)

    def rings(self) -> None:
        """Waits until the alarm rings for what this drill did, and shows it."""
        alarm = self.alarm
        self.step(f"The alarm {alarm.name} rings.")
        self.wait(f"alarm {alarm.name}", lambda: alarm.rings(self.began_at))
        self.told.alarm(alarm.described())

    def mended(self) -> None:
        """Notes that the trouble is over: from now on nothing may be measured that rings.

        From the next second on: what came in this one cannot be told apart.
        """
        self.mended_at = math.floor(time.time()) + 1
        time.sleep(self.mended_at - time.time())

    def uploaded(self) -> list[tuple[str, str]]:
        """Key and version of each file that the drill sent, or had sent."""
        pages = self.tester("s3").get_paginator("list_object_versions")
        bucket = self.output("TransactionDataBucketName")
        return [
            (one["Key"], one["VersionId"])
            for page in pages.paginate(Bucket=bucket, Prefix=self.prefix)
            for one in page.get("Versions", [])
        ]

    def without_receipt(self) -> list[str]:
        """The keys of those files that have no receipt."""
        return [key for key, version in self.uploaded() if not self._has_receipt(key, version)]

    def await_receipts(self) -> None:
        """Waits until each file has its receipt."""
        self.wait("a receipt for every file", lambda: not self.without_receipt())

    def failed_events(self) -> int:
        """How many events are in FailedEventsQueue, those that somebody has taken included."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        answer = self.tester("sqs").get_queue_attributes(
            QueueUrl=self.output("FailedEventsQueueUrl"), AttributeNames=[*names]
        )
        return sum(int(answer["Attributes"][name]) for name in names)

    def _has_receipt(self, key: str, version: str) -> bool:
        bucket = self.output("TransactionResultsBucketName")
        try:
            self.tester("s3").head_object(Bucket=bucket, Key=f"receipts/{key}/{version}.json")
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"404", "NoSuchKey"}:
                raise
            return False
        return True
