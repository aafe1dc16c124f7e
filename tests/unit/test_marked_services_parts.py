"""Parts, sweeps and broken reads tell no value on the real adapters, whatever the services quote.

Each file has a card number in its key, which is shown masked.
"""

from collections.abc import Callable
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import FlexibleChecksumError
from urllib3.exceptions import ProtocolError

from processor.adapters.s3 import READ_SECONDS_MAX
from processor.domain.file import ObjectVersion
from tests.support.echo import Breaking
from tests.support.emitted import Emitted
from tests.support.leaks import told
from tests.support.marked import MARKS
from tests.support.marked_files import as_ndjson
from tests.support.marked_parts import CARD_IN_KEY, FEW, PART_BYTES
from tests.support.marked_services import FAULTS, SEARCH, Services

SWEEP = {"sweep": {"olderThanMinutes": 60}}


def upload(services: Services, name: str = "") -> ObjectVersion:
    return services.upload(as_ndjson(*FEW), f"in/{name} {CARD_IN_KEY}.ndjson")


def deliver(services: Services, version: ObjectVersion) -> Emitted:
    return services.deliver(version, part_bytes=PART_BYTES)


def to_the_end(services: Services, version: ObjectVersion) -> list[Emitted]:
    """Delivers a file's event and all that follows."""
    runs, seen = [deliver(services, version)], set[ObjectVersion]()
    while waiting := [one for one in services.tasks_of(version) if one not in seen]:
        runs += [deliver(services, one) for one in waiting]
        seen.update(waiting)
    return runs


def test_no_part_tells_a_value(services: Services) -> None:
    version = upload(services)

    runs = [*to_the_end(services, version), deliver(services, version)]

    assert sum(run.output.count('"part done"') for run in runs) >= 3
    assert '"file done"' in runs[-2].output
    assert told(*runs, search=SEARCH) == []


OPERATIONS = ("PutItem", "UpdateItem", "Query", "TransactWriteItems", "GetObject", "PutObject")


SOME_FAULTS = {name: FAULTS[name] for name in ("cancelled", "condition")}
"""Those that parts make something of of their own; the others are told as everywhere."""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_error_of_a_service_among_parts_tells_what_it_quotes(
    services: Services, operation: str
) -> None:
    runs = []

    for name, fault in SOME_FAULTS.items():
        version = upload(services, name)
        services.echo.faults = {operation: fault}
        runs.append(deliver(services, version))
        services.echo.faults = {}
        runs.append(deliver(services, version))
        services.echo.faults = {operation: fault}
        # The last part's: what there is to be counted, or to be processed.
        runs += [deliver(services, one) for one in services.tasks_of(version)[-1:]]

    assert services.echo.faulty_calls[operation] >= len(SOME_FAULTS)
    assert len(runs) == 3 * len(SOME_FAULTS)
    assert told(*runs, search=SEARCH) == []


@pytest.mark.parametrize("operation", ["ListObjectVersions", "BatchGetItem", "PutObject"])
def test_no_error_of_a_service_tells_what_a_sweep_quotes(
    services: Services, operation: str
) -> None:
    upload(services, "lost")
    runs = [deliver(services, upload(services, "half")), services.deliver(event=SWEEP)]

    for fault in SOME_FAULTS.values():
        services.echo.faults = {operation: fault}
        runs.append(services.deliver(event=SWEEP))

    assert runs[1].output.count("file without receipt") == 2
    assert services.echo.faulty_calls[operation] >= len(SOME_FAULTS)
    assert told(*runs, search=SEARCH) == []


BODIES: dict[str, Callable[[Any, str], object]] = {
    "broken off": lambda body, text: Breaking(body, ProtocolError(text)),
    "a wrong checksum": lambda body, text: Breaking(body, FlexibleChecksumError(error_msg=text)),
    "empty": lambda *_: BytesIO(),
    "too long": lambda body, text: BytesIO(body.read() + text.encode()),
}


@pytest.mark.parametrize("name", BODIES)
def test_no_body_that_breaks_tells_a_value(services: Services, name: str) -> None:
    version, large = upload(services), upload(services, "large")
    deliver(services, large)
    services.echo.changes_body = BODIES[name]

    runs = [services.deliver(version)]
    runs += [deliver(services, one) for one in services.tasks_of(large)]

    # What came before the break is taken, but for a wrong checksum.
    assert ('"file done"' in runs[0].output) is (name == "broken off")
    assert "EventFailed" in runs[-1].error
    assert told(*runs, search=SEARCH) == []


def test_no_body_that_trickles_tells_a_value(services: Services) -> None:
    services.monotonic = count(step=READ_SECONDS_MAX + 1).__next__

    run = services.deliver(upload(services))

    assert '"file done"' in run.output
    assert told(run, search=SEARCH) == []


def test_no_object_that_is_another_one_now_is_told(services: Services) -> None:
    version = upload(services)._replace(version_id=None, etag="another")

    run = services.deliver(version)

    assert "OBJECT_CHANGED" in run.output
    assert told(run, search=SEARCH) == []


REPLAYS: list[dict[str, str]] = [
    {"replay-of": MARKS["bad value"], "replay-of-version": "v1"},
    {"replay-of": "file", "replay-of-version": CARD_IN_KEY},
    {"replay-of": "file", "replay-of-version": "v1", "replay-of-key": f"in/{CARD_IN_KEY}"},
    {"replay-of": "file", "replay-of-version": "v1", "replay-of-key": f"{CARD_IN_KEY}%"},
    {"replay-of": "file", "replay-of-version": "v1", "replay-of-key": f"base64:{CARD_IN_KEY}"},
]


def test_no_metadata_of_a_replay_is_told(services: Services) -> None:
    versions = [
        services.upload(as_ndjson(FEW[0]), f"in/{number} {CARD_IN_KEY}.ndjson", metadata)
        for number, metadata in enumerate(REPLAYS)
    ]

    run = services.deliver(*versions)

    assert run.output.count("REPLAY_UNREADABLE") == len(REPLAYS)
    assert told(run, search=SEARCH) == []
