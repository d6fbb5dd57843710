"""About how much memory of a GPU a pack takes, so that no more of them start than fit.

Estimates on the safe side, from shapes alone; each run's record holds the peak that was measured
(`peak_memory_mb`).
"""

import itertools

from largebatch.study.lanes import pixels_of, vocabulary_of
from largebatch.study.run import Run
from largebatch.study.study import Study

CONTEXT_MB = 1_500  # CUDA, cuBLAS and cuDNN, their workspaces, the data set
COPIES = 5  # of the weights: themselves, gradients, velocities, and what an update holds meanwhile
FLOAT = 4  # bytes
CHANNELS = 3
TEST_IMAGES = 2_000  # at a time (training/feeds/images.py)
STREAMS = 8  # lanes of wide ResNets whose convolutions run side by side (models/branches.py)
# What convolutions take by precision (testing, training), in terms of the activations in float32:
# cuDNN works in memory of its own, most of all in fp32. By benchmarks/measured/gpu-h200.parquet.
CONVOLUTIONS = {"fp32": (2.8, 4.5), "tf32": (1.25, 1.8), "bf16": (0.75, 0.7)}
MULTIPLE = 16  # to which an LSTM's hidden units are filled up (models/lstm_layout.py, held_units)


def device_mb(study: Study, run: Run, lanes: int) -> int:
    """Megabytes that a pack of `lanes` such runs takes at most."""
    task = study.tasks[run.task]
    data = study.datasets[task.dataset]
    testing, training = float(lanes), float(lanes)
    if task.model["kind"] == "wrn":
        in_test, in_training = CONVOLUTIONS[task.settings["precision"]]
        testing, training = min(lanes, STREAMS) * in_test, lanes * in_training
    floats = lanes * COPIES * weights(task.model, data)
    floats += training * run.batch * _activations(task.model, data)
    floats += testing * TEST_IMAGES * _test_activations(task.model, data)
    return CONTEXT_MB + round(floats * FLOAT / 2**20)


def weights(model: dict, data: dict) -> int:
    """Trained numbers of the model, without biases and the like: they are few."""
    match model["kind"]:
        case "wrn":
            return _convolutions(model)
        case "autoencoder":
            widths = [pixels_of(data), *model["widths"]]
            return 2 * sum(a * b for a, b in itertools.pairwise(widths))
        case "lstm":
            hidden = model["hidden"]
            return 2 * vocabulary_of(data) * hidden + model["layers"] * 8 * hidden**2
        case kind:
            raise ValueError(f"no such kind of model: {kind}")


def _convolutions(model: dict) -> int:
    """Of three groups of blocks: two 3x3 convolutions each, 1x1 where the width changes."""
    blocks, count, width = (model["depth"] - 4) // 6, 9 * CHANNELS * 16, 16
    for group in range(3):
        wider = 16 * model["width"] * 2**group
        count += (
            9 * (width * wider + (2 * blocks - 1) * wider**2) + (width != wider) * width * wider
        )
        width = wider
    return count


def held_units(hidden: int) -> int:
    return -(-hidden // MULTIPLE) * MULTIPLE


def _test_activations(model: dict, data: dict) -> int:
    """Numbers that one test image meets at a time; a text is tested word by word."""
    match model["kind"]:
        case "wrn":  # of the widest maps, what a block reads and makes
            return 5 * 16 * model["width"] * pixels_of(data)
        case "autoencoder":  # two a unit, and the images themselves
            return 2 * (2 * sum(model["widths"]) + pixels_of(data))
        case _:
            return 0


def _activations(model: dict, data: dict) -> int:
    """Numbers that one example leaves for the backward pass, and those that it meets there."""
    match model["kind"]:
        case "wrn":  # a convolution and a norm each; half the channels' images a group further
            convolutions = 2 * ((model["depth"] - 4) // 6) + 1
            first = 16 * model["width"] * pixels_of(data)
            return round(2 * convolutions * first * (1 + 1 / 2 + 1 / 4))
        case "autoencoder":
            return 4 * sum([pixels_of(data), *model["widths"]])
        case "lstm":  # 20 a layer; the rest: masks, words, what the softmax sees, their gradients
            units = (22 * model["layers"] + 6) * held_units(model["hidden"])
            return model["unroll"] * (units + 3 * vocabulary_of(data))
        case kind:
            raise ValueError(f"no such kind of model: {kind}")
