"""Numbers in a text that are known to be something else than a card number, whatever they hold."""

import re
from collections.abc import Iterator
from typing import Final

from processor.domain.iban import iban_spans

_UUID = re.compile(r"(?<![^\W_])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![^\W_])")
_DIGEST = re.compile(
    r"(?<![^\W_])(?=[0-9dfDF]*[abceABCE])"
    r"[0-9a-fA-F]{32}(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{32})?(?![^\W_])"
)
"""With a letter other than D and F: a chip's track 2 is hexadecimal too, and has no others.

Source: EMV Book 3, tag 57 (`D` as separator, padded with `F`).
"""

_BLANK: Final = "\n"
"""No digit, no letter, no separator, and no part of track data."""


def without_other_numbers(text: str) -> str:
    """The text with line ends where IBANs, creditor references, UUIDs and digests lie.

    Each character keeps its place. It takes time proportional to the text, however many there are.
    """
    characters: list[str] | None = None
    for start, end in _spans(text):
        characters = characters or list(text)
        characters[start:end] = _BLANK * (end - start)
    return "".join(characters) if characters else text


def _spans(text: str) -> Iterator[tuple[int, int]]:
    yield from iban_spans(text)
    for pattern in (_UUID, _DIGEST):
        yield from (match.span() for match in pattern.finditer(text))
