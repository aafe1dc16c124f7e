"""What is shown of a file, and to whom."""

import io
import json
from typing import Any

import pytest
from botocore.response import StreamingBody
from rich.console import Console

from local import report

LINES = [{"recordNumber": 7, "raw": "T-7,ACC-000123", "rawEncoding": "utf-8"}]
RECEIPT = {"quarantine": {"bucket": "results", "objects": [{"key": "k", "versionId": "v"}]}}
REJECTS = [{"recordNumber": 7}]


class Quarantine:
    """A session whose only client reads one object."""

    tester = None

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
