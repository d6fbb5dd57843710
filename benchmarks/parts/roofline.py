"""The least time that a step can take: its bytes or operations at the device's best rates."""

from itertools import pairwise
from math import prod

from parts.workloads import Workload


def share_of_roofline(work: Workload, precision: str, seconds: float, limits: dict) -> float:
    """The least time of one run's step, divided by the `seconds` that it took.

    limits: bytes per second of a copy, operations per second of products (`clock.ceilings`).
    """
    operations, moved = floor(work, precision)
    return max(operations / limits[precision], moved / limits["copy"]) / seconds


def floor(work: Workload, precision: str) -> tuple[float, float]:
    """(operations, bytes) that one step of one run needs at the very least.

    A multiplication and an addition are two operations; a backward pass is two forward passes.
    Bytes: the update reads and writes weight and velocity once, and the weight is read once more
    forward and backward (6 float32 per parameter); a feature map of the WRN moves 8 times (with
    batch norm's statistics computed in the convolution before it, BN and ReLU in the one after).
    Other activations are left out, since this is a lower bound: most are small beside the weights,
    but not those of the LSTM at batch 256. Nothing is taken to be shared between lanes.
    """
    parameters, multiplications, maps = _sizes(work)
    width = 2 if precision == "bf16" else 4
    return 6.0 * multiplications * work.batch, 24.0 * parameters + 8.0 * width * maps * work.batch


def _sizes(work: Workload) -> tuple[float, float, float]:
    """(parameters, multiplications of a forward pass, numbers in feature maps) for one example."""
    model = work.model
    if work.kind == "autoencoder":
        widths = [prod(work.facts["shape"]), *model["widths"]]
        weights = 2 * sum(a * b for a, b in pairwise(widths))
        return weights, weights, 0
    if work.kind == "lstm":
        hidden, words = model["hidden"], work.facts["vocabulary"]
        cells = 8 * model["layers"] * hidden**2
        touched = cells + hidden * words  # only a few rows of the embedding
        return touched, model["unroll"] * (cells + hidden * words), 0
    return _wrn_sizes(work)


def _wrn_sizes(work: Workload) -> tuple[float, float, float]:
    channels, height, width = work.facts["shape"]
    pixels, k, per_stage = height * width, work.model["width"], (work.model["depth"] - 4) // 6
    parameters, maps = 9 * channels * 16, 16 * pixels
    multiplications, inputs = parameters * pixels, 16
    for stage, outputs in enumerate((16 * k, 32 * k, 64 * k)):
        pixels = height * width // 4**stage
        for block in range(per_stage):
            weights = (
                9 * inputs * outputs + 9 * outputs**2 + (inputs * outputs if block == 0 else 0)
            )
            parameters, multiplications = parameters + weights, multiplications + weights * pixels
            maps, inputs = maps + 2 * outputs * pixels, outputs
    return parameters, multiplications, maps
