"""The desk's commands, run in this process on a world of fakes."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from desk import cli, deployed, stack
from desk.files import FileReading, UploadedFile
from desk.items import Item
from desk.reading import OperatorClock, backoff
from desk.verify import Evidence
from processor.domain.file import ObjectVersion
from processor.domain.transaction import Identity
from tests.support.desk_fakes import InMemoryQueue, WorldResults, WorldUploads
from tests.support.fakes import BUCKET
from tests.support.world import MIXED, World

CARD = "4111111111111111"
KEY = f"in/{CARD}.csv"
UPLOADED_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class InMemoryStack:
    """A stack whose clients are none: tests put fakes where they would be used."""

    outputs: dict[str, str] = field(default_factory=dict)
    name: str = "s"
    session: Any = field(default_factory=lambda: SimpleNamespace(region_name="eu-central-1"))

    def output(self, key: str) -> str:
        return self.outputs.get(key, key)

    def client(self, service: str, *, waits_for_function: bool = False) -> None: ...


@dataclass
class WorldListing:
    """See Listing. Every version came a minute after the one before."""

    world: World

    def versions(self, prefix: str) -> Iterator[UploadedFile]:
        for minute, (name, body) in enumerate(self.world.files.objects.items()):
            version = ObjectVersion(*name)
            if version.key.startswith(prefix):
                yield UploadedFile(version, len(body), UPLOADED_AT + timedelta(minutes=minute))


class NoItems:
    """See Items. None is asked for."""

    def read(self, identities: object) -> dict[Identity, Item]:
        raise NotImplementedError(identities)


@dataclass
class Told:
    """What a shell has of a command."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    """Runs commands of the desk, as `desk NAME … --stack s`."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    world: World
    queue: InMemoryQueue

    def run(self, name: str, *arguments: object) -> Told:
        command = ["desk", name, *map(str, arguments), "--stack", "s"]
        self.monkeypatch.setattr(sys, "argv", command)
        code = cli.main()
        return Told(code, *self.capsys.readouterr())


def shell_on(world: World, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Shell:
    """A shell whose commands find this world wherever they would find a stack."""
    at = InMemoryStack({"TransactionDataBucketName": BUCKET})
    results, uploads, queue = WorldResults(world), WorldUploads(world), InMemoryQueue()
    patience = backoff(OperatorClock(lambda _: None))
    reading = FileReading(WorldListing(world), world.ledger, results, patience)
    monkeypatch.setattr(stack, "find", lambda *_: at)
    for name, fake in {
        "files": world.files,
        "results": results,
        "uploads": uploads,
        "file_reading": reading,
        "file_ledger": world.ledger,
        "failed_events": queue,
        "evidence": Evidence(world.files, NoItems(), results, lambda: world.keys, patience),
    }.items():
        monkeypatch.setattr(deployed, name, lambda _, fake=fake: fake)
    return Shell(monkeypatch, capsys, world, queue)


def shell_with_rejects(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Shell:
    """A file with rejects at KEY, a card number in its name, and commands that find it."""
    world = World()
    world.process(world.files.upload(MIXED, KEY))
    return shell_on(world, monkeypatch, capsys)
