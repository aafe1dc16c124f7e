"""Large files of unusual shape: in parts they come to the same receipt as in one."""

import json

import pytest

from tests.support.parts_world import PartsWorld, facts
from tests.support.world import World, csv_file

PART_BYTES = 300
HEADER = csv_file().rstrip(b"\n")


def long_object(transaction_id: str) -> bytes:
    fields = {"transactionId": transaction_id, "timestamp": "2026-03-01T12:00:00Z"}
    return json.dumps(fields | {"amount": "1.00", "currency": "EUR", "note": "n" * 250}).encode()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\n" * 400 + HEADER, "blank.csv"),
        (b"\n" * 400 + HEADER + b"\n", "blank.csv"),
        (HEADER + b"," + b",".join(b"column%d" % n for n in range(100)), "wide.csv"),
        (HEADER + b"\n" * 400, "empty.csv"),
        # Each part is one line: by itself it could be a JSON object, and the next one an error.
        (long_object("A") + b"\n" + long_object("B") + b"\n" + long_object("C"), "lines.json"),
        (b"\n" * 400 + long_object("A") + b"\n" + long_object("B"), "lines.ndjson"),
    ],
)
def test_a_file_is_read_the_same_in_one_part_and_in_many(data: bytes, name: str) -> None:
    assert len(data) > PART_BYTES
    whole = World()
    expected = whole.process_file(data, name)
    world = PartsWorld(part_bytes=PART_BYTES)

    receipt = world.process_to_the_end(world.files.upload(data, name))

    assert facts(world, receipt) == facts(whole, expected)
    assert receipt["format"] == expected["format"]
