"""What a file of requirements brings, and what is installed in an environment."""

import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from checks.outcome import ToolFailed
from local.paths import ROOT

#: Environments that the gates do not make, by what needs them.
ON_DEMAND: Final[Mapping[str, Path]] = {
    "benchmarks": ROOT / ".venv-bench",
    "drills": ROOT / ".venv-drill",
}
_MADE_BY: Final[Mapping[str, str]] = {"benchmarks": "make bench", "drills": "make drill"}


def not_there(name: str) -> str:
    """Why nobody could look at one of them."""
    return f"{ON_DEMAND[name].name} is not there: `{_MADE_BY[name]}` makes it"


def required(requirements: Path) -> dict[str, str]:
    """What a file of requirements brings, with all that it needs: name to installed version.

    Raises:
        ToolFailed: one of them is not installed in the project's environment.
    """
    return with_needs(lines_of(requirements))


def lines_of(requirements: Path) -> list[Requirement]:
    """The lines of such a file, and those of the files that it includes.

    Raises:
        ToolFailed: it holds an option that is not understood here, and may bring something.
    """
    found = []
    for text in requirements.read_text(encoding="utf-8").splitlines():
        match text.partition("#")[0].split():
            case []:
                pass
            case ["-r", name]:
                found.extend(lines_of(requirements.parent / name))
            case [option, *_] if option.startswith("-"):
                raise ToolFailed(f"{requirements.name} says {option}, which is not understood here")
            case words:
                found.append(Requirement(" ".join(words)))
    return found


def installed(environment: Path) -> dict[str, str]:
    """All that is installed in a virtual environment: name to version.

    Raises:
        ToolFailed: it is no environment.
    """
    folders = list(environment.glob("lib/python3*/site-packages"))
    if not folders:
        raise ToolFailed(f"{environment.name} is no virtual environment")
    return {
        str(canonicalize_name(one.name)): one.version
        for one in importlib.metadata.distributions(path=[str(folder) for folder in folders])
    }


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
