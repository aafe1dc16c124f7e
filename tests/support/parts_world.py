"""A world whose tasks are delivered as a test wants: in any order, twice, not at all."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from processor.backoff import HAND_OVER_SECONDS
from processor.closing import Done, Underway
from processor.domain.file import ObjectVersion
from processor.domain.task import WORK_PREFIX
from processor.ports import PutAnswer
from processor.sweep import Swept
from tests.support.fakes import InMemoryResults
from tests.support.world import World

IN_ANY_ORDER = ("outcomes", "controlTotals", "reasons", "status", "fault", "cardNumbers")
"""Facts that do not depend on which of two contradicting records was stored first."""

NOT_OF_THE_FACTS = ("startedAt", "endedAt", "parts", "quarantine", "file", "fileId")


@dataclass
class NotifyingResults(InMemoryResults):
    """The results bucket; each version that is put into `work/` is an event."""

    events: list[str] = field(default_factory=list)

    def put_if_absent(self, key: str, body: bytes, content_type: str) -> PutAnswer:
        with self._notifying(key):
            answer: PutAnswer = super().put_if_absent(key, body, content_type)
        return answer

    def put(self, key: str, body: bytes, content_type: str) -> str | None:
        with self._notifying(key):
            version_id: str | None = super().put(key, body, content_type)
        return version_id

    @contextmanager
    def _notifying(self, key: str) -> Iterator[None]:
        """Whoever put the version may be dead by now: its event comes all the same."""
        before = len(self.objects.get(key, []))
        try:
            yield
        finally:
            if key.startswith(WORK_PREFIX) and len(self.objects.get(key, [])) > before:
                self.events.append(key)


@dataclass
class PartsWorld(World):
    """All fakes, and the events of tasks that wait to be delivered."""

    queue: NotifyingResults = field(default_factory=NotifyingResults)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.results = self.queue

    def perform(self, key: str) -> Done | Underway | Swept:
        """Delivers the event of one task."""
        return self.pipeline().perform(key)

    def deliver_all(self, chance: random.Random | None = None) -> None:
        """Delivers what waits, and what that queues, to the end; in any order, some twice."""
        while self.queue.events:
            place = chance.randrange(len(self.queue.events)) if chance else 0
            key = self.queue.events.pop(place)
            self.perform(key)
            if chance and chance.random() < 0.2:
                self.perform(key)

    def begin_short_of_time(self, data: bytes, name: str) -> ObjectVersion:
        """Uploads a file, and delivers its event to an invocation that hands on all it can."""
        version = self.files.upload(data, name)
        self.clock.remaining = HAND_OVER_SECONDS - 1
        self.pipeline().process(version)
        return version

    def process_to_the_end(
        self, version: ObjectVersion, chance: random.Random | None = None
    ) -> dict[str, Any]:
        """Delivers a file's event and all that follows; its receipt."""
        self.pipeline().process(version)
        self.deliver_all(chance)
        return self.receipt(version)


def facts(world: World, receipt: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What of a receipt does not depend on the number of its parts, and its quarantine's lines."""
    kept = {name: value for name, value in receipt.items() if name not in NOT_OF_THE_FACTS}
    return json.loads(json.dumps(kept)), world.quarantine(receipt)


def facts_in_any_order(receipt: dict[str, Any]) -> dict[str, Any]:
    """What of a receipt depends neither on its parts nor on their order."""
    return {name: receipt[name] for name in IN_ANY_ORDER}
