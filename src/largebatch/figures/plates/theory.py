"""All theory figures in one go: the twins of a study, and the figures of no study."""

import time
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from largebatch.analysis.theory import figures_data, monte_carlo, stability
from largebatch.analysis.theory.planned import twin_name, twin_settings
from largebatch.figures.plates import exact
from largebatch.figures.plates.artefact import Origin, write_artefact
from largebatch.figures.plates.twins import twin_picture
from largebatch.study import Study

MAP_MOMENTA = tuple(1 - 10.0**-k for k in np.linspace(0, 4, 81))


def _spectral_radius_map() -> pa.Table:
    """The map on a fine grid of momenta, with the borders of its regimes at each of them."""
    table = figures_data.spectral_radius_map(momenta=MAP_MOMENTA)
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


def write_twins(study: Study, tables: dict[str, pa.Table], root: Path = Path(".")) -> list[Path]:
    """Write results/<study>/theory/T<k>.* of the twins' tables by figure (`study_twins`)."""
    paths = []
    for figure, table in tables.items():
        origin = Origin("theory", twin_settings(study, figure), time.time())
        name = f"results/{study.name}/theory/{twin_name(figure)}"
        picture = partial(twin_picture, settings=origin.settings)
        paths += write_artefact(name, table, picture, origin, root)
    return paths


def write_exact(root: Path = Path(".")) -> list[Path]:
    """Write results/theory/<name>.* for every figure of `EXACT`."""
    paths = []
    for name, (table, picture) in EXACT.items():
        origin = Origin("theory", {}, time.time())
        paths += write_artefact(f"results/theory/{name}", table(), picture, origin, root)
    return paths
