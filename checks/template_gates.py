"""Gates on the template as it is written: cfn-lint, `sam validate --lint`, checkov."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from checks import suppressions
from checks.outcome import Finding, Outcome, Suppression, ToolFailed, judged
from checks.programs import CHECKOV, PROJECT_PYTHON, Done, prepare_python, run
from checks.translation import source
from local.paths import STATE, TEMPLATE

type Json = Any  # what a tool's report holds

_BIN: Final = PROJECT_PYTHON.parent


# Has an error, a warning and an info: a cfn-lint that is silent about them looked at nothing.
_KNOWN_BAD: Final = {
    "Parameters": {"NeverUsed": {"Type": "String"}},
    "Resources": {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"NoSuchProperty": "anything"}}
    },
}
_KNOWN_RULES: Final = frozenset({"E3002", "W2001", "I3011"})


def cfn_lint() -> Sequence[Outcome]:
    """cfn-lint with warnings and infos fatal; its suppressions are none, as they take no reason."""
    rules = rule_ids(run(_BIN / "cfn-lint", "--list-rules").output)
    bad = STATE / "checks" / "known-bad.json"
    bad.parent.mkdir(parents=True, exist_ok=True)
    bad.write_text(json.dumps(_KNOWN_BAD))
    command = (_BIN / "cfn-lint", "--include-checks", "I", "--format", "json")
    # One bit each for errors, warnings and infos.
    done = run(*command, "--", TEMPLATE, bad, expected=tuple(range(0, 16, 2)))
    found = [*lint_findings(done, bad), *suppressions.hidden(source())]
    return [judged("cfn-lint", len(rules), found)]


def lint_findings(done: Done, bad: Path) -> list[Finding]:
    """What it objects to in the template.

    Raises:
        ToolFailed: it does not object to what is known to be bad, or not in every degree.
    """
    report = done.json(list)
    missed = _KNOWN_RULES - {one["Rule"]["Id"] for one in report if Path(one["Filename"]) == bad}
    if missed:
        raise done.failed(f"finds no {', '.join(sorted(missed))} in a template that has them")
    return [
        Finding(
            f"template.yaml:{one['Location']['Start']['LineNumber']}",
            one["Rule"]["Id"],
            one["Message"],
        )
        for one in report
        if Path(one["Filename"]) != bad
    ]


def rule_ids(listing: str) -> set[str]:
    """Ids in the output of `cfn-lint --list-rules`."""
    return set(re.findall(r"^([EWI]\d{4}):", listing, re.MULTILINE))


def sam_validate() -> Sequence[Outcome]:
    """`sam validate --lint`, which also runs the SAM transform."""
    # `sam validate` asks for a region although it calls nothing, and would take the template that
    # samconfig.toml names.
    options = ("--lint", "--region", "eu-central-1", "--template", TEMPLATE)
    done = run(_BIN / "sam", "validate", *options, expected=(0, 1))
    return [judged("sam validate --lint", 1, sam_findings(done), unit="template")]


def sam_findings(done: Done) -> list[Finding]:
    """What it objects to: it reports in prose, so that only its own word counts as a pass."""
    if done.code == 0 and f"{TEMPLATE} is a valid SAM Template" in done.output.splitlines():
        return []
    return [Finding("template.yaml", "sam validate", done.failed("objects").args[0])]


def checkov() -> Sequence[Outcome]:
    """checkov on the template twice: without suppressions, to know what they hide, and as it is."""
    prepare_python(CHECKOV)
    template = source()
    bare = STATE / "checks" / "without-suppressions.json"
    bare.parent.mkdir(parents=True, exist_ok=True)
    bare.write_text(json.dumps(suppressions.without_suppressions(template), indent=1))
    options = ("--skip-download", "--framework", "cloudformation", "--output", "json")
    files = ("--file", TEMPLATE, "--file", bare)
    done = run(CHECKOV.folder / "bin" / "checkov", *options, *files, expected=(0, 1))
    return [checkov_outcome(done.json(dict), bare, suppressions.in_template(template, "checkov"))]


def checkov_outcome(report: Json, bare: Path, metadata: Sequence[Suppression]) -> Outcome:
    """Judge what is found on the bare template, and see that the written one hides no more.

    Raises:
        ToolFailed: a file could not be parsed, or the report is of another shape.
    """
    if not isinstance(report, dict) or "results" not in report:
        raise ToolFailed("checkov reports nothing about the template")
    results = report["results"]
    if results["parsing_errors"]:
        raise ToolFailed(f"checkov could not parse {results['parsing_errors']}")
    of_bare = [one for one in results["failed_checks"] if _is_of(one, bare)]
    passed = [one for one in results["passed_checks"] if _is_of(one, bare)]
    found = [_checkov_finding(one) for one in of_bare]
    rules = len({one["check_id"] for one in (*of_bare, *passed)})
    outcome = judged("checkov", rules, found, metadata)
    stated = {(each.where, each.rule) for each in metadata}
    silent = [
        Finding(one.where, one.rule, "skipped, but not by its resource's Metadata")
        for one in map(_checkov_finding, results["skipped_checks"])
        if (one.where, one.rule) not in stated
    ]
    return Outcome(
        "checkov", rules, findings=(*outcome.findings, *silent), suppressed=outcome.suppressed
    )


def _is_of(one: Json, file: Path) -> bool:
    return Path(one["file_path"]).name == file.name


def _checkov_finding(one: Json) -> Finding:
    return Finding(one["resource"].rpartition(".")[2], one["check_id"], one["check_name"])
