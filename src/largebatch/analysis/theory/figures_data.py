"""Tables of the exact theory figures: every number that is drawn is in one of them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from largebatch.analysis.theory import mean_square, stability, stationary

BATCHES = tuple(2**k for k in range(15))
X = tuple(np.logspace(-3, 2, 201))  # e_eff h
LINE_MOMENTA = (0.0, 0.9, 0.99)
MAP_MOMENTA = tuple(1 - 10.0**-k for k in np.linspace(0, 4, 81))
DIMENSION = 100  # d of the least-squares problem


def stability_against_batch() -> pa.Table:
    """Largest mean-square-stable effective_lr on isotropic Gaussian least squares, h = 1 (sec. 2).

    Beside it are the two limits that bound it from above (`noise_limit` 2B/(d+1), `curvature_limit`
    2(1+m)/(1-m)) and its ratio to SGD's.
    """
    m, b = (grid.ravel() for grid in np.meshgrid(LINE_MOMENTA, BATCHES, indexing="ij"))
    limit = mean_square.isotropic_limit(b, DIMENSION, m)
    return pa.table(
        {
            "momentum": m,
            "batch": b,
            "effective_lr": limit,
            "noise_limit": 2 * b / (DIMENSION + 1),
            "curvature_limit": stability.stable_below(1.0, m),
            "ratio_to_sgd": limit / mean_square.isotropic_limit(b, DIMENSION),
        }
    )


def stationary_variance(xs: Sequence[float] = X) -> pa.Table:
    """Noise floor against x = e_eff h at fixed temperature, additive noise (secs. 1.2 and 2).

    `variance` is in units of T Sigma/(2h), its limit for x -> 0; `sgd_ratio` is SGD's variance over
    this one's. Null where no stationary state exists.
    """
    m, x = (grid.ravel() for grid in np.meshgrid(LINE_MOMENTA, xs, indexing="ij"))
    variance = 2 * stationary.variance(x, m, 1.0, 1 / x)
    return pa.table(
        {
            "momentum": m,
            "x": x,
            "variance": _finite(variance),
            "sgd_ratio": _finite(
                np.where(np.isfinite(variance), stationary.variance_ratio(x, m), np.inf)
            ),
        }
    )


def spectral_radius_map(
    momenta: Sequence[float] = MAP_MOMENTA, xs: Sequence[float] = X
) -> pa.Table:
    """Contraction per update over (x = e_eff h, m), with its regime (eqs. 8 and 13-14).

    `regime`: monotone, oscillating or unstable. `faster_than_sgd`: the radius is below |1 - x|.
    Further columns give the borders of the regimes at each momentum, as rates.
    """
    m, x = (grid.ravel() for grid in np.meshgrid(momenta, xs, indexing="ij"))
    radius = stability.spectral_radius(x, m, 1.0)
    stable_below, oscillates_above = (
        stability.stable_below(1.0, m),
        stability.oscillates_above(1.0, m),
    )
    faster_from, faster_to = stability.sgd_contracts_faster(1.0, m)
    regime = np.select(
        [x >= stable_below, x > oscillates_above],
        ["unstable", "oscillating"],
        "monotone",
    )
    return pa.table(
        {
            "momentum": m,
            "x": x,
            "radius": radius,
            "regime": regime,
            "faster_than_sgd": radius < np.abs(1 - x),
            "stable_below": stable_below,
            "oscillates_above": oscillates_above,
            "sgd_faster_from": faster_from,
            "sgd_faster_to": faster_to,
        }
    )


def _finite(values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))
