"""Gates on Python: ruff, ruff format, mypy, bandit. Each is given every file of the project."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from checks import suppressions
from checks.outcome import Finding, Outcome, Suppression, judged
from checks.programs import PROJECT_PYTHON, TOOLS, Done, prepare_python, run
from checks.project import python_files
from local.paths import ROOT

type Json = Any  # what a tool's report holds

_MYPY_ERROR: Final = re.compile(
    r"^(.+?):(?:(\d+):)? error: (.*?)(?:  \[([a-z-]+)\])?$", re.MULTILINE
)
_RUFF: Final = PROJECT_PYTHON.parent / "ruff"

# What bandit says of every program that starts another. It stands here, for folders and never for
# src/, because beside each of a dozen calls it would teach a reader to skip over `nosec`.
_STARTS_PROGRAMS: Final = (
    "starts the project's own tools, by argument lists without a shell, and nothing that a user or "
    "a file names; nothing of this folder is deployed"
)
_BANDIT_ALLOWED: Final = (
    *(Suppression("local/", rule, _STARTS_PROGRAMS) for rule in ("B404", "B603", "B607")),
    *(Suppression("checks/", rule, _STARTS_PROGRAMS) for rule in ("B404", "B603")),
    *(Suppression("benchmarks/", rule, _STARTS_PROGRAMS) for rule in ("B404", "B603")),
    Suppression(
        "benchmarks/", "B101", "assertions say what the code relies on; nothing is deployed"
    ),
)


# Named, so that no file nearer to the code is asked first, and files one by one, so that none is
# left out by a setting or because git ignores it.
_RUFF_SETTINGS: Final = ("--no-cache", "--config", "pyproject.toml")


def ruff() -> Sequence[Outcome]:
    """Selected rules, and what is excepted from them: in lines, and by pyproject for folders."""
    check = (_RUFF, "check", *_RUFF_SETTINGS, "--output-format", "json")
    files = python_files(ROOT)
    marks, blanket = suppressions.in_code(files, "noqa")
    listed = pyproject_exceptions((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    everywhere = ",".join(each.rule for each in listed if each.where == "*")
    everything = ("--ignore-noqa", "--config", "lint.per-file-ignores = {}", "--extend-select")
    found = ruff_findings(run(*check, *everything, everywhere, *files, expected=(0, 1)))
    settings = run(*check, "--show-settings", "checks/__main__.py").output
    rules = len(enabled_rules(settings))
    outcome = judged("ruff check", rules, found, [*marks, *listed])
    # The same run as a developer's, so that nothing is passed here that fails there.
    plain = ruff_findings(run(*check, ".", expected=(0, 1)))
    return [
        Outcome(
            outcome.tool,
            rules,
            findings=tuple(dict.fromkeys((*outcome.findings, *blanket, *plain))),
            suppressed=outcome.suppressed,
        )
    ]


def ruff_findings(done: Done) -> list[Finding]:
    """One for each violation, at the line where a suppression of it would stand.

    Raises:
        ToolFailed: its report and its exit code contradict each other.
    """
    found = []
    for one in done.json(list):
        file = Path(one["filename"]).relative_to(ROOT)
        line = one["noqa_row"] or one["location"]["row"]
        found.append(Finding(f"{file}:{line}", one["code"] or "syntax", one["message"]))
    if (done.code != 0) != bool(found):
        raise done.failed("contradicts its report")
    return found


def enabled_rules(settings: str) -> list[str]:
    """Names of the rules in the output of `ruff check --show-settings`."""
    listed = re.search(r"linter\.rules\.enabled = \[(.*?)\n\]", settings, re.DOTALL)
    return re.findall(r"\(([A-Z]+\d+)\)", listed[1]) if listed else []


def pyproject_exceptions(text: str) -> list[Suppression]:
    """Rules that pyproject excepts for files, with the comment on the rule's own line."""
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    found = []
    for pattern, rules in (("*", lint["ignore"]), *lint["per-file-ignores"].items()):
        start = "\nignore = [" if pattern == "*" else f'"{pattern}" = ['
        block = text.partition(start)[2].partition("\n]")[0]
        for rule in rules:
            match = re.search(rf'"{rule}",?\s*#(.*)', block)
            found.append(Suppression(pattern, rule, match[1].strip() if match else ""))
    return found


def ruff_format() -> Sequence[Outcome]:
    """Whether every file is laid out as ruff would."""
    command = (_RUFF, "format", *_RUFF_SETTINGS, "--check", "--output-format", "concise")
    files = python_files(ROOT)
    return [format_outcome(run(*command, *files, expected=(0, 1)), given=len(files))]


def format_outcome(done: Done, *, given: int) -> Outcome:
    """Files counted by ruff's own last line.

    Raises:
        ToolFailed: it objects, and nothing that it says is understood here.
    """
    found = [
        Finding(file, "format", "is laid out differently: run `ruff format`")
        for file in re.findall(r"^(.+?):\d+:\d+: unformatted:", done.output, re.MULTILINE)
    ]
    if done.code != 0 and not found:
        raise done.failed("objects")
    counts = re.findall(r"(\d+) files? (?:would be reformatted|already formatted)", done.output)
    files = sum(map(int, counts))
    return judged(
        "ruff format", files, [*found, *_unseen("ruff format", files, given)], unit="files"
    )


def _unseen(tool: str, files: int, given: int) -> list[Finding]:
    """A tool that looked at fewer files than it was given was told to by somebody else."""
    if files == given:
        return []
    return [Finding(tool, "unseen", f"looked at {files} of {given} files")]


def mypy() -> Sequence[Outcome]:
    """mypy strict; it finds unused `type: ignore`s itself, their reasons are looked for here.

    It is given files, as it looks at no file of the packages in pyproject that is outside of them.
    """
    files = python_files(ROOT)
    # -P: a mypy.py at the root would be taken for mypy.
    command = (PROJECT_PYTHON, "-P", "-m", "mypy", "--config-file", "pyproject.toml", "--strict")
    done = run(*command, "--no-pretty", "--no-color-output", *files, expected=(0, 1))
    marks, blanket = suppressions.in_code(files, "type: ignore")
    return [mypy_outcome(done, marks, blanket, given=len(files))]


def mypy_outcome(
    done: Done, marks: Sequence[Suppression], blanket: Sequence[Finding], *, given: int
) -> Outcome:
    """Files counted by mypy's own last line, and errors too.

    Raises:
        ToolFailed: it objects, and not everything that it says is understood here.
    """
    found = [
        Finding(f"{file}:{line or 1}", code or "mypy", message)
        for file, line, message, code in _MYPY_ERROR.findall(done.output)
    ]
    errors = re.search(r"^Found (\d+) errors? in ", done.output, re.MULTILINE)
    if len(found) != (int(errors[1]) if errors else 0) or (done.code != 0) != bool(found):
        raise done.failed("objects in other words than are known here")
    # What mypy suppressed, it does not report: warn_unused_ignores says that something was there.
    hidden = [Finding(mark.where, mark.rule, "suppressed") for mark in marks]
    counted = re.search(r"(?:checked |found in )(\d+) source files?", done.output)
    files = int(counted[1]) if counted else 0
    unseen = _unseen("mypy", files, given)
    outcome = judged("mypy --strict", files, [*found, *hidden, *unseen], marks, unit="files")
    return Outcome(outcome.tool, files, "files", (*outcome.findings, *blanket), outcome.suppressed)


def bandit() -> Sequence[Outcome]:
    """bandit at every severity, on all code but the tests, which never meet an attacker."""
    prepare_python(TOOLS)
    program = TOOLS.folder / "bin" / "bandit"
    files = [file for file in python_files(ROOT) if file.relative_to(ROOT).parts[0] != "tests"]
    command = (program, "--quiet", "--ignore-nosec", "--format", "json")
    report = run(*command, *files, expected=(0, 1)).json(dict)
    rules = len(bandit_tests(run(program, "--help").output))
    marks, blanket = suppressions.in_code(files, "nosec")
    unseen = [file for file in files if str(file) not in report["metrics"]]
    blanket += [Finding(str(file.relative_to(ROOT)), "unseen", "is left out") for file in unseen]
    return [bandit_outcome(report, rules, marks, blanket)]


def bandit_tests(listing: str) -> set[str]:
    """Ids of the tests that bandit says it has loaded."""
    return set(re.findall(r"^\s+(B\d{3})\s", listing, re.MULTILINE))


def bandit_outcome(
    report: Mapping[str, Json],
    rules: int,
    marks: Sequence[Suppression],
    blanket: Sequence[Finding],
) -> Outcome:
    """A mark may stand on any line of the statement that it speaks of; a bad file is a finding."""
    found = []
    for one in report["results"]:
        file = str(Path(one["filename"]).relative_to(ROOT))
        lines = {f"{file}:{number}" for number in one["line_range"]}
        marked = [
            mark.where for mark in marks if mark.where in lines and mark.rule == one["test_id"]
        ]
        where = marked[0] if marked else f"{file}:{one['line_number']}"
        found.append(Finding(where, one["test_id"], one["issue_text"]))
    unread = [Finding(one["filename"], "unread", one["reason"]) for one in report["errors"]]
    outcome = judged("bandit", rules, [*found, *unread], [*marks, *_BANDIT_ALLOWED])
    return Outcome(
        "bandit", rules, findings=(*outcome.findings, *blanket), suppressed=outcome.suppressed
    )
