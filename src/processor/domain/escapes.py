"""Escapes in a text: what it says once they are resolved, and where each character came from.

A text may be the address of a page, or JSON within JSON. There an escape's last digit stands right
before a number (`pan%3D4111…`, `\\u00224111…`), or escapes are its digits and separators.
"""

import re
from array import array
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

_HEX: Final = "[0-9a-fA-F]"
_FORMS: Final = (
    rf"%{_HEX}{{2}}",
    rf"\\x{_HEX}{{2}}",
    rf"\\u{_HEX}{{4}}",
    rf"\\U00(?:0{_HEX}|10){_HEX}{{4}}",
    r"\\\\",
)
_RUN = re.compile("|".join(f"{form}(?:{form})*+" for form in _FORMS))
"""Escapes of one kind that follow each other: together they may be one character. Each alternative
begins with a literal, as that is what is searched for fastest.

Source: RFC 3986, 2.1 (`%3D`); RFC 8259, 7 (`\\u003d`); the string literals of JavaScript, C
and Python (`\\x3d`, `\\U0000003d`).
"""


class _Kind(NamedTuple):
    """How escapes of a kind stand for characters.

    Args:
        prefix: What each begins with.
        width: Characters of each.
        codec: The encoding of what they hold; None if they are backslashes that stand for one.
        errors: What becomes of what is none; each comes out as one character.
        unit_bytes: Bytes that each holds.
    """

    prefix: str
    width: int
    codec: str | None
    errors: str
    unit_bytes: int

    def meaning(self, run: str) -> str:
        """The characters that a run of such escapes stands for."""
        if self.codec is None:
            return run[:: self.width]
        return bytes.fromhex(run.replace(self.prefix, "")).decode(self.codec, self.errors)

    def length(self, character: str) -> int:
        """How long the escapes are that stand for a character."""
        if self.codec is None:
            return self.width
        byte_count = len(character.encode(self.codec, self.errors))
        return byte_count // self.unit_bytes * self.width


_KINDS: Final = {
    "%": _Kind("%", 3, "utf-8", "surrogateescape", 1),
    "\\x": _Kind("\\x", 4, "utf-8", "surrogateescape", 1),
    "\\u": _Kind("\\u", 6, "utf-16-be", "surrogatepass", 2),
    "\\U": _Kind("\\U", 10, "utf-32-be", "surrogatepass", 4),
    "\\\\": _Kind("\\\\", 2, None, "", 0),
}

LEVELS_MAX: Final = 4
"""How often escapes are resolved: an address within an address within an address (`%25253D`), and
JSON around it. The time that a text takes has a bound so."""


_REMEMBERED_CHARACTERS_MAX: Final = 6
"""Nearly all addresses have the same few escapes, `%20` and `%C3%A9` and the like. Longer runs
might be a good part of a number, which nothing need remember."""


class Reading(NamedTuple):
    """A text with its escapes resolved.

    Args:
        plain: What it says.
        starts: Where in the text each character of `plain` begins, and, as the last, its length.
    """

    plain: str
    starts: "array[int]"


def resolved(text: str) -> Iterator[str]:
    """What a text says with escapes resolved once, and again as long as there are any.

    The text itself is none of them. Nearly no text has escapes: then two looks are all it takes.
    """
    for _ in range(LEVELS_MAX):
        if "%" not in text and "\\" not in text:
            return
        plain = _RUN.sub(_meaning, text)
        if plain is text or plain == text:
            return
        yield plain
        text = plain


def readings(text: str) -> Iterator[Reading]:
    """The same, with the place of each character."""
    starts = array("l", range(len(text) + 1))
    for plain in resolved(text):
        starts = array("l", map(starts.__getitem__, _starts(text)))
        yield Reading(plain, starts)
        text = plain


def _starts(text: str) -> "array[int]":
    """Where the characters that are meant begin, and the length of the text behind them."""
    starts = array("l")
    at = 0
    for run in _RUN.finditer(text):
        starts.extend(range(at, run.start()))
        at = run.start()
        kind = _kind(run[0])
        for character in kind.meaning(run[0]):
            starts.append(at)
            at += kind.length(character)
    starts.extend(range(at, len(text) + 1))
    return starts


def _meaning(run: re.Match[str]) -> str:
    written = run[0]
    return _remembered(written) if len(written) <= _REMEMBERED_CHARACTERS_MAX else _meant(written)


def _meant(run: str) -> str:
    return _kind(run).meaning(run)


_remembered = lru_cache(maxsize=256)(_meant)


def _kind(run: str) -> _Kind:
    return _KINDS["%" if run[0] == "%" else run[:2]]
