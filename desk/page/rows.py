"""Files as pages and terminals show them: in words, and with the next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from desk.awaiting import Awaits
from desk.files import FileState
from desk.page import words
from desk.page.summary import Listed, Summary, seconds_of
from desk.reading import Json
from desk.summary import fault_of
from processor.domain.control_totals import Outcome

FIRST_FILES_SHOWN_MAX: Final = 3

_PROBLEMS: Final = (
    (Outcome.CONFLICT.value, ("conflict", "conflicts")),
    (Outcome.REJECTED.value, ("rejected", "rejected")),
)


@dataclass(frozen=True, slots=True)
class Made:
    """For what a page was made, and by what.

    Args:
        stack: The stack's name.
        region: Its region.
        prefix: How the keys of all files begin that were asked for; empty for any.
        software: Name and version of what made it.
    """

    stack: str
    region: str
    prefix: str
    software: str


@dataclass(frozen=True, slots=True)
class Row:
    """A file, as tables show it.

    Args:
        key: Its key.
        version: Its version.
        uploaded_at: When.
        size: Its size, in words.
        status: Its status.
        outcomes: Records by outcome, and `read`; None if it has no receipt.
        remark: What is out of the ordinary.
        took: How long it took, in words; empty without a receipt.
        rate: Records a second.
        first_files: Files that it conflicts with, where they are known.
        command: The next step.
        is_masked: Whether the command needs the key as it is.
    """

    key: str
    version: str
    uploaded_at: datetime
    size: str
    status: str
    outcomes: Json | None
    remark: str
    took: str
    rate: str
    first_files: str
    command: str
    is_masked: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Files that await action for one reason.

    Args:
        name: Its id in the page.
        title: What they are.
        explanation: What is to be done.
        rows: The first of them.
        more: How many more there are.
        command: What does something about all of them; empty if nothing does.
        list_command: Lists all of them.
    """

    name: str
    title: str
    explanation: str
    rows: Sequence[Row]
    more: int
    command: str
    list_command: str


_TITLES: Final = {
    Awaits.NO_RECEIPT: ("file without a receipt", "files without a receipt"),
    Awaits.UNREAD: ("broken or refused file", "broken or refused files"),
    Awaits.CONFLICTS: ("file with conflicts", "files with conflicts"),
    Awaits.REJECTS: ("file with rejects", "files with rejects"),
}
_EXPLANATIONS: Final = {
    Awaits.NO_RECEIPT: "Not done an hour after the upload. Starting them again is safe.",
    Awaits.UNREAD: (
        "Reading ended at a fault; what came before it counts. The sender mends the file and "
        "uploads it again, under any key. A broken one is listed until a whole file has all that "
        "it stored; a refused one, of which nothing is stored, for as long as it is of the period."
    ),
    Awaits.CONFLICTS: (
        "An id that is stored already came with other content; the stored one stays. The sender "
        "says which is right. Listed until a replay answers."
    ),
    Awaits.REJECTS: (
        "Export the rejected records, have them corrected, and replay those. Listed until a "
        "replay answers."
    ),
}
_COMMANDS: Final = {
    Awaits.NO_RECEIPT: "status",
    Awaits.UNREAD: "receipt",
    Awaits.CONFLICTS: "rejects",
    Awaits.REJECTS: "rejects",
}


def verdict(summary: Summary) -> str:
    """Whether all is well, in one sentence."""
    parts = []
    if summary.awaiting_count:
        parts.append(words.count(summary.awaiting_count, "file", "files"))
    if summary.failed_event_count:
        failed = words.count(summary.failed_event_count, "failed event", "failed events")
        parts.append(failed)
    if not parts:
        return "Nothing awaits action"
    is_one = summary.awaiting_count + summary.failed_event_count == 1
    return f"{' and '.join(parts)} {'awaits' if is_one else 'await'} action"


def groups(summary: Summary, made: Made) -> list[Group]:
    """Those in which there is something."""
    return [
        Group(
            group.value,
            words.count(listed.count, *_TITLES[group]),
            _EXPLANATIONS[group],
            [row_of(state, summary, made.stack, _COMMANDS[group]) for state in listed.files],
            listed.more,
            words.desk_command("sweep", made.stack) if group is Awaits.NO_RECEIPT else "",
            _list_command(group, summary, made),
        )
        for group, listed in summary.awaiting.items()
        if listed.count
    ]


def _list_command(group: Awaits, summary: Summary, made: Made) -> str:
    """Lists a group's files, and those of the other groups where it cannot be told apart."""
    is_apart = group is Awaits.NO_RECEIPT
    period = summary.period
    options = {
        "--since": f"{period.since:%Y-%m-%dT%H:%M:%SZ}",
        "--until": f"{period.until:%Y-%m-%dT%H:%M:%SZ}",
        "--outcome": "no-receipt" if is_apart else "needs-action",
        "--limit": f"{summary.file_count}",
    }
    if made.prefix:
        options["--prefix"] = made.prefix
    return words.desk_command("status", made.stack, options=options)


def rows(listed: Listed, summary: Summary, stack: str) -> list[Row]:
    """A list's files, as tables show them."""
    return [row_of(state, summary, stack) for state in listed.files]


def row_of(state: FileState, summary: Summary, stack: str, command: str = "receipt") -> Row:
    """A file, as tables show it; the command is the next step's."""
    version, receipt = state.file.version, state.receipt
    seconds = seconds_of(receipt) if receipt else 0.0
    # `desk status` is about all versions of a key.
    is_of_one = command != "status" and version.version_id is not None
    options = {"--version-id": version.version} if is_of_one else {}
    return Row(
        words.shown(version.key),
        words.shown(version.version),
        state.file.uploaded_at,
        words.size(state.file.size_bytes),
        state.status,
        receipt and receipt["outcomes"],
        _remark(state),
        words.duration(seconds) if receipt else "",
        f"{receipt['outcomes']['read'] / seconds:,.0f}" if receipt and seconds else "",
        _first_files(state, summary),
        words.desk_command(command, stack, version.key, options),
        words.is_masked(version.key),
    )


def _remark(state: FileState) -> str:
    """What is out of the ordinary with a file."""
    receipt = state.receipt
    if receipt is None:
        return state.waits_for
    said = list(filter(None, [fault_of(receipt)]))
    counts = receipt["outcomes"]
    said += [words.count(counts[one], *names) for one, names in _PROBLEMS if counts[one]]
    said += receipt.get("notices", [])
    if receipt.get("replayOf"):
        said.append(f"replays {words.shown(receipt['replayOf']['key'])}")
    return "; ".join(map(words.shown, said))


def _first_files(state: FileState, summary: Summary) -> str:
    found = summary.first_files.get(state.file.version.file_id, [])
    own = state.file.version
    names = [
        "the same file" if one == (own.key, own.version) else words.shown(one[0]) for one in found
    ]
    named = ", ".join(names[:FIRST_FILES_SHOWN_MAX])
    rest = len(names) - FIRST_FILES_SHOWN_MAX
    return f"{named} and {rest:,} more" if rest > 0 else named
