"""Random files, delivered in any order, again, and killed at any call: the five promises hold.

What is expected is recounted from the rows, by code that shares nothing with the processor.
"""

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.faults import Faults, Killed
from tests.support.world import World, csv_file, csv_row, without_times

type Row = tuple[str, int]
"""An id, and an amount in cents; a negative one stands for a row that breaks a rule."""

ROWS = st.lists(
    st.tuples(st.sampled_from("ABCDEFGH"), st.sampled_from([-1, 100, 100, 200])), max_size=12
)
FILES = st.lists(ROWS, min_size=1, max_size=4)


def as_csv(rows: list[Row]) -> bytes:
    return csv_file(
        *(csv_row(name, "x" if cents < 0 else f"{cents // 100}.00") for name, cents in rows)
    )


def recount(files: list[list[Row]]) -> tuple[list[Counter[str]], dict[str, int]]:
    """Outcomes of files that are processed one after the other, and what the table then holds."""
    held: dict[str, int] = {}
    outcomes = []
    for rows in files:
        counted: Counter[str] = Counter()
        for name, cents in rows:
            if cents < 0:
                counted["rejected"] += 1
            elif name not in held:
                held[name] = cents
                counted["stored"] += 1
            else:
                counted["duplicate" if held[name] == cents else "conflict"] += 1
        outcomes.append(counted)
    return outcomes, held


def outcomes_of(receipt: dict[str, Any]) -> Counter[str]:
    return Counter({name: n for name, n in receipt["outcomes"].items() if name != "read" and n})


@given(files=FILES)
@settings(max_examples=100, deadline=None)
def test_files_in_turn_have_the_recounted_outcomes(files: list[list[Row]]) -> None:
    world = World()
    expected, held = recount(files)

    receipts = [world.process_file(as_csv(rows), f"{n}.csv") for n, rows in enumerate(files)]

    assert [outcomes_of(receipt) for receipt in receipts] == expected
    assert sum(world.amounts().values()) == sum(held.values())


@given(
    files=FILES,
    deliveries=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 20), st.sampled_from(["before", "after"])),
        max_size=12,
    ),
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_killed_and_delivered_again_the_receipts_are_true(
    files: list[list[Row]], deliveries: list[tuple[int, int, str]]
) -> None:
    world = World()
    versions = [world.files.upload(as_csv(rows), f"{n}.csv") for n, rows in enumerate(files)]

    for number, call, moment in deliveries:
        is_before = moment == "before"
        world.set_faults(Faults(kill_before=call) if is_before else Faults(kill_after=call))
        try:
            world.process(versions[number % len(versions)])
        except Killed:
            continue
    world.set_faults(Faults())
    receipts = [world.process(version) for version in versions]

    table = [row.transaction for row, _, _ in world.table.items.values()]
    assert sum(receipt["outcomes"]["stored"] for receipt in receipts) == len(table)
    for receipt, rows in zip(receipts, files, strict=True):
        outcomes = outcomes_of(receipt)
        assert outcomes.total() == len(rows)
        assert outcomes["rejected"] == sum(cents < 0 for _, cents in rows)
        lines = world.quarantine(receipt)
        assert len(lines) == outcomes["rejected"] + outcomes["conflict"]
    stored_sum = sum(row.amount_minor for row in table)
    receipt_sum = sum(
        Decimal(receipt["sums"].get("EUR", {"stored": "0"})["stored"]).scaleb(2)
        for receipt in receipts
    )
    assert stored_sum == receipt_sum
    again = [world.process(version) for version in versions]
    assert [without_times(receipt) for receipt in again] == [
        without_times(receipt) for receipt in receipts
    ]
    assert all(len(bodies) == 1 for bodies in world.results.objects.values())
