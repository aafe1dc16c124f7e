"""Gate on what the project brings along: its licences, and that what is deployed is pinned."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from checks import pins
from checks.outcome import Finding, Outcome, Suppression, judged
from checks.programs import (
    CHECKOV,
    MODULES,
    PROJECT_PYTHON,
    TOOLS,
    prepare_node,
    prepare_python,
    run,
)
from checks.requirements import ON_DEMAND, lines_of, not_there, required, with_needs
from local.paths import ROOT, SOURCE

# Spellings of licences that ask for no more than to be named. What is deployed has these alone, and
# so has the desk. MIT-CMU is SPDX's id for what Pillow has, a spelling of HPND.
_PERMISSIVE: Final = re.compile(
    r"(the )?(apache( software)?( license)?[ ,-]*(v?(ersion )?2(\.0)?)?|apache license 2\.0"
    r"|mit([ -]license|-0| no attribution license \(mit-0\))?|freely distributable"
    r"|(new |modified |3-clause )?bsd([ -][23]-clause)?( license)?|0bsd"
    r"|isc( license)?( \(iscl\))?|psf-2\.0|python-2\.0"
    r"|python software foundation license|cnri-python|unlicense|the unlicense \(unlicense\)"
    r"|public domain|zlib|blueoak-1\.0\.0|cc0-1\.0|hpnd|mit-cmu)",
    re.IGNORECASE,
)

_UNCHANGED: Final = (
    "is used unchanged on a developer's machine, and is part of nothing that is given away"
)

#: Licences of tools that ask for more, or are not stated, by package.
_TOOLS_ALLOWED: Final = (
    *(
        Suppression(name, "MPL-2.0", _UNCHANGED)
        for name in ("certifi", "hypothesis", "orjson", "pathspec", "tqdm")
    ),
    Suppression("text-unidecode", "Artistic OR GPL", _UNCHANGED),
    Suppression(
        "cookiecutter", "UNKNOWN", "its metadata name no licence; its LICENSE file is BSD-3-Clause"
    ),
)
_ON_DEMAND_ALLOWED: Final[Mapping[str, tuple[Suppression, ...]]] = {
    "benchmarks": (Suppression("certifi", "MPL-2.0", _UNCHANGED),),
    "drills": (
        Suppression(
            "docutils",
            "BSD License; GNU General Public License (GPL); Public Domain; "
            "Python Software Foundation License",
            f"only an editor's mode among its files is under the GPL; it {_UNCHANGED}",
        ),
    ),
}


def licences() -> Sequence[Outcome]:
    """Of what is deployed, of the desk, and of what only developers run, Python's and npm's."""
    for environment in (TOOLS, CHECKOV):
        prepare_python(environment)
    prepare_node()
    deployed = required(SOURCE / "requirements.txt")
    desk = required(ROOT / "desk" / "requirements.txt").keys() - deployed.keys()
    known = _licences_in(PROJECT_PYTHON)
    tools = {
        **{name: known[name] for name in required(ROOT / "requirements-dev.txt")},
        **_licences_in(CHECKOV.python),
        **_licences_in(TOOLS.python),
        **licences_of_npm(MODULES),
    }
    return [
        pins_outcome(SOURCE),
        licence_outcome("licences, deployed", {name: known[name] for name in deployed}, ()),
        licence_outcome("licences, desk", {name: known[name] for name in desk}, ()),
        licence_outcome(
            "licences, tools",
            {name: tools[name] for name in tools.keys() - deployed.keys() - desk},
            _TOOLS_ALLOWED,
        ),
        *(_on_demand(name, allowed) for name, allowed in _ON_DEMAND_ALLOWED.items()),
    ]


def _on_demand(name: str, allowed: Sequence[Suppression]) -> Outcome:
    """Of an environment that the gates do not make, as few need it and it is large."""
    tool, environment = f"licences, {name}", ON_DEMAND[name]
    if not environment.exists():
        return Outcome(tool, 0, "packages", skipped=not_there(name))
    return licence_outcome(tool, _licences_in(environment / "bin" / "python"), allowed)


def pins_outcome(source: Path) -> Outcome:
    """Every deployed package is pinned, and every pin is of one that the function needs."""
    lines = lines_of(source / "requirements.txt")
    found = pins.pin_findings(lines, with_needs(lines), with_needs(pins.imported_packages(source)))
    return judged("pins, deployed", len(lines), found, unit="packages")


def licence_outcome(
    tool: str, licences: Mapping[str, str], allowed: Sequence[Suppression]
) -> Outcome:
    """Every package whose licence is not permissive, or not stated, is a finding."""
    found = [
        Finding(name, spelled(licence), "is no permissive licence")
        for name, licence in licences.items()
        if not is_permissive(licence)
    ]
    return judged(tool, len(licences), found, allowed, unit="packages")


def spelled(licence: str) -> str:
    """One spelling for the licences that are allowed to tools by name."""
    text = " ".join(licence.split())
    if re.search(r"MPL[ -]2\.0|Mozilla Public License 2\.0", text):
        return "MPL-2.0"
    if text.startswith("Artistic License; GNU General Public License"):
        return "Artistic OR GPL"
    return text


def is_permissive(licence: str) -> bool:
    """Whether one may choose a permissive licence, and every part that cannot be chosen is one."""
    choices = re.split(r"\s+OR\s+", licence)
    return any(
        all(
            _PERMISSIVE.fullmatch(part.strip()) is not None
            for part in re.split(r"\s+AND\s+|;\s*", choice)
        )
        for choice in choices
    )


def _licences_in(python: Path) -> dict[str, str]:
    program = TOOLS.folder / "bin" / "pip-licenses"
    report = run(
        program, "--python", python, "--from", "mixed", "--with-system", "--format", "json"
    )
    return {str(canonicalize_name(one["Name"])): one["License"] for one in report.json(list)}


def licences_of_npm(modules: Path) -> dict[str, str]:
    """Of every npm package, at any depth: some bring copies of others along."""
    found = {}
    for file in modules.rglob("package.json"):
        folder = file.parent
        above = folder.parent.parent if folder.parent.name.startswith("@") else folder.parent
        # Others only say how the modules of a folder are to be loaded.
        if above.name == modules.name:
            package = json.loads(file.read_text(encoding="utf-8"))
            where = folder.relative_to(modules).as_posix()
            found[f"npm {where}"] = str(package.get("license", "UNKNOWN")).strip("()")
    return found
