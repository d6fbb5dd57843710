"""The paper's equations 18, 24 and 26 beside the exact forms and a simulation of each.

Every simulation is seeded and comes with its standard error; nothing here uses a formula that
it tests.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from largebatch.analysis.theory import batches, momentum_sums
from largebatch.analysis.theory.arrays import Array

Estimate = tuple[Array, Array]  # mean, standard error

POPULATION = 64
BATCHES = (1, 2, 4, 8, 16, 24, 32, 40, 48, 56, 63)
TERMS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
SIMULATED_MOMENTA = (0.9, 0.99)
DRAWS, SEED = 20_000, 0


def simulate_batch_variance() -> Estimate:
    """B Var(batch mean)/Sigma for batches without replacement from a fixed population (eq. 15)."""
    rng = np.random.default_rng(SEED)
    gradients = rng.standard_normal(POPULATION)
    gradients = (gradients - gradients.mean()) / gradients.std(ddof=1)  # Sigma = 1
    order = rng.permuted(np.tile(gradients, (DRAWS, 1)), axis=1)  # (draws, population)
    b = np.array(BATCHES)
    means = np.cumsum(order, axis=1)[:, b - 1] / b  # the first B of a shuffle are a batch
    return _mean(b * means**2)


def simulate_momentum_sums(momentum: float, stationary: bool) -> Estimate:
    """<(sum_q g_q)^2>/Sigma for each number of `TERMS`, by running the buffer (eqs. 20-24).

    stationary: the buffer has always been running; otherwise it is empty at the window's start.
    """
    rng = np.random.default_rng(SEED)
    spread = np.sqrt((1 - momentum) / (1 + momentum)) if stationary else 0.0
    g = spread * rng.standard_normal(DRAWS)
    total, squares = np.zeros(DRAWS), []
    for q in range(1, max(TERMS) + 1):
        g = momentum * g + (1 - momentum) * rng.standard_normal(DRAWS)
        total += g
        if q in TERMS:
            squares.append(total**2)
    return _mean(np.stack(squares, axis=1))


def finite_population_table() -> pa.Table:
    """B Var(batch mean)/Sigma against B, long form: eq. 18, exact, Monte Carlo (erratum 1)."""
    simulated, error = simulate_batch_variance()
    rows = []
    for k, b in enumerate(BATCHES):
        point = {"batch": b, "population": POPULATION}
        rows += [
            point | {"form": "paper", "value": batches.paper_eq18_factor(b, POPULATION)},
            point | {"form": "exact", "value": batches.finite_population_factor(b, POPULATION)},
            point | {"form": "monte_carlo", "value": simulated[k], "standard_error": error[k]},
        ]
    return _long_table(rows, {"batch": pa.int64(), "population": pa.int64()})


def momentum_sum_table() -> pa.Table:
    """Eqs. 24 and 26 against the number of updates n, long form (erratum 2).

    `equation` 24 is the first sum over n updates, divided by n, in the form of each line of the
    paper (whose own n is ours - 1, so that all forms are of the same sum); 26 is the whole
    covariance.
    """
    rows = []
    for m in SIMULATED_MOMENTA:
        for equation, stationary in (("24", False), ("26", True)):
            simulated, error = simulate_momentum_sums(m, stationary)
            for k, n in enumerate(TERMS):
                point = {"equation": equation, "momentum": m, "updates": n}
                estimate = {"value": simulated[k] / n, "standard_error": error[k] / n}
                rows += [
                    point | {"form": form, "value": value} for form, value in _forms(equation, n, m)
                ]
                rows.append(point | {"form": "monte_carlo"} | estimate)
    keys = {"equation": pa.string(), "momentum": pa.float64(), "updates": pa.int64()}
    return _long_table(rows, keys)


def _forms(equation: str, updates: int, momentum: float) -> Iterable[tuple[str, float]]:
    if equation == "26":
        return [("paper", 1.0), ("exact", float(momentum_sums.covariance(updates, momentum)))]
    exact = {"exact": momentum_sums.first_sum(updates, momentum)}
    forms = momentum_sums.paper_eq24(updates - 1, momentum) | exact
    return [(form, float(value) / updates) for form, value in forms.items()]


def _mean(samples: Array) -> Estimate:
    """Mean over the first axis and its standard error."""
    return samples.mean(0), samples.std(0, ddof=1) / np.sqrt(len(samples))


def _long_table(rows: list[dict], keys: dict[str, pa.DataType]) -> pa.Table:
    values = {"form": pa.string(), "value": pa.float64(), "standard_error": pa.float64()}
    return pa.Table.from_pylist(rows, schema=pa.schema(keys | values))
