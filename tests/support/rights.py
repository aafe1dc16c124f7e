"""A policy document taken apart: every right in it by itself, and the document without that one."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

type Json = dict[str, Any]

VIA_SERVICE: Final = "kms:ViaService"


@dataclass(frozen=True)
class Right:
    """One action on one resource, through one service where the statement names services.

    Args:
        sid: The statement's.
        effect: Allow, or Deny: then it is a refusal by itself.
        action: As the statement spells it.
        resource: As the statement spells it.
        via: Value of `kms:ViaService`, None where the statement has no such condition.
        is_only_resource: Whether the statement names no other, so that a name needs none.
    """

    sid: str
    effect: str
    action: str
    resource: str
    via: str | None
    is_only_resource: bool

    def __str__(self) -> str:
        parts = [self.sid, self.action]
        if not self.is_only_resource:
            parts.append(self.resource.rpartition(":")[2])
        if self.via:
            parts.append(self.via.partition(".")[0])
        return "-".join(parts)

    def covers(self, action: str, resource: str, via: str | None = None) -> bool:
        """Whether a call is of this right.

        Args:
            action: The call's.
            resource: The call's.
            via: Service that used a key for the caller, such as `s3`; None for a direct call.
        """
        return (
            fnmatchcase(action, self.action)
            and _resource_matches(resource, self.resource)
            and (via is None) == (self.via is None)
            and (via is None or (self.via or "").startswith(f"{via}."))
        )


def rights(document: Json) -> list[Right]:
    """Every right of a policy, in its order."""
    return [
        Right(statement["Sid"], statement["Effect"], action, resource, via, len(resources) == 1)
        for statement in document["Statement"]
        for resources in [_as_list(statement["Resource"])]
        for action in _as_list(statement["Action"])
        for resource in resources
        for via in _services(statement) or [None]
    ]


def without(document: Json, right: Right) -> Json:
    """The policy as it would be if it had never held one right, all others untouched."""
    statements: list[Json] = []
    for statement in document["Statement"]:
        if statement["Sid"] == right.sid:
            statements += _numbered(_rest(statement, right))
        else:
            statements.append(statement)
    return {**document, "Statement": statements}


def with_condition(document: Json, sid: str, operator: str, key: str, value: str | None) -> Json:
    """The policy with another value in one condition of a statement, or without it for None."""
    changed = copy.deepcopy(document)
    for statement in changed["Statement"]:
        if statement["Sid"] == sid:
            del statement["Condition"][operator][key]
            if value is not None:
                statement["Condition"][operator][key] = value
            statement["Condition"] = {
                name: keys for name, keys in statement["Condition"].items() if keys
            }
    return changed


def _rest(statement: Json, right: Right) -> Iterator[Json]:
    """A statement without one right: the other actions, then its action on other resources, …"""
    actions = [one for one in _as_list(statement["Action"]) if one != right.action]
    resources = [one for one in _as_list(statement["Resource"]) if one != right.resource]
    services = [one for one in _services(statement) if one != right.via]
    if actions:
        yield {**statement, "Action": actions}
    if resources:
        yield {**statement, "Action": right.action, "Resource": resources}
    if services:
        condition = copy.deepcopy(statement["Condition"])
        condition["StringEquals"][VIA_SERVICE] = services
        rest = {"Action": right.action, "Resource": right.resource, "Condition": condition}
        yield {**statement, **rest}


def _numbered(statements: Iterator[Json]) -> Iterator[Json]:
    """No two statements of a policy may have one Sid. Source: IAM JSON policy elements: Sid."""
    for number, statement in enumerate(statements):
        yield {**statement, "Sid": f"{statement['Sid']}{number or ''}"}


def _services(statement: Json) -> list[Any]:
    equals = statement.get("Condition", {}).get("StringEquals", {})
    return _as_list(equals.get(VIA_SERVICE, []))


def _resource_matches(resource: str, pattern: str) -> bool:
    # Brackets are special to fnmatch and plain to IAM; a log stream's name has them.
    return fnmatchcase(resource, pattern.replace("[", "[[]"))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
