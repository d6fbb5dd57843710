"""Each kind of test comes out each way: worlds where the claim is true, false, and unknowable."""

import numpy as np
import pytest

from claims.bench import Memory, X, sweep, valley, verdict
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.finding import judge

ONE, TWO = ["a"], ["a", "b"]
ALIKE, WORSE = valley(), valley(sgd=0.1)
BELOW = {"rule": "below", "by": 0.5}


def restless(by: np.ndarray):
    """A sweep in which SGD's changes from epoch to epoch are `by` times those of momentum."""
    grid = sweep(ALIKE)
    curves = grid.curves.copy()
    momentum = curves[grid.index("momentum-0.9")]
    end = momentum[..., -1:]
    curves[grid.index("sgd")] = end + (momentum - end) * np.broadcast_to(by, 5)[:, None]
    return sweep(ALIKE, curves=np.minimum(curves, 3.0))


def detour():
    """A sweep in which SGD is worse in the middle of training, and as good in the end."""
    grid = sweep(ALIKE)
    curves = grid.curves.copy()
    curves[grid.index("sgd"), ..., 8:12] += 0.3
    return sweep(ALIKE, curves=curves)


# check: (true world, false world), each a dict of sweeps
CASES = {
    "equivalent": (
        {"test": "equivalent", "sweeps": ONE, "rates": BELOW},
        {"a": sweep(ALIKE)},
        {"a": sweep(WORSE)},
    ),
    "equivalent at best": (
        {"test": "equivalent", "sweeps": ONE, "against": "b", "first": "sgd", "second": "sgd"},
        {"a": sweep(ALIKE), "b": sweep(valley(best=1))},
        {"a": sweep(ALIKE), "b": sweep(WORSE)},
    ),
    "better": (
        {"test": "better", "sweeps": ONE, "rates": {"rule": "largest", "by": 2}},
        {"a": sweep(valley(above=1))},
        {"a": sweep(ALIKE)},
    ),
    "not worse": (
        {"test": "better", "sweeps": ONE, "first": "sgd", "second": "momentum-0.9", "margin": -1},
        {"a": sweep(ALIKE)},
        {"a": sweep(WORSE)},
    ),
    "better in updates": (
        {
            "test": "better",
            "sweeps": ONE,
            "against": "b",
            "measure": "updates",
            "target": "b",
            "margin": 0,
        },
        {"a": sweep(ALIKE, batch=256), "b": sweep(ALIKE, batch=32)},
        {"a": sweep(ALIKE, batch=32), "b": sweep(ALIKE, batch=256)},
    ),
    "instability": (
        {
            "test": "better",
            "sweeps": ONE,
            "measure": "instability",
            "window": [0.25, 1],
            "factor": 3,
            "rates": {"rule": "optimum"},
        },
        {"a": restless(6.0)},
        {"a": restless(1.0)},
    ),
    "early": (
        {
            "test": "better",
            "sweeps": ONE,
            "measure": "early",
            "margin": 0,
            "first": "sgd",
            "second": "momentum-0.999",
            "rates": BELOW,
        },
        {"a": sweep(valley(momenta=0.1))},
        {"a": sweep(valley(sgd=0.5))},
    ),
    "curve": (
        {"test": "curve", "sweeps": ONE, "rates": {"rule": "optimum"}},
        {"a": sweep(ALIKE)},
        {"a": detour()},
    ),
    "same temperature": (
        {
            "test": "curve",
            "sweeps": ONE,
            "against": "b",
            "first": "sgd",
            "second": "sgd",
            "rates": {"rule": "same_temperature"},
        },
        {"a": sweep(valley(best=1), batch=64), "b": sweep(ALIKE, batch=32)},
        {"a": sweep(ALIKE, batch=64), "b": sweep(ALIKE, batch=32)},
    ),
    "optimum": (
        {"test": "optimum", "sweeps": ONE, "near": 1},
        {"a": sweep(valley(best=0.4))},
        {"a": sweep(valley(best=2.3))},
    ),
    "optimum on a plateau": (
        {"test": "optimum", "sweeps": ONE, "near": 1},
        {"a": sweep(lambda name, x: 0.001 * (x - 2.5) ** 2)},
        {"a": sweep(lambda name, x: 0.1 * (x - 2.5) ** 2)},
    ),
    "threshold": (
        {"test": "threshold", "sweeps": ONE, "near": 4},
        {"a": sweep(valley(above=1.3))},
        {"a": sweep(valley(above=-1.3))},
    ),
    "threshold over optimum": (
        {"test": "threshold_over_optimum", "sweeps": ONE, "least": 4},
        {"a": sweep(valley(above=2.5))},
        {"a": sweep(valley(above=0.5))},
    ),
    "flatter": (
        {"test": "flatter", "sweeps": ONE, "against": "b"},
        {"a": sweep(lambda name, x: 0.01 * x**2), "b": sweep(ALIKE)},
        {"a": sweep(ALIKE), "b": sweep(lambda name, x: 0.01 * x**2)},
    ),
    "slope": (
        {"test": "slope", "sweeps": TWO, "near": 1},
        {"a": sweep(valley(best=-2), batch=8), "b": sweep(valley(best=1), batch=64)},
        {"a": sweep(valley(best=0), batch=8), "b": sweep(valley(best=0.5), batch=64)},
    ),
    "slope of the stable rate": (
        {"test": "slope", "of": "stable", "optimizers": ["sgd"], "sweeps": TWO, "near": 1},
        {"a": sweep(valley(above=-5), batch=8), "b": sweep(valley(above=-2), batch=64)},
        {"a": sweep(valley(above=-5), batch=8), "b": sweep(valley(above=-5), batch=64)},
    ),
    "slope below": (
        {"test": "slope_below", "sweeps": TWO, "below": 1},
        {"a": sweep(valley(best=0), batch=8), "b": sweep(valley(best=1), batch=64)},
        {"a": sweep(valley(best=-2), batch=8), "b": sweep(valley(best=2), batch=64)},
    ),
    "critical batch": (
        {"test": "critical_batch", "sweeps": TWO, "against": ["c", "d"]},
        {
            "a": sweep(ALIKE, batch=8),
            "b": sweep(WORSE, batch=64),
            "c": sweep(ALIKE, batch=64),
            "d": sweep(ALIKE, batch=512),
        },
        {
            "a": sweep(ALIKE, batch=8),
            "b": sweep(WORSE, batch=64),
            "c": sweep(ALIKE, batch=2),
            "d": sweep(WORSE, batch=16),
        },
    ),
    "gap growth": (
        {"test": "gap_growth", "sweeps": ONE, "factor": 2},
        {"a": sweep(valley(above=-1.2))},
        {"a": sweep(WORSE)},
    ),
    "rank": (
        {"test": "rank", "sweeps": ONE, "larger_is": "worse", "rates": BELOW},
        {"a": sweep(valley(momenta=0.1))},
        {"a": sweep(valley(momenta=-0.1))},
    ),
}
# What noise in the final score does not hide.
EXACT = {"better in updates", "instability", "slope of the stable rate", "same temperature"}


@pytest.mark.parametrize(("check", "true", "false"), CASES.values(), ids=CASES)
def test_supported_where_it_is_true_and_contradicted_where_it_is_false(check, true, false):
    assert verdict(check, true) == ("supported", None)
    assert verdict(check, false) == ("contradicted", None)


def noisy(world: dict) -> dict:
    """The same truth, drowned in noise."""
    random = np.random.default_rng(9)
    found = {}
    for name, grid in world.items():
        noise = 2 * random.standard_normal((*grid.curves.shape[:-1], 1))
        found[name] = sweep(ALIKE, batch=grid.batch, curves=np.minimum(grid.curves + noise, 3.0))
    return found


@pytest.mark.parametrize("case", [name for name in CASES if name not in EXACT])
def test_undecided_where_noise_hides_it(case):
    check, true, _ = CASES[case]
    decided, why = verdict(check, noisy(true))
    assert decided == "undecided" and why in ("interval", "grid")


def test_undecided_where_seeds_disagree_on_stability():
    check, _, _ = CASES["instability"]
    world = {"a": restless(np.array([1.0, 2.0, 3.0, 4.0, 9.0]))}
    assert verdict(check, world) == ("undecided", "interval")


@pytest.mark.parametrize("case", CASES)
def test_one_seed_decides_nothing(case):
    check, true, _ = CASES[case]
    alone = {
        name: sweep(ALIKE, batch=g.batch, seeds=1, curves=g.curves[:, :, :1])
        for name, g in true.items()
    }
    assert verdict(check, alone) == ("undecided", "seeds")


@pytest.mark.parametrize("case", ["optimum", "threshold"])
def test_a_rate_of_the_paper_s_means_nothing_elsewhere(case):
    check, true, false = CASES[case]
    for world in (true, false):
        assert verdict(check, world, faithful=False) == ("undecided", "scale")


def test_a_value_off_the_grid_cannot_be_checked():
    assert verdict({"test": "optimum", "sweeps": ONE, "near": 3}, {"a": sweep(ALIKE)}) == (
        "undecided",
        "grid",
    )


def test_no_rate_below_the_optimum_is_an_open_question_of_the_grid():
    rising = sweep(valley(best=X[0]))
    check = {"test": "equivalent", "sweeps": ONE, "rates": {"rule": "below", "by": 0.5}}
    assert verdict(check, {"a": rising}) == ("undecided", "grid")


def test_train_first():
    """Train and test differ here, so that the order of the two thresholds can be told."""

    class TwoMetrics(Memory):
        def grid(self, reference, split):
            return self.sweeps[split]

    early, late = sweep(valley(above=-1)), sweep(valley(above=2))
    check = {"test": "threshold_train_first", "sweeps": ["fig"]}

    def decided(train, test):
        memory = TwoMetrics({"train": train, "test": test})
        return judge(list(CHECKS[check["test"]](check, memory)), 0.05)[0]

    assert decided(early, late) == "supported"
    assert decided(late, early) == decided(early, early) == "contradicted"
    assert decided(sweep(ALIKE), sweep(ALIKE)) == "undecided"  # no threshold in the grid


def test_every_test_is_covered():
    tested = {check["test"] for check, _, _ in CASES.values()}
    measured = {"curvature_ratio", "curvature_threshold"}  # tests/claims/test_measured.py
    assert tested | measured | {"threshold_train_first"} == set(CHECKS)
