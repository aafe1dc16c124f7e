"""`desk sweep`"""

import click

from desk import deployed
from desk.options import Desk, command
from desk.terminal import Answer

OLDER_THAN_MINUTES = 60


@command("sweep", short_help="Find files without a receipt, and start them again.")
@click.option(
    "--older-than-minutes",
    type=click.IntRange(0),
    default=OLDER_THAN_MINUTES,
    show_default=True,
    help="Leave younger files alone: they may only be slow.",
)
def sweep(desk: Desk, older_than_minutes: int) -> Answer:
    """Have the function find files without a receipt, and start each of them again.

    The stack does the same by itself, as SweepSchedule says. A file that was delivered 24 times
    without a receipt is only reported: desk status KEY says what it waits for.

    \b
    Exit codes: 0 every file has its receipt; 1 some had none.
    """
    event = {"sweep": {"olderThanMinutes": older_than_minutes}}
    with desk.terminal.progress("the function sweeps"):
        (swept,) = deployed.processor(desk.stack).answer(event)["sweeps"]
    without = swept["withoutReceipt"]
    lines = [
        f"versions looked at, older than {older_than_minutes} minutes: {swept['versions']:,}",
        *(f"without receipt, {why}: {count:,}" for why, count in without.items()),
        f"started again: {swept['started']:,}",
    ]
    if swept["goesOn"]:
        lines.append("the function goes on with the rest: its log tells of it")
    return Answer(swept, lines, int(bool(without)))
