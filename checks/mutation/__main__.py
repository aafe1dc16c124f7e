"""Runs the mutants of the template against its tests: `python -m checks.mutation`, `make mutants`.

Ends with 0 when every mutant is killed, refused, gated or explained, and every explanation explains
one; with 1 when not; with 2 when the run itself failed.
"""

import argparse
import random
import sys
from pathlib import Path
from typing import Final

from samcli.yamlhelper import yaml_parse

from checks.mutation import report
from checks.mutation.mutants import Json, Mutant, apart
from checks.mutation.policies import policy_mutants
from checks.mutation.resources import generated_mutants, resource_mutants
from checks.mutation.running import Outcome, Pace, TestsNotUsableError, run
from checks.mutation.second_line import past_the_gates
from checks.mutation.survivors import (
    EXPLANATIONS,
    BadExplanationError,
    empty_explanations,
    explanations,
    told,
)
from checks.outcome import ToolFailed
from tests.support import template

ROOT: Final = Path(__file__).parents[2]
# Tables of requests come first: they say what a statement is for, so they are to be its killers.
_TESTS: Final = ("test_policy_*.py", "test_template*.py", "test_controls*.py")


def main(arguments: list[str] | None = None) -> int:
    """Runs the mutants and prints the scores; the exit code is as the module says."""
    options = _options(arguments)
    source = apart(yaml_parse(options.template.read_text(encoding="utf-8")))
    everything = every_mutant(source)
    chosen = _chosen(everything, options)
    tests = options.tests or [
        str(path) for pattern in _TESTS for path in sorted((ROOT / "tests/unit").glob(pattern))
    ]
    print(f"{len(chosen)} of {len(everything)} mutants", file=sys.stderr)
    try:
        reasons = explanations(options.explanations)
        pace = Pace(options.workers, options.patient)
        judged_by_tests = run(tests, source, chosen, report.Progress(len(chosen)), pace)
        outcomes = past_the_gates(source, judged_by_tests)
    except (TestsNotUsableError, BadExplanationError, ToolFailed) as problem:
        print(f"not run: {problem}", file=sys.stderr)
        return 2
    judged = {told(one) for one in chosen} if len(chosen) < len(everything) else reasons.keys()
    return tell(outcomes, reasons, {*judged})


def every_mutant(source: Json) -> list[Mutant]:
    """All mutants of a template, those of what SAM generates from it among them."""
    template.judge(source)
    mutants = [
        *policy_mutants(source),
        *resource_mutants(source),
        *generated_mutants(source, apart(template.translated())),
    ]
    template.judge(source)
    return mutants


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m checks.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="run N mutants only")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which N (default 0)")
    parser.add_argument("--only", default="", metavar="TEXT", help="those whose line has TEXT")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="side by side")
    parser.add_argument(
        "--patient",
        action="store_true",
        help="look on for a test that asserts where one only stumbles; takes three times as long",
    )
    parser.add_argument("--template", type=Path, default=template.TEMPLATE, help="another template")
    parser.add_argument("--tests", nargs="+", help="other tests")
    parser.add_argument("--explanations", type=Path, default=EXPLANATIONS, help="another file")
    return parser.parse_args(arguments)


def _chosen(everything: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    chosen = [one for one in everything if options.only in told(one)]
    if options.sample is None or options.sample >= len(chosen):
        return chosen
    # The same seed gives the same mutants, so that what a sample finds can be looked at again.
    chance = random.Random(options.seed)  # noqa: S311  # nosec B311  # Seeded, to be repeated.
    return chance.sample(chosen, options.sample)


def tell(outcomes: list[Outcome], reasons: dict[str, str], judged: set[str]) -> int:
    """Prints what became of the mutants, and gives the exit code.

    Args:
        outcomes: Of every mutant that was run.
        reasons: Explained survivors.
        judged: Mutants whose explanations must explain something.
    """
    survivors = {told(one.mutant) for one in outcomes if one.verdict == "survived"}
    errors = [one for one in outcomes if one.verdict == "error"]
    alive = sorted(survivors - reasons.keys())
    empty = empty_explanations(reasons, judged, survivors)
    print(report.scores(outcomes, reasons))
    print(report.killers(outcomes))
    print(report.refusals(outcomes))
    print(report.gated(outcomes))
    for one in sorted(survivors & reasons.keys()):
        print(f"explained: {one}\n    {reasons[one]}")
    for one in alive:
        print(f"ALIVE: {one}")
    for one in empty:
        print(f"EXPLAINS NOTHING: {one}")
    for failed in errors:
        print(f"NOT JUDGED: {told(failed.mutant)}: {failed.by} {failed.message}")
    caught = sum(one.verdict in {"killed", "refused", "gated"} for one in outcomes)
    print(
        f"{caught} of {len(outcomes)} mutants noticed, {len(survivors) - len(alive)} explained, "
        f"{len(alive)} alive"
    )
    return 2 if errors else int(bool(alive or empty))


if __name__ == "__main__":
    sys.exit(main())
