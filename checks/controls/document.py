"""Writes the generated parts of docs/security.md from the control matrix and the template."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from checks.controls import CONTROLS, GROUPS
from checks.controls.model import ABSENT, Control, Json, Standards, Where
from checks.controls.not_satisfied import NOT_SATISFIED
from checks.controls.suppressions import suppressions

_NAMES: Final = {
    "pci": "PCI DSS",
    "nist": "NIST",
    "cis": "CIS",
    "security_hub": "Security Hub",
}
_LISTED_MAX: Final = 8  # of actions or values in one cell; the data has them all
_BREAK: Final = "<br>"


def with_generated(text: str, template: Json) -> str:
    """The document with each generated part replaced by what the data says now.

    A part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`.

    Args:
        text: The document.
        template: The template as it is written.

    Raises:
        ValueError: The document lacks the markers of a part, or has them twice.
    """
    parts = {
        "requirements": _index(),
        "controls": _matrix(),
        "not satisfied": _gaps(),
        "suppressions": _suppressions(template),
    }
    for name, part in parts.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"({re.escape(begin)}\n).*?({re.escape(end)})", re.DOTALL)
        escaped = part.replace("\\", r"\\")
        text, count = pattern.subn(rf"\g<1>{escaped}\g<2>", text)
        if count != 1:
            raise ValueError(f"the markers of {name!r} stand {count} times in the document")
    return text


def _matrix() -> str:
    groups = []
    for name, controls in GROUPS.items():
        rows = (
            (
                f"**{one.id}** {one.title}{_BREAK}*Against:* {one.threat}",
                _standards(one.standards),
                _places(one),
                _proof(one.proof),
            )
            for one in controls
        )
        heads = ("Control", "Answers", "Where in the template", "Fails when it is removed")
        groups.append(f"\n### {name}\n\n{_table(heads, rows)}")
    return "".join(groups) + "\n"


def _index() -> str:
    """Every number of every standard with what answers it, a family to a row."""
    answers: dict[tuple[str, str], list[str]] = {}
    for control in CONTROLS:
        for label, number in _numbers(control.standards):
            answers.setdefault((label, number), []).append(control.id)
    for gap in NOT_SATISFIED:
        for one in _numbers(gap.standards):
            answers.setdefault(one, []).append("*in part*" if answers.get(one) else "**no**")
    rows: dict[str, list[str]] = {}
    for label, number in sorted(answers, key=_place):
        family = f"{label} {_family(label, number)}".strip()
        found = ", ".join(dict.fromkeys(answers[label, number]))
        rows.setdefault(family, []).append(f"{number.rpartition('/')[2]}: {found}")
    joined = ((family, "; ".join(found)) for family, found in rows.items())
    return f"\n{_table(('Requirements', 'Answered by'), joined)}\n"


def _numbers(standards: Standards) -> Iterator[tuple[str, str]]:
    for name, label in _NAMES.items():
        yield from ((label, number) for number in getattr(standards, name))


def _family(label: str, number: str) -> str:
    """What stands before the first dot or hyphen; for CIS the version, if it is not the newest."""
    if label == "CIS":
        return number.rpartition("/")[0]
    return re.split(r"[.-]", number)[0]


def _place(one: tuple[str, str]) -> tuple[int, list[str]]:
    """Sorts by standard, and numbers as numbers."""
    label, number = one
    parts = re.findall(r"\d+|\D+", number)
    return list(_NAMES.values()).index(label), [part.zfill(9) for part in parts]


def _gaps() -> str:
    rows = ((gap.id, gap.title, gap.reason, gap.adopter) for gap in NOT_SATISFIED)
    return f"\n{_table(('What', 'Asks for', 'Why not here', 'What you can do'), rows)}\n"


def _suppressions(template: Json) -> str:
    listed = suppressions(template)
    if not listed:
        return "\nNone.\n\n"
    rows = ((f"`{one.rule}`", one.tool, f"`{one.resource}`", one.reason) for one in listed)
    return f"\n{_table(('Rule', 'Tool', 'Resource', 'Reason'), rows)}\n"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _standards(standards: Standards) -> str:
    numbers = {label: getattr(standards, name) for name, label in _NAMES.items()}
    return _BREAK.join(f"{label} {', '.join(given)}" for label, given in numbers.items() if given)


def _proof(proof: Iterable[str]) -> str:
    """Tests by their sentences, each linked to its file, then the rules of the gates by tool."""
    tests, gates = [], dict[str, list[str]]()
    for one in proof:
        path, is_test, test = one.partition("::")
        if is_test:
            words = re.sub(r"^test_(\d+_)?", "", test).replace("_", " ")
            tests.append(f"[{words}](../{path})")
        else:
            tool, _, rule = one.partition(" ")
            gates.setdefault(tool, []).append(rule)
    return _BREAK.join([*tests, *(f"{tool}: {', '.join(ids)}" for tool, ids in gates.items())])


def _places(control: Control) -> str:
    """Places with what stands there; resources that say the same share a line."""
    resources: dict[str, list[str]] = {}
    for where in control.where:
        resources.setdefault(_line(control, where), []).append(where.resource)
    places = [
        f"{', '.join(dict.fromkeys(f'`{name}`' for name in names))} {line}"
        for line, names in resources.items()
    ]
    return _BREAK.join([*places, *(f"{rule.words}." for rule in control.rules)]) or "in the code"


def _line(control: Control, where: Where) -> str:
    """What stands at a place, without the name of the resource."""
    tail = where.path.removeprefix(where.resource).lstrip("./")
    alike = [one for one in control.where if one.words == where.words]
    if where.words and len({one.path for one in alike}) > len({one.resource for one in alike}):
        text = where.words
    elif where.words:
        text = f"`{tail}`: {where.words}"
    elif where.is_statement:
        text = f"`{tail}`: {_statement(where.expected)}"
    else:
        text = f"`{tail}` is {_value(where.expected)}"
    if not where.parameters:
        return text
    given = ", ".join(f"`{name}={value}`" for name, value in where.parameters)
    return f"{text} (with {given})"


def _statement(statement: Json) -> str:
    words = [f"{statement['Effect']} {_several(statement['Action'])}"]
    principal = statement["Principal"]
    if isinstance(principal, Mapping):
        words.append(f"to {_several(principal.values())}")
    if statement["Effect"] == "Allow" and statement["Resource"] not in ([], ["*"]):
        words.append(f"on {_several(statement['Resource'])}")
    for operator, keys in statement["Condition"].items():
        words += [f"if `{key}` {operator} {_several(value)}" for key, value in keys.items()]
    return " ".join(words)


def _several(values: Iterable[str]) -> str:
    values = list(values)
    shown = ", ".join(f"`{value}`" for value in values[:_LISTED_MAX])
    return shown + (f" and {len(values) - _LISTED_MAX} more" if values[_LISTED_MAX:] else "")


def _value(value: Json) -> str:
    if value is ABSENT:
        return "absent"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"
