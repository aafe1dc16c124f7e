"""Differences between what is kept and what was found, told without values of records."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from processor.domain.masking import mask

LISTED_MAX: Final = 1000
"""Differences that are kept to be shown; the others are counted."""

_SHOWN_CHARACTERS_MAX: Final = 200
_CODE: Final = re.compile(r"[A-Za-z0-9_.:+-]{1,80}")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Args:
        place: What differs: `receipt outcomes.stored`, `table amount`, `quarantine reason`.
        record_number: The record, None for the file as a whole.
        said: What receipt, table or quarantine says; card numbers in it are masked.
        found: What was found by reading the file again.
    """

    place: str
    record_number: int | None
    said: str
    found: str


@dataclass(slots=True)
class Differences:
    """Collects differences in bounded memory."""

    listed: list[Difference] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, record_number: int | None, said: str, found: str) -> None:
        """Adds one difference; see Difference."""
        self.count += 1
        if len(self.listed) < LISTED_MAX:
            self.listed.append(Difference(place, record_number, said, found))


def compare_sections(said: object, found: object, place: str, differences: Differences) -> None:
    """Compares two JSON values of a receipt member by member."""
    if isinstance(said, dict) and isinstance(found, dict):
        for name in _names(said, found):
            compare_sections(said.get(name), found.get(name), f"{place}.{name}", differences)
    elif isinstance(said, list) and isinstance(found, list) and len(said) == len(found):
        for number, (one, other) in enumerate(zip(said, found, strict=True), start=1):
            compare_sections(one, other, f"{place}[{number}]", differences)
    elif said != found or isinstance(said, bool) != isinstance(found, bool):
        differences.add(place, None, shown(said), shown(found))


def compare_lines(
    said: dict[str, object], found: dict[str, object], number: int, differences: Differences
) -> None:
    """Compares two quarantine lines of one record. Of their bytes only that they differ is told."""
    for name in _names(said, found):
        if said.get(name) != found.get(name):
            texts = (_code(said.get(name)), _code(found.get(name)))
            if name in ("raw", "stored"):
                texts = ("something else", "what the file and the table hold")
            differences.add(f"quarantine {name}", number, *texts)


def shown(value: object) -> str:
    """A value of a receipt, fit for a terminal: in one line, card numbers masked."""
    if value is None:
        return "nothing"
    if isinstance(value, list | dict):
        return f"{len(value)} entries"
    printable = "".join(one if one.isprintable() else "?" for one in mask(str(value))[0])
    return printable[:_SHOWN_CHARACTERS_MAX]


def _code(value: object) -> str:
    """A code, number or fingerprint; what is none of them may be part of a record."""
    text = shown(value)
    return text if _CODE.fullmatch(text) else "something else"


def _names(one: dict[str, object], other: dict[str, object]) -> Iterator[str]:
    yield from dict.fromkeys([*other, *one])
