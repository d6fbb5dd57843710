"""What an audit needs to make things again: the workflow's own steps, in temporary folders."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from largebatch.audit.reproduce import Build, Draw, Train
from largebatch.cli.train import THREADS
from largebatch.errors import UserError
from largebatch.records import read_record, read_table, write_table
from largebatch.study import Run, Study, load_config


def build_again(study: Study, root: Path) -> Build:
    """The table of a figure, from its runs."""
    from largebatch.analysis.tables import build_table

    return lambda figure: build_table(study, figure, root)


def draw_again(study: Study, root: Path) -> Draw:
    """The pictures of a table, under the record that the figure's own table carries."""
    from largebatch.figures.draw import draw

    def again(figure: str, table: pa.Table, folder: Path) -> list[Path]:
        name = f"results/{study.name}/tables/{figure}.parquet"
        write_table(folder / name, table, read_record(root / name))
        return list(draw(study, figure, folder).values())

    return again


def train_again(study: Study, root: Path) -> Train:
    """The table of a run, trained once more from the same prepared data, alone."""
    os.environ.update({key: value for key, value in THREADS.items() if key not in os.environ})
    from largebatch.training import worker
    from largebatch.training.job import Job

    device = load_config(root)["device"]

    def again(run: Run) -> pa.Table:
        data = root / f"results/data/{study.tasks[run.task].dataset}.safetensors"
        with TemporaryDirectory() as folder:
            out, log = Path(folder, run.path), Path(folder, "log")
            if worker.train([Job(study.spec(run), data, out, log)], device=device, root=root):
                reason = log.read_text().rstrip().rpartition("\n")[2]
                raise UserError(f"{run.path} could not be trained again: {reason}.")
            return read_table(out)

    return again
