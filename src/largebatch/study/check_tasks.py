"""Faults of data sets and tasks that a schema cannot see."""

from collections.abc import Iterator

from largebatch.errors import UserError
from largebatch.study.faults import Fault, absent, listed
from largebatch.study.sizes import TEXT, expected_size
from largebatch.study.study import Study, Task

OF_BATCH_NORM = {"ghost_batch", "bn_momentum", "bn_epsilon"}


def dataset_faults(name: str, settings: dict) -> Iterator[Fault]:
    key = ("datasets", name)
    try:
        expected_size(settings)
    except UserError as reason:
        yield str(reason).rstrip("."), key
    branching, vocabulary = settings.get("branching", 0), settings.get("vocabulary", 0)
    if branching > vocabulary:
        sentence = f"{branching} words cannot follow a word if there are {vocabulary} (vocabulary)"
        yield f"{sentence}; lower branching", (*key, "branching"), (*key, "vocabulary")


def task_faults(study: Study, task: Task) -> Iterator[Fault]:
    key = ("tasks", task.name)
    if task.dataset not in study.datasets:
        sentence = absent("data set", task.dataset, f"task '{task.name}'", study.datasets)
        yield sentence, (*key, "dataset"), ("datasets", task.dataset)
    yield from _data_faults(key, task, study.datasets[task.dataset]["source"])
    yield from _model_faults(key, task)
    yield from _schedule_faults(key, task)


def _data_faults(key: tuple, task: Task, source: str) -> Iterator[Fault]:
    kind, is_text = task.model["kind"], source in TEXT
    of_data = ((*key, "dataset"), ("datasets", task.dataset, "source"), (*key, "like"))
    if is_text != (kind == "lstm"):
        use = "use kind lstm" if is_text else "use kind wrn or autoencoder"
        sentence = f"a model of kind {kind} cannot be trained on '{task.dataset}' ({source}); {use}"
        yield sentence, (*key, "model", "kind"), *of_data
    if is_text and "augmentation" in task.settings:
        yield "text is not augmented; set augmentation to null", *of_data, (*key, "augmentation")


def _model_faults(key: tuple, task: Task) -> Iterator[Fault]:
    kind, like = task.model["kind"], (*key, "like")
    if kind != "wrn" and task.settings["precision"] == "bf16":
        sentence = f"a model of kind {kind} is not trained in bf16; use fp32 or tf32"
        yield sentence, (*key, "precision"), (*key, "model", "kind"), like
    if kind == "wrn" and (task.model["depth"] - 4) % 6:
        sentence = f"a wide ResNet has 6 n + 4 layers, not {task.model['depth']}"
        yield f"{sentence}; use 10, 16, 22, 28 or so on", (*key, "model", "depth")
    yield from _idle_faults((*key, "model"), task.model)


def _idle_faults(key: tuple, model: dict) -> Iterator[Fault]:
    """Runs that differ in what nothing reads would be trained twice."""
    idle = sorted(OF_BATCH_NORM & model.keys())
    if idle and model["normalization"] == "none":
        sentence = f"nothing is normalized, so {listed(idle)} would do nothing"
        advice = "remove that, or set to null what is inherited"
        yield f"{sentence}; {advice}", (*key, "normalization"), *((*key, name) for name in idle)


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
        yield (
            f"the learning rate changes after epoch {last} (schedule.{name}), but training ends "
            f"with epoch {task.epochs} (epochs); change one of them",
            (*key, "schedule", name),
            (*key, "epochs"),
            (*key, "like"),
        )
