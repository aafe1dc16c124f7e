"""The end of `make check`: every finding, and one table."""

import textwrap
from collections.abc import Iterator, Sequence

from checks.outcome import Outcome, Suppression

_WIDTH = 100
_HEAD = ("tool", "rules run", "findings", "suppressed", "seconds")


def rendered(outcomes: Sequence[Outcome]) -> str:
    """The table, with the reason of each suppression under its tool."""
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
        lines.extend(_details(outcome))
    return "\n".join([*lines, line, _spaced(total, widths)])


def _row(outcome: Outcome) -> tuple[str, ...]:
    seconds = f"{outcome.seconds:.1f}"
    if outcome.skipped is not None:
        return outcome.tool, "skipped", "unknown", "-", seconds
    ran = f"{outcome.rules} {outcome.unit}"
    return outcome.tool, ran, str(len(outcome.findings)), str(len(outcome.suppressed)), seconds


def _spaced(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _details(outcome: Outcome) -> Iterator[str]:
    if outcome.skipped is not None:
        yield from _wrapped(f"skipped: {outcome.skipped}")
    by_reason: dict[str, list[Suppression]] = {}
    for suppression in outcome.suppressed:
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
