"""How many runs share a process, and about how long a run takes: neither changes a number."""

import itertools
import math

from largebatch.study.run import Run
from largebatch.study.sizes import expected_size
from largebatch.study.study import Study, Task

# Runs side by side beyond which a CPU core trains no more of them an hour.
LANES = {"wrn": 25, "autoencoder": 50, "lstm": 24}

# The same for a GPU: (largest batch, lanes), the fastest of benchmarks/measured/gpu-h200.parquet.
GPU_LANES = {
    "wrn": ((32, 16), (128, 8), (math.inf, 2)),
    "autoencoder": ((math.inf, 64),),
    "lstm": ((math.inf, 15),),
}

STEP = {"wrn": 700, "autoencoder": 20, "lstm": 100}  # microseconds a step, whatever the batch
RATE = {"wrn": 15_000, "autoencoder": 2_000, "lstm": 2_000}  # multiply-adds a microsecond
PIXELS = {"digits": 64, "digit-pairs": 128, "mnist": 784}
WORDS = {"ptb": 10_000}
UNKNOWN_SIZE, UNKNOWN_PIXELS, UNKNOWN_WORDS = 50_000, 1024, 10_000


def lanes(setting: int | str, task: Task, batch: int = 1, device: str = "cpu") -> int:
    """Runs of `task` that one process may train side by side; `setting` is the config's `lanes`.

    device: the config's; `auto` counts as a CPU, since what finds a GPU (torch) is not asked here.
    """
    if setting != "auto":
        return setting
    kind = task.model["kind"]
    if device != "cuda":
        return LANES[kind]
    return next(count for largest, count in GPU_LANES[kind] if batch <= largest)


def work(study: Study, run: Run) -> int:
    """Rough milliseconds of one CPU core that a run takes alone; only their ratios matter."""
    task = study.tasks[run.task]
    data = study.datasets[task.dataset]
    kind = task.model["kind"]
    microseconds = STEP[kind] + run.batch * _multiply_adds(task.model, data) / RATE[kind]
    return max(1, round(steps(study, run) * microseconds / 1000))


def steps(study: Study, run: Run) -> int:
    """Updates from the first epoch to the last, rounded up."""
    task = study.tasks[run.task]
    sizes = expected_size(study.datasets[task.dataset])
    size = sizes.get("train_examples") or sizes.get("train_tokens") or UNKNOWN_SIZE
    return task.epochs * math.ceil(size / (run.batch * task.model.get("unroll", 1)))


def pixels_of(data: dict) -> int:
    """Of one example, a channel."""
    return PIXELS.get(data["source"], UNKNOWN_PIXELS)


def vocabulary_of(data: dict) -> int:
    """Words of a text, as its settings tell."""
    return data.get("vocabulary", WORDS.get(data["source"], UNKNOWN_WORDS))


def _multiply_adds(model: dict, data: dict) -> float:
    """Of one example's forward pass."""
    pixels = pixels_of(data)
    match model["kind"]:
        case "wrn":  # three groups of (depth - 4) / 3 convolutions, all of the same cost
            return (model["depth"] - 4) * 9 * (16 * model["width"]) ** 2 * pixels
        case "autoencoder":
            widths = [pixels, *model["widths"]]
            return 2 * sum(a * b for a, b in itertools.pairwise(widths))
        case "lstm":
            words = vocabulary_of(data)
            cells = model["layers"] * 8 * model["hidden"] ** 2
            return model["unroll"] * (cells + model["hidden"] * words)
        case kind:
            raise ValueError(f"no such kind of model: {kind}")
