"""One mutant: where the template is changed, and how."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

type Json = Any  # a part of a parsed template
type Path = tuple[str | int, ...]

# What CloudFormation reads as "not there", in a list as well as for a property.
NO_VALUE: Final = {"Ref": "AWS::NoValue"}
_NAME_CHARACTERS_MAX: Final = 60


@dataclass(frozen=True)
class Mutant:
    """One change to the template.

    Attributes:
        kind: What sort of change, such as "statement removed".
        name: Says what is changed where. No two mutants of a template share one.
        change: Makes the change in a template that it may spoil.
        is_generated: Whether the change is to what the SAM transform adds, so that it is made in
            the translated template instead of the written one.
    """

    kind: str
    name: str
    change: Callable[[Json], None]
    is_generated: bool = False


def apart(template: Json) -> Json:
    """A copy in which no two places share an object.

    YAML anchors make one object of several places, and a change to one would be a change to all.
    """
    return json.loads(json.dumps(template))


class NothingChangedError(Exception):
    """Raised when a mutant leaves the template as it is, so that its survival would say nothing."""


def mutated(template: Json, mutant: Mutant) -> Json:
    """A copy of a template with the mutant's change.

    Raises:
        NothingChangedError: When the change makes no difference.
    """
    copy = apart(template)
    mutant.change(copy)
    if copy == template:
        raise NothingChangedError(mutant.name)
    return copy


def at(template: Json, path: Path) -> Json:
    """The part of a template that stands at a path."""
    for step in path:
        template = template[step]
    return template


def put(path: Path, value: Json) -> Callable[[Json], None]:
    """A change that puts a value at a path."""

    def change(template: Json) -> None:
        at(template, path[:-1])[path[-1]] = apart(value)

    return change


def drop(path: Path) -> Callable[[Json], None]:
    """A change that removes what stands at a path."""

    def change(template: Json) -> None:
        del at(template, path[:-1])[path[-1]]

    return change


def short(value: Json) -> str:
    """A value of the template in a few characters, for a mutant's name."""
    if isinstance(value, dict) and len(value) == 1:
        [(key, argument)] = value.items()
        if key in {"Ref", "Fn::GetAtt", "Fn::Sub"}:
            named = ".".join(argument) if isinstance(argument, list) else str(argument)
            return named.replace("${AWS::Partition}", "aws")
        if key == "Fn::If":
            return f"if {argument[0]}"
    if isinstance(value, dict):
        for key in ("Sid", "Id", "Description", "Name", "Field", "AttributeName", "Type"):
            if isinstance(value.get(key), str):
                return str(value[key])
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _NAME_CHARACTERS_MAX else f"{text[:_NAME_CHARACTERS_MAX]}..."
