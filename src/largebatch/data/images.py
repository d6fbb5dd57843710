"""What all image datasets share: a balanced order, limits, and the facts about the pixels."""

import numpy as np

from largebatch.errors import UserError

Tensors = dict[str, np.ndarray]
PARTS = ("images", "labels")


def balanced_order(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """A seeded order of all examples in which every prefix has the classes in equal shares.

    Round r takes one random, not yet taken example of every class that has one left; the
    order within a round is random too. Returns indices, int64 (N,).
    """
    draws = np.random.Generator(np.random.PCG64(seed)).random(len(labels))
    by_class = np.lexsort((draws, labels))  # grouped by class, random within
    counts = np.bincount(labels)
    starts = np.cumsum(counts) - counts
    rounds = np.empty(len(labels), dtype=np.int64)
    rounds[by_class] = np.arange(len(labels)) - starts[labels[by_class]]
    return np.lexsort((draws, rounds))


def limit(tensors: Tensors, settings: dict) -> Tensors:
    """The first `train_limit` and `test_limit` examples of each split's balanced order."""
    limited = dict(tensors)
    for split in ("train", "test"):
        number = settings.get(f"{split}_limit")
        if number is None:
            continue
        labels = tensors[f"{split}_labels"]
        if not 0 < number <= len(labels):
            raise UserError(
                f"{split}_limit is {number}, but {settings['source']} has {len(labels)} {split} "
                f"examples: choose a number from 1 to {len(labels)}."
            )
        chosen = balanced_order(labels)[:number]
        limited |= {f"{split}_{part}": tensors[f"{split}_{part}"][chosen] for part in PARTS}
    return limited


def image_facts(tensors: Tensors) -> dict:
    """Shape, counts and, per channel of the train split, mean and std of pixels in [0, 1]."""
    images = tensors["train_images"]  # (N, C, H, W)
    moments = [_moments(images[:, channel]) for channel in range(images.shape[1])]
    return {
        "kind": "images",
        "shape": list(images.shape[1:]),
        "counts": {split: len(tensors[f"{split}_labels"]) for split in ("train", "test")},
        "mean": [mean for mean, _ in moments],
        "std": [std for _, std in moments],
    }


def _moments(pixels: np.ndarray) -> tuple[float, float]:
    """Mean and (population) std of uint8 pixels / 255, from their histogram: exact and small."""
    histogram = np.bincount(pixels.ravel(), minlength=256) / pixels.size
    values = np.arange(256) / 255
    mean = histogram @ values
    return float(mean), float(np.sqrt(histogram @ (values - mean) ** 2))
