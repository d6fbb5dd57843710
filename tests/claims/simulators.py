"""For each kind of test: a check of that kind, and worlds in which its claim is true or false.

A world makes one study of five seeds from a random generator. `edges` are worlds on the border of
the claim, where both verdicts would be wrong: each may come out in a share alpha of studies.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from claims.bench import LEVEL, MOMENTA, TOLERANCE, Memory, Truth, X, paying, sweep, valley
from largebatch.analysis.claims.grid import Grid

World = Callable[[np.random.Generator], Memory]
NOISE = TOLERANCE / 4
ONE, TWO, BELOW = ["a"], ["a", "b"], {"rule": "below", "by": 0.25}


@dataclass(frozen=True)
class Simulator:
    check: dict
    true: World
    false: World
    edges: dict[str, World] = field(default_factory=dict)


def world(**truths: Truth | tuple[Truth, int]) -> World:
    """Sweeps of these names; a truth may come with its batch size (default 32)."""

    def study(random: np.random.Generator) -> Memory:
        pairs = {k: v if isinstance(v, tuple) else (v, 32) for k, v in truths.items()}
        return Memory({k: final(t, random, batch=b) for k, (t, b) in pairs.items()})

    return study


def final(truth: Truth, random: np.random.Generator, noise: float = NOISE, **settings) -> Grid:
    """A sweep of which just the last epoch is simulated."""
    return sweep(truth, random, noise=noise, epochs=1, **settings)


def each(make: Callable[[np.random.Generator], Grid]) -> World:
    """One sweep, `a`."""
    return lambda random: Memory({"a": make(random)})


# --- comparisons at learning rates ----------------------------------------------------------------

LOW = X[X <= -2]  # the rates that BELOW selects
ALIKE = valley()
AT_ONE, AT_ALL = {-3.0: TOLERANCE}, dict.fromkeys(LOW, TOLERANCE)
UNLIKE = valley(sgd=3 * TOLERANCE)


def flat(width: int, shift: float = 0.0) -> Truth:
    """Momentum is as good at `width` rates on either side of 1; SGD at 1 only, worse by `shift`."""

    def truth(name: str, x: np.ndarray) -> np.ndarray:
        if name == "sgd":
            return 0.2 * np.abs(x) + shift
        return 0.2 * np.maximum(np.abs(x) - width, 0)

    return truth


def equivalent() -> Simulator:
    return Simulator(
        {"test": "equivalent", "sweeps": ONE, "rates": BELOW},
        true=world(a=ALIKE),
        false=world(a=UNLIKE),
        edges={
            "one rate at the margin": world(a=paying(AT_ONE)),
            "all rates at the margin": world(a=paying(AT_ALL)),
        },
    )


def equivalent_at_best() -> Simulator:
    return Simulator(
        {"test": "equivalent", "sweeps": ONE, "rates": {"rule": "best"}},
        true=world(a=ALIKE),
        false=world(a=UNLIKE),
        edges={
            "at the margin": world(a=valley(sgd=TOLERANCE)),
            "momentum flat over 3 rates": world(a=flat(1, TOLERANCE)),
            "momentum flat over 7 rates": world(a=flat(3, TOLERANCE)),
            "the other way": world(a=flat(1, -TOLERANCE)),
        },
    )


def better() -> Simulator:
    margin = {3.0: TOLERANCE, 4.0: TOLERANCE}
    return Simulator(
        {"test": "better", "sweeps": ONE, "rates": {"rule": "largest", "by": 2}},
        true=world(a=valley(above=1)),
        false=world(a=ALIKE),
        edges={
            "one rate at the margin": world(a=paying(margin | {4.0: 1.0})),
            "all rates at the margin": world(a=paying(margin)),
        },
    )


def better_at_best() -> Simulator:
    return Simulator(
        {"test": "better", "sweeps": ONE, "rates": {"rule": "best"}},
        true=world(a=UNLIKE),
        false=world(a=ALIKE),
        edges={
            "at the margin": world(a=valley(sgd=TOLERANCE)),
            "momentum flat over 3 rates": world(a=flat(1, TOLERANCE)),
            "momentum flat over 7 rates": world(a=flat(3, TOLERANCE)),
        },
    )


def better_at_optimum() -> Simulator:
    both = dict.fromkeys((-1.0, 0.0, 1.0), TOLERANCE)

    def flat_both(name: str, x: np.ndarray) -> np.ndarray:
        return 0.2 * np.maximum(np.abs(x) - 1, 0)

    return Simulator(
        {"test": "better", "sweeps": ONE, "rates": {"rule": "optimum"}},
        true=world(a=UNLIKE),
        false=world(a=ALIKE),
        edges={
            "at the margin": world(a=valley(sgd=TOLERANCE)),
            "both flat over 3 rates": world(a=paying(both, flat_both)),
        },
    )


def early() -> Simulator:
    check = {
        "test": "better",
        "sweeps": ONE,
        "measure": "early",
        "margin": 0,
        "first": "sgd",
        "second": "momentum-0.999",
        "rates": BELOW,
    }
    return Simulator(
        check,
        true=world(a=valley(momenta=TOLERANCE)),
        false=world(a=valley(momenta=-TOLERANCE)),
        edges={
            "all rates alike": world(a=ALIKE),
            "one rate alike": world(a=paying(dict.fromkeys((-4.0, -2.0), -3 * TOLERANCE))),
        },
    )


# --- whole curves ---------------------------------------------------------------------------------


def detour(by: float, epochs: slice, size: int = 5) -> World:
    """SGD is worse by `by` in some epochs."""

    def make(random: np.random.Generator) -> Grid:
        grid = sweep(ALIKE, random, noise=NOISE, seeds=size)
        grid.curves[grid.index("sgd"), ..., epochs] += by
        return grid

    return each(make)


def curve() -> Simulator:
    return Simulator(
        {"test": "curve", "sweeps": ONE, "rates": {"rule": "optimum"}, "margin": 3},
        true=detour(0.0, slice(0, 1)),
        false=detour(9 * TOLERANCE, slice(8, 12)),
        edges={
            "one tenth at the margin": detour(3 * TOLERANCE, slice(8, 10)),
            "all tenths at the margin": detour(3 * TOLERANCE, slice(0, 20)),
        },
    )


def same_temperature() -> Simulator:
    check = {
        "test": "curve",
        "sweeps": ONE,
        "against": "b",
        "first": "sgd",
        "second": "sgd",
        "rates": {"rule": "same_temperature", "by": 0.25},
        "margin": 3,
    }
    shifted, small = valley(best=1), (ALIKE, 32)
    return Simulator(
        check,
        true=world(a=(shifted, 64), b=small),
        false=world(a=(ALIKE, 64), b=small),
        edges={
            "one rate at the margin": world(a=(paying({-3.0: 3 * TOLERANCE}, shifted), 64), b=small)
        },
    )


def mean_of_curves() -> Simulator:
    return Simulator(
        {"test": "equivalent", "measure": "mean", "sweeps": ONE, "rates": {"rule": "optimum"}},
        true=detour(0.0, slice(0, 1)),
        false=detour(9 * TOLERANCE, slice(8, 16)),
        edges={"at the margin": detour(2 * TOLERANCE, slice(8, 18))},
    )


def restless(by: float) -> World:
    """SGD's changes from epoch to epoch are `by` times those of momentum; no trend."""

    def make(random: np.random.Generator) -> Grid:
        final = np.stack([ALIKE(name, X) for name in MOMENTA])[..., None, None]
        scale = np.array([by if name == "sgd" else 1.0 for name in MOMENTA])
        noise = NOISE * random.standard_normal((*final.shape[:2], 5, 20))
        return sweep(ALIKE, random, curves=1 + final + scale[:, None, None, None] * noise)

    return each(make)


def instability(test: str) -> Simulator:
    check = {
        "test": test,
        "sweeps": ONE,
        "measure": "instability",
        "window": [0.025, 1],
        "factor": 3 if test == "better" else 2,
        "rates": {"rule": "all"},
    }
    steady, wild = restless(1.0), restless(8.0)
    return Simulator(
        check,
        true=wild if test == "better" else steady,
        false=steady if test == "better" else wild,
        edges={"all rates at the factor": restless(float(check["factor"]))},
    )


def arriving(delay: float, spread: float = 0.2) -> World:
    """Runs that reach their end at a random epoch; SGD's runs take `delay` times as long.

    An epoch takes a random time too.
    """

    def make(random: np.random.Generator) -> Grid:
        final = np.stack([0.2 * np.abs(X)] * len(MOMENTA))[..., None, None]
        scale = np.array([delay if name == "sgd" else 1.0 for name in MOMENTA])
        shape = (*final.shape[:2], 5, 1)
        arrival = 6 * scale[:, None, None, None] * np.exp(spread * random.standard_normal(shape))
        epochs = np.arange(1, 21)
        curves = np.where(epochs < np.round(arrival), 2.0, 0.0) + final
        pace = np.exp(0.1 * random.standard_normal(shape))
        return sweep(ALIKE, random, curves=curves, seconds=pace * epochs)

    return each(make)


def cost(measure: str) -> Simulator:
    check = {"test": "better", "sweeps": ONE, "measure": measure, "target": "a", "slack": 2}
    return Simulator(
        {**check, "rates": {"rule": "best"}},
        true=arriving(2.0),
        false=arriving(0.5),
        edges={"alike": arriving(1.0)},
    )


# --- where something happens ----------------------------------------------------------------------


def bowl(best: float, steep: float) -> Truth:
    return lambda name, x: steep * (x - best) ** 2


def optimum() -> Simulator:
    return Simulator(
        {"test": "optimum", "sweeps": ONE, "near": 1},
        true=world(a=valley(best=0.4)),
        false=world(a=valley(best=2.3)),
        edges={
            "one step off": world(a=bowl(1.0, 3 * TOLERANCE)),
            "far off, worse by the tolerance": world(a=bowl(2.0, TOLERANCE / 4)),
            "one step off, worse by the tolerance": world(a=bowl(1.0, TOLERANCE)),
            "far off, flat, worse by the tolerance": world(
                a=lambda name, x: np.where(x > 1, 0.0, TOLERANCE) + 0.1 * np.maximum(-x, 0)
            ),
        },
    )


CLEAR = 10 * TOLERANCE


def gaps(*last: float) -> Truth:
    """SGD pays these at the largest rates, in units of the tolerance, and nothing below them."""
    return paying(dict(zip(X[-len(last) :], TOLERANCE * np.array(last), strict=True)))


def threshold() -> Simulator:
    return Simulator(
        {"test": "threshold", "sweeps": ONE, "near": 4},  # log2: 2, so from 1 to 3
        true=world(a=gaps(9, 9, 9)),
        false=world(a=gaps(9, 9, 9, 9, 9, 9, 9)),
        edges={
            "upper end at the tolerance": world(a=gaps(1, 9)),
            "below the lower end at the tolerance": world(a=gaps(1, 9, 9, 9, 9)),
            "all larger rates at the tolerance": world(a=gaps(1, 1, 1, 1, 1)),
            "rates from the middle on at the tolerance": world(a=gaps(1, 1, 1)),
        },
    )


def threshold_over_optimum() -> Simulator:
    def early_best(*last: float, best: float) -> World:
        costs = dict(zip(X[-len(last) :], TOLERANCE * np.array(last), strict=True))
        return world(a=paying(costs, valley(best=best)))

    return Simulator(
        {"test": "threshold_over_optimum", "sweeps": ONE, "least": 4},
        true=early_best(9, 9, best=-0.3),
        false=early_best(9, 9, 9, 9, best=-0.3),
        edges={
            "ratio at its least": early_best(9, 9, 9, best=0.0),
            "a gap at the tolerance": early_best(1, 9, 9, 9, best=-0.5),
            "all gaps at the tolerance": early_best(1, 1, 1, 1, best=-0.5),
        },
    )


def threshold_train_first() -> Simulator:
    def both(train: Truth, test: Truth) -> World:
        return lambda random: Memory(
            {
                ("a", "train"): final(train, random),
                ("a", "test"): final(test, random),
            }
        )

    return Simulator(
        {"test": "threshold_train_first", "sweeps": ONE},
        true=both(gaps(9, 9, 9, 9), gaps(9, 9)),
        false=both(gaps(9, 9), gaps(9, 9, 9, 9)),
        edges={
            "test gap at the tolerance": both(gaps(9, 9, 9), gaps(1, 9, 9)),
            "train gap at the tolerance": both(gaps(1, 9, 9), gaps(9, 9)),
            "all gaps at the tolerance": both(gaps(9, 9, 9), gaps(1, 1, 1)),
        },
    )


# --- against the batch ----------------------------------------------------------------------------


def slope(test: str) -> Simulator:
    def shifted(by: float) -> World:
        return world(a=(valley(best=-2), 8), b=(valley(best=by - 2), 64))

    if test == "slope_below":
        return Simulator(
            {"test": test, "sweeps": TWO, "below": 1},
            true=shifted(1.5),
            false=shifted(4.2),
            edges={"slope 1": shifted(3.0)},
        )
    return Simulator(
        {"test": test, "sweeps": TWO, "near": 1},
        true=shifted(3.0),
        false=shifted(0.5),
        edges={"a step too small": shifted(2.0), "a step too large": shifted(4.0)},
    )


def slope_of_stable() -> Simulator:
    def cliffs(first: float, second: float, at_edge: dict[float, float] | None = None) -> World:
        def until(last: float, edge: dict[float, float]) -> Truth:
            def truth(name: str, x: np.ndarray) -> np.ndarray:
                scores = np.where(x > last, LEVEL - TOLERANCE / 4, 0.0)
                return np.array([edge.get(a, s) for a, s in zip(x, scores, strict=True)])

            return truth

        return lambda random: Memory(
            {
                "a": final(until(first, {}), random, TOLERANCE / 20, batch=8),
                "b": final(until(second, at_edge or {}), random, TOLERANCE / 20, batch=64),
            }
        )

    level = LEVEL - TOLERANCE
    return Simulator(
        {"test": "slope", "of": "stable", "optimizers": ["sgd"], "sweeps": TWO, "near": 1},
        true=cliffs(-2, 1),
        false=cliffs(-2, -1),
        edges={
            "a rate at the level": cliffs(-2, -1, {0.0: level}),
            "the last rates at the level": cliffs(-2, 2, {0.0: level, 1.0: level, 2.0: level}),
        },
    )


def critical_batch() -> Simulator:
    def groups(*costs: float, width: int = 0) -> World:
        shape = {k: (flat(width, TOLERANCE * c)) for k, c in zip("abcd", costs, strict=True)}
        batches = dict(zip("abcd", (8, 64, 64, 512), strict=True))
        return world(**{k: (truth, batches[k]) for k, truth in shape.items()})

    return Simulator(
        {"test": "critical_batch", "sweeps": TWO, "against": ["c", "d"]},
        true=groups(0, 9, 0, 9),
        false=groups(0, 9, 9, 9, width=0),
        edges={
            "gap of the second at the tolerance": groups(0, 9, 1, 9),
            "all gaps of the second at the tolerance": groups(0, 9, 1, 1),
            "all gaps of the first at the tolerance": groups(1, 1, 0, 9),
            "momentum flat over 3 rates": groups(0, 9, 1, 9, width=1),
        },
    )


# --- trends within a sweep ------------------------------------------------------------------------


def gap_growth() -> Simulator:
    def at(before: float, best: float, width: int = 0) -> World:
        costs = {-1.0 - width: TOLERANCE * before} | {
            float(x): TOLERANCE * best for x in range(-width, width + 1)
        }
        return world(a=paying(costs, lambda name, x: 0.2 * np.maximum(np.abs(x) - width, 0)))

    return Simulator(
        {"test": "gap_growth", "sweeps": ONE, "factor": 2},
        true=at(1, 6),
        false=at(3, 3),
        edges={"twice the gap": at(2, 4), "twice, none": at(0, 0), "none, flat": at(0, 0, 1)},
    )


def flatter() -> Simulator:
    sharp, shallow = valley(), lambda name, x: 0.02 * x**2
    level = lambda name, x: 0.1 * np.maximum(np.abs(x) - 1, 0)  # noqa: E731
    narrow = lambda name, x: 0.05 * np.abs(x)  # noqa: E731
    return Simulator(
        {"test": "flatter", "sweeps": ONE, "against": "b"},
        true=world(a=shallow, b=(sharp, 64)),
        false=world(a=sharp, b=(shallow, 64)),
        edges={
            "alike": world(a=sharp, b=(sharp, 64)),
            "alike, flat": world(a=level, b=(level, 64)),
            "flat against sharp": world(a=level, b=(lambda n, x: narrow(n, x) * 2 / 3, 64)),
        },
    )


def rank() -> Simulator:
    return Simulator(
        {"test": "rank", "sweeps": ONE, "larger_is": "worse", "rates": BELOW},
        true=world(a=valley(momenta=TOLERANCE)),
        false=world(a=valley(momenta=-TOLERANCE)),
        edges={"alike": world(a=ALIKE)},
    )


# --- measured curvature ---------------------------------------------------------------------------


def measured(random: np.random.Generator, h_max: float) -> dict[int, float]:
    return dict(enumerate(np.log(h_max) + 0.2 * random.standard_normal(5)))


def curvature_ratio() -> Simulator:
    def ratio(by: float) -> World:
        return lambda random: Memory(
            {}, h_max={"a": measured(random, by), "b": measured(random, 1.0)}
        )

    return Simulator(
        {"test": "curvature_ratio", "sweeps": ONE, "against": "b", "factor": 10},
        true=ratio(20.0),
        false=ratio(5.0),
        edges={"10 times": ratio(10.0)},
    )


def curvature_threshold() -> Simulator:
    def at(product: float, *last: float) -> World:
        """The threshold is 4."""
        return lambda random: Memory(
            {"a": final(gaps(*last), random)},
            h_max={"a": measured(random, product / 4)},
        )

    return Simulator(
        {"test": "curvature_threshold", "sweeps": ONE, "factor": 3},
        true=at(1.0, 9, 9, 9),
        false=at(8.0, 9, 9, 9),
        edges={
            "3 times": at(3.0, 9, 9, 9),
            "a third": at(1 / 3, 9, 9, 9),
            "a gap at the tolerance": at(4.0, 1, 9, 9, 9),
            "all gaps at the tolerance": at(0.7, 1, 1, 1, 1, 1),
        },
    )


# by test, and what of a run or sweep it looks at
SIMULATORS: dict[tuple[str, str], Simulator] = {
    ("equivalent", "final"): equivalent(),
    ("equivalent", "final at best"): equivalent_at_best(),
    ("equivalent", "mean"): mean_of_curves(),
    ("equivalent", "instability"): instability("equivalent"),
    ("better", "final"): better(),
    ("better", "final at best"): better_at_best(),
    ("better", "final at optimum"): better_at_optimum(),
    ("better", "early"): early(),
    ("better", "instability"): instability("better"),
    ("better", "updates"): cost("updates"),
    ("better", "seconds"): cost("seconds"),
    ("curve", "mean"): curve(),
    ("curve", "same temperature"): same_temperature(),
    ("optimum", ""): optimum(),
    ("threshold", ""): threshold(),
    ("threshold_over_optimum", ""): threshold_over_optimum(),
    ("threshold_train_first", ""): threshold_train_first(),
    ("slope", "optimum"): slope("slope"),
    ("slope", "stable"): slope_of_stable(),
    ("slope_below", "optimum"): slope("slope_below"),
    ("critical_batch", ""): critical_batch(),
    ("gap_growth", ""): gap_growth(),
    ("flatter", ""): flatter(),
    ("rank", ""): rank(),
    ("curvature_ratio", ""): curvature_ratio(),
    ("curvature_threshold", ""): curvature_threshold(),
}
