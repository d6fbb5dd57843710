"""Real handwritten digits that come with scikit-learn: 1,797 images of 8x8 pixels, no download.

E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI, 1998.
"""

from pathlib import Path

import numpy as np

from largebatch.data.images import Tensors, balanced_order
from largebatch.study.sizes import DIGITS_TEST, digits_split


def digits(settings: dict, raw: Path | None = None, progress: bool = False) -> tuple[Tensors, dict]:
    """The digits, (N, 1, 8, 8), in ten classes; `test_examples` (360) form the test split."""
    _, test_examples = digits_split(settings)
    return single_digits(test_examples), {"classes": 10}


def single_digits(test_examples: int, seed: int = 0) -> Tensors:
    """The digits, with even classes in the test split; grey levels 0..16 are scaled to 0..255."""
    from sklearn.datasets import load_digits

    source = load_digits()
    images = np.rint(source.images * (255 / 16)).astype(np.uint8)[:, None]
    labels = source.target.astype(np.int64)
    test, train = np.split(balanced_order(labels, seed), [test_examples])
    return {
        "train_images": images[train],
        "train_labels": labels[train],
        "test_images": images[test],
        "test_labels": labels[test],
    }


def digit_pairs(
    settings: dict, raw: Path | None = None, progress: bool = False
) -> tuple[Tensors, dict]:
    """Two digits side by side, (N, 1, 8, 16): class 10 a + b shows a, then b; 100 even classes.

    Train pairs are made only from the digits' train split, test pairs only from its test split.
    """
    seed = settings["seed"]
    singles = single_digits(DIGITS_TEST, seed)
    tensors: Tensors = {}
    for stream, split in enumerate(("train", "test")):
        rng = np.random.Generator(np.random.PCG64([seed, stream]))
        images, labels = singles[f"{split}_images"], singles[f"{split}_labels"]
        number = settings[f"{split}_examples"]
        tensors |= {
            f"{split}_{part}": array for part, array in _pairs(images, labels, number, rng).items()
        }
    return tensors, {"classes": 100}


def _pairs(
    images: np.ndarray, labels: np.ndarray, number: int, rng: np.random.Generator
) -> Tensors:
    """`number` random pairs whose classes differ in count by at most one."""
    pair_labels = np.arange(number, dtype=np.int64) % 100
    left = _examples_of(pair_labels // 10, labels, rng)
    right = _examples_of(pair_labels % 10, labels, rng)
    return {"images": np.concatenate([images[left], images[right]], axis=3), "labels": pair_labels}


def _examples_of(wanted: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random example's index for each wanted class, drawn with replacement."""
    by_class = np.argsort(labels, kind="stable")
    counts = np.bincount(labels, minlength=10)
    starts = np.cumsum(counts) - counts
    within = (rng.random(len(wanted)) * counts[wanted]).astype(np.int64)
    return by_class[starts[wanted] + within]
