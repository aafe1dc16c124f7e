"""Quarantined records come back as a file: the same bytes, the same header, corrected by hand."""

import gzip
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desk.errors import DeskError
from desk.reading import OperatorClock, backoff
from desk.rejects import Export, export_rejects, new_file
from desk.replay import require_valid
from processor.backoff import ATTEMPTS_MAX
from processor.domain.file import ObjectVersion
from processor.errors import ServiceUnavailable
from tests.support.desk_fakes import WorldResults
from tests.support.faults import Faults
from tests.support.world import HEADER, MIXED, World, csv_file, csv_row


def exported(world: World, version: ObjectVersion) -> tuple[Export, bytes]:
    target = io.BytesIO()
    patience = backoff(OperatorClock(lambda seconds: None))
    export = export_rejects(version, world.files, WorldResults(world), patience, target)
    return export, target.getvalue()


def processed(body: bytes, key: str = "file.csv") -> tuple[World, ObjectVersion]:
    world = World()
    version = world.files.upload(body, key)
    world.process(version)
    return world, version


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_rejects_and_conflicts_of_csv_come_with_their_header(compress: object) -> None:
    body = gzip.compress(MIXED) if compress is gzip.compress else MIXED

    export, written = exported(*processed(body))

    assert written == csv_file(csv_row("B", "9.99"), b"C,yesterday,1.00,EUR\n")
    assert export == Export("csv", 2)


def test_exact_bytes_come_back_whatever_they_are_and_the_header_keeps_its_quotes() -> None:
    header = b'transactionId,timestamp,amount,currency,"a, ""b"""\n'
    odd = b'A,"2026\n",\xff,EUR,"x"'

    _, written = exported(*processed(header + odd + b"\n"))

    assert written == header + odd + b"\n"


def test_ndjson_comes_as_lines_and_json_as_one_array() -> None:
    bad = '{"transactionId": "é",  "amount": 1}'

    ndjson = exported(*processed(f"{bad}\n{bad}\n".encode(), "f.ndjson"))
    array = exported(*processed(f"[{bad}, {bad}]".encode(), "f.json"))

    assert ndjson == (Export("ndjson", 2), f"{bad}\n{bad}\n".encode())
    assert array == (Export("json", 2), f"[\n{bad},\n{bad}\n]\n".encode())
    assert len(json.loads(array[1])) == 2


def test_what_must_be_completed_from_the_file_is_counted() -> None:
    header = HEADER.strip() + b",note\n"
    masked = b"A,yesterday,1.00,EUR,4111111111111111\n"
    cut = b"B,yesterday,1.00,EUR," + b"x" * (1024 * 1024) + b"\n"

    export, written = exported(*processed(header + masked + csv_row("C")[:-1] + b",\n" + cut))

    assert export == Export("csv", 2, 1, 1, incomplete=[1, 3])
    assert b"4111111111111111" not in written


def test_masks_that_are_shorter_than_what_they_hide_are_no_cut() -> None:
    escaped = "".join(f"\\u{ord(digit):04x}" for digit in "4111111111111111")

    export, _ = exported(*processed(f'{{"note": "{escaped}"}}\n'.encode() * 2, "f.ndjson"))

    assert (export.masked_count, export.cut_count) == (2, 0)


def test_a_corrected_export_is_accepted_as_a_replay(tmp_path: Path) -> None:
    _, written = exported(*processed(MIXED))
    file = tmp_path / "corrected.csv"

    file.write_bytes(written.replace(b"yesterday", b"2026-03-01T12:00:00Z"))

    require_valid(file)


def test_nothing_is_exported_without_receipt_or_quarantine() -> None:
    world = World()
    version = world.files.upload(csv_file(csv_row("A")))

    with pytest.raises(DeskError, match="has no receipt"):
        exported(world, version)
    world.process(version)
    with pytest.raises(DeskError, match=r"nothing of .* is in quarantine"):
        exported(world, version)


@pytest.mark.parametrize(
    ("body", "fault"),
    [(None, "is not there"), (b"{}\n", "has other bytes"), (b"", "has other bytes")],
)
def test_a_quarantine_that_is_not_the_receipt_s_is_refused(body: bytes | None, fault: str) -> None:
    world, version = processed(MIXED)
    (key,) = [key for key in world.results.objects if key.startswith("rejected/")]
    world.results.objects[key] = [] if body is None else [body]

    with pytest.raises(DeskError, match=fault):
        exported(world, version)


@pytest.mark.parametrize(
    ("body", "fault"), [(b"{}\n", "has other bytes"), (b"x\n", "a line is no JSON object")]
)
def test_a_card_number_in_a_key_is_masked_where_its_quarantine_is_refused(
    body: bytes, fault: str
) -> None:
    world, version = processed(MIXED, "a/4111111111111111.csv")
    (key,) = [key for key in world.results.objects if key.startswith("rejected/")]
    if fault == "a line is no JSON object":
        list_in_receipt(world, version, body)
    world.results.objects[key] = [body]

    with pytest.raises(DeskError, match=fault) as refusal:
        exported(world, version)

    assert "rejected/a/************1111.csv/" in str(refusal.value)


def list_in_receipt(world: World, version: ObjectVersion, body: bytes) -> None:
    """Makes the receipt list this body as its quarantine's only object."""
    receipt = world.receipt(version)
    (listed,) = receipt["quarantine"]["objects"]
    listed |= {"sha256": hashlib.sha256(body).hexdigest(), "lineCount": body.count(b"\n")}
    world.results.objects[version.receipt_key] = [json.dumps(receipt).encode()]


def test_a_new_file_is_not_there_before_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"

    with new_file(target) as opened:
        opened.write(b"whole")
        assert not target.exists()

    assert target.read_bytes() == b"whole"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def write(target: Path, meanwhile: Callable[[], object]) -> None:
    """Writes a new file, during which something happens."""
    with new_file(target) as opened:
        opened.write(b"second")
        opened.flush()
        meanwhile()


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), ServiceUnavailable("x"), KeyboardInterrupt()]
)
def test_a_new_file_that_is_broken_off_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises((DeskError, type(error))):
        write(tmp_path / "rejects.csv", fail)

    assert list(tmp_path.iterdir()) == []


def test_a_new_file_that_comes_second_replaces_nothing(tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"

    with pytest.raises(DeskError, match="is there already"):
        write(target, lambda: target.write_bytes(b"first"))

    assert target.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [target]


def test_a_dangling_link_is_no_free_place(tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    target.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(DeskError, match="is there already"), new_file(target):
        pytest.fail("it was opened")

    assert list(tmp_path.iterdir()) == [target]


def test_a_header_that_is_gone_is_told() -> None:
    world, version = processed(MIXED)
    world.files.delete(version)

    with pytest.raises(DeskError, match="is gone, and its header with it"):
        exported(world, version)


def test_a_service_that_is_busy_is_asked_again_and_one_that_stays_so_is_told() -> None:
    world, version = processed(MIXED)
    busy = iter(range(3))

    def fail(call: str, number: int) -> None:
        if next(busy, None) is not None:
            raise ServiceUnavailable("GetObject: SlowDown")

    results = WorldResults(world, Faults(before=fail))
    patience = backoff(OperatorClock(lambda seconds: None))
    export = export_rejects(version, world.files, results, patience, io.BytesIO())

    assert export.record_count == 2
    busy = iter(range(ATTEMPTS_MAX))
    with pytest.raises(ServiceUnavailable):
        export_rejects(version, world.files, results, patience, io.BytesIO())
