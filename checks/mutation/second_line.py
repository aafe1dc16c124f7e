"""The gates of `make check` that look at a mutant which every test let live.

They are cfn-lint and the project's own rules in `checks/rules`. What they say of the unchanged
template counts for nothing.
"""

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from checks import guard
from checks.dynamic_references import with_references
from checks.mutation.mutants import Json, apart, mutated
from checks.mutation.running import Outcome
from checks.outcome import ToolFailed
from checks.programs import guard_binary, run
from checks.translation import DEPLOYMENTS, deploy, translate

_CFN_LINT: Final = Path(sys.executable).with_name("cfn-lint")
_UNCHANGED: Final = "unchanged"


def past_the_gates(source: Json, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The same outcomes, in which survivors that a gate notices are "gated", by the gate's rule.

    Without the program of cfn-guard, which `make check` installs, its rules are not asked, and
    standard error says so.

    Args:
        source: The template as it is written.
        outcomes: Of the tests.

    Raises:
        ToolFailed: When a gate did not do its work.
    """
    survivors = [one for one in outcomes if one.verdict == "survived"]
    if not survivors:
        return list(outcomes)
    documents = {_UNCHANGED: apart(translate(source))}
    for number, outcome in enumerate(survivors):
        documents[f"mutant-{number}"] = _translated(source, outcome)
    found = _objections(documents)
    rules = {
        outcome.mutant.name: sorted(found[f"mutant-{number}"] - found[_UNCHANGED])
        for number, outcome in enumerate(survivors)
    }
    return [
        dataclasses.replace(one, verdict="gated", by=rules[one.mutant.name][0])
        if one.verdict == "survived" and rules[one.mutant.name]
        else one
        for one in outcomes
    ]


def _translated(source: Json, outcome: Outcome) -> Json:
    if not outcome.mutant.is_generated:
        return apart(translate(mutated(source, outcome.mutant)))
    translated = apart(translate(source))
    outcome.mutant.change(translated)
    return translated


def _objections(documents: dict[str, Json]) -> dict[str, set[str]]:
    """Rules that object, each after its gate's name, by the name of the translated document."""
    found: dict[str, set[str]] = {name: set() for name in documents}
    with TemporaryDirectory() as folder:
        _lint(documents, Path(folder), found)
        try:
            guard_binary()
        except ToolFailed as missing:
            print(f"cfn-guard was not asked: {missing}", file=sys.stderr)
            return found
        _guard(documents, Path(folder), found)
    return found


def _lint(documents: dict[str, Json], folder: Path, found: dict[str, set[str]]) -> None:
    files = []
    for name, document in documents.items():
        files.append(folder / f"{name}.json")
        files[-1].write_text(json.dumps(document), encoding="utf-8")
    # One bit each for errors, warnings and infos.
    done = run(_CFN_LINT, "--format", "json", "--", *files, expected=tuple(range(0, 16, 2)))
    for one in done.json(list):
        found[Path(one["Filename"]).stem].add(f"cfn-lint {one['Rule']['Id']}")


def _guard(documents: dict[str, Json], folder: Path, found: dict[str, set[str]]) -> None:
    files = {}
    for name, document in documents.items():
        for number, parameters in enumerate(DEPLOYMENTS.values()):
            given = {key: parameters[key] for key in parameters.keys() & document["Parameters"]}
            file = folder / f"{name}.{number}.json"
            file.write_text(json.dumps(with_references(deploy(document, given))), encoding="utf-8")
            files[file.name] = name
    report = guard.validate([folder / one for one in files])
    for file_name, rules in guard.failed_rules(report).items():
        found[files[file_name]] |= {f"cfn-guard {rule}" for rule in rules}
