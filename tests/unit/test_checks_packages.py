"""Licences: what is a finding, and whose are looked at."""

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pytest

from checks import packages, requirements
from checks.outcome import Suppression, ToolFailed
from checks.programs import Done
from checks.requirements import installed, lines_of, required
from local.paths import ROOT

REASON = "It is used by developers alone."


def done(output: str, errors: str = "", code: int = 0) -> Done:
    return Done(("tool",), code, output, errors)


@pytest.mark.parametrize(
    ("licence", "is_permissive"),
    [
        ("MIT", True),
        ("MIT License", True),
        ("Apache Software License", True),
        ("Apache-2.0", True),
        ("Apache-2.0 OR GPL-3.0", True),
        ("MIT License; MIT No Attribution License (MIT-0)", True),
        ("Apache-2.0 AND GPL-3.0", False),
        ("Apache Software License; GNU General Public License (GPL)", False),
        ("GPL-3.0", False),
        ("MPL-2.0", False),
        ("MITRE", False),
        ("MIT-CMU", True),
        ("UNKNOWN", False),
        ("", False),
    ],
)
def test_a_licence_is_permissive_in_all_its_parts_or_not_at_all(
    licence: str, is_permissive: bool
) -> None:
    assert packages.is_permissive(licence) is is_permissive


def test_a_licence_that_is_no_permissive_one_is_a_finding_unless_allowed_by_name() -> None:
    licences = {"one": "MIT", "two": "GPL-3.0", "three": "Mozilla Public License 2.0 (MPL 2.0)"}
    allowed = [Suppression("three", "MPL-2.0", REASON)]

    outcome = packages.licence_outcome("licences", licences, allowed)

    assert outcome.rules == 3
    assert [(one.where, one.rule) for one in outcome.findings] == [("two", "GPL-3.0")]


def test_what_is_deployed_includes_what_it_needs() -> None:
    deployed = required(ROOT / "src" / "requirements.txt")

    assert {"aws-lambda-powertools", "botocore", "jmespath", "urllib3"} <= deployed.keys()
    assert "pytest" not in deployed


def test_what_developers_install_includes_what_the_desk_and_the_function_need() -> None:
    developers = required(ROOT / "requirements-dev.txt").keys()

    assert {"matplotlib", "numpy", "pillow", "pytest"} <= developers
    assert required(ROOT / "src" / "requirements.txt").keys() <= developers


def test_extras_bring_what_they_ask_for_and_others_do_not(tmp_path: Path) -> None:
    plain, extra = tmp_path / "plain.txt", tmp_path / "extra.txt"
    plain.write_text("boto3-stubs  # types\n")
    extra.write_text("boto3-stubs[s3]\n")

    assert "mypy-boto3-s3" not in required(plain)
    assert {"mypy-boto3-s3", "botocore-stubs"} <= required(extra).keys()
    assert "mypy-boto3-ec2" not in required(extra)


def test_an_included_file_is_found_from_the_one_that_includes_it(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "requirements.txt").write_text("-r ../src.txt\nrich==1\n")
    (tmp_path / "src.txt").write_text("# What it needs\nsix==2\n")
    file = tmp_path / "requirements.txt"
    file.write_text("-r desk/requirements.txt  # The desk\nclick==3\n")

    assert [str(one) for one in lines_of(file)] == ["six==2", "rich==1", "click==3"]


@pytest.mark.parametrize("line", ["-e .", "--requirement other.txt", "-c other.txt"])
def test_a_line_that_may_bring_more_and_is_not_understood_fails_the_gate(
    tmp_path: Path, line: str
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(f"{line}\n")

    with pytest.raises(ToolFailed, match="not understood"):
        lines_of(file)


def test_a_requirement_that_is_not_installed_fails_the_gate(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("no-such-package-at-all==1\n")

    with pytest.raises(ToolFailed, match="no-such-package-at-all is not installed"):
        required(file)


def test_an_environment_knows_what_is_installed_in_it(tmp_path: Path) -> None:
    assert {"pytest", "pip"} <= installed(ROOT / ".venv").keys()
    with pytest.raises(ToolFailed, match="is no virtual environment"):
        installed(tmp_path)


def test_npm_packages_are_found_within_others_and_nothing_else_is_one(tmp_path: Path) -> None:
    for place, text in {
        "a/package.json": '{"license": "MIT"}',
        "@scope/b/package.json": '{"license": "(MIT OR GPL-3.0-or-later)"}',
        "a/node_modules/c/package.json": '{"license": "GPL-3.0"}',
        "a/node_modules/@scope/d/package.json": "{}",
        "a/esm/package.json": '{"type": "module"}',
    }.items():
        (tmp_path / "node_modules" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "node_modules" / place).write_text(text)

    assert packages.licences_of_npm(tmp_path / "node_modules") == {
        "npm a": "MIT",
        "npm @scope/b": "MIT OR GPL-3.0-or-later",
        "npm a/node_modules/c": "GPL-3.0",
        "npm a/node_modules/@scope/d": "UNKNOWN",
    }


def test_licences_have_a_row_for_each_set_and_none_that_nobody_looked_at_is_a_pass(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(*command: Any, expected: Any = ()) -> Done:
        names = importlib.metadata.packages_distributions().values()
        listed = [{"Name": name, "License": "GPL-3.0"} for names in names for name in names]
        return done(json.dumps(listed))

    monkeypatch.setattr(packages, "run", run)
    monkeypatch.setattr(packages, "prepare_python", lambda _: None)
    monkeypatch.setattr(packages, "prepare_node", lambda: None)
    monkeypatch.setattr(packages, "MODULES", tmp_path)
    monkeypatch.setitem(requirements.ON_DEMAND, "benchmarks", tmp_path / ".venv-bench")
    monkeypatch.setitem(requirements.ON_DEMAND, "drills", tmp_path)

    rows = {one.tool: one for one in packages.licences()}

    for name, package in (
        ("deployed", "urllib3"), ("desk", "pillow"), ("tools", "pytest"), ("drills", "moto")
    ):  # fmt: skip
        assert package in {one.where for one in rows[f"licences, {name}"].findings}
    assert "pillow" not in {one.where for one in rows["licences, tools"].findings}
    assert rows["licences, benchmarks"].skipped == ".venv-bench is not there: `make bench` makes it"
