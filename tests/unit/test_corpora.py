"""Corpora through the whole processor: no crash, no loss, no changed byte."""

import base64
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from processor.domain.reject import Reason
from tests.support.corpora import CORPORA, json_suite, needs_corpora
from tests.support.world import World

STRUCTURE = {
    reason.value
    for reason in Reason
    if reason.name.startswith("JSON_") and reason is not Reason.JSON_NOT_OBJECT
} | {Reason.BAD_ENCODING.value, Reason.NUL_BYTE.value, Reason.FORMAT_UNKNOWN.value}


def raw_bytes(line: dict[str, Any]) -> bytes:
    """The exact bytes that a line of quarantine keeps."""
    if line["rawEncoding"] == "base64":
        return base64.b64decode(line["raw"])
    raw: str = line["raw"]
    return raw.encode()


def check_account(world: World, receipt: dict[str, Any], body: bytes) -> None:
    """Nothing lost, nothing changed: every record has one outcome, every reject its exact bytes."""
    outcomes = receipt["outcomes"]
    assert outcomes["read"] == sum(count for name, count in outcomes.items() if name != "read")
    assert outcomes["stored"] == len(world.table.items)
    quarantined = world.quarantine(receipt)
    assert len(quarantined) == outcomes["rejected"] + outcomes["conflict"]
    for line in quarantined:
        raw = raw_bytes(line)
        assert body[line["byteOffset"] :].startswith(raw)
        assert len(raw) == line["byteLength"] or line["byteLength"] > len(raw) > 0


@needs_corpora
@pytest.mark.parametrize("path", json_suite(), ids=lambda path: path.stem)
def test_every_json_file_gets_a_true_receipt(path: Path) -> None:
    world = World()
    body = path.read_bytes()

    receipt = world.process_file(body, path.name)

    check_account(world, receipt, body)
    reasons = set(receipt["reasons"])
    if receipt["fault"]:
        reasons.add(receipt["fault"]["reason"])
    if path.name.startswith("n_"):
        assert reasons, "invalid JSON was taken without a word"
    if path.name.startswith("y_") and body.lstrip()[:1] in (b"[", b"{"):
        assert not reasons & STRUCTURE - {"JSON_DUPLICATE_KEY", "JSON_SURROGATE"}


@needs_corpora
def test_all_json_files_as_lines_of_one_file_leave_the_good_lines_stored() -> None:
    world = World()
    lines = [path.read_bytes().replace(b"\n", b" ") for path in json_suite()]
    good = (
        b'{"transactionId":"T%d","timestamp":"2026-03-01T12:00:00Z","amount":1.10,"currency":"EUR"}'
    )
    body = b"\n".join(part for number, line in enumerate(lines) for part in (good % number, line))

    receipt = world.process_file(body, "lines.ndjson")

    check_account(world, receipt, body)
    assert receipt["outcomes"]["stored"] == len(lines)
    assert receipt["status"] == "processed"


def naughty_strings() -> list[str]:
    strings: list[str] = json.loads((CORPORA / "blns" / "blns.json").read_text(encoding="utf-8"))
    return strings


@needs_corpora
def test_naughty_strings_in_csv_are_stored_to_the_letter() -> None:
    world = World()
    strings = naughty_strings()
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(("transactionId", "timestamp", "amount", "currency", "merchant", "note"))
    for number, text in enumerate(strings):
        writer.writerow((f"T{number}", "2026-03-01T12:00:00Z", "1", "EUR", text, text))
    body = stream.getvalue().encode()

    receipt = world.process_file(body)

    check_account(world, receipt, body)
    assert receipt["outcomes"]["stored"] == len(strings)
    stored = {row.record_number: row.transaction for row, _, _ in world.table.items.values()}
    for number, text in enumerate(strings, 1):
        assert stored[number].optional.get("merchant", "") == text
        assert stored[number].extra.get("note", "") == text


@needs_corpora
@pytest.mark.parametrize("form", ["ndjson", "array"])
def test_naughty_strings_as_ids_are_kept_to_the_letter_or_rejected(form: str) -> None:
    world = World()
    strings = naughty_strings()
    rest = {"timestamp": "2026-03-01T12:00:00Z", "amount": 1, "currency": "EUR"}
    records = [
        json.dumps({"transactionId": text, **rest}, ensure_ascii=number % 2 == 0)
        for number, text in enumerate(strings)
    ]
    text = "\n".join(records) if form == "ndjson" else "[" + ",\n".join(records) + "]"
    body = text.encode()

    receipt = world.process_file(body, f"ids.{form}")

    check_account(world, receipt, body)
    assert receipt["outcomes"]["read"] == len(strings)
    stored = {row.record_number: row.transaction for row, _, _ in world.table.items.values()}
    for number, transaction in stored.items():
        assert transaction.transaction_id == strings[number - 1]
    refused = set(receipt["reasons"])
    assert refused <= {"TRANSACTION_ID_FORMAT", "FIELD_MISSING"}
    assert len(stored) > 400


@needs_corpora
def test_the_naughty_list_itself_is_no_transaction_file_and_gets_a_receipt() -> None:
    world = World()
    body = (CORPORA / "blns" / "blns.txt").read_bytes()

    receipt = world.process_file(body, "blns.txt")

    check_account(world, receipt, body)
    assert receipt["status"] == "refused"
