"""What every command has: the stack it is for, and how its answer is printed.

    @command("status")
    @click.argument("key", required=False)
    def status(desk: Desk, key: str | None) -> Answer: ...
"""

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from desk import stack
from desk.terminal import Answer, Terminal

STACK_VARIABLE: Final = "AWS_SAM_STACK_NAME"
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with.

    Args:
        stack: The deployed stack, as its own user.
        terminal: Takes progress; the answer is printed by whoever called the command.
    """

    stack: stack.Stack
    terminal: Terminal


class Since(click.ParamType):
    """A time, or how long ago: `2026-03-01`, `2026-03-01T09:00Z`, `90m`, `24h`, `7d`, `2w`."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """See click.ParamType. A time without an offset is UTC."""
        if isinstance(value, datetime):
            return value
        text = str(value)
        if text[-1:] in _UNITS and text[:-1].isascii() and text[:-1].isdecimal():
            try:
                return datetime.now(UTC) - timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
            except OverflowError:
                self.fail(f"{text} is too long ago", param, ctx)
        try:
            said = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{text!r} is neither such as 24h or 7d, nor 2026-03-01T09:00Z", param, ctx)
        return said if said.tzinfo else said.replace(tzinfo=UTC)


def command(name: str, **settings: Any) -> Callable[[Callable[..., Answer]], click.Command]:
    """Makes a command of a function that takes a Desk and its own arguments, and gives an Answer.

    Args:
        name: The command's name.
        settings: Further ones of click.Command.
    """

    def decorate(function: Callable[..., Answer]) -> click.Command:
        @functools.wraps(function)
        def run(
            stack_name: str, region: str | None, profile: str | None, as_json: bool, **given: Any
        ) -> int:
            terminal = Terminal(as_json=as_json)
            desk = Desk(stack.find(stack_name, region, profile), terminal)
            answer = function(desk, **given)
            terminal.print(answer)
            return answer.code

        for option in reversed(_OPTIONS):
            run = option(run)
        return click.command(name, **settings)(run)

    return decorate


_OPTIONS: Final = (
    click.option(
        "--stack",
        "stack_name",
        metavar="NAME",
        envvar=STACK_VARIABLE,
        required=True,
        help=f"Name of the deployed stack; or {STACK_VARIABLE} in the environment.",
    ),
    click.option("--region", metavar="REGION", help="As of the AWS CLI."),
    click.option("--profile", metavar="PROFILE", help="As of the AWS CLI."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables."),
)
