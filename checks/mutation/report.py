"""What a run says: progress while it goes on, then scores, killers and survivors."""

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from checks.mutation.running import Outcome, is_assertion
from checks.mutation.survivors import told

_KILLERS_SHOWN: Final = 15
_LINE_EVERY_MUTANTS: Final = 100


class Progress:
    """Counts outcomes on standard error: in place on a terminal, line by line elsewhere."""

    def __init__(self, mutants_count: int) -> None:
        self._mutants_count = mutants_count
        self._verdicts: Counter[str] = Counter()
        self._started_at = time.monotonic()

    def __call__(self, outcome: Outcome) -> None:
        self._verdicts[outcome.verdict] += 1
        done = self._verdicts.total()
        is_last = done == self._mutants_count
        on_terminal = sys.stderr.isatty()
        if on_terminal or is_last or done % _LINE_EVERY_MUTANTS == 0:
            verdicts = ", ".join(
                f"{count} {name}" for name, count in sorted(self._verdicts.items())
            )
            seconds = time.monotonic() - self._started_at
            line = f"{done}/{self._mutants_count} mutants in {seconds:.0f} s: {verdicts}"
            print(
                f"\r{line}" if on_terminal else line,
                end="" if on_terminal and not is_last else "\n",
                file=sys.stderr,
                flush=True,
            )


def scores(outcomes: Sequence[Outcome], explained: Mapping[str, str]) -> str:
    """A table of the verdicts by kind of mutant, and their sum."""
    columns = ("mutants", "killed", "refused", "gated", "explained", "alive")
    rows: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        column = {"survived": "explained" if told(outcome.mutant) in explained else "alive"}.get(
            outcome.verdict, outcome.verdict
        )
        row = rows.setdefault(outcome.mutant.kind, Counter())
        row["mutants"] += 1
        row[column] += 1
    rows["all"] = sum(rows.values(), Counter())
    width = max(len(kind) for kind in rows)
    lines = [f"{'kind':{width}}" + "".join(f"{name:>11}" for name in columns)]
    lines += [
        f"{kind:{width}}" + "".join(f"{row[name]:>11}" for name in columns)
        for kind, row in rows.items()
    ]
    return "\n".join(lines)


def killers(outcomes: Sequence[Outcome]) -> str:
    """Which tests noticed most mutants, and of what kind the failures were."""
    killed = [one for one in outcomes if one.verdict == "killed"]
    tests = Counter(one.by.partition("[")[0] for one in killed)
    failures = Counter(
        "an assertion" if is_assertion(one.message) else one.message.partition(":")[0]
        for one in killed
    )
    lines = [f"{count:>6}  {test}" for test, count in tests.most_common(_KILLERS_SHOWN)]
    if len(tests) > _KILLERS_SHOWN:
        lines.append(f"        and {len(tests) - _KILLERS_SHOWN} more tests")
    noticed = ", ".join(f"{count} by {name}" for name, count in failures.most_common())
    return "\n".join([f"killed by tests ({noticed}):", *lines])


def refusals(outcomes: Sequence[Outcome]) -> str:
    """What comes to no stack at all, so that no test was asked."""
    refused = [one for one in outcomes if one.verdict == "refused"]
    lines = [f"  {told(one.mutant)}  ({one.by} {one.message})" for one in refused]
    return "\n".join(
        ["refused by the transform, or without a name that others are made of:", *lines]
    )


def gated(outcomes: Sequence[Outcome]) -> str:
    """What no test noticed, but a gate of `make check` does."""
    lines = [f"  {told(one.mutant)}  ({one.by})" for one in outcomes if one.verdict == "gated"]
    return "\n".join(["noticed by no test, but by a gate:", *lines])
