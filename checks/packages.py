"""Gates on what the project brings along: licences, and known vulnerabilities."""

import importlib.metadata
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from checks import pins
from checks.outcome import Finding, Outcome, Suppression, ToolFailed, judged
from checks.programs import (
    CHECKOV,
    MODULES,
    PROJECT_PYTHON,
    TOOLS,
    Done,
    prepare_node,
    prepare_python,
    run,
)
from local.paths import ROOT, SOURCE

type Json = Any  # what a tool's report holds

# Spellings of licences that ask for no more than to be named. What is deployed has these alone.
_PERMISSIVE: Final = re.compile(
    r"(the )?(apache( software)?( license)?[ ,-]*(v?(ersion )?2(\.0)?)?|apache license 2\.0"
    r"|mit([ -]license|-0| no attribution license \(mit-0\))?|freely distributable"
    r"|(new |modified |3-clause )?bsd([ -][23]-clause)?( license)?|0bsd"
    r"|isc( license)?( \(iscl\))?|psf-2\.0|python-2\.0"
    r"|python software foundation license|cnri-python|unlicense|the unlicense \(unlicense\)"
    r"|public domain|zlib|blueoak-1\.0\.0|cc0-1\.0|hpnd)",
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


def required(requirements: Path) -> dict[str, str]:
    """What a file of requirements brings, with all that it needs: name to installed version.

    Raises:
        ToolFailed: one of them is not installed in the project's environment.
    """
    return with_needs(lines_of(requirements))


def lines_of(requirements: Path) -> list[Requirement]:
    """The lines of such a file; one that includes another file is left to who asks for that."""
    lines = (line.partition("#")[0].strip() for line in requirements.read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


def with_needs(requirements: Sequence[Requirement]) -> dict[str, str]:
    """Some packages and all that they need, and nothing that happens to be installed besides.

    Raises:
        ToolFailed: one of them is not installed in the project's environment.
    """
    waiting = [(one, {""}) for one in requirements]
    found: dict[str, str] = {}
    seen: set[str] = set()
    while waiting:
        requirement, extras = waiting.pop()
        marker = requirement.marker
        if marker is not None and not any(marker.evaluate({"extra": each}) for each in extras):
            continue
        wanted = str(Requirement(f"{requirement.name}[{','.join(sorted(requirement.extras))}]"))
        if wanted in seen:
            continue
        seen.add(wanted)
        name = canonicalize_name(requirement.name)
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError as error:
            raise ToolFailed(f"{name} is not installed") from error
        needs = map(Requirement, importlib.metadata.requires(name) or [])
        waiting.extend((each, requirement.extras or {""}) for each in needs)
    return found


def licences() -> Sequence[Outcome]:
    """Of what is deployed, and of what only developers run, Python's and npm's."""
    for environment in (TOOLS, CHECKOV):
        prepare_python(environment)
    prepare_node()
    deployed = required(SOURCE / "requirements.txt")
    installed = _licences_in(PROJECT_PYTHON)
    tools = {
        **{name: installed[name] for name in required(ROOT / "requirements-dev.txt")},
        **_licences_in(CHECKOV.python),
        **_licences_in(TOOLS.python),
        **_of_npm(),
    }
    return [
        pins_outcome(SOURCE),
        licence_outcome("licences, deployed", {name: installed[name] for name in deployed}, ()),
        licence_outcome(
            "licences, tools",
            {name: licence for name, licence in tools.items() if name not in deployed},
            _TOOLS_ALLOWED,
        ),
    ]


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


def _of_npm() -> dict[str, str]:
    files = [*MODULES.glob("*/package.json"), *MODULES.glob("@*/*/package.json")]
    packages = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    return {one["name"]: str(one.get("license", "UNKNOWN")) for one in packages}


def vulnerabilities() -> Sequence[Outcome]:
    """pip-audit on what is deployed."""
    prepare_python(TOOLS)
    packages = required(SOURCE / "requirements.txt")
    with TemporaryDirectory() as folder:
        pinned = Path(folder) / "requirements.txt"
        pinned.write_text("".join(f"{name}=={version}\n" for name, version in packages.items()))
        options = ("--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json")
        program = TOOLS.folder / "bin" / "pip-audit"
        done = run(program, *options, "--requirement", pinned, expected=(0, 1))
    return [audit_outcome(done)]


def audit_outcome(done: Done) -> Outcome:
    """Findings of those packages that could be looked up; `skipped` if any could not.

    pip-audit itself says "No known vulnerabilities found" when it could look up no package at all.
    A vulnerability that was found counts, whatever else could not be looked up.

    Raises:
        ToolFailed: it ended without a report for another reason than the network.
    """
    if not done.output.strip().startswith("{"):
        if re.search(r"ConnectionError|ConnectTimeout|ReadTimeout|ServiceError", done.errors):
            return Outcome("pip-audit", 0, "packages", skipped="the database could not be reached")
        raise done.failed("printed no report")
    dependencies = done.json(dict)["dependencies"]
    unseen = [one["name"] for one in dependencies if "skip_reason" in one]
    found = [
        Finding(f"{one['name']} {one['version']}", fault["id"], f"fixed in {fault['fix_versions']}")
        for one in dependencies
        for fault in one.get("vulns", [])
    ]
    if unseen and not found:
        reason = f"{len(unseen)} of {len(dependencies)} packages could not be looked up"
        return Outcome("pip-audit", 0, "packages", skipped=reason)
    return judged("pip-audit", len(dependencies) - len(unseen), found, unit="packages")
