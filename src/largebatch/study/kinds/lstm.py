"""Word-level LSTMs of Zaremba et al. (2014). GPU: benchmarks/measured/gpu-h200.parquet."""

import math

from largebatch.study.kinds.kind import Kind

MULTIPLE = 16  # to which hidden units are filled up (models/lstm_layout.py, held_units)


def held_units(hidden: int) -> int:
    return -(-hidden // MULTIPLE) * MULTIPLE


def _multiply_adds(model: dict, words: int) -> int:
    return model["unroll"] * (_cells(model) + model["hidden"] * words)


def _weights(model: dict, words: int) -> int:
    return 2 * words * model["hidden"] + _cells(model)


def _cells(model: dict) -> int:
    return model["layers"] * 8 * model["hidden"] ** 2


def _activations(model: dict, words: int) -> int:
    """20 a layer; the rest: masks, words, what the softmax sees, their gradients."""
    units = (22 * model["layers"] + 6) * held_units(model["hidden"])
    return model["unroll"] * (units + 3 * words)


LSTM = Kind(
    title=lambda model: f"LSTM {model['layers']}×{model['hidden']}",
    loss=lambda model: "cross-entropy per word",
    metrics=frozenset({"train_loss", "test_loss", "train_perplexity", "test_perplexity"}),
    panels={"train": "train_perplexity", "test": "test_perplexity"},
    is_text=True,
    cpu_lanes=24,
    cpu_step=100,
    cpu_rate=2_000,
    gpu_lanes=((math.inf, 15),),
    # fp32 at batch 256 from its operations.
    gpu_step={"fp32": (600, 470, 70), "tf32": (600, 390, 21)},
    host_mb=400,
    multiply_adds=_multiply_adds,
    weights=_weights,
    activations=_activations,
    test_activations=lambda model, words: 0,  # it is tested word by word
)
