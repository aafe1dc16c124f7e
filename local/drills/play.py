"""`python -m local drill`: lists drills, or plays some on an embedded AWS of its own."""

import time
from collections.abc import Iterable
from contextlib import ExitStack

from botocore.exceptions import BotoCoreError, ClientError

from local import session
from local.drills import proof, runbook, shell
from local.drills.catalogue import DRILLS
from local.drills.runbook import Runbook, RunbookError
from local.drills.scene import Drill, DrillFailed, Scene
from local.drills.shell import Shell, ShellError
from local.drills.told import Told
from local.progress import Progress
from local.session import Session


def show_list(told: Told) -> None:
    """Lists the drills."""
    rows = [(one.name, one.trouble, one.alarm) for one in DRILLS.values()]
    told.table(("drill", "trouble", "alarm, and section of the runbook"), rows)


def play_all(drills: Iterable[Drill], told: Told) -> list[str]:
    """Plays drills, one after the other, on one stack; each leaves it as it found it.

    Returns:
        The names of those in which the trouble is not over.

    Raises:
        StartError, DeploymentError, ShellError: There is no stack, or no shell, to play on.
    """
    shell.install()
    book = runbook.read()
    with session.temporary(Progress()) as running:
        typed = shell.open_shell(running, book.functions)
        return [one.name for one in drills if not play_one(one, running, typed, book, told)]


def play_one(drill: Drill, running: Session, typed: Shell, book: Runbook, told: Told) -> bool:
    """Plays one drill; whether the trouble is over."""
    began = time.monotonic()
    told.title(f"Drill {drill.name}: {drill.trouble}")
    try:
        with ExitStack() as undo:
            scene = Scene(running, typed, book, told, drill, undo)
            drill.play(scene)
            left = proof.prove(scene)
    except (DrillFailed, RunbookError, ShellError, BotoCoreError, ClientError) as error:
        left = [str(error)]
    took = f"{time.monotonic() - began:.0f} s"
    if left:
        told.verdict(f"{drill.name}: not over after {took}: {'; '.join(left)}", is_well=False)
    else:
        told.verdict(f"{drill.name}: over after {took}", is_well=True)
    return not left
