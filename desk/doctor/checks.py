"""All checks, in the order in which their findings are shown."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from desk.doctor import audit, rights, secret, stack_checks, starts, storage, watch
from desk.doctor.findings import Finding, Missing, NotLookedAt, Status, failed
from desk.doctor.look import Look
from processor.adapters.aws import error_code

CHECKS_AT_ONCE: Final = 8

type Check = Callable[[Look], Iterator[Finding]]
"""Looks at one thing; yields a finding for whatever is wrong, or one that all is well. May raise
NotLookedAt, Missing; a ClientError says that something is not there or not as it was deployed."""

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("caller", stack_checks.caller),
    ("your rights", rights.rights),
    ("stack", stack_checks.stack_status),
    ("function", stack_checks.function),
    ("concurrency", stack_checks.concurrency),
    ("failed events kept", stack_checks.dead_letters),
    ("function's role", stack_checks.role),
    ("secret", secret.secret),
    ("configuration", secret.configuration),
    ("notifications", starts.notifications),
    ("permissions", starts.permissions),
    ("sweep", starts.sweep),
    ("failed events", storage.failed_events),
    ("buckets", storage.buckets),
    ("tables", storage.tables),
    ("key", storage.key),
    ("trail", audit.trail),
    ("logs", audit.logs),
    ("flow log", audit.flow_log),
    ("endpoints", audit.endpoints),
    ("alarms", watch.alarms),
    ("who is told", watch.subscriptions),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A finding, and the check that it is of."""

    check: str
    finding: Finding


def examine(
    look: Look,
    done: Callable[[int], None] = lambda _: None,
    checks: Sequence[tuple[str, Check]] = CHECKS,
) -> list[Named]:
    """Runs the checks, some at once.

    Args:
        look: The stack.
        done: Is told of each check that ended.
        checks: Which ones.

    Raises:
        ServiceRefused: The caller's credentials are no good.
    """

    def run(check: tuple[str, Check]) -> list[Named]:
        found = [Named(check[0], one) for one in _findings(look, check[1])]
        done(1)
        return found

    with ThreadPoolExecutor(CHECKS_AT_ONCE) as pool:
        return [one for found in pool.map(run, checks) for one in found]


def _findings(look: Look, check: Check) -> list[Finding]:
    """What a check found, as far as it came."""
    findings: list[Finding] = []
    try:
        for one in check(look):
            findings.append(one)  # noqa: PERF402  What came before an error is kept.
    except NotLookedAt as error:
        findings.append(Finding(Status.NOT_LOOKED_AT, error.why, error.remedy))
    except Missing as error:
        remedy = "see why it was never made (check `stack`), then `sam deploy` again"
        findings.append(failed(f"the stack has no {error.logical_id}", remedy))
    except ClientError as error:
        findings.append(
            failed(
                f"{error.operation_name}: {error_code(error)}",
                "see in the trail who changed or removed it; docs/deployment.md tells how to "
                "deploy under another suffix",
            )
        )
    return findings
