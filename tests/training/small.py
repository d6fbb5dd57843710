"""Small data, tasks and runs of the three kinds of model, for tests of packs."""

import torch

from largebatch.data.load import Dataset

WRN = {"kind": "wrn", "depth": 10, "width": 1, "normalization": "batch", "init": "he"}
MODELS = {
    "wrn": WRN | {"gamma": "ones", "dropout": 0.2},
    "autoencoder": {
        "kind": "autoencoder",
        "widths": [16, 4],
        "activation": "sigmoid",
        "init": "sparse",
        "code": "linear",
        "output": "sigmoid",
        "reduction": "sum",
    },
    "lstm": {
        "kind": "lstm",
        "layers": 2,
        "hidden": 16,
        "unroll": 5,
        "dropout": 0.3,
        "init_scale": 0.1,
        "time_reduction": "sum",
        "hidden_state": "carry",
        "batchify": "contiguous",
    },
}


def task(kind: str, **changes) -> dict:
    augmentation = {"pad": 1, "padding": "zero", "flip": True} if kind == "wrn" else None
    clip = {"norm": 5, "scope": "global", "of": "gradient"} if kind == "lstm" else None
    return {
        "name": kind,
        "dataset": "small",
        "model": MODELS[kind],
        "epochs": 2,
        "schedule": {"kind": "milestones", "factor": 0.5, "after": [1]},
        "l2": 1e-3,
        "l2_on": "all",
        "augmentation": augmentation,
        "clip": clip,
        "last_batch": "drop",
        "precision": "fp32",
        **changes,
    }


def dataset(kind: str) -> Dataset:
    draw = torch.Generator().manual_seed(0)
    if kind == "lstm":
        tokens = torch.randint(0, 20, (700,), generator=draw, dtype=torch.int32)
        return Dataset.of(
            {"train_tokens": tokens[:500], "test_tokens": tokens[500:]}, {"vocabulary": 20}
        )
    images = torch.randint(0, 256, (70, 1, 8, 8), generator=draw, dtype=torch.uint8)
    labels = torch.randint(0, 4, (70,), generator=draw)
    tensors = {"train_images": images[:50], "train_labels": labels[:50]}
    tensors |= {"test_images": images[50:], "test_labels": labels[50:]}
    facts = {"shape": [1, 8, 8], "classes": 4, "mean": [0.5], "std": [0.3]}
    return Dataset.of(tensors, facts)


def spec(kind: str, batch: int, optimizer: str, lr: float, seed: int, **changes) -> dict:
    momentum = float(optimizer.partition("-")[2] or 0)
    return {
        "task": task(kind, **changes),
        "data": {"source": "small"},
        "batch": batch,
        "optimizer": optimizer,
        "momentum": momentum,
        "effective_lr": lr,
        "seed": seed,
    }
