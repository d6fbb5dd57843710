"""What an audit needs to make things again: the workflow's own steps, in temporary folders."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa

from largebatch.audit.checks.reproduce import Build, Draw, Train
from largebatch.audit.subjects.subject import Subject
from largebatch.cli.jobs import data_of
from largebatch.cli.options import one_thread
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

if TYPE_CHECKING:
    from largebatch.figures.pictures import Picture


def build_again(study: Study, root: Path) -> Build:
    """A function that makes a subject's table again, from its runs or from nothing.

    It returns None for measurements, which train, and for the report, which has no table.
    """
    from largebatch.analysis.claims.evaluate import evaluate
    from largebatch.analysis.maps.planned import stored_runs
    from largebatch.analysis.tables import build_table
    from largebatch.analysis.theory.study_twins import study_twin
    from largebatch.figures.plates.maps import map_tables
    from largebatch.figures.plates.theory import DRAWN

    maps = cache(lambda: map_tables(study, stored_runs(study, root), root)[0])
    makers = {
        "figure": lambda name: build_table(study, name, root),
        "claims": lambda name: evaluate(study, root),
        "twin": lambda name: study_twin(study, name),
        "theory": lambda name: DRAWN[name][0](),
        "measured": lambda name: None,
        "map": lambda name: maps()[name],
        "report": lambda name: None,
    }
    return lambda subject: makers[subject.kind](subject.of)


def draw_again(study: Study, root: Path) -> Draw:
    """A function that draws a table again, under the record that the subject's table carries."""
    from largebatch.analysis.claims.write import write_page
    from largebatch.figures.draw import draw
    from largebatch.figures.pictures import write_pictures

    def again(subject: Subject, table: pa.Table | None, folder: Path) -> list[Path]:
        if subject.table is None:  # the report
            return [_write_report_again(study, subject, root, folder)]
        write_table(folder / subject.table, table, read_record(root / subject.table))
        source = read_artefact(folder / subject.table)
        if subject.kind == "figure":
            drawn = draw(study, subject.of, folder)
        elif subject.kind == "claims":
            drawn = write_page(study, folder, source)
        else:
            step, settings = subject.steps[1], subject.settings()
            picture = _plate(subject, settings)
            drawn = write_pictures(subject.stem, source, picture, step, settings, folder)
        return list(drawn.values())

    return again


def _write_report_again(study: Study, subject: Subject, root: Path, folder: Path) -> Path:
    """Write the report with the verdicts that it printed, since they date from its day."""
    from largebatch.figures.report import report_page

    verdicts = read_sidecar(root / f"{subject.stem}.json").record["facts"].get("verdicts", {})
    path = folder / subject.files[0]
    path.write_bytes(report_page(study, root, verdicts, unfinished=True).encode())
    return path


def _plate(subject: Subject, settings: dict) -> "Picture":
    from largebatch.figures.plates.maps import map_picture
    from largebatch.figures.plates.measured import measured_picture
    from largebatch.figures.plates.theory import DRAWN
    from largebatch.figures.plates.twins import twin_picture

    pictures: dict[str, Callable[[], Picture]] = {
        "twin": lambda: partial(twin_picture, settings=settings),
        "theory": lambda: DRAWN[subject.of][1],
        "measured": lambda: partial(measured_picture, settings=settings),
        "map": lambda: map_picture(subject.of, settings),
    }
    return pictures[subject.kind]()


def train_again(study: Study, root: Path) -> Train:
    """A function that trains a run again, alone, on the same prepared data; returns its table.

    It trains where and how the record says: kernels and convolutions change last bits, as a GPU
    does.
    """
    one_thread()
    from largebatch.analysis.as_trained import denormals_as_before, execution_of
    from largebatch.training import worker
    from largebatch.training.drive import Stopped
    from largebatch.training.job import Job

    configured = load_config(root)["device"]

    def again(run: Run) -> pa.Table:
        with TemporaryDirectory() as folder:
            out, log = Path(folder, run.path), Path(folder, "log")
            job = Job(study.spec(run), root / data_of(study, run), out, log)
            facts = glance(root / run.path)["facts"]
            device = "cpu" if facts.get("device") == "cpu" else configured
            execution = execution_of(facts)
            try:
                with denormals_as_before():
                    failed = worker.train([job], device=device, execution=execution, root=root)
            except Stopped:  # of the audit, and no finding of it
                raise KeyboardInterrupt from None
            if failed:
                reason = log.read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
                raise UserError(f"{run.path} could not be trained again: {reason}.")
            return read_table(out)

    return again
