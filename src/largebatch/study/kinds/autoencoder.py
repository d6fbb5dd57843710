"""Fully connected auto-encoders (app. C.3). GPU times: benchmarks/measured/gpu-h200.parquet."""

from itertools import pairwise
from math import inf

from largebatch.study.kinds.kind import Kind


def _weights(model: dict, pixels: int) -> int:
    """Twice the encoder's weights, since the decoder mirrors it."""
    return 2 * sum(a * b for a, b in pairwise([pixels, *model["widths"]]))


AUTOENCODER = Kind(
    title=lambda model: f"auto-encoder {'-'.join(str(width) for width in model['widths'])}",
    loss=lambda model: f"squared error per {'image' if model['reduction'] == 'sum' else 'pixel'}",
    metrics={"train_loss", "test_loss"},
    panels={"train": "train_loss", "test": "test_loss"},
    # Lanes of larger ones do not fit in a core's cache (benchmarks/measured/lanes-cpu.parquet).
    cpu_lanes=((20_000, 50), (300_000, 10), (inf, 2)),
    cpu_step=(20, 2_000),
    gpu_lanes=((inf, 64),),
    gpu_step={"fp32": (200, 15, 0.5), "tf32": (200, 15, 0.25)},
    host_mb=60,
    multiply_adds=_weights,
    weights=_weights,
    activations=lambda model, pixels: 4 * (pixels + sum(model["widths"])),
    # Two for each unit, and the images themselves.
    test_activations=lambda model, pixels: 2 * (2 * sum(model["widths"]) + pixels),
)
