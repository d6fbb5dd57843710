"""Estimate the GPU memory that a pack takes, so that no more packs start than fit.

The estimates are on the safe side and use shapes alone; each run's record holds the measured peak
(`peak_memory_mb`).
"""

from largebatch.study.kinds.table import kind_of
from largebatch.study.run import Run
from largebatch.study.study import Study

CONTEXT_MB = 1_500  # CUDA, cuBLAS and cuDNN, their workspaces, a data set of the paper
COPIES = 5  # of the weights: themselves, gradients, velocities, and temporaries of an update
FLOAT = 4  # bytes
TEST_IMAGES = 2_000  # tested at a time (training/feeds/images.py)


def device_mb(study: Study, run: Run, lanes: int) -> int:
    """The most megabytes that a pack of `lanes` such runs takes."""
    task = study.tasks[run.task]
    kind, (_, example, data_mb) = kind_of(task.model), study.amount(task.dataset)
    testing, training = kind.workspace.get(task.settings["precision"], (1, 1))
    floats = lanes * COPIES * kind.weights(task.model, example)
    floats += lanes * training * run.batch * kind.activations(task.model, example)
    tested = min(lanes, kind.test_lanes) * TEST_IMAGES
    floats += tested * testing * kind.test_activations(task.model, example)
    return CONTEXT_MB + data_mb + round(floats * FLOAT / 2**20)
