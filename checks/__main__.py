"""Run every gate, or those that are named: `python -m checks [GATE ...]`.

Gates run two at a time, the longest first. Standard output ends in one table; the exit code is 1 if
there is any finding. What a gate could not look at is `skipped` in the table, and never a pass.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from checks import (
    cdk_nag,
    code_gates,
    guard,
    packages,
    silencers,
    table,
    template_gates,
    template_tests,
    vulnerabilities,
)
from checks.outcome import Finding, Outcome, ToolFailed

type Gate = Callable[[], Sequence[Outcome]]

#: In the order of the table.
GATES: Final[Mapping[str, Gate]] = {
    "cfn-lint": template_gates.cfn_lint,
    "sam": template_gates.sam_validate,
    "checkov": template_gates.checkov,
    "cdk-nag": cdk_nag.cdk_nag,
    "cfn-guard": guard.guard,
    "template-tests": template_tests.template_tests,
    "silencers": silencers.silencers,
    "ruff": code_gates.ruff,
    "format": code_gates.ruff_format,
    "mypy": code_gates.mypy,
    "bandit": code_gates.bandit,
    "licences": packages.licences,
    "pip-audit": vulnerabilities.vulnerabilities,
}

#: Started first, so that none of them is left alone at the end.
_LONGEST: Final = ("checkov", "mypy", "cfn-guard", "sam", "licences")
_AT_ONCE: Final = 2


def main(arguments: Sequence[str]) -> int:
    """Answers 1 if any gate has a finding, else 0."""
    parser = argparse.ArgumentParser(prog="python -m checks", description="Run the gates.")
    parser.add_argument("gates", nargs="*", metavar="GATE", help=f"of: {', '.join(GATES)}")
    names = parser.parse_args(arguments).gates or list(GATES)
    unknown = set(names) - GATES.keys()
    if unknown:
        parser.error(f"no gate is named {', '.join(sorted(unknown))}")
    outcomes = run_all({name: GATES[name] for name in GATES if name in names})
    # The table comes last, so that it is what stays on the screen; findings stand right above it.
    print(table.reasons(outcomes))
    for outcome in outcomes:
        for finding in outcome.findings:
            print(f"{outcome.tool}: {finding}")
    print(table.rendered(outcomes))
    return 1 if any(outcome.findings for outcome in outcomes) else 0


def run_all(gates: Mapping[str, Gate]) -> list[Outcome]:
    """Every gate's outcomes, in the order given, whichever ends first."""
    order = sorted(gates, key=lambda name: (name not in _LONGEST, list(GATES).index(name)))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = {name: pool.submit(_timed, name, gates[name]) for name in order}
        return [outcome for name in gates for outcome in running[name].result()]


def _timed(name: str, gate: Gate) -> Sequence[Outcome]:
    """A gate that could not run is a finding, so that nothing looks like a pass that was none."""
    started = time.monotonic()
    outcomes = _outcomes(name, gate)
    print(f"  {time.monotonic() - started:5.1f} s  {name}", file=sys.stderr)
    # The rows of one gate share its time, which is shown once.
    first, *others = outcomes
    return [replace(first, seconds=time.monotonic() - started), *others]


def _outcomes(name: str, gate: Gate) -> Sequence[Outcome]:
    """Its rows; or one row with one finding, whatever goes wrong, as the others have theirs."""
    try:
        return gate() or [_not_run(name, "failed", "the gate has nothing to say")]
    except ToolFailed as error:
        return [_not_run(name, "failed", str(error))]
    except (Exception, SystemExit) as error:  # noqa: BLE001  The table must come in any case.
        said = " ".join(str(error).split())
        return [_not_run(name, "gate broke", f"{type(error).__name__}: {said}")]


def _not_run(name: str, rule: str, message: str) -> Outcome:
    return Outcome(name, 0, findings=(Finding(name, rule, message),))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
