"""Survivors that are known, each with the reason why no test can or should notice it."""

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from checks.mutation.mutants import Mutant

EXPLANATIONS: Final = Path(__file__).with_name("survivors.toml")
_REASON_WORDS_MIN: Final = 8


class BadExplanationError(Exception):
    """Raised when the file of explanations is not usable; the caller shows it and ends."""


def explanations(path: Path = EXPLANATIONS) -> dict[str, str]:
    """Reasons by mutant, both as `told` spells them.

    Raises:
        BadExplanationError: When a mutant stands there twice, or a reason is hardly a sentence.
    """
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get(
        "survivor", []
    )
    reasons: dict[str, str] = {}
    for entry in entries:
        for mutant in entry["mutants"]:
            if mutant in reasons:
                raise BadExplanationError(f"explained twice: {mutant}")
            reasons[mutant] = entry["reason"]
        if len(entry["reason"].split()) < _REASON_WORDS_MIN:
            raise BadExplanationError(f"no reason in a sentence: {entry['reason']!r}")
    return reasons


def told(mutant: Mutant) -> str:
    """A mutant in one line, such as `statement removed: EncryptionKey/RefuseGrantsToPeople`."""
    return f"{mutant.kind}: {mutant.name}"


def empty_explanations(
    reasons: Collection[str], judged: Collection[str], survivors: Collection[str]
) -> list[str]:
    """Explanations of what does not survive, or of what is no mutant at all.

    Args:
        reasons: Mutants that are explained.
        judged: Mutants that the run speaks of; in a sample the others are left alone.
        survivors: Those that no test noticed.
    """
    return sorted(one for one in reasons if one in judged and one not in survivors)
