"""Runs seeds until a promise breaks, or all of them held."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Final

from tests.simulation.economy import many_runs
from tests.simulation.exhaustive import parse_script, run_script, scripts
from tests.simulation.mutations import run_all
from tests.simulation.run import Verdict, simulate
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.summary import Summary
from tests.simulation.world import silence

SEEDS_AT_ONCE: Final = 100
EACH: Final = "each"

type Batch = Callable[[], tuple[str | None, Summary]]


def main() -> int:
    """The program. Returns its exit code: 1 if a promise was broken, or a way back never gone."""
    options = _options()
    silence()
    if options.mutations:
        return run_all(options.seeds)
    if options.script is not None:
        return _show(run_script(*parse_script(options.script))[0], with_trace=options.trace)
    if options.seed is not None:
        return _show(simulate(options.seed), with_trace=options.trace)
    summary = Summary()
    batches = _batches(options)
    broken = 0
    for done, (verdict, counted) in enumerate(_verdicts(batches, options.processes), 1):
        summary.add(counted)
        if verdict is not None:
            _say(verdict)
            broken += 1
            if not options.go_on:
                return 1
        sys.stderr.write(f"\r{done} of {len(batches)} batches")
    _say(f"\n{summary.text()}")
    if summary.missing and not options.exhaustive:
        _say(f"no run reached: {', '.join(summary.missing)}")
        return 1
    return 1 if broken else 0


def run_seeds(first: int, count: int) -> tuple[str | None, Summary]:
    """Runs seeds up to the first that breaks a promise; its text, and all counts."""
    summary = Summary()
    with many_runs():
        for seed in range(first, first + count):
            verdict = simulate(seed)
            summary.add(verdict.summary)
            if verdict.broken:
                return verdict.text(), summary
    return None, summary


def run_exhaustive(scenario: str, *, in_full: bool) -> tuple[str | None, Summary]:
    """Runs every crash point of a scenario; `in_full` as in `scripts`."""
    summary = Summary()
    with many_runs():
        for script in scripts(SCENARIOS[scenario], in_full=in_full):
            verdict, _ = run_script(SCENARIOS[scenario], script)
            summary.add(verdict.summary)
            if verdict.broken:
                return verdict.text(), summary
    return None, summary


def _batches(options: argparse.Namespace) -> list[Batch]:
    if options.exhaustive == EACH:
        return [partial(run_exhaustive, name, in_full=True) for name in SCENARIOS]
    if options.exhaustive:
        return [partial(run_exhaustive, options.exhaustive, in_full=True)]
    last = options.first + options.seeds
    starts = range(options.first, last, SEEDS_AT_ONCE)
    return [partial(run_seeds, start, min(SEEDS_AT_ONCE, last - start)) for start in starts]


def _verdicts(batches: list[Batch], processes: int) -> Iterator[tuple[str | None, Summary]]:
    if processes == 1:
        yield from (batch() for batch in batches)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_run, batches)


def _run(batch: Batch) -> tuple[str | None, Summary]:
    return batch()


def _show(verdict: Verdict, *, with_trace: bool) -> int:
    _say(verdict.text() if with_trace else str(verdict.broken or "all promises held"))
    return 1 if verdict.broken else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--script", help="only SCENARIO:1.4=KILL_AFTER,…: faults at these calls")
    parser.add_argument("--trace", action="store_true", help="show every step")
    parser.add_argument(
        "--exhaustive",
        nargs="?",
        const=EACH,
        choices=(EACH, *SCENARIOS),
        help="every crash point of a scenario, no chance",
    )
    parser.add_argument("--mutations", action="store_true", help="does the simulation find faults?")
    parser.add_argument("--go-on", action="store_true", help="do not stop at a broken promise")
    parser.add_argument("--processes", type=int, default=1, help="side by side")
    return parser.parse_args()


if __name__ == "__main__":
    began = time.monotonic()
    code = main()
    sys.stderr.write(f"\n{time.monotonic() - began:.1f} s\n")
    sys.exit(code)
