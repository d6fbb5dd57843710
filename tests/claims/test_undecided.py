"""Each reason for an open verdict is reached by each kind of test that knows it."""

from dataclasses import replace

import numpy as np
import pytest

from claims.bench import Memory, verdict
from claims.simulated import SIMULATORS
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.grid import Grid

NO_GRID = {"curvature_ratio"}  # it has no learning rates
ABSOLUTE = {"optimum", "threshold"}  # it names a learning rate of the paper's


def studies(simulator) -> tuple[Memory, Memory]:
    """One in which the claim is true, and one in which it is false."""
    return tuple(world(np.random.default_rng(1)) for world in (simulator.true, simulator.false))


def first_seeds(memory: Memory, n: int) -> Memory:
    def fewer(grid: Grid) -> Grid:
        parts = {"curves": grid.curves[:, :, :n], "seconds": grid.seconds[:, :, :n]}
        return replace(grid, seeds=grid.seeds[:n], **parts)

    return replace(
        memory,
        sweeps={key: fewer(grid) for key, grid in memory.sweeps.items()},
        h_max={key: dict(list(found.items())[:n]) for key, found in memory.h_max.items()},
    )


def disagreeing(true: Memory, false: Memory, n: int) -> Memory:
    """The first `n` seeds of the second, the others of the first."""

    def part(name: str, grid: Grid, other: Grid) -> np.ndarray:
        return np.where(np.arange(5)[:, None] < n, getattr(other, name), getattr(grid, name))

    def mixed(grid: Grid, other: Grid) -> Grid:
        return replace(grid, **{name: part(name, grid, other) for name in ("curves", "seconds")})

    return replace(
        true,
        sweeps={key: mixed(grid, false.sweeps[key]) for key, grid in true.sweeps.items()},
        h_max={
            key: {seed: (false if seed < n else true).h_max[key][seed] for seed in found}
            for key, found in true.h_max.items()
        },
    )


@pytest.mark.parametrize("key", SIMULATORS, ids=" ".join)
def test_seeds_that_disagree_leave_the_interval_too_wide(key):
    simulator = SIMULATORS[key]
    mixed = [disagreeing(*studies(simulator), n) for n in range(1, 5)]
    assert ("undecided", "interval") in [verdict(simulator.check, study) for study in mixed]


@pytest.mark.parametrize("key", SIMULATORS, ids=" ".join)
def test_one_seed_decides_nothing(key):
    simulator = SIMULATORS[key]
    for study in studies(simulator):
        assert verdict(simulator.check, first_seeds(study, 1)) == ("undecided", "seeds")


@pytest.mark.parametrize("key", [k for k, s in SIMULATORS.items() if s.open], ids=" ".join)
def test_the_grid_may_end_too_early(key):
    simulator = SIMULATORS[key]
    changes, world = simulator.open
    study = world(np.random.default_rng(1))
    assert verdict(simulator.check | changes, study) == ("undecided", "grid")


def test_every_kind_of_test_knows_a_grid_that_ends_too_early():
    assert {test for (test, _), s in SIMULATORS.items() if s.open} == set(CHECKS) - NO_GRID


@pytest.mark.parametrize("key", SIMULATORS, ids=" ".join)
def test_a_rate_of_the_paper_s_means_nothing_elsewhere(key):
    simulator = SIMULATORS[key]
    for study in studies(simulator):
        here = verdict(simulator.check, study)
        there = verdict(simulator.check, replace(study, faithful=False))
        assert there == (("undecided", "scale") if key[0] in ABSOLUTE else here)
