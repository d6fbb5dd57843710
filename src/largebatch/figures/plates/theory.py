"""The theory's own figures, which are of no study, in one go."""

import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from largebatch.analysis.theory import figures_data, monte_carlo, stability
from largebatch.figures.plates import exact
from largebatch.figures.plates.artefact import Origin, write_artefact

MAP_MOMENTA = tuple(1 - 10.0**-k for k in np.linspace(0, 4, 81))


def _spectral_radius_map() -> pa.Table:
    """The map on a fine grid of momenta, with the borders of its regimes at each of them."""
    table = figures_data.spectral_radius_map(MAP_MOMENTA)
    m = table["momentum"].to_numpy()
    faster_from, faster_to = stability.sgd_contracts_faster(1.0, m)
    borders = {
        "stable_below": stability.stable_below(1.0, m),
        "oscillates_above": stability.oscillates_above(1.0, m),
        "sgd_faster_from": faster_from,
        "sgd_faster_to": faster_to,
    }
    for name, values in borders.items():
        table = table.append_column(name, pa.array(values))
    return table


EXACT = {  # name: (its table, its picture)
    "stability": (figures_data.stability_against_batch, exact.stability),
    "stationary_variance": (figures_data.stationary_variance, exact.stationary_variance),
    "spectral_radius": (_spectral_radius_map, exact.spectral_radius),
    "finite_population": (monte_carlo.finite_population_table, exact.finite_population),
    "momentum_sums": (monte_carlo.momentum_sum_table, exact.momentum_sums),
}


def write_exact(root: Path = Path(".")) -> None:
    """Write results/theory/<name>.* for every figure of `EXACT`."""
    for name, (table, picture) in EXACT.items():
        origin = Origin(("theory", "theory"), {}, time.time())
        write_artefact(f"results/theory/{name}", table(), picture, origin, root)
