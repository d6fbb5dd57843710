"""What an audit needs to make things again: the workflow's own steps, in temporary folders."""

import os
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from largebatch.audit.reproduce import Build, Draw, Train
from largebatch.audit.subject import Subject
from largebatch.cli.train import THREADS
from largebatch.errors import UserError
from largebatch.records import (
    glance,
    read_artefact,
    read_record,
    read_sidecar,
    read_table,
    write_table,
)
from largebatch.study import Run, Study, load_config


def build_again(study: Study, root: Path) -> Build:
    """The table of a subject, from its runs or from nothing.

    None for measurements, which train, and for the report, which has none of its own.
    """
    from largebatch.analysis.claims.evaluate import evaluate
    from largebatch.analysis.tables import build_table
    from largebatch.analysis.theory.study_twins import study_twin
    from largebatch.figures.plates.maps import map_tables
    from largebatch.figures.plates.theory import EXACT

    makers = {
        "figure": lambda name: build_table(study, name, root),
        "claims": lambda name: evaluate(study, root),
        "twin": lambda name: study_twin(study, name),
        "theory": lambda name: EXACT[name][0](),
        "measured": lambda name: None,
        "map": lambda name: map_tables(study, root)[0][name],
        "report": lambda name: None,
    }
    return lambda subject: makers[subject.kind](subject.of)


def draw_again(study: Study, root: Path) -> Draw:
    """What shows a table, under the record that the subject's own table carries."""
    from largebatch.analysis.claims.write import write_page
    from largebatch.figures.draw import draw

    def again(subject: Subject, table: pa.Table | None, folder: Path) -> list[Path]:
        if table is None:
            return [_write_page_again(study, subject, root, folder)]
        if subject.kind not in ("figure", "claims"):
            return _draw_plate(study, subject, table, folder)
        write_table(folder / subject.table, table, read_record(root / subject.table))
        if subject.kind == "figure":
            return list(draw(study, subject.of, folder).values())
        source = read_artefact(folder / subject.table)
        return list(write_page(study, folder, source).values())

    return again


def _write_page_again(study: Study, subject: Subject, root: Path, folder: Path) -> Path:
    """With the verdicts that it printed, since they are of its day."""
    from largebatch.figures.report import report_page

    verdicts = read_sidecar(root / f"{subject.stem}.json").record["facts"].get("verdicts", {})
    path = folder / subject.files[0]
    path.write_bytes(report_page(study, root, verdicts, unfinished=True).encode())
    return path


def _draw_plate(study: Study, subject: Subject, table: pa.Table, folder: Path) -> list[Path]:
    from largebatch.figures.plates.artefact import Origin, write_artefact
    from largebatch.figures.plates.maps import map_picture
    from largebatch.figures.plates.measured import measured_picture
    from largebatch.figures.plates.theory import EXACT
    from largebatch.figures.plates.twins import twin_picture

    settings = subject.settings()
    drawers = {
        "twin": lambda: partial(twin_picture, settings=settings),
        "theory": lambda: EXACT[subject.of][1],
        "measured": lambda: partial(measured_picture, settings=settings),
        "map": lambda: map_picture(subject.of, settings),
    }
    origin = Origin(subject.steps, settings, time.time())
    drawn = write_artefact(subject.stem, table, drawers[subject.kind](), origin, folder)
    return list(drawn.values())


def train_again(study: Study, root: Path) -> Train:
    """The table of a run, trained once more from the same prepared data, alone.

    Where and how its record says: kernels and convolutions change last bits, as a GPU does.
    """
    os.environ.update({key: value for key, value in THREADS.items() if key not in os.environ})
    from largebatch.analysis.as_trained import denormals_again, execution_of
    from largebatch.training import worker
    from largebatch.training.job import Job

    configured = load_config(root)["device"]

    def again(run: Run) -> pa.Table:
        data = root / f"results/data/{study.tasks[run.task].dataset}.safetensors"
        with TemporaryDirectory() as folder:
            out, log = Path(folder, run.path), Path(folder, "log")
            job = Job(study.spec(run), data, out, log)
            facts = glance(root / run.path)["facts"]
            device = "cpu" if facts.get("device") == "cpu" else configured
            with denormals_again():
                how = {"device": device, "execution": execution_of(facts)}
                failed = worker.train([job], **how, root=root)
            if failed:
                reason = log.read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
                raise UserError(f"{run.path} could not be trained again: {reason}.")
            return read_table(out)

    return again
