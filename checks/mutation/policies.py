"""Mutants of policies: what is removed from a statement, and what is widened in it."""

from collections.abc import Iterator
from typing import Final

from checks.mutation.mutants import NO_VALUE, Json, Mutant, Path, at, drop, put, short
from checks.translation import POLICY_PLACES, policy_of

_ACCOUNT: Final = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
_ANYBODY: Final = "*"


def policy_mutants(template: Json) -> Iterator[Mutant]:
    """Every mutant of every policy statement of a template."""
    for path in _statements(template):
        statement = at(template, path)
        where = f"{path[1]}/{statement['Sid']}"
        yield Mutant("statement removed", where, put(path, NO_VALUE))
        yield from _of_lists(where, path, statement)
        yield from _of_conditions(where, path, statement)
        yield from (_widened if statement["Effect"] == "Allow" else _narrowed)(
            where, path, statement
        )


def is_in_policy(template: Json, path: Path) -> bool:
    """Whether a path leads into a policy's document."""
    way = POLICY_PLACES.get(template["Resources"][path[1]]["Type"])
    return way is not None and path[3 : 3 + len(way)] == way


def _statements(template: Json) -> Iterator[Path]:
    """Paths of all statements, those of both branches of a condition among them."""
    for logical_id, resource in template["Resources"].items():
        if policy_of(resource) is None:
            continue
        way = POLICY_PLACES[resource["Type"]]
        held: Path = ("Resources", logical_id, "Properties", *way, "Statement")
        for index, statement in enumerate(at(template, held)):
            if "Fn::If" not in statement:
                yield (*held, index)
                continue
            for branch in (1, 2):
                if "Sid" in statement["Fn::If"][branch]:
                    yield (*held, index, "Fn::If", branch)


def _of_lists(where: str, path: Path, statement: Json) -> Iterator[Mutant]:
    """One action, or one resource, of several removed."""
    for element, kind in (
        ("Action", "action removed"),
        ("Resource", "resource of a statement removed"),
    ):
        values = statement.get(element)
        if isinstance(values, list) and len(values) > 1:
            for index, value in enumerate(values):
                yield Mutant(
                    kind, f"{where}: without {short(value)}", drop((*path, element, index))
                )


def _of_conditions(where: str, path: Path, statement: Json) -> Iterator[Mutant]:
    """One key, or one value of several, removed; or an operator that no longer minds absence."""
    for operator, keys in statement.get("Condition", {}).items():
        held: Path = (*path, "Condition", operator)
        for key, wanted in keys.items():
            alone = len(keys) == 1
            only = alone and len(statement["Condition"]) == 1
            yield Mutant(
                "condition removed",
                f"{where}: without {operator} {key}",
                drop((*path, "Condition") if only else held if alone else (*held, key)),
            )
            if isinstance(wanted, list) and len(wanted) > 1:
                for index, value in enumerate(wanted):
                    yield Mutant(
                        "value removed",
                        f"{where}: {operator} {key} without {short(value)}",
                        drop((*held, key, index)),
                    )
        if operator.endswith("IfExists"):
            affirmative = operator.removesuffix("IfExists")
            condition = {**statement["Condition"], affirmative: keys}
            del condition[operator]
            yield Mutant(
                "absent key excepted",
                f"{where}: {affirmative} instead of {operator}",
                put((*path, "Condition"), condition),
            )


def _widened(where: str, path: Path, statement: Json) -> Iterator[Mutant]:
    """What an Allow must not become: any action, any resource, any principal."""
    actions = statement["Action"]
    service = (actions if isinstance(actions, str) else actions[0]).partition(":")[0]
    yield Mutant("action widened", f"{where}: {service}:*", put((*path, "Action"), f"{service}:*"))
    if statement.get("Resource", "*") != "*":
        yield Mutant("resource widened", f"{where}: any resource", put((*path, "Resource"), "*"))
    if statement.get("Principal", "*") != "*":
        yield Mutant(
            "principal widened", f"{where}: any principal", put((*path, "Principal"), _ANYBODY)
        )


def _narrowed(where: str, path: Path, statement: Json) -> Iterator[Mutant]:
    """What a Deny must not become: a word to this account only, or about one action only."""
    if statement.get("Principal") == _ANYBODY:
        yield Mutant(
            "refusal narrowed", f"{where}: this account only", put((*path, "Principal"), _ACCOUNT)
        )
    actions = statement["Action"]
    for index, action in enumerate([actions] if isinstance(actions, str) else actions):
        if action.endswith(":*"):
            held: Path = (*path, "Action") if isinstance(actions, str) else (*path, "Action", index)
            service = action.removesuffix(":*")
            one = {"dynamodb": "GetItem", "s3": "PutObject", "secretsmanager": "PutSecretValue"}
            yield Mutant(
                "refusal narrowed",
                f"{where}: {service}:{one.get(service, 'SendMessage')} only",
                put(held, f"{service}:{one.get(service, 'SendMessage')}"),
            )
