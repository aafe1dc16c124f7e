"""Faults at the border of the pipeline: every call of a fake asks here before and after it acts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Protocol


class Killed(BaseException):
    """The invocation is over: power off, time-out, out of memory. Nothing can catch it."""


@dataclass
class Faults:
    """Lets calls pass, or does to them what a test planned.

    Args:
        kill_before: Number of the call, from 0, before which the invocation is killed.
        kill_after: Number of the call after whose effect the invocation is killed: the effect
            stays, the reply is lost.
        before: Called with the call's name and number before its effect; may raise.
        after: The same after its effect, which then stays.
        calls: Names of the calls so far.
    """

    kill_before: int | None = None
    kill_after: int | None = None
    before: Callable[[str, int], None] | None = None
    after: Callable[[str, int], None] | None = None
    calls: list[str] = field(default_factory=list)


class HasFaults(Protocol):
    faults: Faults


def border(method: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a fake's method as a call that may fail; its name is the call's."""
    name = method.__name__.lstrip("_")

    @wraps(method)
    def call(self: HasFaults, *args: Any, **kwargs: Any) -> Any:
        number = len(self.faults.calls)
        self.faults.calls.append(name)
        if self.faults.kill_before == number:
            raise Killed
        if self.faults.before:
            self.faults.before(name, number)
        answer = method(self, *args, **kwargs)
        if self.faults.kill_after == number:
            raise Killed
        if self.faults.after:
            self.faults.after(name, number)
        return answer

    return call
