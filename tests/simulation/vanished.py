"""What a file that vanished while it was read must be said to hold: what was read of it."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from tests.simulation.reading import Flaw, Reading, Record


def until_it_vanished(
    whole: Reading, body: bytes, receipt: Mapping[str, Any], objects: Mapping[Any, bytes]
) -> Reading:
    """The records before the place that the receipt names, and what was read of one more.

    Args:
        whole: What the file would have been read as.
        body: Its bytes.
        receipt: Its receipt, whose fault says where it vanished. How much came of the record there
            nobody else knows: the last line of the quarantine says it.
        objects: (key, version id) -> bytes, of the results bucket.
    """
    told = receipt["fault"]
    offset, flaw = told["byteOffset"], Flaw(told["reason"])
    records = [record for record in whole.records if record.offset < offset]
    fault = (flaw, offset, len(records) + 1)
    if receipt["outcomes"]["read"] > len(records):
        last = receipt["quarantine"]["objects"][-1]
        line = json.loads(objects[last["key"], last["versionId"]].splitlines()[-1])
        content = zlib.decompressobj(31).decompress(body) if body[:2] == b"\x1f\x8b" else body
        raw = content[offset : offset + line["byteLength"]]
        records.append(Record(len(records) + 1, offset, raw, {}, flaw))
    return Reading(tuple(records), fault)
