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

    assert report._raw_records(console, session, RECEIPT, REJECTS) == shown  # noqa: SLF001
