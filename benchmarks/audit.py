"""How long an audit takes that reads and verifies every byte of all outputs of the paper, made up.

    python benchmarks/audit.py      half a minute

Numbers are random, records are those of a run on this machine, and datasets hold a byte an example.
The files have just been written, so they come from the page cache: the work is timed, not the disk.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from parts.options import at_least, in_a_sentence
from rows import here, save, show

from largebatch.analysis.metrics import is_accuracy
from largebatch.audit import Question, audit_one, audit_study
from largebatch.audit.checks.own_numbers import updates_an_epoch
from largebatch.audit.subjects.of_study import subjects
from largebatch.audit.subjects.subject import Subject
from largebatch.data.load import dataset_digest
from largebatch.data.store import write_dataset
from largebatch.records import (
    data_input,
    identity_of,
    make_record,
    mark,
    read_artefact,
    write_bytes,
    write_sidecar,
    write_table,
)
from largebatch.study import Run, Study, load_study
from largebatch.study.kinds.table import kind_of

EXAMPLES = 60_000
PICTURE_BYTES = 200_000


@in_a_sentence
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", default="paper")
    parser.add_argument("--repeat", type=at_least(1), default=3)
    options = parser.parse_args()
    study = load_study(options.study)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_results(study, root)
        rows = measure(study, root, options.repeat)
    show(rows)
    print(save("audit", rows, here()))


def measure(study: Study, root: Path, repeat: int) -> list[dict]:
    """The figure with the most runs below 130, all figures, claims, everything; best of several."""
    counts = {name: len(study.runs_of(name)) for name in study.figures}
    one = max((name for name in counts if counts[name] < 130), key=counts.get, default="fig1")
    every = len({run for name in study.figures for run in study.runs_of(name)})
    rows_of = {one: (counts[one], lambda: [audit_one(study, one, root)])}
    rows_of["all figures"] = (every, lambda: audit_study(study, root, study.figures))
    rows_of["claims"] = (every, lambda: audit_study(study, root, ["claims"]))
    rows_of["everything"] = (every, lambda: audit_study(study, root))
    return [
        {"audit of": name, "runs": runs, **timed(audit, repeat)}
        for name, (runs, audit) in rows_of.items()
    ]


def timed(audit, repeat: int) -> dict[str, float]:
    times = []
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        reports = audit()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
        assert all(report.answer(Question.INTACT) == "yes" for report in reports)
    return {"seconds": min(w for w, _ in times), "cpu_seconds": min(c for _, c in times)}


def make_results(study: Study, root: Path) -> None:
    """Write a whole `results/` below `root`; runs have all their epochs."""
    generator = np.random.default_rng(0)
    inputs = {name: make_dataset(study, name, root) for name in study.used_datasets()}
    runs = dict.fromkeys(run for name in study.figures for run in study.runs_of(name))
    like = record("run", "train", root)
    for run in runs:
        needed = [inputs[study.tasks[run.task].dataset]]
        own = like | {"name": run.path, "settings": study.spec(run), "inputs": needed}
        write_table(root / run.path, run_table(generator, study, run), own)
    for folder in ("config", "workflow/schemas"):  # the ledger of claims, and its schema
        shutil.copytree(folder, root / folder)
    # Each after what it reads.
    order = ("figure", "measured", "claims", "twin", "theory", "map", "report")
    for subject in sorted(subjects(study, root).values(), key=lambda s: order.index(s.kind)):
        make_subject(subject, inputs, root, generator)


def record(kind: str, step: str, root: Path, **fields) -> dict:
    fields = {"name": "", "inputs": [], "settings": {}, **fields}
    now = time.time()
    return make_record(
        kind, step=step, started=now, finished=now, status="finished", root=root, **fields
    )


def make_dataset(study: Study, name: str, root: Path) -> dict[str, str]:
    path, settings = f"results/data/{name}.safetensors", study.datasets[name]
    made = record("data", "data", root, name=path, settings=settings)
    tensors = {"train_images": np.zeros(EXAMPLES, np.uint8)}
    write_dataset(root / path, tensors, {}, made)
    return data_input(path, dataset_digest(tensors), made)


def run_table(generator: np.random.Generator, study: Study, run: Run) -> pa.Table:
    """A made-up run without a contradiction: it has what a run of its kind, rate and batch has.

    Runs of the same seed start with the same test loss.
    """
    spec, task = study.spec(run), study.tasks[run.task]
    table = made_up(generator, task.epochs + 1)
    table["step"] *= updates_an_epoch(EXAMPLES, spec)
    table["learning_rate"][:] = spec["effective_lr"] * (1 - spec["momentum"])
    table["test_loss"][0] = run.seed
    lacking = set(filter(is_accuracy, table)) - kind_of(task.model).metrics
    untrained = table["epoch"] == 0
    nulls = {n: (n in lacking) | (untrained & n.startswith("train_")) for n in table}
    return pa.table({name: pa.array(table[name], mask=nulls[name]) for name in table})


def made_up(generator: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    names = ("learning_rate", "train_loss", "test_loss", "train_accuracy", "test_accuracy")
    columns = {name: generator.random(rows) for name in (*names, "seconds")}
    return {"epoch": np.arange(rows, dtype=np.int32), "step": np.arange(rows), **columns}


def make_subject(
    subject: Subject, datasets: dict[str, dict], root: Path, generator: np.random.Generator
) -> None:
    inputs = [read_artefact(root / name).as_input for name in subject.inputs()]
    if subject.kind == "measured":
        inputs += datasets.values()
    about = {"settings": subject.settings(), "inputs": inputs}
    if subject.table:
        made = record("table", subject.steps[0], root, name=subject.table, **about)
        write_table(root / subject.table, pa.table(made_up(generator, 100)), made)
        about["inputs"] = [read_artefact(root / subject.table).as_input]
    drawn = [(root / subject.stem).with_name(name) for name in subject.files]
    made = record("figure", subject.steps[1], root, name=subject.stem, **about)
    for path in drawn:
        write_bytes(path, mark(identity_of(made)).encode() + generator.bytes(PICTURE_BYTES))
    write_sidecar(root / f"{subject.stem}.json", made, identity_of(made), drawn)


if __name__ == "__main__":
    sys.exit(main())
