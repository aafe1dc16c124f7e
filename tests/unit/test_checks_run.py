"""`make check` as a whole: order, failures, the exit code, the table."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from checks import __main__ as checks_main
from checks import programs, table
from checks.outcome import Finding, Outcome, Suppression, ToolFailed

CLEAN = Outcome("tool", 3)
FOUND = Outcome("tool", 3, findings=(Finding("Bucket", "RULE", "is wrong"),))
SKIPPED = Outcome("audit", 0, "packages", skipped="the database could not be reached")


def gate(outcome: Outcome) -> checks_main.Gate:
    return lambda: [outcome]


def broken() -> Sequence[Outcome]:
    raise ToolFailed("node not found: install Node.js")


def test_outcomes_come_in_the_order_of_the_table_whichever_ends_first() -> None:
    gates = {"ruff": gate(CLEAN), "cfn-lint": gate(FOUND), "checkov": gate(SKIPPED)}

    outcomes = checks_main.run_all(gates)

    assert outcomes == [CLEAN, FOUND, SKIPPED]


def test_a_gate_that_could_not_run_is_a_finding() -> None:
    [outcome] = checks_main.run_all({"cdk-nag": broken})

    assert [str(one) for one in outcome.findings] == [
        "cdk-nag: failed: node not found: install Node.js"
    ]


def raises(error: BaseException) -> checks_main.Gate:
    def gate() -> Sequence[Outcome]:
        raise error

    return gate


@pytest.mark.parametrize(
    ("gate", "finding"),
    [
        (raises(TypeError("no\n  list")), "cdk-nag: gate broke: TypeError: no list"),
        (raises(KeyError("results")), "cdk-nag: gate broke: KeyError: 'results'"),
        (raises(PermissionError(13, "denied")), "cdk-nag: gate broke: PermissionError: [Errno 13]"),
        (raises(SystemExit(2)), "cdk-nag: gate broke: SystemExit: 2"),
        (list, "cdk-nag: failed: the gate has nothing to say"),
    ],
)
def test_whatever_goes_wrong_in_a_gate_is_its_finding_and_the_table_still_comes(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    gate: checks_main.Gate,
    finding: str,
) -> None:
    monkeypatch.setattr(checks_main, "GATES", {"ruff": lambda: [CLEAN], "cdk-nag": gate})

    assert checks_main.main([]) == 1

    printed = capsys.readouterr().out
    assert finding in printed
    assert printed.splitlines()[-1].split() == ["all", "1", "0"]


@pytest.mark.parametrize(
    ("outcome", "code"), [(CLEAN, 0), (FOUND, 1), (SKIPPED, 0)], ids=["clean", "found", "skipped"]
)
def test_any_finding_fails_the_whole(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: Outcome,
    code: int,
) -> None:
    monkeypatch.setattr(checks_main, "GATES", {"ruff": gate(CLEAN), "mypy": gate(outcome)})

    assert checks_main.main([]) == code
    assert ("tool: Bucket: RULE: is wrong" in capsys.readouterr().out) is (code == 1)


def test_a_gate_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        checks_main.main(["ruf"])

    assert "no gate is named ruf" in capsys.readouterr().err


SUPPRESSED = Outcome(
    "checkov",
    38,
    suppressed=(
        Suppression("A", "RULE_1", "Because it is so."),
        Suppression("B", "RULE_1", "Because it is so."),
        Suppression("B", "RULE_2", "For another reason."),
    ),
    seconds=8.25,
)


def test_the_table_has_one_line_for_each_row() -> None:
    rows = [SUPPRESSED, Outcome("mypy", 1, "files", findings=FOUND.findings)]

    lines = table.rendered(rows).splitlines()

    assert lines[0].split() == ["tool", "rules", "run", "findings", "suppressed", "seconds"]
    assert lines[2].split() == ["checkov", "38", "rules", "0", "3", "8.2"]
    assert lines[3].split() == ["mypy", "1", "files", "1", "0", "0.0"]
    assert lines[5].split() == ["all", "1", "3"]
    assert len(lines) == 6


def test_reasons_are_grouped_by_tool() -> None:
    text = table.reasons([CLEAN, SUPPRESSED, replace(SUPPRESSED, tool="bandit")])

    assert text.splitlines() == [
        "checkov, suppressed: 3",
        "    RULE_1 on A, B: Because it is so.",
        "    RULE_2 on B: For another reason.",
        "bandit, suppressed: 3",
        "    RULE_1 on A, B: Because it is so.",
        "    RULE_2 on B: For another reason.",
    ]


def test_reasons_come_first_then_findings_and_the_table_last_of_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks_main, "GATES", {"ruff": gate(FOUND), "mypy": gate(SUPPRESSED)})

    checks_main.main([])

    lines = capsys.readouterr().out.splitlines()
    starts = ["checkov, suppressed: 3", "tool: Bucket: RULE: is wrong", "tool  "]
    places = [lines.index(next(line for line in lines if line.startswith(one))) for one in starts]
    assert places == sorted(places)
    assert len(lines) - places[-1] == len(table.rendered([FOUND, SUPPRESSED]).splitlines())
    assert lines[-1].split() == ["all", "1", "3"]


def test_the_table_says_skipped_where_a_gate_could_not_look() -> None:
    lines = table.rendered([SKIPPED]).splitlines()

    assert lines[2].split()[:3] == ["audit", "skipped", "unknown"]
    assert lines[3].strip() == "skipped: the database could not be reached"


@pytest.mark.parametrize(
    ("outcome", "cells"),
    [
        (replace(SKIPPED, rules=1), ["audit", "1", "packages", "unknown", "-"]),
        (
            replace(SKIPPED, rules=1, findings=FOUND.findings),
            ["audit", "1", "packages", "1", "or", "more", "-"],
        ),
    ],
)
def test_the_table_says_unknown_where_a_gate_could_look_at_a_part(
    outcome: Outcome, cells: list[str]
) -> None:
    lines = table.rendered([outcome]).splitlines()

    assert lines[2].split()[:-1] == cells
    assert lines[3].strip() == "skipped: the database could not be reached"


def test_a_missing_node_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(ToolFailed, match=r"node and npm not found: install Node\.js"):
        programs.prepare_node()


def test_gates_that_ask_for_npm_packages_at_once_install_them_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls, modules = tmp_path / "calls", tmp_path / "node_modules"
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho $HOME >> {calls}\nsleep 0.2\nmkdir {modules}\n")
        program.chmod(0o755)
    (tmp_path / "package.json").write_text("{}")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", "of whom knows the registry")
    monkeypatch.setattr(programs, "NAG", tmp_path)
    monkeypatch.setattr(programs, "MODULES", modules)

    with ThreadPoolExecutor(2) as pool:
        for asked in [pool.submit(programs.prepare_node) for _ in range(2)]:
            asked.result()

    assert calls.read_text().splitlines() == ["of whom knows the registry"]


def test_a_missing_program_and_a_failed_one_say_so(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="is not installed"):
        programs.run(tmp_path / "absent")
    with pytest.raises(ToolFailed, match="cannot be run: Permission denied"):
        programs.run(tmp_path)
    with pytest.raises(ToolFailed, match=r"sh failed \(exit code 3\): oh"):
        programs.run("sh", "-c", "echo oh >&2; exit 3")


def test_an_expected_exit_code_is_no_failure() -> None:
    done = programs.run("sh", "-c", "echo '[1]'; exit 3", expected=(0, 3))

    assert done.json(list) == [1]


def test_a_report_that_is_none_has_failed() -> None:
    done = programs.run("sh", "-c", "echo Traceback")

    with pytest.raises(ToolFailed, match="printed no report"):
        done.json(list)


@pytest.mark.parametrize("report", ["null", "{}", "1", '"text"'])
def test_a_report_of_another_kind_is_none(report: str) -> None:
    done = programs.Done(("tool",), 0, report, "")

    with pytest.raises(ToolFailed, match="printed no report: a "):
        done.json(list)


def test_no_file_names_a_registry() -> None:
    package = (programs.NAG / "package.json").read_text(encoding="utf-8")

    assert "http" not in package
    assert not (programs.NAG / "package-lock.json").exists()
    assert "^" not in package
    assert "~" not in package
