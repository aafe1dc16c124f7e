"""Where a JSON value ends, found without parsing it, so that a malformed one has an end too.

An object ends where its braces balance, an array where its square brackets do, a string at its
quote; brackets of the other kind do not count. A missing `]` inside an object is thereby that
object's fault alone, and the value after it is read. All other values end before the next white
space, quote, bracket or comma; a `}` where a value should begin is one by itself, to be refused.
"""

import re
from enum import Enum

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'


def _object_pattern(levels: int) -> bytes:
    inner = rb"|" + _object_pattern(levels - 1) if levels > 1 else rb""
    return rb'\{[^{}"]*+(?:(?:' + _STRING + inner + rb')[^{}"]*+)*+\}'


WHOLE_OBJECT = _object_pattern(levels=6)
"""Matches an object, at the speed of C, if it is at most six objects deep."""

# Each goes over whole strings, and stops at a bracket or at the quote of a string that goes on.
_BRACES = re.compile(rb'[^{}"]*+(?:' + _STRING + rb'[^{}"]*+)*+([{}"])', re.DOTALL)
_SQUARES = re.compile(rb'[^\[\]"]*+(?:' + _STRING + rb'[^\[\]"]*+)*+([\[\]"])', re.DOTALL)
_STRING_STOP = re.compile(rb'["\\]')
_SCALAR_STOP = re.compile(rb'[ \t\r\n,\[\]{}"]')


class _In(Enum):
    NOTHING = 0
    BRACKETS = 1
    STRING = 2
    ESCAPE = 3
    SCALAR = 4


class ValueEnd:
    """Looks for the end of one value, over as many pieces as it takes; each byte is seen once."""

    def __init__(self) -> None:
        self._state = _In.NOTHING
        self._depth = 0
        self._brackets = _BRACES

    def find(self, data: bytes, begin: int) -> int:
        """Goes on looking.

        Args:
            data: Bytes that follow those of the call before.
            begin: Where in them to begin; at the first call where the value begins.

        Returns:
            Where in `data` the value has ended, or -1 if it goes on.
        """
        at = begin
        while at < len(data):
            if self._state is _In.NOTHING:
                at = self._open(data, at)
            elif self._state is _In.STRING:
                at = self._step_in_string(data, at)
            elif self._state is _In.ESCAPE:
                self._state = _In.STRING
                at += 1
            elif self._state is _In.BRACKETS:
                at = self._step_in_brackets(data, at)
            else:
                at = self._step_in_scalar(data, at)
            if self._state is _In.NOTHING:
                return at
        return -1

    def _open(self, data: bytes, at: int) -> int:
        first = data[at : at + 1]
        if first == b'"':
            self._state = _In.STRING
        elif first in (b"{", b"["):
            self._state = _In.BRACKETS
            self._depth = 1
            self._brackets = _BRACES if first == b"{" else _SQUARES
        elif first != b"}":
            self._state = _In.SCALAR
            return at
        return at + 1

    def _step_in_string(self, data: bytes, at: int) -> int:
        stop = _STRING_STOP.search(data, at)
        if stop is None:
            return len(data)
        if stop[0] == b"\\":
            self._state = _In.ESCAPE
        else:
            self._state = _In.BRACKETS if self._depth else _In.NOTHING
        return stop.end()

    def _step_in_scalar(self, data: bytes, at: int) -> int:
        stop = _SCALAR_STOP.search(data, at)
        if stop is None:
            return len(data)
        self._state = _In.NOTHING
        return stop.start()

    def _step_in_brackets(self, data: bytes, at: int) -> int:
        stop = self._brackets.match(data, at)
        if stop is None:
            return len(data)
        if stop[1] == b'"':
            self._state = _In.STRING
        elif stop[1] in (b"{", b"["):
            self._depth += 1
        else:
            self._depth -= 1
            if self._depth == 0:
                self._state = _In.NOTHING
        return stop.end()
