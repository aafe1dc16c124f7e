"""What each tool reports, read as findings and as the number of rules that ran."""

import json
from pathlib import Path
from typing import Any

import pytest

from checks import code_gates, template_gates
from checks.cdk_nag import nag_outcomes
from checks.guard import failed_rules, guard_findings, rule_texts, rules_run
from checks.outcome import Finding, Suppression, ToolFailed
from checks.programs import Done
from local.paths import ROOT, TEMPLATE

REASON = "The log would be written into itself."


def done(output: str, errors: str = "", code: int = 0) -> Done:
    return Done(("tool",), code, output, errors)


def checkov_check(rule: str, resource: str, file: str = "/bare.json") -> dict[str, str]:
    return {
        "check_id": rule,
        "resource": f"AWS::S3::Bucket.{resource}",
        "check_name": "name",
        "file_path": file,
    }


def checkov_report(**lists: list[Any]) -> dict[str, Any]:
    kinds = ("failed_checks", "passed_checks", "skipped_checks", "parsing_errors")
    return {"results": {kind: lists.get(kind, []) for kind in kinds}}


def test_cfn_lint_lists_its_rules() -> None:
    listing = "E0000: Parsing error\nChecks for errors\nW3045: Something\nI1022: Use Sub: yes\n"

    assert template_gates.rule_ids(listing) == {"E0000", "W3045", "I1022"}


def lint(rule: str, file: str) -> dict[str, Any]:
    start = {"LineNumber": 7, "ColumnNumber": 1}
    return {"Filename": file, "Rule": {"Id": rule}, "Message": "m", "Location": {"Start": start}}


KNOWN = [lint(rule, "/bad.json") for rule in ("E3002", "W2001", "I3011")]


def test_cfn_lint_is_heard_on_the_template_if_it_objects_to_what_is_known_to_be_bad() -> None:
    report = [*KNOWN, lint("W3045", "/template.yaml")]

    found = template_gates.lint_findings(done(json.dumps(report), code=14), Path("/bad.json"))

    assert [(one.where, one.rule) for one in found] == [("template.yaml:7", "W3045")]


@pytest.mark.parametrize(
    "report", [[], KNOWN[:2], KNOWN[1:], [lint("E3002", "/template.yaml"), *KNOWN[1:]]]
)
def test_cfn_lint_that_is_silent_about_it_has_failed(report: list[Any]) -> None:
    with pytest.raises(ToolFailed, match=r"finds no .* in a template that has them"):
        template_gates.lint_findings(done(json.dumps(report)), Path("/bad.json"))


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (done(f"{TEMPLATE} is a valid SAM Template\n"), 0),
        (done("/elsewhere/template.yaml is a valid SAM Template\n"), 1),
        (done(f"{TEMPLATE} is a valid SAM Template\n", code=1), 1),
        (done("", "Error: Linting failed", code=1), 1),
        (done("silence"), 1),
    ],
)
def test_sam_validate_passes_by_its_own_word_only(answer: Done, count: int) -> None:
    assert len(template_gates.sam_findings(answer)) == count


def test_sam_is_given_the_template_whatever_samconfig_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands: list[tuple[Any, ...]] = []

    def run(*command: Any, expected: tuple[int, ...]) -> Done:
        commands.append(command)
        return done(f"{TEMPLATE} is a valid SAM Template\n", code=expected[0])

    monkeypatch.setattr(template_gates, "run", run)

    [outcome] = template_gates.sam_validate()

    assert outcome.findings == ()
    assert commands[0][-2:] == ("--template", TEMPLATE)


def test_checkov_counts_rules_once_and_judges_the_bare_template() -> None:
    report = checkov_report(
        failed_checks=[checkov_check("CKV_1", "A"), checkov_check("CKV_1", "B")],
        passed_checks=[
            checkov_check("CKV_2", "A"),
            checkov_check("CKV_3", "A", "/template.yaml"),
        ],
    )

    outcome = template_gates.checkov_outcome(
        report, Path("bare.json"), [Suppression("A", "CKV_1", REASON)]
    )

    assert outcome.rules == 2
    assert [(one.where, one.rule) for one in outcome.findings] == [("B", "CKV_1")]
    assert [one.where for one in outcome.suppressed] == ["A"]


def test_checkov_skipped_by_a_comment_is_a_finding() -> None:
    report = checkov_report(
        passed_checks=[checkov_check("CKV_2", "A")],
        skipped_checks=[checkov_check("CKV_9", "A", "/template.yaml")],
    )

    outcome = template_gates.checkov_outcome(report, Path("bare.json"), [])

    assert [(one.where, one.rule) for one in outcome.findings] == [("A", "CKV_9")]


@pytest.mark.parametrize(
    "report", [[], {"passed": 0}, checkov_report(parsing_errors=["/template.yaml"])]
)
def test_checkov_that_could_not_read_the_template_has_failed(report: Any) -> None:
    with pytest.raises(ToolFailed, match="checkov"):
        template_gates.checkov_outcome(report, Path("bare.json"), [])


def nag(pack: str, rule: str, result: Any, resource: str = "Policy") -> dict[str, Any]:
    values = {"rule": f"{pack}-{rule}", "resource": resource, "result": result}
    return {"pack": pack, "info": "", **values}


def test_cdk_nag_has_a_row_for_each_pack_and_counts_rules_once() -> None:
    first = [nag("AwsSolutions", "S1", "Compliant"), nag("PCI.DSS.321", "X", "Non-Compliant")]
    second = [nag("AwsSolutions", "S1", "Compliant", "Other"), nag("NIST.800.53.R5", "Y", "Error")]

    outcomes = nag_outcomes([first, second], [])

    assert [(one.tool, one.rules, len(one.findings)) for one in outcomes] == [
        ("cdk-nag AwsSolutions", 1, 0),
        ("cdk-nag NIST 800-53 r5", 1, 1),
        ("cdk-nag PCI DSS 3.2.1", 1, 1),
    ]


def test_cdk_nag_is_suppressed_part_by_part_spelled_with_what_the_example_stands_for() -> None:
    parts = ["Resource::*", "Resource::arn:aws:s3:::data-123456789012-q7probe/*"]
    suppression = Suppression(
        "Policy",
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::data-<AWS::AccountId>"
        "-<EnvironmentSuffix>/*]",
        REASON,
    )

    outcome, *_ = nag_outcomes([[nag("AwsSolutions", "IAM5", parts)]], [suppression])

    assert [one.rule for one in outcome.findings] == ["AwsSolutions-IAM5[Resource::*]"]
    assert outcome.suppressed == (suppression,)


def test_a_cdk_nag_suppression_of_no_pack_is_found_unused() -> None:
    outcomes = nag_outcomes([[nag("AwsSolutions", "S1", "Compliant")]], [
        Suppression("Policy", "HIPAA-S1", REASON)
    ])  # fmt: skip

    assert [one.rule for one in outcomes[0].findings] == ["HIPAA-S1"]


def guard_entry(name: str, failed: list[str], passed: list[str]) -> dict[str, Any]:
    checks = [{"Clause": {"path": "/Resources/DataBucket/Properties"}}]
    return {
        "name": name,
        "compliant": passed,
        "not_compliant": [{"Rule": {"name": rule, "checks": checks}} for rule in failed],
        "not_applicable": [],
    }


def test_cfn_guard_names_the_resource_and_counts_rules_that_judged_something() -> None:
    all_rules = sorted(rule_texts())
    report = [guard_entry("folder/a.json", all_rules[:1], all_rules[1:])]

    findings = guard_findings(report)

    assert rules_run(report) == set(all_rules)
    assert [(one.where, one.rule) for one in findings] == [("DataBucket", all_rules[0])]
    assert failed_rules(report) == {"a.json": {all_rules[0]}}


def test_a_cfn_guard_rule_that_judged_nothing_is_a_finding() -> None:
    all_rules = sorted(rule_texts())

    findings = guard_findings([guard_entry("a.json", [], all_rules[1:])])

    assert [one.rule for one in findings] == [all_rules[0]]


def test_ruff_is_read_where_its_suppression_would_stand() -> None:
    violation = {
        "filename": str(ROOT / "local" / "aws.py"),
        "noqa_row": 7,
        "location": {"row": 9},
        "code": "S603",
        "message": "starts a program",
    }
    broken = {**violation, "noqa_row": None, "code": None}

    assert code_gates.ruff_findings(done(json.dumps([violation, broken]), code=1)) == [
        Finding("local/aws.py:7", "S603", "starts a program"),
        Finding("local/aws.py:9", "syntax", "starts a program"),
    ]


@pytest.mark.parametrize(("report", "code"), [("[]", 1), ("{}", 0)])
def test_ruff_that_contradicts_itself_has_failed(report: str, code: int) -> None:
    with pytest.raises(ToolFailed, match=r"tool (contradicts|printed no report)"):
        code_gates.ruff_findings(done(report, code=code))


def test_ruff_lists_its_rules_in_its_settings() -> None:
    enabled = "linter.rules.enabled = [\n\tassert (S101),\n\tprint (T201),\n]\n"
    settings = f"x = 1\n{enabled}linter.y = [\n\tz (Z1),\n]"

    assert code_gates.enabled_rules(settings) == ["S101", "T201"]


def test_ruff_format_counts_its_files() -> None:
    output = (
        "src/a.py:1:7: unformatted: File would be reformatted\n"
        "1 file would be reformatted, 188 files already formatted\n"
    )

    outcome = code_gates.format_outcome(done(output, code=1), given=189)

    assert outcome.rules == 189
    assert [one.where for one in outcome.findings] == ["src/a.py"]


def test_a_tool_that_looked_at_fewer_files_than_it_was_given_has_a_finding() -> None:
    formatted = code_gates.format_outcome(done("188 files already formatted\n"), given=189)
    success = done("Success: no issues found in 188 source files\n")
    typed = code_gates.mypy_outcome(success, [], [], given=189)

    assert [one.message for one in formatted.findings] == ["looked at 188 of 189 files"]
    assert [one.message for one in typed.findings] == ["looked at 188 of 189 files"]


def test_ruff_format_that_objects_in_other_words_has_failed() -> None:
    output = "Something about src/a.py\n1 file would be reformatted\n"

    with pytest.raises(ToolFailed, match="ruff objects"):
        code_gates.format_outcome(Done(("ruff",), 1, output, ""), given=1)


def bandit_result(rule: str, lines: list[int]) -> dict[str, Any]:
    return {
        "filename": str(ROOT / "src" / "a.py"),
        "test_id": rule,
        "line_number": lines[0],
        "line_range": lines,
        "issue_text": "text",
    }


def test_bandit_is_suppressed_on_any_line_of_the_statement() -> None:
    report = {"results": [bandit_result("B311", [4, 5]), bandit_result("B105", [9])], "errors": []}
    mark = Suppression("src/a.py:5", "B311", REASON)
    folders = [Finding("local/x.py:1", rule, "") for rule in ("B404", "B603", "B607")]

    outcome = code_gates.bandit_outcome(report, 75, [mark], [])

    assert ("src/a.py:9", "B105") in [(one.where, one.rule) for one in outcome.findings]
    assert mark in outcome.suppressed
    assert {one.rule for one in folders} <= {one.rule for one in outcome.findings}


def test_bandit_that_could_not_read_a_file_has_a_finding() -> None:
    report = {"results": [], "errors": [{"filename": "src/a.py", "reason": "syntax error"}]}

    outcome = code_gates.bandit_outcome(report, 75, [], [])

    assert ("src/a.py", "unread") in [(one.where, one.rule) for one in outcome.findings]


def test_bandit_lists_the_tests_that_it_loaded() -> None:
    listing = "The following tests were discovered:\n\tB101\tassert_used\n\tB102\texec_used\n"

    assert code_gates.bandit_tests(listing) == {"B101", "B102"}
