"""Word-level LSTMs of Zaremba et al. (2014). GPU times: benchmarks/measured/gpu-h200.parquet."""

from math import ceil, inf

from largebatch.study.kinds.kind import Kind

MULTIPLE = 16  # hidden units are padded to a multiple of it (models/lstm_layout.py, held_units)


def _cells(model: dict) -> int:
    return model["layers"] * 8 * model["hidden"] ** 2


def _activations(model: dict, words: int) -> int:
    """20 a unit and layer; the rest: masks, words, what the softmax sees, their gradients."""
    held = ceil(model["hidden"] / MULTIPLE) * MULTIPLE
    return model["unroll"] * ((22 * model["layers"] + 6) * held + 3 * words)


LSTM = Kind(
    title=lambda model: f"LSTM {model['layers']}×{model['hidden']}",
    loss=lambda model: "cross-entropy per word",
    metrics={"train_loss", "test_loss", "train_perplexity", "test_perplexity"},
    panels={"train": "train_perplexity", "test": "test_perplexity"},
    is_text=True,
    cpu_lanes=((100_000, 24), (inf, 2)),
    cpu_step=(100, 2_000),
    gpu_lanes=((inf, 15),),
    gpu_step={"fp32": (600, 470, 70), "tf32": (600, 390, 21)},  # fp32 at batch 256: by operations
    host_mb=400,
    multiply_adds=lambda model, words: model["unroll"] * (_cells(model) + model["hidden"] * words),
    weights=lambda model, words: 2 * words * model["hidden"] + _cells(model),
    activations=_activations,
    test_activations=lambda model, words: 0,  # it is tested word by word
)
