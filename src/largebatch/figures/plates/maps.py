"""Write all maps of a study."""

import time
from functools import partial
from pathlib import Path

import pyarrow as pa

from largebatch.analysis.maps.gap import gap_table
from largebatch.analysis.maps.grid import read_grids
from largebatch.analysis.maps.heat import heat_table
from largebatch.analysis.maps.planned import maps_settings
from largebatch.analysis.maps.reach import reach_table
from largebatch.analysis.measure.files import read_measured
from largebatch.errors import UserError
from largebatch.figures.face import unfinished_notice
from largebatch.figures.pictures import Picture
from largebatch.figures.plates.artefact import write_artefact
from largebatch.figures.plates.heat import heat_picture
from largebatch.figures.plates.over_batches import gap_picture, reach_picture
from largebatch.study import Study

PICTURES = {"gap": gap_picture, "heat": heat_picture, "reach": reach_picture}


def write_maps(study: Study, root: Path = Path(".")) -> dict[str, pa.Table]:
    """Write results/<study>/maps/{gap,heat,reach}.*; UserError if no run is stored."""
    started = time.time()
    tables, inputs = map_tables(study, root)
    settings = maps_settings(study, root)
    made = {"steps": ("maps", "maps"), "settings": settings, "started": started, "inputs": inputs}
    for name, table in tables.items():
        picture = map_picture(name, settings)
        write_artefact(f"results/{study.name}/maps/{name}", table, picture, root, **made)
    return tables


def map_tables(study: Study, root: Path) -> tuple[dict[str, pa.Table], list[dict]]:
    """The tables by name, and their inputs as records name them."""
    grids, runs = read_grids(study, root)
    if not grids:
        raise UserError(
            f"results/{study.name}/runs: no run is there; train some with "
            f"`snakemake runs --config study={study.name}`."
        )
    measured = read_measured(study, root).values()
    tables = {
        "gap": gap_table(grids),
        "heat": heat_table(grids, [m.table for m in measured]),
        "reach": reach_table(grids),
    }
    return tables, runs + [m.as_input for m in measured]


def map_picture(name: str, settings: dict) -> Picture:
    """The function that draws the table of a map; settings: `maps_settings`."""
    words = filter(None, (settings["notice"], unfinished_notice(settings["runs"])))
    return partial(PICTURES[name], notice=" · ".join(words) or None)
