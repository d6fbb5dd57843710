"""Faults of data sets and tasks that a schema cannot detect."""

from collections.abc import Iterator

from largebatch.errors import UserError
from largebatch.study.faults import Fault, absent
from largebatch.study.kinds.table import KINDS, kind_of
from largebatch.study.sizes import TEXT, expected_size
from largebatch.study.study import Study, Task


def dataset_faults(name: str, settings: dict) -> Iterator[Fault]:
    key = ("datasets", name)
    try:
        expected_size(settings)
    except UserError as reason:
        yield Fault(str(reason).removesuffix("."), key)
    branching, vocabulary = settings.get("branching", 0), settings.get("vocabulary", 0)
    if branching > vocabulary:
        sentence = f"{branching} words cannot follow each word if there are only {vocabulary}"
        yield Fault(
            f"{sentence} (vocabulary); lower branching", (*key, "branching"), (*key, "vocabulary")
        )


def task_faults(study: Study, task: Task) -> Iterator[Fault]:
    key = ("tasks", task.name)
    if task.dataset not in study.datasets:
        sentence = absent("data set", task.dataset, f"task '{task.name}'", study.datasets)
        yield Fault(sentence, (*key, "dataset"), ("datasets", task.dataset))
    yield from _data_faults(key, task, study.datasets[task.dataset]["source"])
    yield from own_faults(task)


def own_faults(task: Task) -> Iterator[Fault]:
    """Faults of a task whatever its data set is."""
    yield from _model_faults(("tasks", task.name), task)
    yield from _schedule_faults(("tasks", task.name), task)


def _data_faults(key: tuple, task: Task, source: str) -> Iterator[Fault]:
    is_text = source in TEXT
    of_data = ((*key, "dataset"), ("datasets", task.dataset, "source"), (*key, "like"))
    if is_text != kind_of(task.model).is_text:
        sentence = f"a model of kind {task.model['kind']} cannot be trained on '{task.dataset}'"
        fit = " or ".join(name for name, kind in KINDS.items() if kind.is_text == is_text)
        yield Fault(f"{sentence} ({source}); use kind {fit}", (*key, "model", "kind"), *of_data)
    if is_text and "augmentation" in task.settings:
        sentence = "text cannot be augmented; set augmentation to null"
        yield Fault(sentence, (*key, "augmentation"), *of_data)


def _model_faults(key: tuple, task: Task) -> Iterator[Fault]:
    kind, precision = kind_of(task.model), task.settings["precision"]
    if precision not in kind.gpu_step:
        sentence = f"a model of kind {task.model['kind']} cannot be trained in {precision}"
        places = (*key, "precision"), (*key, "model", "kind"), (*key, "like")
        yield Fault(f"{sentence}; use {' or '.join(kind.gpu_step)}", *places)
    for sentence, *names in kind.faults(task.model):
        yield Fault(sentence, *((*key, "model", name) for name in names))


def _schedule_faults(key: tuple, task: Task) -> Iterator[Fault]:
    schedule = task.settings["schedule"]
    match schedule["kind"]:
        case "geometric":
            name, last = "constant", schedule["constant"]
        case "milestones":
            name, last = "after", max(schedule["after"])
        case _:
            return
    if last > task.epochs:
        yield Fault(
            f"the learning rate changes after epoch {last} (schedule.{name}), but training ends "
            f"with epoch {task.epochs} (epochs); change one of them",
            (*key, "schedule", name),
            (*key, "epochs"),
            (*key, "like"),
        )
