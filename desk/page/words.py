"""Names and numbers as a page shows them. Names come from senders: they may hold any character."""

import shlex
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from desk.printable import printable
from processor.domain.masking import mask

_SECONDS_A_MINUTE: Final = 60
_MINUTES_AN_HOUR: Final = 60
_UNIT_STEP: Final = 1024
_SHORT_SECONDS: Final = 10


def shown(name: str) -> str:
    """A name in one line of printable characters, card numbers masked."""
    return mask(printable(mask(name)[0]))[0]


def is_masked(name: str) -> bool:
    """Whether a name is shown otherwise than it is, so that a command with it finds nothing."""
    return mask(name)[1] > 0


def desk_command(
    name: str, stack: str, key: str = "", options: Mapping[str, str] = MappingProxyType({})
) -> str:
    """A command of the desk, to be pasted into a shell.

    Args:
        name: The command's name.
        stack: The stack's name.
        key: A key; empty for a command about none.
        options: Further options and their values.
    """
    words = ["desk", name]
    for option, value in {"--stack": stack, **options}.items():
        words += [option, _quoted(mask(value)[0])]
    if key:
        # A key that begins like an option would be taken for one.
        words += ["--"] if key.startswith("-") else []
        words.append(_quoted(mask(key)[0]))
    return mask(" ".join(words))[0]


def _quoted(word: str) -> str:
    """As shlex does; what cannot be printed by its number, as bash and zsh read it."""
    if word.isprintable():
        return shlex.quote(word)
    inner = "".join(
        one if one.isprintable() and one not in "\\'" else _escape_for_shell(one) for one in word
    )
    return f"$'{inner}'"


def _escape_for_shell(character: str) -> str:
    # By bytes, since \u in a shell means what the locale can say.
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


def size(size_bytes: int) -> str:
    """A size in the largest unit of which there is one: `1.4 MiB`."""
    amount = float(size_bytes)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < _UNIT_STEP:
            return f"{size_bytes:,} bytes" if unit == "bytes" else f"{amount:,.1f} {unit}"
        amount /= _UNIT_STEP
    return f"{amount:,.1f} TiB"


def duration(seconds: float) -> str:
    """How long something took: `0.24 s`, `42 s`, `3 min 05 s`, `2 h 07 min`."""
    if seconds < _SHORT_SECONDS:
        return f"{seconds:.2f} s"
    whole = round(seconds)
    if whole < _SECONDS_A_MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, _SECONDS_A_MINUTE)
    if minutes < _MINUTES_AN_HOUR:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, _MINUTES_AN_HOUR)
    return f"{hours:,} h {minutes:02} min"


def count(number: int, one: str, many: str) -> str:
    """A number with its noun: `1 file`, `9,900 files`."""
    return f"{number:,} {one if number == 1 else many}"


def grouped(amount: str) -> str:
    """A decimal text with a comma between thousands: `1234567.80` is `1,234,567.80`."""
    sign = "-" if amount.startswith("-") else ""
    whole, point, fraction = amount.removeprefix("-").partition(".")
    return f"{sign}{int(whole):,}{point}{fraction}"
