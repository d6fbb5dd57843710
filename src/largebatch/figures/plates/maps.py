"""Write all maps of a study."""

import time
from functools import partial
from pathlib import Path

import pyarrow as pa

from largebatch.analysis.maps.gap import gap_table
from largebatch.analysis.maps.heat import heat_table
from largebatch.analysis.maps.planned import maps_settings, stored_runs
from largebatch.analysis.maps.reach import reach_table
from largebatch.analysis.maps.task_runs import read_task_runs
from largebatch.analysis.measure.files import read_measured
from largebatch.errors import UserError
from largebatch.figures.face import unfinished_notice
from largebatch.figures.pictures import Picture
from largebatch.figures.plates.artefact import write_artefact
from largebatch.figures.plates.heat import heat_picture
from largebatch.figures.plates.over_batches import gap_picture, reach_picture
from largebatch.study import Run, Study

PICTURES = {"gap": gap_picture, "heat": heat_picture, "reach": reach_picture}


def write_maps(study: Study, root: Path = Path(".")) -> dict[str, pa.Table]:
    """Write results/<study>/maps/{gap,heat,reach}.*; UserError if no run is stored."""
    started = time.time()
    stored = stored_runs(study, root)
    tables, inputs = map_tables(study, stored, root)
    settings = maps_settings(study, stored)
    for name, table in tables.items():
        write_artefact(
            f"results/{study.name}/maps/{name}",
            table,
            map_picture(name, settings),
            root,
            steps=("maps", "maps"),
            settings=settings,
            started=started,
            inputs=inputs,
        )
    return tables


def map_tables(
    study: Study, stored: dict[str, list[Run]], root: Path
) -> tuple[dict[str, pa.Table], list[dict]]:
    """The tables by name, and their inputs as records name them. stored: `stored_runs`."""
    tasks, runs = read_task_runs(study, stored, root)
    if not tasks:
        raise UserError(
            f"results/{study.name}/runs: there are no runs; train some with "
            f"`snakemake runs --config study={study.name}`."
        )
    measured = read_measured(study, root).values()
    tables = {
        "gap": gap_table(tasks),
        "heat": heat_table(tasks, [m.table for m in measured]),
        "reach": reach_table(tasks),
    }
    return tables, runs + [m.as_input for m in measured]


def map_picture(name: str, settings: dict) -> Picture:
    """The function that draws the table of a map; settings: `maps_settings`."""
    words = filter(None, (settings["notice"], unfinished_notice(settings["runs"])))
    return partial(PICTURES[name], metrics=settings["metrics"], notice=" · ".join(words) or None)
