"""What a schema cannot say: names that must exist, sizes that must fit, metrics that must be."""

from collections.abc import Callable, Iterator
from pathlib import Path

from largebatch.errors import UserError
from largebatch.study.run import Optimizer
from largebatch.study.sizes import TEXT, expected_size
from largebatch.study.study import Study, Task

Blame = Callable[[tuple], Path]
METRICS = {
    "wrn": {"train_loss", "test_loss", "train_accuracy", "test_accuracy"},
    "autoencoder": {"train_loss", "test_loss"},
    "lstm": {"train_loss", "test_loss", "train_perplexity", "test_perplexity"},
}


def check(study: Study, blame: Blame) -> None:
    """Raise `UserError` for the first fault found."""
    for key, fault in _faults(study):
        raise UserError(f"{blame(key)}: {'.'.join(map(str, key))}: {fault}.")


def _faults(study: Study) -> Iterator[tuple[tuple, str]]:
    for name, settings in study.datasets.items():
        try:
            expected_size(settings)
        except UserError as reason:
            yield ("datasets", name), str(reason).rstrip(".")
    for task in study.tasks.values():
        yield from _task_faults(study, task)
    for name, sweep in study.sweeps.items():
        yield from _sweep_faults(study, name, sweep)
    for name, figure in study.figures.items():
        yield from _figure_faults(study, name, figure)


def _task_faults(study: Study, task: Task) -> Iterator[tuple[tuple, str]]:
    key = ("tasks", task.name)
    if task.dataset not in study.datasets:
        known = ", ".join(study.datasets)
        yield (*key, "dataset"), f"there is no data set '{task.dataset}'; use one of {known}"
        return
    source, kind = study.datasets[task.dataset]["source"], task.model["kind"]
    if (source in TEXT) != (kind == "lstm"):
        yield (*key, "model", "kind"), f"a {kind} cannot be trained on '{task.dataset}' ({source})"
    if kind == "wrn" and (task.model["depth"] - 4) % 6:
        yield (*key, "model", "depth"), "depth minus 4 must be a multiple of 6: 10, 16, 22, 28"
    schedule = task.settings["schedule"]
    last = schedule.get("constant", 0) or max(schedule.get("after", [0]))
    if schedule["kind"] != "constant" and last > task.epochs:
        yield (*key, "schedule"), f"it changes after epoch {last}, but there are {task.epochs}"


def _sweep_faults(study: Study, name: str, sweep) -> Iterator[tuple[tuple, str]]:
    key = ("sweeps", name)
    if sweep.task not in study.tasks:
        yield (*key, "task"), f"there is no task '{sweep.task}'; use one of {_some(study.tasks)}"
        return
    for i, optimizer in enumerate(sweep.optimizers):
        try:
            Optimizer.parse(optimizer)
        except UserError as reason:
            yield (*key, "optimizers", i), str(reason)
    task = study.tasks[sweep.task]
    size = next(iter(expected_size(study.datasets[task.dataset]).values()))  # of the train split
    unroll = task.model.get("unroll", 0)
    if size is not None and sweep.batch * (1 + unroll) > size:
        what = f"{1 + unroll} words a stream" if unroll else "examples"
        yield (
            (*key, "batch"),
            f"a batch of {sweep.batch} is larger than the data ({task.dataset}: {size} {what})",
        )


def _figure_faults(study: Study, name: str, figure) -> Iterator[tuple[tuple, str]]:
    key = ("figures", name)
    for sweep in figure.sweeps:
        if sweep not in study.sweeps:
            yield (*key, "sweeps"), f"there is no sweep '{sweep}'; use one of {_some(study.sweeps)}"
            return
        kind = study.tasks[study.sweeps[sweep].task].model["kind"]
        for metric in figure.metrics:
            if metric not in METRICS[kind]:
                yield (*key, "metrics"), f"a {kind} has no {metric}; use {_some(METRICS[kind])}"


def _some(names) -> str:
    return ", ".join(sorted(names))
