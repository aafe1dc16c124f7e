"""What looks at a mutant that every test let live: cfn-lint, as it looks at the template itself."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from checks.mutation.mutants import Json, apart, mutated
from checks.mutation.running import Outcome
from tests.support import template

_CFN_LINT: Final = Path(sys.executable).with_name("cfn-lint")
# One bit each for errors, warnings and infos; from 16 on it did not do its work.
_CFN_LINT_EXIT_CODE_MAX: Final = 15
_UNCHANGED: Final = "unchanged"


class GateFailedError(Exception):
    """Raised when a gate did not do its work; the caller shows it and ends."""


def past_the_gates(source: Json, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The same outcomes, in which survivors that a gate notices are "gated", by the gate's rule.

    Args:
        source: The template as it is written. What the gates say of it counts for nothing.
        outcomes: Of the tests.

    Raises:
        GateFailedError: When a gate did not do its work.
    """
    survivors = [one for one in outcomes if one.verdict == "survived"]
    if not survivors:
        return list(outcomes)
    documents = {_UNCHANGED: _translated(source)}
    for number, outcome in enumerate(survivors):
        documents[f"mutant-{number}"] = _translated(source, outcome)
    found = _lint(documents)
    rules = {
        outcome.mutant.name: sorted(found.get(f"mutant-{number}", set()) - found[_UNCHANGED])
        for number, outcome in enumerate(survivors)
    }
    return [
        dataclasses.replace(one, verdict="gated", by=f"cfn-lint {rules[one.mutant.name][0]}")
        if one.verdict == "survived" and rules[one.mutant.name]
        else one
        for one in outcomes
    ]


def _translated(source: Json, outcome: Outcome | None = None) -> Json:
    """A template, or a mutant of it, after the SAM transform: there both kinds can be compared."""
    if outcome is None:
        template.judge(source)
    elif outcome.mutant.is_generated:
        template.judge(source, outcome.mutant.change)
    else:
        template.judge(mutated(source, outcome.mutant))
    translated = apart(template.translated())
    template.judge(source)
    return translated


def _lint(documents: dict[str, Json]) -> dict[str, set[str]]:
    """Rules of cfn-lint that object, by the name of the document."""
    with TemporaryDirectory() as folder:
        files = []
        for name, document in documents.items():
            files.append(Path(folder) / f"{name}.json")
            files[-1].write_text(json.dumps(document), encoding="utf-8")
        command: list[str | Path] = [_CFN_LINT, "--format", "json", "--", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode > _CFN_LINT_EXIT_CODE_MAX:
            raise GateFailedError(f"cfn-lint: {(done.stderr or done.stdout)[-500:]}")
    found: dict[str, set[str]] = {name: set() for name in documents}
    for one in json.loads(done.stdout):
        found[Path(one["Filename"]).stem].add(one["Rule"]["Id"])
    return found
