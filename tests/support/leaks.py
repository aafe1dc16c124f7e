"""A delivery in a world of fakes, and every value that it let out."""

import base64
import json
from typing import Final

from processor import app
from processor.adapters.telemetry import PowertoolsTelemetry
from processor.domain.file import ObjectVersion
from tests.support.emitted import Emitted, emitted_by
from tests.support.events import s3_event
from tests.support.fakes import RESULTS
from tests.support.marked import Search, texts_of
from tests.support.world import World

SUMS: Final = ("sums", "sumsMinor")
"""Members that hold amounts added up; over one record that is its amount."""

_SEARCH = Search()
_CARD_SEARCH = Search(marks={})


def deliver(world: World, *versions: ObjectVersion, event: object = None) -> Emitted:
    """Runs the real entry point and pipeline on an event; all it emitted, sums left out.

    Args:
        world: With its own telemetry replaced by the deployed one.
        versions: What the event names.
        event: Delivered instead of an event that names them.
    """
    # The world declares the fake that it is made with.
    world.telemetry = PowertoolsTelemetry(app.logger, app.metrics)  # type: ignore[assignment]
    delivered = s3_event(*versions) if event is None else event

    def run() -> str:
        return texts_of(app.process_event(delivered, world.pipeline(), RESULTS), SUMS)

    return emitted_by(run)


def findings(world: World, *runs: Emitted) -> list[str]:
    """Every value that was found where none may be, as "channel: name, encoding".

    A file's key is looked for in what runs told, and not in what they wrote: receipts, quarantine
    and tasks name their file, which cannot be another one.
    """
    written, kept = _nameless(world, _written(world)), _nameless(world, _kept(world))
    return told(*runs) + _SEARCH.findings(written) + _CARD_SEARCH.findings(kept)


def told(*runs: Emitted, search: Search = _SEARCH) -> list[str]:
    """Every value that was found in what runs told, whatever they wrote."""
    texts = {
        f"{channel} of run {number}": text
        for number, run in enumerate(runs, start=1)
        for channel, text in run.channels.items()
    }
    return search.findings(texts)


def _nameless(world: World, channels: dict[str, str]) -> dict[str, str]:
    """The channels without the keys of uploaded files."""
    for _, key in world.files.current:
        channels = {name: text.replace(key, "") for name, text in channels.items()}
    return channels


def _kept(world: World) -> dict[str, str]:
    """Everything there is but the file itself: no card number may be in any of it."""
    channels = {
        f"whole of {key}": f"{body.decode()}\n{_decoded(key, body)}"
        for key, versions in world.results.objects.items()
        for body in versions
    }
    documents = [*world.ledger.files.values(), *world.ledger.parts.values()]
    channels["whole ledger"] = "\n".join(documents)
    for number, (row, source, _) in enumerate(world.table.items.values()):
        content = row.transaction.canonical_content().decode()
        channels[f"item {number}"] = f"{content} {row.fingerprint} {row!r} {source!r}"
    return channels


def _decoded(key: str, body: bytes) -> str:
    """What a reader of the object sees: raw records as the bytes that they stand for."""
    if not key.startswith("rejected/"):
        return texts_of(json.loads(body))
    lines = [json.loads(line) for line in body.splitlines()]
    raw = [
        base64.b64decode(line["raw"]).decode("latin-1")
        for line in lines
        if line.get("rawEncoding") == "base64"
    ]
    return texts_of([*lines, *raw])


def _written(world: World) -> dict[str, str]:
    """What the pipeline wrote, less what may hold values: items, raw records, sums."""
    channels = {"keys": "\n".join(world.results.objects)}
    for key, versions in world.results.objects.items():
        for body in versions:
            lines = body.splitlines() if key.startswith("rejected/") else [body]
            shown = [texts_of(json.loads(line), ("raw", *SUMS)) for line in lines]
            channels[f"object {key}"] = "\n".join(shown)
    documents = [*world.ledger.files.values(), *world.ledger.parts.values()]
    channels["ledger"] = "\n".join(texts_of(json.loads(one), SUMS) for one in documents)
    return channels
