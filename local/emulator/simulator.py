# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""IAM's policy simulator looks at the context that it is given.

MiniStack's ignores `ContextEntries`, so that every condition would be judged as if the request
carried none of the keys. Source: IAM API Reference, "SimulatePrincipalPolicy".
"""

from collections.abc import Mapping
from contextvars import ContextVar
from itertools import count
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam

#: Condition keys of the request being simulated, in lower case.
_given: ContextVar[Mapping[str, str | list[str]] | None] = ContextVar("given", default=None)


def install() -> None:
    """Answer a simulated condition key with what the caller gave for it, before anything else."""
    resolve = iam_evaluator._resolve_condition_key

    def resolve_condition_key(key: str, context: Any) -> Any:
        given = _given.get() or {}
        return given[key.lower()] if key.lower() in given else resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve_condition_key
    for action in ("SimulatePrincipalPolicy", "SimulateCustomPolicy"):
        iam._IAM_HANDLERS[action] = _with_context(iam._IAM_HANDLERS[action])


def _with_context(handler: Any) -> Any:
    def handle(parameters: Any) -> Any:
        token = _given.set(context_entries(parameters))
        try:
            return handler(parameters)
        finally:
            _given.reset(token)

    return handle


def context_entries(parameters: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """The keys and values of a Query request's `ContextEntries`, one value without its list."""
    entries: dict[str, str | list[str]] = {}
    for number in count(1):
        prefix = f"ContextEntries.member.{number}."
        name = iam._p(parameters, f"{prefix}ContextKeyName")
        if not name:
            return entries
        values = []
        for place in count(1):
            value = iam._p(parameters, f"{prefix}ContextKeyValues.member.{place}")
            if not value:
                break
            values.append(value)
        entries[name.lower()] = values[0] if len(values) == 1 else values
    raise AssertionError  # count() does not end
