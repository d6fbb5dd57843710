"""Write the theory's own figures, which belong to no study."""

import time
from pathlib import Path

from largebatch.analysis.theory import figures_data, monte_carlo
from largebatch.figures.plates import errata, exact
from largebatch.figures.plates.artefact import write_artefact

DRAWN = {  # each name of `planned.GENERAL`: (its table, its picture)
    "stability": (figures_data.stability_against_batch, exact.stability),
    "stationary_variance": (figures_data.stationary_variance, exact.stationary_variance),
    "spectral_radius": (figures_data.spectral_radius_map, exact.spectral_radius),
    "finite_population": (monte_carlo.finite_population_table, errata.finite_population),
    "momentum_sums": (monte_carlo.momentum_sum_table, errata.momentum_sums),
}


def write_general(root: Path = Path(".")) -> None:
    """Write results/theory/<name>.* for every figure of `DRAWN`."""
    for name, (table, picture) in DRAWN.items():
        started = time.time()
        write_artefact(
            f"results/theory/{name}",
            table(),
            picture,
            root,
            steps=("theory", "theory"),
            settings={},
            started=started,
        )
