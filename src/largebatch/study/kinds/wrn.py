"""Wide ResNets of Zagoruyko & Komodakis (2016). GPU times: benchmarks/measured/gpu-h200.parquet."""

from collections.abc import Iterator
from math import inf

from largebatch.study.kinds.kind import Kind

OF_BATCH_NORM = {"ghost_batch", "bn_momentum", "bn_epsilon"}


def _faults(model: dict) -> Iterator[tuple[str, ...]]:
    if (model["depth"] - 4) % 6:
        sentence = f"a wide ResNet has 6 n + 4 layers, not {model['depth']}"
        yield f"{sentence}; use 10, 16, 22, 28 or so on", "depth"
    idle = sorted(OF_BATCH_NORM & model.keys())
    if idle and model["normalization"] == "none":  # else runs that do not differ are trained twice
        sentence = f"nothing is normalized, so {', '.join(idle)} would do nothing"
        advice = "remove that, or set to null what is inherited"
        yield f"{sentence}; {advice}", "normalization", *idle


def _weights(model: dict, pixels: int) -> int:
    """Weights of three groups of blocks: two 3x3 convolutions each, 1x1 where the width changes."""
    blocks, count, width = (model["depth"] - 4) // 6, 9 * 3 * 16, 16
    for group in range(3):
        wider = _channels(model) * 2**group
        count += 9 * (width * wider + (2 * blocks - 1) * wider**2)
        count += (width != wider) * width * wider
        width = wider
    return count


def _channels(model: dict) -> int:
    """Channels of the first group; each later one has twice as many on a quarter of the pixels."""
    return 16 * model["width"]


WRN = Kind(
    title=lambda model: f"WRN-{model['depth']}-{model['width']}",
    loss=lambda model: "cross-entropy",
    metrics={"train_loss", "test_loss", "train_accuracy", "test_accuracy"},
    panels={"train": "train_loss", "test": "test_accuracy"},
    faults=_faults,
    cpu_lanes=((1_000_000, 25), (inf, 2)),
    cpu_step=(700, 15_000),
    gpu_lanes=((32, 16), (128, 8), (inf, 2)),
    gpu_step={"fp32": (700, 300, 123), "tf32": (700, 300, 18.5), "bf16": (600, 250, 8.6)},
    host_mb=200,
    # Three groups of (depth - 4) / 3 convolutions, all of the same cost.
    multiply_adds=lambda model, pixels: (model["depth"] - 4) * 9 * _channels(model) ** 2 * pixels,
    weights=_weights,
    # A convolution and a norm each: 2 (1 + 1/2 + 1/4) times those of the first group.
    activations=lambda model, pixels: 3.5 * (model["depth"] - 1) / 3 * _channels(model) * pixels,
    # What a block reads and makes, where feature maps are widest.
    test_activations=lambda model, pixels: 5 * _channels(model) * pixels,
    test_lanes=8,  # convolved side by side (models/branches.py)
    # cuDNN works in memory of its own, most of all in fp32.
    workspace={"fp32": (2.8, 4.5), "tf32": (1.25, 1.8), "bf16": (0.75, 0.7)},
)
