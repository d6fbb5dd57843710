"""Each reason for an open verdict is reached by each kind of test that knows it."""

from dataclasses import replace

import numpy as np
import pytest

from claims.bench import Memory, first_seeds, sweep, valley, verdict
from claims.simulated import SIMULATORS
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.evidence import NotRun
from largebatch.analysis.claims.grid import Grid

NO_GRID = {"curvature_ratio"}  # it has no learning rates
ABSOLUTE = {"optimum", "threshold"}  # it names a learning rate of the paper's


def studies(simulator) -> tuple[Memory, Memory]:
    """One in which the claim is true, and one in which it is false."""
    return tuple(world(np.random.default_rng(1)) for world in (simulator.true, simulator.false))


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


def failing(grid: Grid, seeds: int = 5) -> Grid:
    """Every run diverges in its first epoch."""
    shape = (*grid.curves.shape[:2], seeds, grid.curves.shape[-1])
    return replace(
        grid,
        seeds=tuple(range(seeds)),
        curves=np.full(shape, grid.level),
        updates=np.full_like(grid.updates, np.nan),
        seconds=np.full(shape, np.nan),
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("key", [key for key in SIMULATORS if key[0] not in NO_GRID], ids=" ".join)
@pytest.mark.parametrize("seeds", [5, 8])
def test_where_every_run_fails_nothing_is_decided(key, seeds):
    simulator = SIMULATORS[key]
    for study in studies(simulator):
        failed = {name: failing(grid, seeds) for name, grid in study.sweeps.items()}
        found = verdict(simulator.check, replace(study, sweeps=failed))
        assert found == ("undecided", "grid")


@pytest.mark.parametrize("name", "ab")
@pytest.mark.parametrize(
    "check", [{"test": "slope", "near": 1}, {"test": "slope_below", "below": 1}]
)
def test_a_batch_at_which_every_run_fails_has_no_optimum_and_so_no_slope(check, name):
    sweeps = {"a": sweep(valley(best=-1), batch=8), "b": sweep(valley(best=2), batch=64)}
    failed = Memory(sweeps | {name: failing(sweeps[name])})
    assert verdict(check | {"sweeps": ["a", "b"]}, failed) == ("undecided", "grid")


def test_a_batch_at_which_every_run_fails_says_nothing_of_the_critical_batch():
    check = {"test": "critical_batch", "sweeps": ["a", "b"], "against": ["c", "d"]}
    small, large = (sweep(valley(sgd=0.5), batch=batch, seeds=8) for batch in (8, 64))
    failed = Memory({"a": small, "b": large, "c": failing(small, 8), "d": large})
    assert verdict(check, failed) == ("undecided", "grid")


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ((64, 512), ("supported", None)),
        ((32, 128), ("undecided", "interval")),  # above 8 up to 64, and above 32 up to 128
        ((1, 8), ("contradicted", None)),
    ],
)
def test_critical_batches_may_lie_between_the_batches_there_are(batches, expected):
    truths = zip("abcd", (8, 64, *batches), 2 * (0.0, 0.5), strict=True)
    sweeps = {name: sweep(valley(sgd=cost), batch=batch) for name, batch, cost in truths}
    check = {"test": "critical_batch", "sweeps": ["a", "b"], "against": ["c", "d"]}
    assert verdict(check, Memory(sweeps)) == expected


@pytest.mark.parametrize("cost", ["updates", "seconds"])
@pytest.mark.parametrize(("failed", "expected"), [("a", "contradicted"), ("b", "supported")])
def test_a_sweep_of_which_every_run_fails_costs_the_most(cost, failed, expected):
    sweeps = {"a": sweep(valley()), "b": sweep(valley()), "c": sweep(valley())}
    check = {"test": "better", "measure": cost, "target": "c", "sweeps": ["a"], "against": "b"}
    assert verdict(check, Memory(sweeps | {failed: failing(sweeps[failed])}))[0] == expected


def test_a_grid_of_one_rate_has_no_optimum():
    memory = Memory({"a": sweep(valley(), x=np.array([0.0]))})
    found = verdict({"test": "optimum", "sweeps": ["a"], "near": 1}, memory)
    assert found == ("undecided", "grid")


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ({"test": "better", "against": "b"}, "b8 and b64 have no seed in common"),
        ({"test": "flatter", "against": "b"}, "b8 and b64 have no seed in common"),
        ({"test": "slope", "near": 1}, "b8: a slope needs two batch sizes"),
        ({"test": "curvature_ratio", "against": "b", "factor": 2}, "no seed in common"),
    ],
)
def test_what_cannot_be_compared_is_not_run(check, reason):
    other = replace(sweep(valley(), batch=64), seeds=(5, 6, 7, 8, 9))
    sweeps, h_max = {"a": sweep(valley(), batch=8), "b": other}, {"a": {0: 1.0}, "b": {1: 1.0}}
    with pytest.raises(NotRun, match=reason):
        verdict(check | {"sweeps": ["a"]}, Memory(sweeps, h_max))


@pytest.mark.parametrize("key", SIMULATORS, ids=" ".join)
def test_a_rate_of_the_paper_s_means_nothing_elsewhere(key):
    simulator = SIMULATORS[key]
    for study in studies(simulator):
        here = verdict(simulator.check, study)
        there = verdict(simulator.check, replace(study, faithful=False))
        assert there == (("undecided", "scale") if key[0] in ABSOLUTE else here)
