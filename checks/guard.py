"""Gate: the project's own cfn-guard rules on the translated template, and that each can fail."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from checks import suppressions
from checks.breaks import BREAKS, Break
from checks.cdk_nag import written_deployments
from checks.dynamic_references import with_references
from checks.outcome import Finding, Outcome, judged
from checks.programs import guard_binary, prepare_node, run
from checks.translation import DEPLOYMENTS, deploy, source, translate

type Json = Any  # what a report holds

RULES: Final = Path(__file__).parent / "rules"
_RULE: Final = re.compile(r"^rule (\w+).*?^\}$", re.MULTILINE | re.DOTALL)
_LET: Final = re.compile(r"^let .*(?:\n +.*)*", re.MULTILINE)


def guard() -> Sequence[Outcome]:
    """The rules on every deployment, and on a template broken once for each way to break it."""
    prepare_node()
    template = source()
    translated = translate(template)
    report = validate(written_deployments(translated))
    metadata = suppressions.in_template(template, "guard")
    return [
        judged("cfn-guard, own rules", len(rules_run(report)), guard_findings(report), metadata),
        self_test(translated),
    ]


def rule_texts() -> dict[str, str]:
    """Each rule as a file of its own: with the variables of the file that defines it."""
    texts = {}
    for file in sorted(RULES.glob("*.guard")):
        text = file.read_text(encoding="utf-8")
        variables = "\n".join(_LET.findall(text))
        for rule in _RULE.finditer(text):
            texts[rule[1]] = f"{variables}\n{rule[0]}\n"
    return texts


def validate(files: Sequence[Path], rules: Path = RULES) -> Json:
    """cfn-guard's report: a list with one entry for each data file, or one for each rules file too.

    Raises:
        ToolFailed: the binary is missing, or a rules file is wrong.
    """
    data = [word for file in files for word in ("--data", str(file))]
    options = ("--structured", "--output-format", "json", "--show-summary", "none")
    # 19 means that a rule failed. Source: cfn-guard, "validate", exit codes.
    return run(
        guard_binary(), "validate", "--rules", rules, *data, *options, expected=(0, 19)
    ).json(list)


def rules_run(report: Json) -> set[str]:
    """Rules that found something to judge in a deployment."""
    return {
        name
        for entry in report
        for name in (*entry["compliant"], *(one["Rule"]["name"] for one in entry["not_compliant"]))
    }


def guard_findings(report: Json) -> list[Finding]:
    """One for each rule and resource; a rule that never applied could not have failed."""
    found = [
        Finding(where, one["Rule"]["name"], "the template breaks this rule of checks/rules")
        for entry in report
        for one in entry["not_compliant"]
        for where in _resources(one) or {"Resources"}
    ]
    idle = rule_texts().keys() - rules_run(report)
    return [
        *found,
        *(Finding("Resources", name, "the rule found nothing to judge") for name in idle),
    ]


def failed_rules(report: Json) -> dict[str, set[str]]:
    """Names of the rules that failed, by the name of the data file."""
    failed: dict[str, set[str]] = {}
    for entry in report:
        name = Path(entry["name"]).name
        failed.setdefault(name, set()).update(one["Rule"]["name"] for one in entry["not_compliant"])
    return failed


def _resources(one: Json) -> set[str]:
    return set(re.findall(r"/Resources/(\w+)", json.dumps(one)))


def self_test(translated: Json) -> Outcome:
    """Break the template in every listed way, and see the rule fail that forbids it.

    A rule without a break that it alone is named for is a finding: nobody knows that it can fail.
    """
    unseen = unseen_breaks(translated)
    broken = {one.rule for one in BREAKS}
    missing = [
        Finding("Resources", name, "no break shows that this rule can fail")
        for name in rule_texts().keys() - broken
    ]
    return judged("cfn-guard, self-test", len(BREAKS), [*unseen, *missing], unit="breaks")


def unseen_breaks(translated: Json) -> list[Finding]:
    """Breaks that their rule lets pass, that change nothing, or that have nothing to change."""
    # One rule at a time is ten times faster than a file of them, and no other rule can help.
    failed: dict[str, set[str]] = {}
    files: list[tuple[Break, Path]] = []
    found: list[Finding] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        for number, one in enumerate(BREAKS):
            broken = _broken(one, translated)
            if isinstance(broken, Finding):
                found.append(broken)
                continue
            file = folder / f"break-{number}.json"
            file.write_text(json.dumps(with_references(broken)))
            files.append((one, file))
        for rule, text in rule_texts().items():
            alone = folder / f"{rule}.guard"
            alone.write_text(text, encoding="utf-8")
            own = [file for one, file in files if one.rule == rule]
            if own:
                failed |= failed_rules(validate(own, alone))
    unseen = (one for one, file in files if one.rule not in failed.get(file.name, set()))
    return [
        *found,
        *(_of(one, f"the rule does not see the break: {one}") for one in unseen),
    ]


def _broken(one: Break, translated: Json) -> Json | Finding:
    """The deployment that the break leaves, or why it breaks nothing: others can go on."""
    deployment = deploy(translated, DEPLOYMENTS[one.deployment])
    before = json.dumps(deployment)
    try:
        one.apply(deployment)
    except (AttributeError, LookupError, StopIteration, TypeError, ValueError):
        return _of(one, f"the template no longer has what {one} breaks")
    if json.dumps(deployment) == before:
        return _of(one, f"{one} changes nothing")
    return deployment


def _of(one: Break, message: str) -> Finding:
    return Finding(one.path, one.rule, message)
