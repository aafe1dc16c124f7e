"""The end of `make check`: what is suppressed and why, and last of all one short table."""

import textwrap
from collections.abc import Iterator, Sequence

from checks.outcome import Outcome, Suppression

_WIDTH = 100
_HEAD = ("tool", "rules run", "findings", "suppressed", "seconds")


def rendered(outcomes: Sequence[Outcome]) -> str:
    """The table, one line for each row, and one for what was skipped."""
    rows = [_row(outcome) for outcome in outcomes]
    total = (
        "all",
        "",
        str(sum(len(outcome.findings) for outcome in outcomes)),
        str(sum(len(outcome.suppressed) for outcome in outcomes)),
        "",
    )
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, total, strict=True)]
    line = "-" * _WIDTH
    lines = [_spaced(_HEAD, widths), line]
    for outcome, row in zip(outcomes, rows, strict=True):
        lines.append(_spaced(row, widths))
        if outcome.skipped is not None:
            lines.extend(_wrapped(f"skipped: {outcome.skipped}"))
    return "\n".join([*lines, line, _spaced(total, widths)])


def reasons(outcomes: Sequence[Outcome]) -> str:
    """What is suppressed, by tool and reason; a tool that nothing is suppressed of is left out."""
    lines = []
    for outcome in outcomes:
        if outcome.suppressed:
            lines.append(f"{outcome.tool}, suppressed: {len(outcome.suppressed)}")
            lines.extend(_reasons(outcome.suppressed))
    return "\n".join(lines)


def _row(outcome: Outcome) -> tuple[str, ...]:
    seconds = f"{outcome.seconds:.1f}"
    ran, found = f"{outcome.rules} {outcome.unit}", str(len(outcome.findings))
    if outcome.skipped is None:
        return outcome.tool, ran, found, str(len(outcome.suppressed)), seconds
    # What was found counts; what else there may be, nobody knows.
    ran, found = (
        ran if outcome.rules else "skipped",
        f"{found} or more" if found != "0" else "unknown",
    )
    return outcome.tool, ran, found, "-", seconds


def _spaced(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _reasons(suppressed: Sequence[Suppression]) -> Iterator[str]:
    by_reason: dict[str, list[Suppression]] = {}
    for suppression in suppressed:
        by_reason.setdefault(suppression.reason, []).append(suppression)
    for reason, group in by_reason.items():
        rules = ", ".join(sorted({suppression.rule for suppression in group}))
        places = ", ".join(sorted({suppression.where for suppression in group}))
        yield from _wrapped(f"{rules} on {places}: {reason}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent="    ",
        subsequent_indent="      ",
        break_on_hyphens=False,
        break_long_words=False,
    )
