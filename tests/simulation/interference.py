"""The border of the simulated services: where time passes, and where things go wrong."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError, FlexibleChecksumError, IncompleteReadError
from greenlet import getcurrent, greenlet
from urllib3.exceptions import ProtocolError

from tests.simulation.faults import (
    KILLS,
    Call,
    Fault,
    Faults,
    internal_error,
    no_connection,
    no_reply,
    service_error,
    throttle,
)
from tests.simulation.function import Invocation
from tests.simulation.observed_calls import ObservedCalls
from tests.simulation.schedule import Killed, Schedule
from tests.simulation.summary import Summary
from tests.simulation.trace import Trace

type Reply = dict[str, Any]
type Execute = Callable[[], Reply]

READ: Final = "GetObject.read"
JUMPS_SECONDS: Final = (5.0, 60.0, 1000.0)
"""The most that a call takes which is slow: less than a time limit, about one, or more."""

STATEMENT_ERRORS: Final = (
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "InternalServerError",
    "TransactionConflict",
    "RequestLimitExceeded",
)
"""Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html"""


@dataclass
class Interference:
    """See Border. A call by nobody's invocation passes: the world's own, and the judge's.

    Args:
        schedule: The clock.
        chance: The seed's.
        faults: Decide on each call.
        latency_seconds: The most that a request or a reply takes.
        trace: Is told of each call.
        summary: Counts the faults.
        observed: Looks at each call.
    """

    schedule: Schedule
    chance: random.Random
    faults: Faults
    latency_seconds: float
    trace: Trace
    summary: Summary
    observed: ObservedCalls
    _invocations: dict[greenlet, Invocation] = field(default_factory=dict)
    _breaking: set[Invocation] = field(default_factory=set)

    def enter(self, invocation: Invocation) -> None:
        """The caller is this invocation from now on."""
        self._invocations[getcurrent()] = invocation

    def caller(self) -> Invocation:
        """Whose call it is."""
        return self._invocations[getcurrent()]

    def leave(self) -> None:
        """The caller's invocation is over."""
        self._invocations.pop(getcurrent(), None)

    def pass_time(self, invocation: Invocation, seconds: float) -> None:
        """Waits; kills the invocation if its time ends meanwhile."""
        left = max(0.0, invocation.deadline - self.schedule.seconds)
        self.schedule.wait(min(seconds, left))
        if seconds >= left:
            self.summary.reached("killed at its time limit")
            self.kill(invocation)

    def kill(self, invocation: Invocation) -> None:
        """Ends the invocation here."""
        invocation.is_dead = True
        raise Killed

    def call(self, service: str, operation: str, parameters: Reply, execute: Execute) -> Reply:
        """See Border."""
        invocation = self._invocations.get(getcurrent())
        if invocation is None:
            return execute()
        if invocation.is_dead:
            raise Killed
        if operation != READ:
            self.pass_time(invocation, self.chance.uniform(0, self.latency_seconds))
        invocation.calls += 1
        site = f"{service}.{operation}"
        call = Call(invocation.delivery, invocation.calls, site, self.schedule.seconds)
        fault = self.faults.choose(call)
        if fault:
            self.summary.fault(fault, site)
        outcome = ""
        # Shown as it was asked for: a fault may change what is executed.
        shown = dict(parameters)
        try:
            reply = self._perform(invocation, fault, call, parameters, execute)
            if operation != READ:
                self.pass_time(invocation, self.chance.uniform(0, self.latency_seconds))
        except ClientError as error:
            outcome = error.response["Error"]["Code"]
            self.observed.failed(invocation, operation, shown, error)
            raise
        except (Exception, Killed) as error:
            outcome = type(error).__name__
            self.observed.failed(invocation, operation, shown, error)
            raise
        else:
            outcome = _told(operation, reply)
            self.observed.answered(invocation, operation, shown, reply)
            return reply
        finally:
            self.trace.add(call.seconds, invocation.delivery, site, shown, (fault or "", outcome))

    def _perform(
        self,
        invocation: Invocation,
        fault: Fault | None,
        call: Call,
        parameters: Reply,
        execute: Execute,
    ) -> Reply:
        service, _, operation = call.site.partition(".")
        if operation == READ:
            return self._read(invocation, fault, parameters, execute)
        if fault in KILLS:
            if fault is Fault.KILL_AFTER:
                _execute_unheard(execute)
            self.kill(invocation)
        if fault is Fault.SLOW:
            self.pass_time(invocation, self.chance.uniform(0, self.chance.choice(JUMPS_SECONDS)))
        error = self._error(fault, service, operation, execute)
        if error:
            raise error
        return self._perform_partly(fault, operation, parameters, execute)

    def _error(
        self, fault: Fault | None, service: str, operation: str, execute: Execute
    ) -> Exception | None:
        """What the caller sees, if the fault is an error; executed is as much as that means."""
        match fault:
            case Fault.LOST_REQUEST:
                return no_connection(service)
            case Fault.LOST_REPLY:
                _execute_unheard(execute)
                return no_reply(service, self.chance)
            case Fault.THROTTLED:
                return throttle(service, operation)
            case Fault.INTERNAL:
                if self.chance.random() < 0.5:
                    _execute_unheard(execute)
                return internal_error(service, operation)
        return None

    def _perform_partly(
        self, fault: Fault | None, operation: str, parameters: Reply, execute: Execute
    ) -> Reply:
        """What only some operations answer."""
        if fault is Fault.STATEMENTS:
            return self._some_statements(parameters, execute)
        if fault is Fault.UNPROCESSED:
            return self._some_keys(execute())
        if fault is Fault.WRITE_CONFLICT and "IfNoneMatch" in parameters:
            raise service_error(operation, "ConditionalRequestConflict", 409)
        if fault is Fault.TRANSACTION_CONFLICT:
            codes = ["None"] * len(parameters["TransactItems"])
            codes[self.chance.randrange(len(codes))] = "TransactionConflict"
            reasons = [{"Code": code} for code in codes]
            raise service_error(
                operation, "TransactionCanceledException", 400, CancellationReasons=reasons
            )
        reply = execute()
        if operation == "BatchExecuteStatement":
            self._leave_items_out(reply)
        return reply

    def _leave_items_out(self, reply: Reply) -> None:
        """Not every answer to a statement tells what holds its key, though it was asked for."""
        for answer in reply["Responses"]:
            if "Item" in answer.get("Error", {}) and self.chance.random() < 0.5:
                del answer["Error"]["Item"]
                self.summary.reached("an answer left the item out")

    def _some_statements(self, parameters: Reply, execute: Execute) -> Reply:
        """Some statements are answered with an error, and not executed; or executed for all that,
        which an internal error leaves open."""
        statements = parameters["Statements"]
        code = self.chance.choice(STATEMENT_ERRORS)
        failed = [self.chance.random() < 0.5 for _ in statements]
        error = {"Error": {"Code": code, "Message": "simulated"}}
        if code == "InternalServerError":
            answers = execute()["Responses"]
            told = [
                error if fails else answer for fails, answer in zip(failed, answers, strict=True)
            ]
            return {"Responses": told}
        parameters["Statements"] = [
            one for fails, one in zip(failed, statements, strict=True) if not fails
        ]
        done = iter(execute()["Responses"] if parameters["Statements"] else ())
        return {"Responses": [error if fails else next(done) for fails in failed]}

    def _some_keys(self, reply: Reply) -> Reply:
        """Some of the items are not read this time."""
        for table, items in reply["Responses"].items():
            reply["Responses"][table] = [one for one in items if self.chance.random() < 0.5]
        return reply

    def _read(
        self, invocation: Invocation, fault: Fault | None, parameters: Reply, execute: Execute
    ) -> Reply:
        """A read of a body; one that breaks gives some bytes first."""
        if invocation in self._breaking:
            self._breaking.discard(invocation)
            self.summary.reached("reset within a body")
            raise self.chance.choice(
                (
                    ProtocolError("simulated"),
                    IncompleteReadError(actual_bytes=0, expected_bytes=1),
                    FlexibleChecksumError(error_msg="simulated"),
                )
            )
        if fault in (Fault.KILL_BEFORE, Fault.KILL_AFTER):
            self.kill(invocation)
        if fault is Fault.SLOW:
            self.pass_time(invocation, self.chance.uniform(10, 100))
        if fault in (Fault.RESET, Fault.SHORT) and parameters.get("Amount"):
            parameters["Amount"] = self.chance.randint(1, 200)
            if fault is Fault.RESET:
                self._breaking.add(invocation)
        return execute()


def _execute_unheard(execute: Execute) -> None:
    """Executes; whatever it answers is lost."""
    try:
        execute()
    except ClientError:
        return


def _told(operation: str, reply: Reply) -> str:
    if operation != "BatchExecuteStatement":
        return "ok"
    codes = [one.get("Error", {}).get("Code", "ok") for one in reply["Responses"]]
    return ",".join(codes)
