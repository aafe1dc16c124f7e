# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""PartiQL statements are read once.

MiniStack reads each statement of a batch twice, and cuts the same text into tokens anew for each of
25 rows. Half of the time that a file takes here goes into that, so a statement's last reading is
kept for the second look, and tokens are kept by text.
"""

import functools
from typing import Any

from ministack.services import _dynamodb_keywords as keywords
from ministack.services import dynamodb

#: Texts differ by table and columns only, values are parameters.
_TEXTS_MAX = 256


def install() -> None:
    """Keep tokens, and the last reading."""
    keywords._tokenize = _kept_tokens(keywords._tokenize)
    dynamodb._parse_partiql = _kept_reading(dynamodb._parse_partiql)


def _kept_tokens(tokenize: Any) -> Any:
    @functools.lru_cache(maxsize=_TEXTS_MAX)
    def kept(text: str) -> tuple[Any, ...]:
        return tuple(tokenize(text))

    # A list of its own for each parser, which may change it.
    return lambda text: list(kept(text))


def _kept_reading(parse: Any) -> Any:
    last: list[tuple[str, Any, Any]] = []

    def parse_once(statement: str, parameters: Any) -> Any:
        if last:
            text, of_parameters, reading = last.pop()
            # The very same list, as the second look has it. The reading is given away, since
            # an insert stores the item that is part of it.
            if text == statement and of_parameters is parameters:
                return reading
        reading = parse(statement, parameters)
        last.append((statement, parameters, reading))
        return reading

    return parse_once
