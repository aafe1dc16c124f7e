"""Mutants of everything but policies: resources, their properties, and what outlives the stack."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from checks.mutation.mutants import NO_VALUE, Json, Mutant, Path, at, drop, put, short
from checks.mutation.policies import is_in_policy

# They say something to a person, and nothing to AWS.
_FOR_PEOPLE: Final = {
    "AlarmDescription",
    "Description",
    "DisplayName",
    "GroupDescription",
    "Id",
    "Tags",
}
_OUTLIVING: Final = ("DeletionPolicy", "UpdateReplacePolicy")


def resource_mutants(template: Json) -> Iterator[Mutant]:
    """Every mutant of the resources and conditions of a template as it is written."""
    for logical_id in template["Resources"]:
        yield from _of_resource(template, logical_id)
    for name, condition in template["Conditions"].items():
        inverted = {"Fn::Not": [condition]}
        yield Mutant("condition inverted", name, put(("Conditions", name), inverted))


def generated_mutants(template: Json, translated: Json) -> Iterator[Mutant]:
    """Every mutant of what the SAM transform adds: its resources, and properties of written ones.

    Args:
        template: As it is written.
        translated: The same after the transform.
    """
    for logical_id, resource in translated["Resources"].items():
        written = template["Resources"].get(logical_id)
        if written is None:
            mutants = [
                *_of_resource(translated, logical_id),
                *_widened_permission(translated, logical_id),
            ]
        elif written["Type"] == resource["Type"]:
            added = resource.get("Properties", {}).keys() - written.get("Properties", {}).keys()
            mutants = [
                one
                for name in sorted(added)
                for one in _of_value(translated, ("Resources", logical_id, "Properties", name))
            ]
        else:
            continue
        for mutant in mutants:
            yield dataclasses.replace(mutant, name=f"{mutant.name} (generated)", is_generated=True)


def _widened_permission(translated: Json, logical_id: str) -> Iterator[Mutant]:
    """Who may call the function must not become: anybody, or anything done to it."""
    if translated["Resources"][logical_id]["Type"] != "AWS::Lambda::Permission":
        return
    properties: Path = ("Resources", logical_id, "Properties")
    yield Mutant(
        "principal widened", f"{logical_id}: any principal", put((*properties, "Principal"), "*")
    )
    yield Mutant(
        "action widened", f"{logical_id}: lambda:*", put((*properties, "Action"), "lambda:*")
    )


def _of_resource(template: Json, logical_id: str) -> Iterator[Mutant]:
    path: Path = ("Resources", logical_id)
    resource = at(template, path)
    if not _is_named(template, logical_id):
        yield Mutant("resource removed", logical_id, _without(logical_id))
    for attribute in _OUTLIVING:
        if attribute in resource:
            yield Mutant(
                f"{attribute} removed", f"{logical_id}.{attribute}", drop((*path, attribute))
            )
    waits_for = resource.get("DependsOn", [])
    for awaited in waits_for if isinstance(waits_for, list) else [waits_for]:
        yield Mutant(
            "dependency removed",
            f"{logical_id} does not wait for {awaited}",
            _without_waiting(logical_id, awaited),
        )
    for name in resource.get("Properties", {}):
        yield from _of_value(template, (*path, "Properties", name))


def _of_value(template: Json, path: Path) -> Iterator[Mutant]:
    """Mutants of the value at a path and of everything inside it; policies are left out."""
    if path[-1] in _FOR_PEOPLE or is_in_policy(template, path):
        return
    value = at(template, path)
    name = _dotted(template, path)
    if path[-2] == "Fn::If":
        if value != NO_VALUE:
            yield Mutant("branch removed", name, put(path, NO_VALUE))
    elif isinstance(path[-1], str):
        yield Mutant("property removed", name, drop(path))
    elif len(at(template, path[:-1])) > 1:
        # Without its only entry a list says what no list says, and that is a mutant already.
        yield Mutant("list entry removed", name, drop(path))
    if isinstance(value, bool):
        yield Mutant("property inverted", f"{name}: {str(not value).lower()}", put(path, not value))
    for inner in _inner(path, value):
        yield from _of_value(template, inner)


def _inner(path: Path, value: Json) -> Iterator[Path]:
    if isinstance(value, list):
        yield from ((*path, index) for index in range(len(value)))
    elif isinstance(value, dict) and "Fn::If" in value:
        yield from ((*path, "Fn::If", branch) for branch in (1, 2))
    elif isinstance(value, dict) and not _is_intrinsic(value):
        yield from ((*path, key) for key in value)


def _is_intrinsic(value: Json) -> bool:
    return len(value) == 1 and bool(re.match(r"Ref$|Fn::", next(iter(value))))


def _dotted(template: Json, path: Path) -> str:
    """Such as `LambdaSecurityGroup.SecurityGroupEgress.0.FromPort`, with what a list entry is."""
    _, logical_id, _, *steps = path
    branches = {1: "then", 2: "else"}
    words = [
        branches[step] if before == "Fn::If" and isinstance(step, int) else str(step)
        for before, step in zip([None, *steps], steps, strict=False)
        if step != "Fn::If"
    ]
    name = ".".join([str(logical_id), *words])
    entry = at(template, path)
    return f"{name} ({short(entry)})" if isinstance(path[-1], int) else name


def _is_named(template: Json, logical_id: str) -> bool:
    """Whether something in the template speaks of a resource, other than to wait for it."""
    text = re.compile(rf'"(Ref|Fn::GetAtt)": (\[)?"{logical_id}[".]|\$\{{{logical_id}[.}}]')
    others = {
        name: {key: value for key, value in resource.items() if key != "DependsOn"}
        for name, resource in template["Resources"].items()
        if name != logical_id
    }
    return text.search(json.dumps([others, template.get("Outputs", {})])) is not None


def _without(logical_id: str) -> Callable[[Json], None]:
    """Removes a resource, and nobody waits for it any more."""

    def change(template: Json) -> None:
        del template["Resources"][logical_id]
        for name in template["Resources"]:
            _without_waiting(name, logical_id)(template)

    return change


def _without_waiting(logical_id: str, awaited: str) -> Callable[[Json], None]:
    def change(template: Json) -> None:
        resource = template["Resources"][logical_id]
        waits_for = resource.get("DependsOn", [])
        left = [
            one
            for one in (waits_for if isinstance(waits_for, list) else [waits_for])
            if one != awaited
        ]
        resource.pop("DependsOn", None)
        if left:
            resource["DependsOn"] = left

    return change
