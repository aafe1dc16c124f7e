"""A file's state in a few words and columns, alike in every command."""

from datetime import UTC, datetime
from typing import Final

from rich.table import Table

from desk.files import FileState
from desk.reading import Json
from desk.terminal import table
from processor.domain.control_totals import Outcome

COUNTED: Final = ("read", *(outcome.value for outcome in Outcome))
_OUTCOME_COLUMNS: Final = tuple(f">{name}" for name in COUNTED)


def needs_a_person(receipt: Json) -> bool:
    """Whether a receipt tells of anything but transactions that are stored, now or before."""
    outcomes = receipt["outcomes"]
    return bool(
        receipt["status"] != "processed"
        or outcomes[Outcome.REJECTED.value]
        or outcomes[Outcome.CONFLICT.value]
    )


def fault_of(receipt: Json) -> str:
    """Why a file broke or was refused, and where; empty if it did not."""
    fault = receipt.get("fault")
    if not fault:
        return ""
    field = f" ({fault['field']})" if fault.get("field") else ""
    place = f" at byte {fault['byteOffset']:,}" if receipt["outcomes"]["read"] else ""
    return f"{fault['reason']}{field}{place}"


def state_table(states: list[FileState], *, with_versions: bool) -> Table:
    """Files with what became of their records; the last column says what is out of the ordinary."""
    version = ("version",) if with_versions else ()
    made = table("uploaded (UTC)", "file", *version, "status", *_OUTCOME_COLUMNS, "")
    for state in states:
        named = state.file.version
        made.add_row(
            f"{state.file.uploaded_at:%Y-%m-%d %H:%M}",
            named.key_shown,
            *((named.version,) if with_versions else ()),
            state.status,
            *_counts(state.receipt),
            remark_of(state),
        )
    return made


def remark_of(state: FileState) -> str:
    """What is out of the ordinary with a file."""
    if state.receipt is None:
        return state.waits_for
    return "; ".join([*filter(None, [fault_of(state.receipt)]), *state.receipt.get("notices", [])])


def _counts(receipt: Json | None) -> list[str]:
    return [f"{receipt['outcomes'][name]:,}" if receipt else "" for name in COUNTED]


def state_document(state: FileState) -> Json:
    """The same for programs. Card numbers in keys are masked."""
    version, receipt = state.file.version, state.receipt
    return {
        "key": version.key_shown,
        "versionId": version.version,
        "fileId": version.file_id,
        "size": state.file.size_bytes,
        "uploadedAt": timestamp_text(state.file.uploaded_at),
        "status": state.status,
        "waitsFor": state.waits_for or None,
        "deliveries": state.entry.deliveries if state.entry else 0,
        "outcomes": receipt and receipt["outcomes"],
        "fault": receipt and receipt["fault"],
        "notices": receipt["notices"] if receipt else [],
    }


def timestamp_text(at: datetime) -> str:
    """As receipts write times: UTC, RFC 3339, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
