"""A claim that the paper derives is supported where the theory that it comes from is exact."""

from pathlib import Path

import numpy as np
import pytest

from claims.bench import LEVEL, TOLERANCE, Memory, Truth, sweep, verdict
from largebatch.analysis.claims.ledger import read_ledger
from largebatch.analysis.theory.mean_square import isotropic_limit
from largebatch.study import Optimizer

LEDGER = read_ledger(Path(__file__).parents[2])
BATCHES = {"fig6": 1, "batches-mnist-b8": 8, "fig7": 64}
X = np.arange(-8.0, 8.0)


def checks(id: str) -> list[dict]:
    return next(claim.checks for claim in LEDGER.claims if claim.id == id)


def least_squares(batch: int, dimension: int) -> Truth:
    """Gaussian least squares (sec. 2): best where h e is 1/64 of the limit, diverges above it."""

    def truth(name: str, x: np.ndarray) -> np.ndarray:
        limit = np.log2(isotropic_limit(batch, dimension, Optimizer.parse(name).momentum))
        return np.where(x > limit, LEVEL, 0.05 * np.maximum(limit - 6 - x, x - limit + 6))

    return truth


@pytest.mark.parametrize("dimension", [7, 15, 100])
def test_the_stable_rate_is_proportional_to_the_batch_while_noise_dominates(dimension):
    """Noise dominates SGD up to a batch of d + 1: C31 takes none at which momentum is better."""
    grids = {name: sweep(least_squares(b, dimension), batch=b, x=X) for name, b in BATCHES.items()}
    assert [verdict(check, Memory(grids)) for check in checks("C31")] == [("supported", None)]


@pytest.mark.parametrize(("id", "figure"), [("C1", "fig7"), ("C28", "fig3/2")])
def test_with_large_batches_small_rates_are_small_for_sgd_too(id, figure):
    """The optimum is momentum's, and at a quarter of it SGD has failed."""

    def truth(name: str, x: np.ndarray) -> np.ndarray:
        lag = TOLERANCE * (name == "momentum-0.999")
        return 0.02 * (x - 4) ** 2 + lag + LEVEL * ((x > 0) & (name == "sgd"))

    check = next(check for check in checks(id) if figure in check["sweeps"])
    grids = dict.fromkeys(check["sweeps"], sweep(truth))
    assert verdict(check, Memory(grids)) == ("supported", None)
