"""Compares the template's dashboard with dashboard.yaml, or writes it from there (--write).

    dashboard.yaml ──▶ JSON, folded to the template's lines ──▶ DashboardBody: !Sub >-

CloudFormation takes the body as one string of JSON, which nobody can read or review; the file holds
the same in YAML, with comments.

Source: CloudFormation Template Reference, "AWS::CloudWatch::Dashboard".
"""

import argparse
import difflib
import json
import re
import sys
import textwrap
from typing import Any, Final

from samcli.yamlhelper import yaml_parse

from local.paths import ROOT, TEMPLATE

SOURCE: Final = ROOT / "dashboard.yaml"
LINE_COLUMNS_MAX: Final = 100
_INDENT: Final = " " * 8
_PROPERTY: Final = re.compile(
    r"(?P<head>^      DashboardBody: !Sub >-\n)(?P<body>(?:        \S.*\n)+)", re.MULTILINE
)

type Json = Any  # what a parsed YAML document holds


def body_of(dashboard: Json, parameters: Json) -> str:
    """The body as the template has it: JSON in which `${...}` is not worked out yet.

    Args:
        dashboard: What dashboard.yaml holds.
        parameters: The template's. What is nothing but the reference to a number among them stands
            without quotes, as CloudWatch takes no text where it wants a number.

    Returns:
        One line for the body's own fields, and one for each widget, so that changes can be seen.
    """
    fields = {name: value for name, value in dashboard.items() if name != "widgets"}
    widgets = [_as_json(widget, parameters) for widget in dashboard["widgets"]]
    return "\n".join(
        [
            f'{_as_json(fields, parameters)[:-1]}, "widgets": [',
            *(f"{widget}," for widget in widgets[:-1]),
            f"{widgets[-1]} ]}}",
        ]
    )


def with_dashboard(template: str, dashboard: Json) -> str:
    """The template's text with the dashboard's body replaced.

    Raises:
        ValueError: The template has no such property, or several; or the body has two blanks in a
            row, which the template's folded lines cannot hold.
    """
    body = body_of(dashboard, yaml_parse(template)["Parameters"])
    if "  " in body:
        raise ValueError("two blanks in a row would be folded into one")
    lines = "".join(f"{line}\n" for widget in body.splitlines() for line in _folded(widget))
    text, count = _PROPERTY.subn(lambda found: found["head"] + lines, template)
    if count != 1:
        raise ValueError(f"the template has {count} dashboards")
    return text


def _as_json(value: Json, parameters: Json) -> str:
    numbers = "|".join(name for name, one in parameters.items() if one["Type"] == "Number")
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(rf'"(\$\{{(?:{numbers})\}})"', r"\1", text)


def _folded(line: str) -> list[str]:
    """Lines of the template; a blank stands for each of their ends."""
    return textwrap.wrap(
        line,
        LINE_COLUMNS_MAX,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def main() -> int:
    """Returns 0 if the template has what the file says, or was written so; 1 if it differs."""
    parser = argparse.ArgumentParser(prog="python -m checks.dashboard", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write instead of comparing")
    write = parser.parse_args().write
    before = TEMPLATE.read_text(encoding="utf-8")
    after = with_dashboard(before, yaml_parse(SOURCE.read_text(encoding="utf-8")))
    if write:
        TEMPLATE.write_text(after, encoding="utf-8")
        return 0
    difference = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), "template", "file"
    )
    sys.stdout.writelines(difference)
    return int(before != after)


if __name__ == "__main__":
    sys.exit(main())
