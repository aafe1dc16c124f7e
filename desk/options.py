"""What every command has: the stack it is for, and how its answer is printed."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import click

from desk import stack
from desk.page.words import desk_command
from desk.terminal import Answer, Terminal
from processor.domain.file import ObjectVersion

STACK_VARIABLE: Final = "AWS_SAM_STACK_NAME"
NO_STACK: Final = (
    f"name the stack: --stack NAME, or {STACK_VARIABLE} in the environment "
    "(of an embedded AWS: . .local/environment.sh)"
)
WAIT_SECONDS: Final = 900
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

    def next_step(self, name: str, version: ObjectVersion, **options: str) -> str:
        """A command about a file, to be pasted into a shell."""
        has_version = version.version_id and name != "status"  # That tells of all versions.
        named = {"--version-id": version.version_id or ""} if has_version else {}
        given = {f"--{option}": value for option, value in options.items()}
        return desk_command(name, self.stack.name, version.key, named | given)


class FileName(NamedTuple):
    """The file that a command is about.

    Args:
        key: Its key.
        version_id: Its version; None for the current one.
    """

    key: str
    version_id: str | None = None


class Period(NamedTuple):
    """The files that a command is about.

    Args:
        since: Uploaded from then on; None for whenever.
        until: Uploaded before then; None for whenever.
        prefix: What their keys begin with.
    """

    since: datetime | None = None
    until: datetime | None = None
    prefix: str = ""


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


def command(
    name: str, *, must_be_there: bool = True, **settings: Any
) -> Callable[[Callable[..., Answer]], click.Command]:
    """Makes a command of a function that takes a Desk and its own arguments, and gives an Answer.

    Args:
        name: The command's name.
        must_be_there: Whether the stack must be; one that is gone has no outputs.
        settings: Further ones of click.Command.
    """

    def decorate(function: Callable[..., Answer]) -> click.Command:
        @functools.wraps(function)
        def run(**given: Any) -> int:
            terminal = Terminal(as_json=given.pop("as_json"))
            names = [given.pop(name) for name in ("stack_name", "region", "profile")]
            if not names[0]:
                raise click.UsageError(NO_STACK)
            find = stack.find if must_be_there else stack.find_or_gone
            answer = function(Desk(find(*names), terminal), **given)
            terminal.print(answer)
            return answer.code

        optioned: Callable[..., Any] = run
        for option in reversed(_OPTIONS):
            optioned = option(optioned)
        as_command: Callable[..., click.Command] = click.command(name, **settings)
        return as_command(optioned)

    return decorate


_OPTIONS: Final = (
    click.option(
        "--stack",
        "stack_name",
        metavar="NAME",
        envvar=STACK_VARIABLE,
        help=f"Name of the deployed stack; or {STACK_VARIABLE} in the environment.",
    ),
    click.option("--region", metavar="REGION", help="As of the AWS CLI."),
    click.option("--profile", metavar="PROFILE", help="As of the AWS CLI."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables."),
)


def file_arguments(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """KEY and --version-id, for commands about one file; given on as `named`, a FileName."""

    @functools.wraps(function)
    def run(*positional: Any, key: str, version_id: str | None, **given: Any) -> Answer:
        return function(*positional, named=FileName(key, version_id), **given)

    return click.argument("key")(version_option(run))


def version_option(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """--version-id, beside a KEY."""
    name = click.option(
        "--version-id", metavar="ID", help="Version of KEY; the current one if absent."
    )
    return name(function)


def period_options(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """--since, --until and --prefix, for commands about many files; given on as `period`."""

    @functools.wraps(function)
    def run(
        *positional: Any, since: datetime | None, until: datetime | None, prefix: str, **given: Any
    ) -> Answer:
        if since and until and since >= until:
            raise click.UsageError("--since is not before --until")
        return function(*positional, period=Period(since, until, prefix), **given)

    options = (
        click.option("--since", type=Since(), help="Files uploaded from then on: 24h, 7d, a time."),
        click.option("--until", type=Since(), help="Files uploaded before then."),
        click.option("--prefix", default="", metavar="PREFIX", help="Keys that begin so."),
    )
    for option in reversed(options):
        run = option(run)
    return run


def wait_options(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """--wait and --wait-seconds; given on as `seconds_max`, None where nothing is awaited."""

    @functools.wraps(function)
    def run(*positional: Any, wait_seconds: int, **given: Any) -> Answer:
        seconds_max = wait_seconds if given.pop("wait") else None
        return function(*positional, seconds_max=seconds_max, **given)

    options = (
        click.option("--wait/--no-wait", default=True, help="Wait for receipts, or only upload."),
        click.option(
            "--wait-seconds",
            type=click.IntRange(0),
            default=WAIT_SECONDS,
            show_default=True,
            help="How long to wait.",
        ),
    )
    for option in reversed(options):
        run = option(run)
    return run
