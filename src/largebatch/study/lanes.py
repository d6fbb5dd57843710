"""How many runs share a process, and roughly how long a run takes; neither affects results."""

import math

from largebatch.study.amount import UNKNOWN_PIXELS
from largebatch.study.kinds.table import kind_of
from largebatch.study.run import Run
from largebatch.study.study import Study, Task


def lanes(
    setting: int | str, task: Task, batch: int, device: str, pixels: int = UNKNOWN_PIXELS
) -> int:
    """Runs of `task` that one process may train side by side; `setting` is the config's `lanes`.

    device: cpu or cuda. pixels: of an image, per channel, or words (`Amount.each`).
    """
    if isinstance(setting, int):
        return setting
    kind = kind_of(task.model)
    if device == "cuda":
        return next(count for largest, count in kind.gpu_lanes if batch <= largest)
    weights = kind.weights(task.model, pixels)
    return next(count for most, count in kind.cpu_lanes if weights <= most)


def work(study: Study, run: Run) -> int:
    """Roughly the milliseconds that a run takes alone on one CPU core; mainly the ratios matter."""
    task = study.tasks[run.task]
    kind = kind_of(task.model)
    example = kind.multiply_adds(task.model, study.amount(task.dataset).each)
    whatever, rate = kind.cpu_step
    microseconds = whatever + run.batch * example / rate
    return max(1, round(steps(study, run) * microseconds / 1000))


def steps(study: Study, run: Run) -> int:
    """Updates in all epochs, rounded up in each."""
    task = study.tasks[run.task]
    examples = study.amount(task.dataset).train
    return task.epochs * math.ceil(examples / (run.batch * task.model.get("unroll", 1)))
