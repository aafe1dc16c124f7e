"""Services of a stack that is removed: what they are not told to answer is gone already."""

from collections.abc import Sequence
from typing import Any

import boto3

from desk.destroy.calls import Calls
from desk.destroy.plan import Plan, Planned
from tests.support.canned import ACCOUNT, REGION, STACK_ID, Answers, CannedClient, error

DELETED = {"Stacks": [{"StackStatus": "DELETE_COMPLETE", "StackName": "tp-dev"}]}


class Aws:
    """Services that answer what they are told to, and nothing (as if all were gone) otherwise."""

    def __init__(self, answers: Answers | None = None) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.slept: list[float] = []
        self.now = 0.0
        gone: Answers = _Gone()
        gone.update({("cloudformation", "describe_stacks"): DELETED, **(answers or {})})
        self.answers = gone

    def calls(self, wait_seconds: float = 0) -> Calls:
        def sleep(seconds: float) -> None:
            self.slept.append(seconds)
            self.now += seconds

        return Calls(
            lambda service: CannedClient(service, self.answers, self.asked),
            wait_seconds,
            sleep,
            lambda: self.now,
        )

    def operations(self) -> list[str]:
        return [operation for _, operation, _ in self.asked]


class _Gone(dict[tuple[str, str], Any]):
    def __missing__(self, operation: tuple[str, str]) -> Exception:
        return error("NotFound", operation[1])


def plan(*resources: Planned, suffix: str = "dev", **members: Any) -> Plan:
    given: dict[str, Any] = {
        "stack_id": STACK_ID,
        "stack_name": "tp-dev",
        "parameters": {"EnvironmentSuffix": suffix},
        "tags": {"Environment": suffix},
        "resources": list(resources),
    }
    return Plan(**{**given, **members})


def one(kind: str, physical_id: str = "p", **more: Any) -> Planned:
    return Planned(kind.rpartition(":")[2], kind, physical_id, **more)


class Pages(Calls):
    """Calls whose clients page through what they are told."""

    def __init__(self, pages: dict[str, list[Any]], account: str = ACCOUNT) -> None:
        super().__init__(lambda _: self, 0)
        self._pages = pages
        self._account = account
        self.meta = type("Meta", (), {"region_name": REGION})

    def get_paginator(self, operation: str) -> Any:
        pages = self._pages[operation]
        return _Paginator(pages)

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": self._account}


class _Paginator:
    def __init__(self, pages: Sequence[Any]) -> None:
        self._pages = pages

    def paginate(self, **_: Any) -> Sequence[Any]:
        return self._pages


def canned_calls(answers: Answers, asked: list[Any] | None = None, partition: str = "aws") -> Calls:
    """Calls of services that answer so, in a partition."""

    def make(service: str) -> Any:
        made: Any = CannedClient(service, answers, [] if asked is None else asked)
        made.meta = type("Meta", (), {"partition": partition})
        return made

    return Calls(make, 0)


def client(service: str) -> Any:
    # Untyped, since which service it is only the caller knows.
    session: Any = boto3
    return session.client(service, region_name=REGION)
