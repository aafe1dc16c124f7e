"""What is shown of a file, and to whom."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.response import StreamingBody
from rich.console import Console

from local import report
from local.sending import Upload

LINES = [{"recordNumber": 7, "raw": "T-7,ACC-000123", "rawEncoding": "utf-8"}]
RECEIPT = {"quarantine": {"bucket": "results", "objects": [{"key": "k", "versionId": "v"}]}}
OUTPUTS = {
    "TransactionResultsBucketName": "results",
    "TransactionMetadataTableName": "transactions",
    "FileLedgerTableName": "ledger",
}
REJECTS = [{"recordNumber": 7}]


class Quarantine:
    """A session whose only client reads one object."""

    tester = None
    stack = SimpleNamespace(outputs=OUTPUTS)

    def client(self, _service: str, _identity: object) -> "Quarantine":
        return self

    def get_object(self, **_asked: Any) -> dict[str, Any]:
        body = "".join(json.dumps(line) + "\n" for line in LINES).encode()
        return {"Body": StreamingBody(io.BytesIO(body), len(body))}


@pytest.mark.parametrize(("is_terminal", "shown"), [(True, {7: "T-7,ACC-000123"}), (False, {})])
def test_rejected_records_are_shown_on_a_terminal_only(
    is_terminal: bool, shown: dict[int, str]
) -> None:
    console = Console(file=io.StringIO(), force_terminal=is_terminal)
    session: Any = Quarantine()

    # What a person sees has no other way in.
    assert report._raw_records(console, session, RECEIPT, REJECTS) == shown  # noqa: SLF001  What a person sees has no other way in.


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        (
            {"tokenized": 1200, "masked": 0, "maskedInQuarantine": 3, "tokenKeyId": "k1"},
            ["tokenized", "1,200", "maskedInQuarantine", "3", "k1"],
        ),
        (
            {"tokenized": 0, "masked": 2, "maskedInQuarantine": 0, "tokenKeyId": None},
            ["masked", "2"],
        ),
        ({"tokenized": 0, "masked": 0, "maskedInQuarantine": 0, "tokenKeyId": None}, []),
        ({}, []),
    ],
)
def test_what_was_done_to_card_numbers_is_shown_if_there_were_any(
    counts: dict[str, Any], shown: list[str]
) -> None:
    written = io.StringIO()

    report._card_numbers(Console(file=written), counts)  # noqa: SLF001  What a person sees has no other way in.

    words = written.getvalue().split()
    assert set(shown) <= set(words)
    assert bool(words) == bool(shown)


@pytest.mark.parametrize(
    ("reason", "field", "file_format", "shown"),
    [
        (
            "SENSITIVE_AUTHENTICATION_DATA",
            "cvv",
            "csv+gzip",
            "SENSITIVE_AUTHENTICATION_DATA (cvv) in the header",
        ),
        (
            "SENSITIVE_AUTHENTICATION_DATA",
            "pin",
            "ndjson",
            "SENSITIVE_AUTHENTICATION_DATA (pin) at byte 1,024 in record 7",
        ),
        ("HEADER_MISMATCH", "amount", "csv", "HEADER_MISMATCH (amount) in the header"),
        ("HEADER_MISMATCH", None, "csv", "HEADER_MISMATCH in the header"),
        (
            "CSV_UNTERMINATED_QUOTE",
            None,
            "csv",
            "CSV_UNTERMINATED_QUOTE at byte 1,024 in record 7",
        ),
    ],
)
def test_a_fault_is_shown_with_its_field_and_its_place(
    capsys: pytest.CaptureFixture[str],
    reason: str,
    field: str | None,
    file_format: str,
    shown: str,
) -> None:
    session: Any = Quarantine()
    fault = {"reason": reason, "byteOffset": 1024, "recordNumber": 7, "field": field}
    receipt = {
        "file": {"key": "in/a.csv", "size": 12},
        "format": file_format,
        "status": "refused",
        "fault": fault,
        "outcomes": dict.fromkeys(("read", "stored", "duplicate", "conflict", "rejected"), 0),
        "sums": {},
    }

    report.show(session, Upload("data", "in/a.csv", "v1"), receipt)

    assert shown in [line.strip() for line in capsys.readouterr().out.splitlines()]
