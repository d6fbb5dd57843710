"""Data for the tiny tasks; no fixture, so that the tests for a GPU can use them too."""

import tiny_tasks
import torch

from largebatch.data.load import Dataset


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
    """A tiny run of two epochs; the last, smaller minibatch is dropped."""
    changes = {"epochs": 2, "last_batch": "drop"} | changes
    return tiny_tasks.spec(kind, optimizer, lr, seed, batch, **changes)
