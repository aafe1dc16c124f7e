"""Names that nobody used before."""

import uuid
from typing import Final

_LETTERS_OF_HEX: Final = str.maketrans("0123456789", "ghijklmnop")


def unique_letters(length: int = 12) -> str:
    """A name of lower-case letters: digits may happen to be a card number, which no id may be."""
    return uuid.uuid4().hex[:length].translate(_LETTERS_OF_HEX)
