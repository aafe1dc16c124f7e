"""Suppressions, read where they stand: in a resource's Metadata, or beside a line of code.

Shape in the template, that of the tools themselves:

    Metadata:
      checkov:
        skip:
          - id: CKV_AWS_18
            comment: one sentence
      cdk_nag:
        rules_to_suppress:
          - id: AwsSolutions-IAM5[Resource::*]   # the whole id of the finding
            reason: one sentence
      guard:
        rules_to_suppress:
          - id: name_of_a_rule
            reason: one sentence

It speaks of the resource of that name after the SAM transform. What SAM generates besides has no
Metadata, and satisfies every rule as it is.
"""

import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from checks.outcome import Finding, Suppression
from local.paths import ROOT

type Json = Any  # what a parsed YAML document holds

# tool -> (key of its list of suppressions, key of the reason). Sources: checkov, "Suppressing and
# skipping policies"; cdk-nag, "Suppressing a rule" for CfnInclude; guard's is this project's.
SHAPES: Final = {
    "checkov": ("skip", "comment"),
    "cdk_nag": ("rules_to_suppress", "reason"),
    "guard": ("rules_to_suppress", "reason"),
}

_NOQA: Final = re.compile(
    r"#\s*(?:ruff:\s*)?noqa:\s*(?P<ids>[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)(?P<reason>[^#]*)"
)
_NOSEC: Final = re.compile(r"#\s*nosec:?\s*(?P<ids>B\d+(?:,\s*B\d+)*)(?P<reason>[^#]*)")
_TYPE_IGNORE: Final = re.compile(r"#\s*type:\s*ignore\[(?P<ids>[a-z, -]+)\](?P<reason>[^#]*)")
_MARKS: Final = {"noqa": _NOQA, "nosec": _NOSEC, "type: ignore": _TYPE_IGNORE}
_ANY_MARK: Final = re.compile(
    r"#\s*(?:ruff:\s*)?(noqa|nosec|type:\s*ignore|(?:fmt|isort):\s*skip)\b"
)
_LAYOUT: Final = re.compile(r"#\s*(?P<tool>fmt|isort):\s*skip\b(?P<reason>[^#]*)")
# From here on, or for a whole file: what a formatter, ruff or its forerunners take as an order.
_SPAN: Final = re.compile(
    r"#\s*(?:(?:fmt|isort):\s*(?!skip\b)\w+|(?:yapf|flake8):\s*\w+|ruff:\s*(?!noqa:\s*[A-Z])\w+)"
)


def in_template(template: Json, tool: str) -> list[Suppression]:
    """What the resources of a template suppress for one tool, reasons as they stand."""
    key, reason = SHAPES[tool]
    return [
        Suppression(logical_id, str(entry["id"]), " ".join(str(entry.get(reason, "")).split()))
        for logical_id, resource in template["Resources"].items()
        for entry in resource.get("Metadata", {}).get(tool, {}).get(key, [])
    ]


def without_suppressions(template: Json) -> Json:
    """The template as if nothing were suppressed in it."""
    return {
        **template,
        "Resources": {
            logical_id: {key: item for key, item in resource.items() if key != "Metadata"}
            for logical_id, resource in template["Resources"].items()
        },
    }


def hidden(template: Json) -> Iterator[Finding]:
    """Ways to suppress in the template that no gate counts: cfn-lint's, and for all resources."""
    tools = {*SHAPES, "cfn-lint"}
    for tool in sorted(tools & template.get("Metadata", {}).keys()):
        yield Finding("Metadata", tool, "suppresses for the whole template, not for one resource")
    for logical_id, resource in template["Resources"].items():
        metadata = resource.get("Metadata", {})
        if "cfn-lint" in metadata:
            yield Finding(
                logical_id, "cfn-lint", "suppression of cfn-lint takes no reason: satisfy it"
            )
        for tool in SHAPES.keys() & metadata.keys():
            for key in metadata[tool].keys() - {SHAPES[tool][0]}:
                yield Finding(logical_id, tool, f"{key} is no way to suppress, see checks")


def in_code(files: Sequence[Path], mark: str) -> tuple[list[Suppression], list[Finding]]:
    """Suppressions of one kind in Python files, and those that name no rule.

    `mark` is `noqa`, `nosec` or `type: ignore`. The reason follows the rule's id, after a second
    `#` if there is one; that of `type: ignore` may stand in the comment above, as its line is often
    a full one. `# ruff: noqa` speaks of its whole file.
    """
    found: list[Suppression] = []
    blanket: list[Finding] = []
    for file in files:
        name = str(file.relative_to(ROOT))
        lines = file.read_text(encoding="utf-8").splitlines()
        for number, comment in _comments(lines):
            match = _MARKS[mark].search(comment)
            if match is not None:
                reason = _reason(comment, match["reason"])
                if not reason and mark == "type: ignore":
                    reason = _above(lines, number)
                where = name if comment.startswith("# ruff:") else f"{name}:{number}"
                found.extend(
                    Suppression(where, rule.strip(), reason) for rule in match["ids"].split(",")
                )
                continue
            bare = _ANY_MARK.search(comment)
            if bare is not None and re.sub(r"\s", "", bare[1]) == mark.replace(" ", ""):
                blanket.append(
                    Finding(f"{name}:{number}", mark, "suppresses every rule: name the one")
                )
    return found, blanket


def of_layout(files: Sequence[Path]) -> tuple[list[Suppression], list[Finding]]:
    """Lines that are kept from the formatter or from the sorting of imports, and orders for more.

    The reason follows on the same line, after a second `#`.
    """
    found: list[Suppression] = []
    spans: list[Finding] = []
    for file in files:
        name = str(file.relative_to(ROOT))
        for number, comment in _comments(file.read_text(encoding="utf-8").splitlines()):
            where = f"{name}:{number}"
            match = _LAYOUT.search(comment)
            if match is not None:
                reason = _reason(comment, match["reason"])
                found.append(Suppression(where, f"{match['tool']}: skip", reason))
            span = _SPAN.search(comment)
            if span is not None:
                spans.append(Finding(where, "layout", f"`{span[0]}` reaches beyond its line"))
    return found, spans


def _comments(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Comments with their line numbers; text in a string that looks like one is none."""
    reader = io.StringIO("\n".join(lines) + "\n").readline
    for token in tokenize.generate_tokens(reader):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _reason(comment: str, rest: str) -> str:
    """The words after the id, or those after a later `#` that is no mark itself."""
    words = rest.strip(" -:\u2014")
    if words:
        return words
    others = [part.strip() for part in comment.split("#") if part.strip()]
    return next((part for part in others if not _ANY_MARK.match(f"#{part}")), "")


def _above(lines: Sequence[str], number: int) -> str:
    """The comment on the lines right above, as one sentence."""
    words: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("#"):
            break
        words.insert(0, line.strip().removeprefix("#").strip())
    return " ".join(words)
