"""`desk doctor`"""

from collections import Counter
from collections.abc import Sequence

import click
from rich.text import Text

from desk.doctor.checks import CHECKS, Named, examine
from desk.doctor.findings import Status
from desk.doctor.look import look_at
from desk.options import Desk, command
from desk.terminal import Answer, table

STYLES = {
    Status.OK: "green",
    Status.NOT_LOOKED_AT: "dim",
    Status.WARNING: "yellow",
    Status.FAILED: "bold red",
}


@command("doctor", short_help="Look at the stack: what is wrong, and how it is mended.")
@click.option("--strict", is_flag=True, help="Warnings, and what was not looked at, count too.")
@click.option("--problems", is_flag=True, help="Leave out what is well.")
def doctor(desk: Desk, *, strict: bool, problems: bool) -> Answer:
    """Look at everything that the pipeline needs, and say what is wrong and how it is mended.

    Nothing is changed. What you may not look at is "not looked at", and names the right that you
    lack; each look that AWS refuses rings RefusedCallsAlarm.

    \b
    Exit codes: 0 nothing failed; 1 something failed (with --strict also: a warning, or something
    that was not looked at); 2 the stack could not be looked at at all.
    """
    look = look_at(desk.stack)
    with desk.terminal.progress("look", len(CHECKS)) as done:
        found = examine(look, done)
    remarks = []
    if look.refused:
        remarks.append(
            f"AWS refused you {', '.join(sorted(look.refused))}: RefusedCallsAlarm may ring for it"
        )
    return answer(desk.stack.name, found, remarks, strict=strict, problems=problems)


def answer(
    name: str, found: Sequence[Named], remarks: Sequence[str], *, strict: bool, problems: bool
) -> Answer:
    """The findings as they are shown, and the exit code."""
    counts = Counter(one.finding.status for one in found)
    shown = table("check", "status", "found")
    # Remedies stand by themselves: a command that is folded into a column cannot be copied.
    remedies: list[str] = []
    for one in found:
        if not problems or one.finding.status is not Status.OK:
            status = one.finding.status
            shown.add_row(one.check, Text(status, STYLES[status]), one.finding.found)
        if one.finding.remedy:
            remedies += [f"\n{one.check}: {one.finding.found}", f"  remedy: {one.finding.remedy}"]
    summary = ", ".join(f"{status}: {counts[status]}" for status in Status if counts[status])
    document = {
        "stack": name,
        "counts": {status.value: counts[status] for status in Status},
        "findings": [
            {
                "check": one.check,
                "status": one.finding.status.value,
                "found": one.finding.found,
                "remedy": one.finding.remedy or None,
            }
            for one in found
        ],
    }
    is_bad = counts[Status.FAILED] or (strict and len(found) > counts[Status.OK])
    return Answer(document, [shown, *remedies, f"\n{summary}"], int(bool(is_bad)), remarks)
