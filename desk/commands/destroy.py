"""`desk destroy`"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import RenderableType

from desk.destroy import survey
from desk.destroy.calls import Calls
from desk.destroy.plan import Plan, described, load, make, merged, save
from desk.destroy.removals import KEY_WINDOW_DAYS, Removal
from desk.destroy.run import Step
from desk.destroy.run import destroy as remove_all
from desk.errors import DeskError
from desk.options import Desk, command
from desk.reading import Json
from desk.terminal import Answer, Terminal, table

WAIT_SECONDS = 1800
_DAYS = click.IntRange(7, 30)


class How(NamedTuple):
    """The command's options, as their help has them."""

    dry_run: bool
    yes_i_mean: str | None
    plan_file: Path | None
    key_window_days: int
    secret_window_days: int | None
    wait_seconds: int


@command("destroy", must_be_there=False, short_help="Remove a stack that is not production.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
@click.option(
    "--yes-i-mean", metavar="NAME", help="The stack's name, for scripts: nothing is asked then."
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the plan; .desk-destroy-NAME.json if absent. A run that stopped goes on by it.",
)
@click.option(
    "--key-window-days",
    type=_DAYS,
    default=KEY_WINDOW_DAYS,
    show_default=True,
    help="Days for which the key's deletion can be cancelled.",
)
@click.option(
    "--secret-window-days",
    type=_DAYS,
    help="Keep the secret restorable for so long; its name stays taken then. None if absent.",
)
@click.option(
    "--wait-seconds",
    type=click.IntRange(0),
    default=WAIT_SECONDS,
    show_default=True,
    help="How long to wait for what AWS does in its own time.",
)
def destroy(desk: Desk, **given: Any) -> Answer:
    """Remove a stack with all its data and all that outlives it, its name typed first.

    Production is never removed: EnvironmentSuffix or tag Environment beginning with prod, prd or
    live, termination protection on, or the audit locked in COMPLIANCE mode. No option changes that.

    All ids are written to a file before anything is touched: a run that was stopped goes on when
    it is run again, also when the stack itself is gone.

    \b
    Exit codes: 0 all is gone (the key: at the end of its window); 1 something is left, and why;
    2 refused, or it could not begin.
    """
    how = How(**given)
    calls = Calls(desk.stack.client, how.wait_seconds)
    stack = described(calls, desk.stack.name)
    file, plan = _plan(calls, desk.stack.name, stack, how.plan_file)
    if not how.dry_run:
        _refuse_unless_asked(plan.stack_name, how.yes_i_mean)
    survey.refuse_strangers(calls, plan)
    _refuse_forbidden(desk.terminal, calls, plan, stack)
    with desk.terminal.progress("look", len(plan.resources)) as done:
        held = list(survey.held(calls, plan, done))
    shown = _shown(plan, held, how)
    if how.dry_run:
        return Answer(_document(plan, held), shown)
    if how.yes_i_mean is None:
        desk.terminal.show(shown)
        _ask(plan.stack_name)
    save(plan, file)
    with desk.terminal.progress("remove", len(plan.resources)) as done:
        removal = Removal(calls, plan, how.key_window_days, how.secret_window_days)
        steps = remove_all(removal, lambda _: done(1))
    return _answer(_document(plan, held), plan, steps, file, how)


def _plan(calls: Calls, name: str, stack: Json | None, plan_file: Path | None) -> tuple[Path, Plan]:
    """The plan, and its file: by what the stack lists, and by an earlier run's.

    Raises:
        DeskError: Nothing tells what belonged to the stack; or the file is of another one.
    """
    known_name = name.split("/")[1] if name.startswith("arn:") else name
    file = plan_file or Path(f".desk-destroy-{known_name}.json")
    saved = load(file)
    if stack is None:
        if saved is None or name not in (saved.stack_name, saved.stack_id):
            raise DeskError(
                f"there is no stack {name}, and no plan of its removal in {file}; CloudFormation "
                "still knows a deleted stack by its ARN: --stack ARN"
            )
        return file, saved
    now = make(calls, stack)
    if saved is not None and saved.stack_id != now.stack_id:
        raise DeskError(f"{file} is of an earlier stack of that name: move it away")
    plan = merged(saved, now) if saved else now
    if not plan.resources:
        raise DeskError(f"CloudFormation lists nothing of {name} any more")
    return file, plan


def _refuse_unless_asked(name: str, yes_i_mean: str | None) -> None:
    if yes_i_mean is None and not sys.stdin.isatty():
        raise DeskError(f"nobody is there to ask: --yes-i-mean {name}")
    if yes_i_mean not in (None, name):
        raise DeskError(f"nothing was touched: the stack's name is {name}, not {yes_i_mean}")


def _ask(name: str) -> None:
    typed = click.prompt("All of that goes, for ever. Name of the stack", err=True)
    if typed != name:
        raise DeskError(f"nothing was touched: the stack's name is {name}, not {typed}")


def _refuse_forbidden(terminal: Terminal, calls: Calls, plan: Plan, stack: Json | None) -> None:
    reasons = survey.forbidden(plan, stack)
    if not reasons:
        with terminal.progress("look for locks"):
            reasons = survey.locks(calls, plan)
        reasons += [f"stack {one} uses its outputs" for one in survey.importers(calls, stack)]
    if reasons:
        raise DeskError(f"{plan.stack_name} stays as it is: {'; '.join(reasons)}")


def _shown(plan: Plan, held: Sequence[survey.Held], how: How) -> Sequence[RenderableType]:
    counts = Counter(one.kind for one in held if not one.holds)
    shown = table("kind", "name", "holds", title=f"{plan.stack_name}: what would be removed")
    for one in held:
        if one.holds:
            shown.add_row(one.kind, one.name, one.holds)
    also = ", ".join(f"{count} {kind.removeprefix('AWS::')}" for kind, count in counts.items())
    days = how.secret_window_days
    secret = f"can be restored for {days} days" if days else "is gone at once"
    return [
        shown,
        *([f"\nand {also}"] if also else []),
        f"\nThe key can be kept for {how.key_window_days} days more; the secret {secret}.",
    ]


def _document(plan: Plan, held: Sequence[survey.Held]) -> Json:
    return {
        "stack": plan.stack_name,
        "stackId": plan.stack_id,
        "resources": [
            {"kind": one.kind, "name": one.name, "holds": one.holds or None} for one in held
        ],
    }


def _answer(document: Json, plan: Plan, steps: Sequence[Step], file: Path, how: How) -> Answer:
    left = [one for one in steps if one.why_left is not None]
    document = {
        **document,
        "left": [
            {
                "kind": one.resource.kind,
                "name": one.resource.physical_id,
                "why": one.why_left,
            }
            for one in left
        ],
    }
    if not left:
        file.unlink(missing_ok=True)
        key = f"the key goes in {how.key_window_days} days: aws kms cancel-key-deletion keeps it"
        return Answer(document, [f"{plan.stack_name} is gone; {key}"])
    shown = table("left", "name", "why")
    for one in left:
        shown.add_row(one.resource.kind, one.resource.physical_id, one.why_left or "")
    remark = f"run it again to go on; {file} says what belongs to the stack"
    return Answer(document, [shown], 1, [remark])
