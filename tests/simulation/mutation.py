"""A deliberate mistake, as text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One mistake.

    Args:
        name: What it does, and why it must be found.
        module: Its file, below src/processor.
        old: The text that is there, once.
        new: The text in its place.
    """

    name: str
    module: str
    old: str
    new: str
