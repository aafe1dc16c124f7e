"""Deliberate mistakes in the pipeline, each of which the simulation must find."""

from typing import Final

from tests.simulation import mistakes_accounting, mistakes_parting, mistakes_storing
from tests.simulation.mutation import Mutation

MUTATIONS: Final[tuple[Mutation, ...]] = (
    *mistakes_storing.MISTAKES,
    *mistakes_accounting.MISTAKES,
    *mistakes_parting.MISTAKES,
)
