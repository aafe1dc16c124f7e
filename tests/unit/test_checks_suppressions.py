"""Where suppressions are read, and which ways to suppress are closed."""

from pathlib import Path
from typing import Any

import pytest

from checks import suppressions
from checks.code_gates import pyproject_exceptions
from checks.outcome import Suppression
from local.paths import ROOT


def template(**metadata: Any) -> dict[str, Any]:
    return {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Metadata": metadata}}}


def read(monkeypatch: pytest.MonkeyPatch, folder: Path, mark: str, text: str) -> Any:
    monkeypatch.setattr(suppressions, "ROOT", folder)
    file = folder / "module.py"
    file.write_text(text)
    return suppressions.in_code([file], mark)


@pytest.mark.parametrize(
    ("tool", "key", "reason"),
    [
        ("checkov", "skip", "comment"),
        ("cdk_nag", "rules_to_suppress", "reason"),
        ("guard", "rules_to_suppress", "reason"),
    ],
)
def test_metadata_of_a_resource_suppresses_for_its_tool(tool: str, key: str, reason: str) -> None:
    written = template(**{tool: {key: [{"id": "RULE", reason: "Folded\n  over lines."}]}})

    assert suppressions.in_template(written, tool) == [
        Suppression("Bucket", "RULE", "Folded over lines.")
    ]


def test_metadata_without_a_reason_is_read_as_such() -> None:
    written = template(checkov={"skip": [{"id": "RULE"}]})

    assert suppressions.in_template(written, "checkov") == [Suppression("Bucket", "RULE", "")]


def test_a_template_without_suppressions_has_no_metadata_left_and_is_a_copy() -> None:
    written = template(checkov={"skip": [{"id": "RULE"}]})

    bare = suppressions.without_suppressions(written)

    assert bare == {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}
    assert "Metadata" in written["Resources"]["Bucket"]


@pytest.mark.parametrize(
    "written",
    [
        template(**{"cfn-lint": {"config": {"ignore_checks": ["W3045"]}}}),
        template(guard={"SuppressedRules": ["ALL"]}),
        template(checkov={"skip": [], "skip_all": True}),
        {"Metadata": {"cfn-lint": {}}, "Resources": {}},
        {"Metadata": {"checkov": {}}, "Resources": {}},
    ],
)
def test_a_way_to_suppress_that_takes_no_reason_is_found(written: dict[str, Any]) -> None:
    assert len(list(suppressions.hidden(written))) == 1


@pytest.mark.parametrize(
    ("mark", "line", "expected"),
    [
        ("noqa", "x = 1  # noqa: S105  It is a name.", [("S105", "It is a name.")]),
        ("noqa", "x = 1  # noqa: S105 - it is a name", [("S105", "it is a name")]),
        ("noqa", "x = 1  # noqa: S1, S2  For both.", [("S1", "For both."), ("S2", "For both.")]),
        ("noqa", "x = 1  # noqa: S311  # nosec B311  # Why so.", [("S311", "Why so.")]),
        ("nosec", "x = 1  # noqa: S311  # nosec B311  # Why so.", [("B311", "Why so.")]),
        ("nosec", "x = 1  # nosec B311 Why so.", [("B311", "Why so.")]),
        ("type: ignore", "x = 1  # type: ignore[arg-type]", [("arg-type", "")]),
        ("type: ignore", "# Because.\nx = 1  # type: ignore[misc]", [("misc", "Because.")]),
        ("type: ignore", "# Two\n# l.\nx = 1  # type: ignore[misc]", [("misc", "Two l.")]),
        ("noqa", "# What follows, in a sentence.\nx = 1  # noqa: S1", [("S1", "")]),
        ("nosec", "# What follows, in a sentence.\nx = 1  # nosec B1", [("B1", "")]),
        ("noqa", "x = 1  # noqa: S1  # fmt: skip", [("S1", "")]),
        ("noqa", 'x = "# noqa: S105  Only text."', []),
        ("nosec", "x = 1  # noqa: S105  A name.", []),
    ],
)
def test_a_mark_names_its_rule_and_its_reason(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    mark: str,
    line: str,
    expected: list[tuple[str, str]],
) -> None:
    found, blanket = read(monkeypatch, tmp_path, mark, line)

    assert [(one.rule, one.reason) for one in found] == expected
    assert blanket == []


def test_a_mark_stands_for_its_line_or_its_whole_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = "# ruff: noqa: SLF001 - all of it\nx = 1\ny = 2  # noqa: S105  For this line.\n"

    found, _ = read(monkeypatch, tmp_path, "noqa", text)

    assert [one.where for one in found] == ["module.py", "module.py:3"]


@pytest.mark.parametrize(
    ("mark", "line"),
    [
        ("noqa", "x = 1  # noqa"),
        ("nosec", "x = 1  # nosec"),
        ("type: ignore", "x = 1  # type: ignore"),
    ],
)
def test_a_mark_that_names_no_rule_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mark: str, line: str
) -> None:
    found, blanket = read(monkeypatch, tmp_path, mark, line)

    assert found == []
    assert [one.where for one in blanket] == ["module.py:1"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = 1  # fmt: skip", [("fmt: skip", "")]),
        ("x = 1  # fmt:skip  # Read in rows.", [("fmt: skip", "Read in rows.")]),
        ("x = 1  # noqa: E1  Why.  # fmt: skip", [("fmt: skip", "")]),
        ("import a  # isort: skip  # Before others.", [("isort: skip", "Before others.")]),
        ("# Why so.\nx = 1  # fmt: skip", [("fmt: skip", "")]),
        ('x = "# fmt: skip"', []),
    ],
)
def test_a_line_that_is_kept_from_the_formatter_is_read_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, expected: list[tuple[str, str]]
) -> None:
    monkeypatch.setattr(suppressions, "ROOT", tmp_path)
    (tmp_path / "module.py").write_text(line)

    found, spans = suppressions.of_layout([tmp_path / "module.py"])

    assert [(one.rule, one.reason) for one in found] == expected
    assert spans == []


@pytest.mark.parametrize(
    "order",
    [
        *("fmt: off", "fmt: on", "fmt:off", "yapf: disable", "isort: off", "isort: skip_file"),
        *("isort:split", "ruff: isort: skip_file", "ruff: disable[S105]", "ruff: ignore[S105]"),
        *("ruff: noqa", "flake8: noqa", "flake8: noqa: S105"),
    ],
)
def test_an_order_that_reaches_beyond_its_line_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, order: str
) -> None:
    monkeypatch.setattr(suppressions, "ROOT", tmp_path)
    (tmp_path / "module.py").write_text(f"x = 1\n# {order}  # For a long reason.\n")

    found, spans = suppressions.of_layout([tmp_path / "module.py"])

    assert found == []
    assert [one.where for one in spans] == ["module.py:2"]


def test_exceptions_in_pyproject_have_the_comment_of_their_own_line() -> None:
    text = """
[tool.ruff.lint]
ignore = [
    "S101",  # assertions say what the code relies on
]

[tool.ruff.lint.per-file-ignores]
"local/**" = [
    "T20",   # speaks to a person
    "S607",
]
"""

    assert pyproject_exceptions(text) == [
        Suppression("*", "S101", "assertions say what the code relies on"),
        Suppression("local/**", "T20", "speaks to a person"),
        Suppression("local/**", "S607", ""),
    ]


def test_the_projects_own_pyproject_gives_every_reason() -> None:
    exceptions = pyproject_exceptions((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert [one for one in exceptions if len(one.reason.split()) < 3] == []
