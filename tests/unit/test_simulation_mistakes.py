"""The deliberate mistakes of the simulation are made in the code as it is."""

from pathlib import Path

import pytest

from tests.simulation.mistakes import MUTATIONS
from tests.simulation.mutation import Mutation

SOURCE = Path(__file__).parents[2] / "src" / "processor"


@pytest.mark.parametrize("mistake", MUTATIONS, ids=lambda one: one.name)
def test_a_mistake_changes_one_place(mistake: Mutation) -> None:
    text = (SOURCE / mistake.module).read_text()

    assert text.count(mistake.old) == 1
    assert mistake.new != mistake.old


def test_no_two_mistakes_have_one_name() -> None:
    assert len({one.name for one in MUTATIONS}) == len(MUTATIONS)
