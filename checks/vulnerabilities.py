"""Gate: known vulnerabilities in what is deployed, and in what operators and developers run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from packaging.utils import canonicalize_name

from checks.outcome import Finding, Outcome, judged
from checks.programs import CHECKOV, TOOLS, Done, prepare_python, run
from checks.requirements import ON_DEMAND, installed, not_there, required
from local.paths import ROOT, SOURCE, STATE

_NAMED_MAX: Final = 5
_NO_NETWORK: Final = re.compile(r"ConnectionError|ConnectTimeout|ReadTimeout|ServiceError")


def vulnerabilities() -> Sequence[Outcome]:
    """pip-audit on each set of packages, the function's first.

    If it can look up nothing of that, it is not asked for the others, which would take minutes.
    """
    for environment in (TOOLS, CHECKOV):
        prepare_python(environment)
    function = _audited("function", required(SOURCE / "requirements.txt"))
    return [function, *(_of_others(name, packages, function) for name, packages in _others())]


def _others() -> Iterator[tuple[str, Mapping[str, str] | None]]:
    """The other sets; None where nothing is installed."""
    yield "desk", required(ROOT / "desk" / "requirements.txt")
    yield "developers", required(ROOT / "requirements-dev.txt")
    yield "checks", installed(TOOLS.folder)
    yield "checkov", installed(CHECKOV.folder)
    for name, folder in ON_DEMAND.items():
        yield name, installed(folder) if folder.exists() else None


def _of_others(name: str, packages: Mapping[str, str] | None, function: Outcome) -> Outcome:
    if packages is None:
        return _skipped(name, not_there(name))
    if _saw_nothing(function):
        return _skipped(name, "not tried, as nothing of the function's could be looked up")
    return _audited(name, packages)


def _saw_nothing(outcome: Outcome) -> bool:
    return outcome.skipped is not None and outcome.rules == 0


def _skipped(name: str, reason: str) -> Outcome:
    return Outcome(f"pip-audit, {name}", 0, "packages", skipped=reason)


def _audited(name: str, packages: Mapping[str, str]) -> Outcome:
    with TemporaryDirectory() as folder:
        pinned = Path(folder) / "requirements.txt"
        pinned.write_text("".join(f"{one}=={version}\n" for one, version in packages.items()))
        options = ("--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json")
        cache = ("--cache-dir", STATE / "checks" / "pip-audit")
        program = TOOLS.folder / "bin" / "pip-audit"
        done = run(program, *options, *cache, "--requirement", pinned, expected=(0, 1))
    return audit_outcome(name, done, packages)


def audit_outcome(name: str, done: Done, asked: Mapping[str, str]) -> Outcome:
    """Findings of those packages that could be looked up; `skipped` if any could not.

    pip-audit itself says "No known vulnerabilities found" when it could look up no package at all.
    A vulnerability that was found counts, whatever else could not be looked up.

    Raises:
        ToolFailed: it ended without a report for another reason than the network.
    """
    if not done.output.strip().startswith("{"):
        if _NO_NETWORK.search(done.errors):
            return _skipped(name, "the database could not be reached")
        raise done.failed("printed no report")
    dependencies = done.json(dict)["dependencies"]
    seen = {canonicalize_name(one["name"]) for one in dependencies if "skip_reason" not in one}
    found = [
        Finding(f"{one['name']} {one['version']}", fault["id"], f"fixed in {fault['fix_versions']}")
        for one in dependencies
        for fault in one.get("vulns", [])
    ]
    if done.code != 0 and not found:
        raise done.failed("contradicts its report")
    unseen = sorted(asked.keys() - seen)
    tool, count = f"pip-audit, {name}", len(asked) - len(unseen)
    if unseen:
        reason = f"{len(unseen)} of {len(asked)} packages could not be looked up{_named(unseen)}"
        return Outcome(tool, count, "packages", tuple(sorted(found)), skipped=reason)
    return judged(tool, count, found, unit="packages")


def _named(packages: Sequence[str]) -> str:
    others = len(packages) - _NAMED_MAX
    more = f" and {others} more" if others > 0 else ""
    return f": {', '.join(packages[:_NAMED_MAX])}{more}"
